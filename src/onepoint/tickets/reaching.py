"""By what the customer of a ticket can be reached: his telephone, his mobile telephone, his e-mail address."""

from dataclasses import dataclass

from onepoint.channels.states import Medium
from onepoint.customers import phone_numbers
from onepoint.customers import queries as customer_queries
from onepoint.customers.states import AccountKind, PreferredChannel
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import ReplyChannel

#: Ways a message can take by itself, in the order they are tried where nobody wished for one.
MESSAGE_WAYS = (ReplyChannel.SMS, ReplyChannel.EMAIL)
MEDIUM_OF = {ReplyChannel.SMS: Medium.SMS, ReplyChannel.EMAIL: Medium.EMAIL}


@dataclass(frozen=True)
class Reach:
    """Addresses of one customer for one ticket; empty where there is none."""

    phone: str = ""
    mobile: str = ""
    email: str = ""

    def address(self, way: str) -> str:
        """The address a message by this way goes to; empty where the way needs a person or leads nowhere."""
        return {ReplyChannel.SMS: self.mobile, ReplyChannel.EMAIL: self.email}.get(ReplyChannel(way), "")


def reach_of(ticket: Ticket) -> Reach:
    """What was given with the ticket comes first, then the customer's own numbers, then his contact persons'."""
    customer = ticket.customer
    accounts = [one for one in customer_queries.accounts_of(customer) if one.is_open] if customer else []
    persons = [one for one in customer_queries.contact_persons_of(customer) if one.is_active] if customer else []
    area = ticket.region.area_code if ticket.region else ""
    served = [one.value for one in accounts if one.kind in (AccountKind.MOBILE, AccountKind.LANDLINE)]
    phones = [ticket.contact_phone, *served, *(person.phone for person in persons)]
    emails = [one.value for one in accounts if one.kind == AccountKind.EMAIL] + [person.email for person in persons]
    telephones = [one for one in phones if phone_numbers.normalise(one, area)]
    mobiles = [phone_numbers.normalise(one) for one in telephones if phone_numbers.is_mobile(one)]
    return Reach(
        phone=next(iter(telephones), ""),
        mobile=next(iter(mobiles), ""),
        email=next((one.strip() for one in emails if "@" in one), ""),
    )


def chosen_way(ticket: Ticket, reach: Reach, wished: str = "") -> str:
    """The way an answer takes: the one wished for, else the promised, else the customer's, else what reaches him.

    A message that has no address gives way to the other kind of message; empty where the customer wants no answer.
    """
    preferred = ticket.customer.preferred_channel if ticket.customer else ""
    if not (wished or ticket.promised_reply_channel) and preferred == PreferredChannel.NONE:
        return ""
    way = wished or ticket.promised_reply_channel or preferred
    if way in ReplyChannel.values and (way not in MESSAGE_WAYS or reach.address(way)):
        return way
    return next((other.value for other in MESSAGE_WAYS if reach.address(other)), ReplyChannel.PHONE.value)

"""A customer of the demo who complains again and again, by one channel after the other: what the view of 360° is for."""

import random
from datetime import timedelta

from onepoint.accounts.models import User
from onepoint.channels import services as channel_services
from onepoint.channels.states import Channel
from onepoint.core import clock
from onepoint.customers.models import Customer
from onepoint.demo.items import special_items
from onepoint.tickets import queries, services
from onepoint.tickets.models import Ticket
from onepoint.tickets.services import NewTicket
from onepoint.tickets.states import TicketKind

SOURCE = "demo-again"
#: Days ago, channel, category, title, what was said. The last two are one matter, told twice.
_COMPLAINTS = (
    (19, Channel.HOTLINE, "bl_high", "话费突增，要求核查", "客户称本月账单比平时多出近百元，未开通新业务。"),
    (6, Channel.HALL, "bl_high", "退费未到账，再次投诉", "客户到厅称上次承诺的退费一直未到账，要求说明。"),
    (2, Channel.HOTLINE, "bb_slow", "宽带网速慢，晚上无法上网", "每天晚上八点以后宽带网速很慢，打不开网页，已重启光猫无效。"),
    (1, Channel.WEB, "bb_slow", "宽带晚上网速慢", "晚上八点后宽带网速慢，重启光猫也没用，打不开网页，请尽快处理。"),
)  # fmt: skip


def complain_again(people: dict[str, User]) -> None:
    """Register what is missing; run again it changes nothing."""
    customer = _customer()
    if customer is None:
        return
    for number, (days, channel, code, title, said) in enumerate(_COMPLAINTS, start=1):
        external = f"A{number}"
        category = queries.category_by_code(code)
        if category is None or Ticket.objects.filter(external_source=SOURCE, external_number=external).exists():
            continue
        agent, moment = people[f"agent{number}"], clock.now() - timedelta(days=days)
        account = customer.accounts.filter(is_primary=True).first()
        phone = account.value if account else ""
        with clock.at(moment):
            contact = channel_services.journal_contact(
                channel=channel, subject=title, content=said, customer=customer, caller_number=phone,
                caller_name=customer.name, category_code=code, started_at=moment - timedelta(minutes=5), ended_at=moment,
                by=agent,
            )  # fmt: skip
            new = NewTicket(
                kind=TicketKind.COMPLAINT, category=category, title=title, description=said, channel=channel,
                contact=contact, customer=customer, contact_name=customer.name, contact_phone=phone, account=account,
                special_items=special_items(category, customer, moment.date(), random.Random(number)), promised_reply_channel="phone",
                promised_reply_at=moment + timedelta(hours=30), external_source=SOURCE, external_number=external,
            )  # fmt: skip
            ticket = services.create_ticket(new, by=agent)
            channel_services.link_ticket(contact, ticket_number=ticket.number, by=agent)


def _customer() -> Customer | None:
    """Always the same one: the subscriber registered first who has a number to be called at."""
    subscribers = Customer.objects.active().filter(kind="person", accounts__is_primary=True, accounts__kind="mobile")
    return subscribers.order_by("number").first()

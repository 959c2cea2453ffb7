"""Tickets that are probably one matter, as a coordinator decides; ``proposals`` found them."""

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.tickets import policies
from onepoint.tickets.likeness_models import DuplicateVerdict, LikelyDuplicate
from onepoint.tickets.models import Ticket
from onepoint.tickets.services.answering import tell_customer
from onepoint.tickets.services.merging import merge_tickets


@transaction.atomic
def tell_tickets_apart(pair: LikelyDuplicate, *, by: User | None) -> None:
    """They are two matters; not proposed again. Raises NotPermitted, SomebodyWasFaster."""
    require(policies.why_not_coordinate(by))
    _decide(pair, DuplicateVerdict.APART, by)
    for one, other in ((pair.first, pair.second), (pair.second, pair.first)):
        audit.record("ticket.told_apart", by=by, subject_type="ticket", subject_id=one.pk, number=other.number)


@transaction.atomic
def merge_duplicates(
    pair: LikelyDuplicate, *, reply: str = "", despite_customers: bool = False, by: User | None
) -> Ticket:
    """The newer ticket goes on in the older one; with ``reply`` the customer of each is told, each by his way.

    Raises NotPermitted, SomebodyWasFaster, DifferentCustomers, TicketFinished, InvalidInput.
    """
    _decide(pair, DuplicateVerdict.MERGED, by)
    survivor = merge_tickets(
        pair.first, [pair.second], reason=_("The same matter"), despite_customers=despite_customers, by=by
    )
    if said := clean(reply):
        told: set[int | str] = set()
        for ticket in (survivor, pair.second):
            whom = ticket.customer_id or ticket.contact_phone_key or ticket.pk
            if whom not in told:
                told.add(whom)
                tell_customer(ticket, text=said, key=f"duplicate-{pair.pk}", by=by)
    return survivor


def _decide(pair: LikelyDuplicate, verdict: str, by: User | None) -> None:
    open_ones = LikelyDuplicate.objects.filter(pk=pair.pk, verdict=DuplicateVerdict.OPEN)
    if not open_ones.update(verdict=verdict, decided_at=clock.now(), decided_by=by):
        raise SomebodyWasFaster

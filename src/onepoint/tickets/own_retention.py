"""How long files of tickets are kept: from the closing, of everything the file is shown with."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from django.utils.translation import gettext_lazy as _

from onepoint.customers.retention import Kind, Standing, named, register_kind, register_tie
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import ALIVE

_BEGINNING = datetime.min.replace(tzinfo=UTC)


def _tickets(ids: Sequence[int]) -> dict[int, Standing]:
    """Whether they have ended says the tie below, as for everything else that is about tickets."""
    standings = {pk: Standing(_BEGINNING) for pk in ids}
    for pk, standing in standings.items():
        standing.about["ticket"].add(pk)
    return standings


_COLUMNS = ("status", "closed_at", "customer", "contact__customer", "parent", "merged_into")


def _read_above(ids: Iterable[int], locked: bool) -> dict[int, Ticket]:
    """The tickets, those they were merged into and those they are parts of; of locked ones those nobody else holds."""
    found: dict[int, Ticket] = {}
    wanted, seen = set(ids), set[int]()
    while wanted := wanted - seen:
        seen |= wanted
        rows = Ticket.objects.filter(pk__in=wanted).select_related("contact").only(*_COLUMNS).order_by("pk")
        if locked:  # reopening one waits, and so does a case of a regulator about one
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        read = list(rows)
        found |= {ticket.pk: ticket for ticket in read}
        wanted = {above for ticket in read for above in _above(ticket)}
    return found


def _above(ticket: Ticket) -> list[int]:
    return [pk for pk in (ticket.parent_id, ticket.merged_into_id) if pk]


def _with_those_above(pk: int, found: dict[int, Ticket]) -> Iterable[Ticket | None]:
    """A ticket and what stands above it; None for one that was not seen."""
    wanted, seen = {pk}, set[int]()
    while wanted := wanted - seen:
        seen |= wanted
        read = [found.get(one) for one in wanted]
        yield from read
        wanted = {above for ticket in read if ticket for above in _above(ticket)}


def _name_tickets(standings: Sequence[Standing]) -> None:
    """The tickets made of contacts, and those named by number."""
    numbers, contacts = named(standings, "ticket_number"), named(standings, "contact")
    by_number = dict(Ticket.objects.filter(number__in=numbers).values_list("number", "pk")) if numbers else {}
    by_contact: dict[int, set[int]] = {}
    if contacts:
        for contact, pk in Ticket.objects.filter(contact__in=contacts).values_list("contact", "pk"):
            by_contact.setdefault(contact, set()).add(pk)
    for standing in standings:
        about = standing.about
        about["ticket"] |= {by_number[number] for number in about["ticket_number"] if number in by_number}
        about["ticket"] |= {pk for contact in about["contact"] for pk in by_contact.get(contact, ())}


def _wait_for_tickets(standings: Sequence[Standing], locked: bool) -> None:
    """Everything about a ticket stays until it, what it was merged into and its parts have ended."""
    _name_tickets(standings)
    ids = named(standings, "ticket")
    if not ids:
        return
    found = _read_above(ids, locked)
    parts = Ticket.objects.filter(parent__in=ids, status__in=ALIVE).values_list("parent", flat=True)
    with_open_parts = set(parts.distinct())
    for standing in standings:
        own = set(standing.about["ticket"])
        standing.stays = standing.stays or bool(own & with_open_parts)
        for ticket in (ticket for pk in own for ticket in _with_those_above(pk, found)):
            standing.lasts_until(ticket.closed_at if ticket and ticket.is_finished else None)
            if ticket:
                standing.about["ticket"].add(ticket.pk)
                standing.about["customer"] |= {ticket.customer_id, ticket.contact and ticket.contact.customer_id} - {
                    None
                }


register_tie(10, _wait_for_tickets)
register_kind(
    Kind(
        10, "ticket", _("Attachments of tickets"), _("the closing of the ticket"), "ticket", _tickets,
    )
)  # fmt: skip

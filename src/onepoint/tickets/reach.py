"""What a person may see of the tickets, as values: for queries that are compiled once for everybody (``core.compiled``)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from onepoint.accounts.models import User
from onepoint.accounts.queries import candidate_keys
from onepoint.accounts.scope import BROAD, scope_of
from onepoint.core.compiled import Compiled
from onepoint.tickets import labels
from onepoint.tickets.models import Ticket, TicketQuerySet

EVERYTHING, FEW, MANY = "everything", "few", "many"


@dataclass(frozen=True)
class Reach:
    """``shape`` says how the condition is written, ``values`` what it asks for: no value or one list of audience keys."""

    shape: str
    values: tuple[list[str], ...] = field(default=())


def reach_of(user: User) -> Reach | None:
    """None where keys do not say it all: without the permission, and where roles count for some levels of customers only."""
    scope = scope_of(user, "ticket.view")
    if not scope.has_permission or (scope.limits and not scope.everything):
        return None
    if scope.everything:
        return Reach(EVERYTHING)
    keys = [*scope.audience_keys, *(f"c:{key}" for key in candidate_keys(user))]
    return Reach(FEW if len(keys) < BROAD else MANY, (keys,))


def within(shape: str, *keys: list[str]) -> TicketQuerySet:
    """The tickets of a reach; the same as ``visible_to`` of who has it."""
    if shape == EVERYTHING:
        return Ticket.objects.all()
    lookup = "audience__meets" if shape == FEW else "audience__meets_by_row"
    return Ticket.objects.filter(**{lookup: keys[0]})


def tickets_by_id(ids: Iterable[int], *, visible_to: User, also: tuple[str, ...] = ()) -> dict[int, Ticket]:
    """Those a person may see, with labels and what a line shows (``also``: other fields), in one query."""
    wanted, reach = list(set(ids)), reach_of(visible_to)
    if not wanted:
        return {}
    if reach is None or not labels.are_kept():
        rows = list(Ticket.objects.visible_to(visible_to).with_labels().filter(pk__in=wanted))
    else:
        rows = _BY_ID.rows(wanted, *reach.values, shape=(reach.shape, also))
        labels.attach_labels(rows)
    return {ticket.pk: ticket for ticket in rows}


def _by_id(ids: list[int], *keys: list[str], shape: tuple[str, tuple[str, ...]]) -> TicketQuerySet:
    how, also = shape
    return within(how, *keys).filter(pk__any_of=ids).select_related("customer").only(*labels.IN_A_LINE, *also)


_BY_ID = Compiled("tickets_by_id", _by_id)

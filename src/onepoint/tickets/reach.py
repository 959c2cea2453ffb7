"""What a person may see of the tickets, as values: for queries that are compiled once for everybody (``core.compiled``)."""

from dataclasses import dataclass, field

from onepoint.accounts.models import User
from onepoint.accounts.queries import candidate_keys
from onepoint.accounts.scope import BROAD, scope_of
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

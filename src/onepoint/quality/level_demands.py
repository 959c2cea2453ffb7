"""Whether a ticket's work asks for an expert level somebody does not have. Asked at every claim and assignment."""

from time import monotonic

from onepoint.accounts.models import User
from onepoint.core.compiled import Compiled
from onepoint.core.errors import BusinessError
from onepoint.quality.coaching_rights import LevelMissing
from onepoint.quality.inspection_states import DemandEffect
from onepoint.quality.models import ExpertLevel, LevelDemand, LevelHeld
from onepoint.tickets.models import Ticket

#: Demands change a few times a year: each process reads them anew this often. Who saves one knows it at once.
BELIEVED_SECONDS = 30.0
_TICKET = Compiled(
    "ticket_of_demand",
    lambda pk: Ticket.objects.filter(pk=pk).select_related("category").only("category__path", "severity"),
)
_kept: tuple[float, tuple[LevelDemand, ...]] = (0.0, ())


def forget_demands() -> None:
    """Read them anew the next time."""
    global _kept
    _kept = (0.0, ())


def _demands() -> tuple[LevelDemand, ...]:
    global _kept
    until, rows = _kept
    if until < monotonic():
        rows = tuple(LevelDemand.objects.select_related("level", "category"))
        _kept = (monotonic() + BELIEVED_SECONDS, rows)
    return rows


def missing_level(subject_type: str, subject_id: int, person: User, effect: str) -> ExpertLevel | None:
    """The level a ticket's work asks for with this effect and the person is below; None where nothing is asked.

    No query where no demand exists; one for the ticket and one for the person otherwise.
    """
    demands = [one for one in _demands() if one.effect == effect] if subject_type == "ticket" else []
    if not demands:
        return None
    ticket = _TICKET.first(subject_id)
    fitting = [one for one in demands if ticket and _fits(one, ticket.category.path, ticket.severity_id)]
    if not fitting:
        return None
    held = LevelHeld.objects.filter(person=person, until=None).values_list("level__rank", flat=True).first() or 0
    missing = [one.level for one in fitting if one.level.rank > held]
    return max(missing, key=lambda level: level.rank, default=None)


def _fits(demand: LevelDemand, path: str, severity_id: int) -> bool:
    in_category = demand.category is None or path.startswith(demand.category.path)
    return in_category and demand.severity_id in (None, severity_id)


def why_unfit(subject_type: str, subject_id: int, person: User) -> BusinessError | None:
    """The refusal ``workflow`` asks for before somebody is given a step."""
    level = missing_level(subject_type, subject_id, person, DemandEffect.REFUSE)
    return LevelMissing(level=level.label, person=person.label) if level else None

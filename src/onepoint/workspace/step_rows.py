"""The steps of a desk by one prepared statement: nothing joined, and only what a line shows."""

from django.db.models import Q, QuerySet

from onepoint.accounts.models import User
from onepoint.accounts.queries import candidate_keys, delegated_keys
from onepoint.core.compiled import Compiled
from onepoint.workflow.models import UserTask
from onepoint.workflow.states import TaskStatus
from onepoint.workspace.figures import STEPS

#: Kinds whose condition asks for no moment, with whether they hold what is in one's hands, and what is open to one.
_WHOSE = {
    "mine": (True, False),
    "pool": (False, True),
    "returned": (True, True),
    "urged": (True, True),
    "supervised": (True, True),
}
_SHOWN = (
    "subject_id", "name", "name_en", "status", "arrival", "created_at", "completed_at", "due_at", "candidate_keys",
    "assignee_id", "on_behalf_of_id",
)  # fmt: skip
#: First pages of the sizes offered: each kind, order and length is compiled for itself.
_LENGTHS = (21, 51, 101)
_Shape = tuple[str, tuple[str, ...], int]


def read_steps(kind: str, user: User, order: tuple[str, ...], start: int, stop: int) -> list[UserTask] | None:
    """The beginning of a list of steps; None where it takes the whole query: far back, by limits, or while standing in."""
    if kind not in _WHOSE or start or stop not in _LENGTHS or any("due" in field for field in order):
        return None
    if delegated_keys(user):
        return None
    in_hand, open_to = _WHOSE[kind]
    values: list[int | list[str]] = [user.pk] if in_hand else []
    values += [candidate_keys(user)] if open_to else []
    return _STEPS.rows(*values, shape=(kind, order, stop))


def _steps(*values: int | list[str], shape: _Shape) -> QuerySet[UserTask]:
    kind, order, stop = shape
    in_hand, open_to = _WHOSE[kind]
    whose = Q()
    if in_hand:
        whose |= Q(status=TaskStatus.CLAIMED, assignee_id=values[0])
    if open_to:
        whose |= Q(status=TaskStatus.OPEN, candidate_keys__meets=values[-1])
    rows = UserTask.objects.filter(whose, STEPS[kind](), held=False, subject_type="ticket")
    return rows.only(*_SHOWN).order_by(*order)[:stop]


_STEPS = Compiled("desk_steps", _steps)

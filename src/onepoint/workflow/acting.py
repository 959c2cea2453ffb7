"""Acting on a task in somebody else's name, while he is away (spec §2): who may, and how it is written down.

The journal and the opinion take the name from the transaction (``core.audit.acting_for``), the task itself from here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from onepoint.accounts.models import User
from onepoint.accounts.queries import principal_of
from onepoint.core import audit
from onepoint.workflow.models import UserTask


class Held(Protocol):
    """What is asked of a task: a row of it or its locked facts."""

    @property
    def assignee_id(self) -> Any: ...

    @property
    def owner_id(self) -> Any: ...

    @property
    def candidate_keys(self) -> Any: ...


def stands_in(task: Held, by: User) -> bool:
    """Whether the task is in the hands of somebody this person stands in for."""
    held = task.assignee_id is not None and task.assignee_id != by.pk
    return held and principal_of(by, task.candidate_keys or (), task.assignee_id) is not None


def principal_for(task: Held, task_id: int | None, by: User | None) -> int | None:
    """In whose name ``by`` acts on a task: of whoever holds it or could, or as it was when he claimed it."""
    if by is None or task_id is None:
        return None
    if task.assignee_id != by.pk:
        return principal_of(by, task.candidate_keys or (), task.assignee_id)
    if task.owner_id in (None, by.pk):
        return None
    # Claimed in another's name it stays so, even when the delegation is over by now.
    return UserTask.objects.filter(pk=task_id).values_list("on_behalf_of_id", flat=True).first()


@contextmanager
def on_behalf(task: Held, task_id: int | None, by: User | None) -> Iterator[int | None]:
    """Write everything inside in the right name; yields the id of the person acted for, or None."""
    principal_id = principal_for(task, task_id, by)
    with audit.acting_for(principal_id):
        yield principal_id
        if principal_id is not None and task_id is not None:
            UserTask.objects.filter(pk=task_id).update(on_behalf_of=principal_id)

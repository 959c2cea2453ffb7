"""The open tasks of somebody who leaves go to a colleague."""

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from onepoint.accounts import handover
from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import require
from onepoint.workflow import kernel, policies, signals
from onepoint.workflow.models import UserTask
from onepoint.workflow.news import InstanceNews, TaskNews
from onepoint.workflow.services.running import resolve_missing_candidate
from onepoint.workflow.states import TaskStatus


def tasks_held_by(person: User) -> QuerySet[UserTask]:
    """What he has claimed or was given, and what waits for him alone."""
    alone = Q(status=TaskStatus.OPEN, candidate_keys=[f"P{person.pk}"])
    mine = Q(status=TaskStatus.CLAIMED, assignee=person)
    return UserTask.objects.filter(mine | alone).order_by("pk")


@transaction.atomic
def hand_over_task(task_id: int, person: User, to: User | None, by: User | None) -> None:
    """Give one live task of ``person`` to ``to``; done meanwhile it needs nobody. Raises PersonUnavailable.

    Whoever may hand over a person's work was asked before; the right to reassign is not needed besides.
    """
    loaded = kernel.load(task_id=task_id)
    if loaded is None or to is None or not tasks_held_by(person).filter(pk=task_id).exists():
        return
    require(policies.why_not_give(to, loaded))
    keys = [*dict.fromkeys([key for key in loaded.candidate_keys or () if key != f"P{person.pk}"] + [f"P{to.pk}"])]
    UserTask.objects.filter(pk=task_id).update(
        status=TaskStatus.CLAIMED, assignee=to, owner=to, on_behalf_of=None, claimed_at=clock.now(), candidate_keys=keys
    )
    names: dict[str, Any] = {"from": person.name, "from_en": person.name_en, "to": to.name, "to_en": to.name_en}
    audit.record(
        "task.handed_over",
        by=by,
        subject_type=loaded.subject_type,
        subject_id=loaded.subject_id,
        task=task_id,
        step=loaded.task_name,
        step_en=loaded.task_name_en,
        **names,
    )
    resolve_missing_candidate(loaded, by)
    told = {name: getattr(loaded.task_news, name) for name in TaskNews.__slots__}
    given = TaskNews(**{**told, "status": TaskStatus.CLAIMED, "assignee_id": to.pk, "candidate_keys": tuple(keys)})
    signals.task_claimed.send(sender=InstanceNews, instance=loaded.instance, tasks=(given,), by=by)


handover.register(
    handover.Holding(
        "task",
        gettext_lazy("Open tasks"),
        10,
        tasks_held_by,
        lambda task: f"{task.subject_number} · {task.label}",
        hand_over_task,
    )
)

"""What the verbs of workflow share: loading under the lock, cleaning what was written, journal and opinions."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput
from onepoint.core.text import clean
from onepoint.workflow import kernel
from onepoint.workflow.errors import ProcessOver, ReasonMissing, TaskAlreadyDone
from onepoint.workflow.kernel import CommandResult, Loaded
from onepoint.workflow.models import Incident, Opinion, ProcessInstance, UserTask
from onepoint.workflow.news import TaskNews
from onepoint.workflow.states import InstanceStatus

LONGEST_OPINION = 20_000


def pk_of(by: User | None) -> int | None:
    return by.pk if by else None


def task_id_of(task: UserTask | int) -> int:
    return task if isinstance(task, int) else task.pk


def load_task(task: UserTask | int, key: str = "") -> Loaded:
    loaded = kernel.load(task_id=task_id_of(task), key=key)
    if loaded is None:
        raise TaskAlreadyDone
    return loaded


def as_loaded(instance: ProcessInstance | int, key: str = "") -> Loaded:
    loaded = kernel.load(instance_id=instance if isinstance(instance, int) else instance.pk, key=key)
    if loaded is None:
        raise ProcessOver
    return loaded


def replayed(loaded: Loaded) -> CommandResult:
    return CommandResult(kernel.instance_news(loaded), replayed=True)


def required_text(text: str, name: str) -> str:
    cleaned = clean(text)
    if not cleaned:
        raise ReasonMissing({name: _("Please give a reason.")})
    if len(cleaned) > LONGEST_OPINION:
        raise InvalidInput({name: _("This text is too long.")})
    return cleaned


def facts_of(loaded: Loaded) -> dict[str, Any]:
    return {"task": loaded.task_id, "step": loaded.task_name, "step_en": loaded.task_name_en}


def as_news(loaded: Loaded, **changes: Any) -> TaskNews:
    told = loaded.task_news
    return TaskNews(**{name: changes.get(name, getattr(told, name)) for name in TaskNews.__slots__})


def journal(verb: str, loaded: Loaded, by: User | None, **data: Any) -> None:
    audit.record(
        verb, by=by, subject_type=loaded.subject_type, subject_id=loaded.subject_id, **facts_of(loaded), **data
    )


def opinion_of(loaded: Loaded, by: User | None, text: str, fact: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "task_id": loaded.task_id, "author_id": pk_of(by), "unit_id": by.unit_id if by else None,
        "step": loaded.task_name, "step_en": loaded.task_name_en, "outcome": fact["outcome"],
        "outcome_label": fact["label"], "outcome_label_en": fact["label_en"], "text": text, "since": loaded.created_at,
    }  # fmt: skip


def resolve_missing_candidate(loaded: Loaded, by: User | None) -> None:
    """The task has somebody now: its incident is over, and with the last one the instance runs again."""
    open_incidents = Incident.objects.filter(instance_id=loaded.id, resolved_at=None)
    mended = open_incidents.filter(token=None, visit_seq=loaded.visit_seq)
    if mended.update(resolved_at=clock.now(), resolved_by=by) and not open_incidents.exists():
        ProcessInstance.objects.filter(pk=loaded.id, status=InstanceStatus.INCIDENT).update(
            status=InstanceStatus.ACTIVE
        )


def write_opinion(loaded: Loaded, by: User | None, text: str, fact: Mapping[str, Any]) -> None:
    """Append an opinion where the token does not move, so that no command of the kernel writes it."""
    row = opinion_of(loaded, by, text, fact)
    since = row.pop("since")
    now = clock.now()
    Opinion.objects.create(instance_id=loaded.id, at=now, duration=max(now - since, now - now), **row)

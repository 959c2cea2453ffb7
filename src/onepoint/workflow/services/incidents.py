"""Mending what cannot go on by itself."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.core.errors import require
from onepoint.workflow import kernel, policies, signals
from onepoint.workflow.candidates import Setting, find_candidates
from onepoint.workflow.engine.events import RetryIncident, SetVariables
from onepoint.workflow.errors import NothingToRetry, NotPossibleHere
from onepoint.workflow.kernel import Loaded, Notes
from onepoint.workflow.models import Incident, UserTask
from onepoint.workflow.news import InstanceNews, TaskNews
from onepoint.workflow.services.entry import required_text, resolve_missing_candidate
from onepoint.workflow.states import LIVE_TASK, TaskStatus


@transaction.atomic
def retry_incident(
    incident: Incident, *, variables: Mapping[str, Any] | None = None, reason: str = "", by: User | None
) -> None:
    """Try again where an instance is stuck: the engine's step, or the search for people; ``variables`` are mended before.

    When the cause is still there, a new incident takes the place of the old one (engine) or the refusal says so (people).
    Raises NothingToRetry, and ReasonMissing for changed variables without a reason.
    """
    loaded = kernel.load(instance_id=incident.instance_id)
    incident.refresh_from_db(fields=["resolved_at"])
    require(policies.why_not_retry(incident, by))
    assert loaded is not None
    journal: list[tuple[str, dict[str, Any]]] = []
    mended = dict(variables or {})
    if mended:
        text = required_text(reason, "reason")
        told = {"names": ", ".join(sorted(mended)), "values": mended, "reason": text}
        journal.append(("process.mended", told))
    if incident.token is None:
        if mended:
            kernel.perform(loaded, SetVariables(mended), by=by, notes=Notes(journal=journal))
        _find_people_again(incident, by)
        return
    journal.append(("process.retried", {"step": incident.node_id, "code": incident.code}))
    notes = Notes(journal=journal, resolved=[{"token": incident.token, "visit_seq": None}])
    kernel.perform(loaded, RetryIncident(incident.token, mended), by=by, notes=notes)


def _find_people_again(incident: Incident, by: User | None) -> None:
    waiting = UserTask.objects.filter(
        instance_id=incident.instance_id, visit_seq=incident.visit_seq or 0, status__in=LIVE_TASK, parent=None
    )
    task = waiting.first()
    loaded = kernel.load(task_id=task.pk) if task else None
    if loaded is None:
        raise NothingToRetry
    setting = Setting(
        loaded.id, loaded.region_path or "", loaded.unit_path or "", loaded.started_by_id,
        subject=(loaded.subject_type, loaded.subject_id),
    )  # fmt: skip
    step = loaded.compiled.steps[loaded.node_id]
    scope, variables = kernel.view_of(loaded)
    found = find_candidates(step, setting, variables, scope)
    if found.is_nobody:
        raise NotPossibleHere(reason=incident.problem)
    is_taken = found.assignee_id is not None
    UserTask.objects.filter(pk=loaded.task_id).update(
        status=TaskStatus.CLAIMED if is_taken else TaskStatus.OPEN, assignee_id=found.assignee_id,
        candidate_keys=list(found.candidate_keys), unit_id=found.unit_id, claimed_at=clock.now() if is_taken else None,
    )  # fmt: skip
    resolve_missing_candidate(loaded, by)
    given = _given(loaded, found.candidate_keys, found.assignee_id, found.unit_id)
    signals.task_created.send(sender=InstanceNews, instance=loaded.instance, tasks=(given,), by=by)


def _given(loaded: Loaded, keys: tuple[str, ...], assignee_id: int | None, unit_id: int | None) -> TaskNews:
    told = {name: getattr(loaded.task_news, name) for name in TaskNews.__slots__}
    status = TaskStatus.CLAIMED if assignee_id else TaskStatus.OPEN
    changes = {"status": status, "candidate_keys": keys, "assignee_id": assignee_id, "unit_id": unit_id}
    return TaskNews(**{**told, **changes})

"""Suspending a process and letting it go on. Nobody can work on it meanwhile and no timer fires.

``clocks`` says what the pause does to limits and timers: ``stop`` lets them go on with what was left (a timer that names a
moment keeps it), ``run`` leaves them where they are; what came due meanwhile happens when the process goes on. What comes
from outside (an answer of a service, a message) is taken in; it moves the process no further than the next person.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.sla.services.moments import hold_moments, let_moments_go
from onepoint.workflow import kernel, policies, resting, signals
from onepoint.workflow.definitions import compiled
from onepoint.workflow.kernel import Loaded
from onepoint.workflow.limits import pause_limits, resume_limits
from onepoint.workflow.models import Incident, ProcessInstance, Timer, UserTask
from onepoint.workflow.news import InstanceNews
from onepoint.workflow.services.entry import as_loaded, required_text
from onepoint.workflow.states import InstanceStatus, TimerStatus
from onepoint.workflow.urging.plans import KINDS, SUBJECT

CLOCKS = ("stop", "run")


def _family(instance_ids: list[int]) -> list[int]:
    """The instances and everything they called that is alive; one does not go on without the others."""
    return [*instance_ids, *_called_by(instance_ids)]


def _called_by(callers: list[int]) -> list[int]:
    alive = list(ProcessInstance.objects.filter(caller__in=callers, ended_at=None).values_list("pk", flat=True))
    return [*alive, *_called_by(alive)] if alive else []


@transaction.atomic
def suspend_process(
    instance: ProcessInstance | int,
    *,
    reason: str,
    until: datetime | None = None,
    clocks: str = "stop",
    by: User | None,
) -> InstanceNews:
    """Let nothing go on until ``until`` (aware), or until somebody resumes it. Raises ProcessOver, ProcessSuspended,
    NotPermitted, ReasonMissing, InvalidInput."""
    (news,) = _suspend([as_loaded(instance).instance], reason=reason, until=until, clocks=clocks, by=by)
    return news


@transaction.atomic
def suspend_processes(
    instances: Sequence[ProcessInstance], *, reason: str, clocks: str = "stop", by: User | None
) -> list[InstanceNews]:
    """The same for several, as they are now, until somebody resumes them; the caller has locked them.

    As many statements as for one. Raises as that.
    """
    return _suspend([_news_of(one) for one in instances], reason=reason, until=None, clocks=clocks, by=by)


def _suspend(
    chosen: Sequence[InstanceNews], *, reason: str, until: datetime | None, clocks: str, by: User | None
) -> list[InstanceNews]:
    for one in chosen:
        require(policies.why_not_suspend(one, by))
    text = required_text(reason, "reason")
    now = clock.now()
    if clocks not in CLOCKS:
        raise InvalidInput({"clocks": _("Please choose from the list.")})
    if until is not None and until <= now:
        raise InvalidInput({"until": _("This moment is already over.")})
    about = {"reason": text, "by": by.pk if by else None, "clocks": clocks}
    ids = [one.id for one in chosen]
    family = _family(ids)
    ProcessInstance.objects.filter(pk__in=family).update(
        status=InstanceStatus.SUSPENDED, suspended_at=now, resume_at=until, suspension=about
    )
    UserTask.objects.live().filter(instance__in=family).update(held=True)
    resting.freeze(family, is_stopped=clocks == "stop")
    live = _live_tasks(family)
    if clocks == "stop":
        pause_limits(live, reason=text, by=by)
    hold_moments(SUBJECT, live, kinds=KINDS)
    if until is not None:
        Timer.objects.bulk_create(Timer(instance_id=pk, kind="resume", due_at=until, created_at=now) for pk in ids)
    told = {"reason": text, "until": until.isoformat() if until else "", "clocks": clocks}
    audit.record_many("process.suspended", [(one.subject_type, one.subject_id, told) for one in chosen], by=by)
    news = tuple(replace(one, status=InstanceStatus.SUSPENDED) for one in chosen)
    signals.process_suspended.send(sender=InstanceNews, instances=news, by=by, until=until, clocks=clocks, reason=text)
    return list(news)


def _news_of(instance: ProcessInstance) -> InstanceNews:
    return InstanceNews(
        id=instance.pk, process_key=compiled(instance.version_id).key, version_id=instance.version_id,
        subject_type=instance.subject_type, subject_id=instance.subject_id, subject_number=instance.subject_number,
        region_id=instance.region_id, unit_id=instance.unit_id, status=instance.status, outcome=instance.outcome,
    )  # fmt: skip


@transaction.atomic
def resume_process(instance: ProcessInstance | int, *, by: User | None) -> InstanceNews:
    """Let a suspended process go on. Raises ProcessNotSuspended, NotPermitted."""
    loaded = as_loaded(instance)
    require(policies.why_not_resume(loaded.instance, by))
    return end_suspension(loaded, by=by)


def end_suspension(loaded: Loaded, *, by: User | None) -> InstanceNews:
    """What resuming does, inside a transaction that holds the instance."""
    row = ProcessInstance.objects.only("suspended_at", "suspension").get(pk=loaded.id)
    if row.suspended_at is None:
        return loaded.instance
    clocks = (row.suspension or {}).get("clocks", "stop")
    family = _family([loaded.id])
    resting.unfreeze(family, was_stopped=clocks == "stop", rests=loaded.rests)
    live = UserTask.objects.live().filter(instance__in=family)
    if clocks == "stop":
        resume_limits(_live_tasks(family), by=by)
    live.update(held=False)
    let_moments_go(SUBJECT, _live_tasks(family), kinds=KINDS, moved=clocks == "stop")
    ends = Timer.objects.filter(instance=loaded.id, kind="resume", status=TimerStatus.WAITING)
    ends.update(status=TimerStatus.CANCELLED)
    stuck = set(Incident.objects.filter(instance__in=family, resolved_at=None).values_list("instance_id", flat=True))
    fresh: dict[str, Any] = {"suspended_at": None, "resume_at": None, "suspension": None}
    for status, members in (
        (InstanceStatus.INCIDENT, [pk for pk in family if pk in stuck]),
        (InstanceStatus.ACTIVE, [pk for pk in family if pk not in stuck]),
    ):
        ProcessInstance.objects.filter(pk__in=members).update(status=status, **fresh)
    _journal("process.resumed", loaded, by, {"clocks": clocks})
    news = _news(loaded, InstanceStatus.INCIDENT if loaded.id in stuck else InstanceStatus.ACTIVE)
    signals.process_resumed.send(
        sender=InstanceNews, instance=news, by=by, clocks=clocks, suspended_at=row.suspended_at
    )
    return news


def _live_tasks(family: list[int]) -> list[int]:
    return list(UserTask.objects.live().filter(instance__in=family).values_list("pk", flat=True))


def _news(loaded: Loaded, status: str) -> InstanceNews:
    return kernel.instance_news(loaded._replace(instance_status=status))


def _journal(verb: str, loaded: Loaded, by: User | None, told: dict[str, Any]) -> None:
    audit.record(verb, by=by, subject_type=loaded.subject_type, subject_id=loaded.subject_id, **told)

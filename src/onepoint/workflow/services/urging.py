"""What happens when a step has waited: people are told, reminded, and the matter is carried upwards.

Each of these is the effect of a due moment (``sla.moments``): once, in the transaction that marks the moment as fired. Asked
again under the lock of the process: whoever finished the step meanwhile is not reminded of it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.notifications.services import notify
from onepoint.sla.calendars import calendar_for
from onepoint.sla.moments import FiredMoment, register_moment
from onepoint.sla.services.moments import schedule_moments
from onepoint.workflow import kernel, registry, signals
from onepoint.workflow.kernel import Loaded
from onepoint.workflow.models import Escalation, Reminder, UserTask
from onepoint.workflow.news import InstanceNews, TaskNews
from onepoint.workflow.services.entry import as_news, facts_of
from onepoint.workflow.services.signing import cancel_signers
from onepoint.workflow.states import LIVE_TASK, EscalationCause, InstanceStatus, ReminderKind, TaskStatus
from onepoint.workflow.urging import plans
from onepoint.workflow.urging.drawn import Audience
from onepoint.workflow.urging.recipients import keys_for, names_of, recipients_of

#: What can be said outside the house of a step; the rest is read after the login the link leads to.
Facts = dict[str, str | int | datetime]


def _live(moment: FiredMoment) -> Loaded | None:
    """The task of a moment under the lock of its process; None when it no longer waits or stands still."""
    loaded = kernel.load(task_id=moment.subject[1])
    if loaded is None or loaded.status not in LIVE_TASK or loaded.instance_status == InstanceStatus.SUSPENDED:
        return None
    return loaded


def _audience(facts: Mapping[str, Any]) -> Audience:
    return Audience(facts["to"], facts["role"], facts["group"], tuple(facts["ways"]))


def url_of(loaded: Loaded) -> str:
    """The page of what a process is about; "" where it has none."""
    page = registry.page_of_subject(loaded.subject_type)
    return reverse(page, args=[loaded.subject_number]) if page else ""


def tell_of_task(
    event: str, people: Sequence[int], loaded: Loaded, *, key: str, ways: Sequence[str], always: bool, by: User | None,
    **more: str | int | datetime,
) -> None:  # fmt: skip
    """One event about a step to some people; a telephone call is asked for in the application."""
    told: Facts = {
        "number": loaded.subject_number, "step": loaded.task_name, "step_en": loaded.task_name_en or loaded.task_name,
        "since": loaded.created_at, **more,
    }  # fmt: skip
    notify(
        event, people, key=key, facts=told, subject=(loaded.subject_type, loaded.subject_id), url=url_of(loaded), by=by,
        ways=list(dict.fromkeys("app" if way == "call" else way for way in ways)), always=always,
    )  # fmt: skip


def tell_of_arrival(moment: FiredMoment) -> None:
    """Somebody wanted to know that a step has been reached."""
    loaded = _live(moment)
    if loaded is None:
        return
    audience = _audience(moment.facts)
    people = recipients_of(audience, loaded)
    tell_of_task("task.arrived", people, loaded, key=moment.key, ways=audience.ways, always=False, by=None)


def remind_of_task(moment: FiredMoment) -> None:
    """A step has waited so long that somebody is reminded; the next reminder is laid down in the same breath."""
    loaded = _live(moment)
    if loaded is None:
        return
    facts, audience = moment.facts, _audience(moment.facts)
    people = recipients_of(audience, loaded)
    number = int(facts["number"])
    reminder = Reminder.objects.create(
        subject_type=loaded.subject_type, subject_id=loaded.subject_id, subject_number=loaded.subject_number,
        task_id=loaded.task_id, kind=ReminderKind.CLOCK, number=number, people=people, made_at=clock.now(),
        key=moment.key,
    )  # fmt: skip
    who, who_en = names_of(people)
    _journal("task.reminded", loaded, to=who, to_en=who_en, number=number, ways=list(audience.ways))
    always = bool(facts["always"])
    tell_of_task(
        "task.reminded", people, loaded, key=moment.key, ways=audience.ways, always=always, by=None, count=number
    )
    calendar = calendar_for(unit_id=loaded.task_unit_id or loaded.unit_id, region_id=loaded.region_id)
    if due_at := plans.following_nudge(facts, moment.due_at, calendar):
        told = {name: value for name, value in facts.items() if name not in ("element", "number")}
        schedule_moments([plans.planned_nudge(loaded.task_id, facts["element"], number + 1, due_at, told)])
    signals.task_reminded.send(
        sender=InstanceNews, instance=loaded.instance, task=loaded.task_news, reminder=reminder, by=None
    )


def escalate_by_clock(moment: FiredMoment) -> None:
    """A step has waited so long that somebody above is told, and perhaps takes it over."""
    loaded = _live(moment)
    if loaded is None:
        return
    facts = moment.facts
    escalate_task(
        loaded, _audience(facts), facts["deeds"], cause=EscalationCause.CLOCK, rung=facts["rung"], key=moment.key,
        always=bool(facts["always"]), by=None,
    )  # fmt: skip


def escalate_task(
    loaded: Loaded,
    audience: Audience,
    deeds: Sequence[str],
    *,
    cause: EscalationCause,
    rung: int,
    key: str,
    always: bool = False,
    by: User | None,
) -> Escalation:
    """Carry a locked task upwards: tell, and do what the rung says. What only its subject can do is left to its receivers."""
    people = recipients_of(audience, loaded)
    held_by = loaded.assignee_id
    done = [deed for deed in deeds if deed not in ("release", "hand_over")]
    given = _given_up(loaded, audience, people, deeds)
    if given:
        done += given[1]
    escalation = Escalation.objects.create(
        subject_type=loaded.subject_type, subject_id=loaded.subject_id, subject_number=loaded.subject_number,
        task_id=loaded.task_id, cause=cause, rung=rung, deeds=done, people=people, held_by_id=held_by,
        made_at=clock.now(), key=key,
    )  # fmt: skip
    who, who_en = names_of(people)
    _journal(
        "task.escalated", loaded, by=by, to=who, to_en=who_en, rung=rung, deeds=done, cause=cause.value,
        **{"from": loaded.assignee_name or ""},
    )  # fmt: skip
    tell_of_task("task.escalated", people, loaded, key=key, ways=audience.ways, always=always, by=by, rung=rung)
    news = given[0] if given else loaded.task_news
    if given:
        signals.task_released.send(sender=InstanceNews, instance=loaded.instance, tasks=(news,), by=by)
    signals.task_escalated.send(sender=InstanceNews, instance=loaded.instance, task=news, escalation=escalation, by=by)
    return escalation


def _given_up(
    loaded: Loaded, audience: Audience, people: Sequence[int], deeds: Sequence[str]
) -> tuple[TaskNews, list[str]] | None:
    """Put the task where others can claim it: those who could before, and those it is handed to. None when nobody can."""
    keys = list(loaded.candidate_keys or ())
    pool = [key for key in keys if not key.startswith("P")]
    done = ["release"] if "release" in deeds and pool and loaded.status != TaskStatus.OPEN else []
    if "hand_over" in deeds and people:
        added = keys_for(audience, loaded) if audience.to in ("role", "group") else [f"P{pk}" for pk in people]
        keys += [key for key in added if key not in keys]
        done.append("hand_over")
    if not done:
        return None
    UserTask.objects.filter(pk=loaded.task_id).update(
        status=TaskStatus.OPEN, assignee=None, owner=None, on_behalf_of=None, claimed_at=None, candidate_keys=keys,
        delegators=[], finish=None,
    )  # fmt: skip
    cancel_signers(loaded, by=None)
    return as_news(loaded, status=TaskStatus.OPEN, assignee_id=None, candidate_keys=tuple(keys)), done


def _journal(verb: str, loaded: Loaded, by: User | None = None, **told: Any) -> None:
    audit.record(
        verb, by=by, subject_type=loaded.subject_type, subject_id=loaded.subject_id, **facts_of(loaded), **told
    )


def register() -> None:
    """Called when the house starts."""
    register_moment(plans.NOTICE, tell_of_arrival)
    register_moment(plans.NUDGE, remind_of_task)
    register_moment(plans.RUNG, escalate_by_clock)

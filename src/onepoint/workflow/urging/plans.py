"""The due moments of a task: planned when it arrives, in one statement for all that arrive together, gone when it ends."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from onepoint.core import clock
from onepoint.sla.calendars import LoadedCalendar, calendar_for
from onepoint.sla.services.moments import PlannedMoment, cancel_moments_of, schedule_moments
from onepoint.workflow.definitions import Compiled
from onepoint.workflow.engine.times import Span
from onepoint.workflow.moments import months_later
from onepoint.workflow.news import InstanceNews, TaskNews
from onepoint.workflow.urging.drawn import WORKING, Nudge, Rung, Urging
from onepoint.workflow.urging.rules import rule_for, urging_by_rule

NOTICE, NUDGE, RUNG = "task.notice", "task.reminder", "task.escalation"
KINDS = (NOTICE, NUDGE, RUNG)
SUBJECT = "task"


def plan_urging(
    instance: InstanceNews, version: Compiled, tasks: Iterable[TaskNews], variables: Mapping[str, Any]
) -> None:
    """Schedule what the drawing, or else the house, says about tasks that have just arrived. No statement for silence."""
    planned: list[PlannedMoment] = []
    calendars: dict[int | None, LoadedCalendar] = {}
    for task in tasks:
        urging = urging_of(version, task, variables, instance.unit_id)
        if urging:
            unit_id = task.unit_id or instance.unit_id
            if unit_id not in calendars:
                calendars[unit_id] = calendar_for(unit_id=unit_id, region_id=instance.region_id)
            planned += _moments(task, urging, calendars[unit_id])
    schedule_moments(planned)


def urging_of(version: Compiled, task: TaskNews, variables: Mapping[str, Any], unit_id: int | None) -> Urging:
    """What the drawing says about the step of a task; the house's rule where it says nothing."""
    step = version.steps.get(task.node_id)
    if step is None or step.urging:
        return step.urging if step else Urging()
    return urging_by_rule(rule_for(version.key, variables, task.unit_id or unit_id))


def forget_urging(
    instance: InstanceNews, version: Compiled, tasks: Iterable[TaskNews], variables: Mapping[str, Any]
) -> None:
    """Tasks are done or cancelled: nobody is reminded of them. No statement where nothing was planned."""
    ended = [task.id for task in tasks if urging_of(version, task, variables, instance.unit_id)]
    if ended:
        cancel_moments_of(SUBJECT, ended, kinds=KINDS)


def _moments(task: TaskNews, urging: Urging, calendar: LoadedCalendar) -> list[PlannedMoment]:
    now = clock.now()
    about = (SUBJECT, task.id)
    planned = [
        PlannedMoment(NOTICE, now, f"task-{task.id}-notice-{number}", about, asdict(audience))
        for number, audience in enumerate(urging.notices, 1)
    ]
    for number, nudge in enumerate(urging.nudges, 1):
        due_at = due_moment(now, nudge.after, nudge, calendar)
        planned.append(planned_nudge(task.id, number, 1, due_at, _as_facts(nudge)))
    for number, rung in enumerate(urging.rungs, 1):
        due_at = due_moment(now, rung.after, rung, calendar)
        key = f"task-{task.id}-escalation-{number}"
        planned.append(PlannedMoment(RUNG, due_at, key, about, {"rung": number, **_as_facts(rung)}))
    return planned


def planned_nudge(task_id: int, element: int, number: int, due_at: datetime, facts: dict[str, Any]) -> PlannedMoment:
    """The ``number``-th coming of the ``element``-th reminder of a step."""
    key = f"task-{task_id}-reminder-{element}-{number}"
    return PlannedMoment(NUDGE, due_at, key, (SUBJECT, task_id), {**facts, "element": element, "number": number})


def _as_facts(said: Nudge | Rung) -> dict[str, Any]:
    facts = asdict(said)
    return {**facts.pop("audience"), **facts}


def due_moment(since: datetime, span: Span, said: Nudge | Rung, calendar: LoadedCalendar) -> datetime:
    """``span`` after ``since``; what may not come at any hour waits until somebody works."""
    try:
        if said.clock == WORKING:
            return _working_later(since, span, calendar)
        due_at = months_later(since, span.months) + timedelta(days=span.days, seconds=span.seconds)
        return due_at if said.always else calendar.next_open(due_at)
    except ValueError:  # the calendar has no working time; late at night is better than never
        return months_later(since, span.months) + timedelta(days=span.days, seconds=span.seconds)


def _working_later(since: datetime, span: Span, calendar: LoadedCalendar) -> datetime:
    moment = months_later(since, span.months)
    moment = calendar.days_later(moment, span.days) if span.days else moment
    moment = calendar.later(moment, timedelta(seconds=span.seconds)) if span.seconds else moment
    return calendar.next_open(moment)


def following_nudge(facts: Mapping[str, Any], due_at: datetime, calendar: LoadedCalendar) -> datetime | None:
    """When a reminder that was due at ``due_at`` comes again; None after the last.

    What nobody sent while no worker ran is not made up for: the next one is the next that lies ahead.
    """
    every, number = Span(*facts["every"]), facts["number"]
    if number >= facts["times"] or not any(every):
        return None
    nudge = Nudge(every, clock=facts["clock"], always=facts["always"])
    now, moment = clock.now(), due_at
    for _ in range(_MOST_MISSED):
        moment = due_moment(moment, every, nudge, calendar)
        if moment > now:
            return moment
    return due_moment(timezone.localtime(now), every, nudge, calendar)


#: Beyond so many missed reminders the next one counts from now.
_MOST_MISSED = 200

"""The clock of a step (``op:limit``): begins with its task, ends with it, stands still while the process is suspended.

A step without a limit costs nothing here. A task that came back counts on from what its earlier one had counted.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import connection

from onepoint.accounts.models import OrgUnit, User
from onepoint.core import audit, clock
from onepoint.sla import clock_arithmetic, clock_rows, clock_rules, registry, step_rules
from onepoint.sla.calendars import WITHOUT_CALENDAR, LoadedCalendar, calendar_for
from onepoint.sla.clock_plans import USUAL_WARNING, safe_warnings
from onepoint.sla.clock_rows import NewClock
from onepoint.sla.models import Clock, ClockPolicy
from onepoint.sla.services import clocks
from onepoint.sla.states import AfterReopening, ClockKind
from onepoint.sla.working_time import NoWorkingTime
from onepoint.workflow.definitions import Compiled, compiled
from onepoint.workflow.models import UserTask
from onepoint.workflow.news import TaskNews
from onepoint.workflow.step_limits import Limit

SUBJECT = "task"


@dataclass
class Subject:
    """Whose steps are limited. What rules ask about it is read once, and only where a rule is about a step."""

    process: str
    type: str
    id: int
    unit_id: int | None
    region_id: int | None

    @cached_property
    def facts(self) -> dict[str, Any]:
        return registry.facts_of(self.type, self.id)

    @cached_property
    def calendars(self) -> dict[int | None, LoadedCalendar]:
        return {}

    def calendar(self, unit_id: int | None) -> LoadedCalendar:
        if unit_id not in self.calendars:
            self.calendars[unit_id] = calendar_for(unit_id=unit_id, region_id=self.region_id)
        return self.calendars[unit_id]


def limited_steps(version: Compiled) -> Collection[str]:
    """The steps that may have a clock: the drawing or a rule limits them."""
    if not step_rules.there_are_rules():
        return version.limited
    steps = version.steps.values()
    by_rule = {step.node_id for step in steps if step_rules.may_limit(version.key, step.node_id, step.name)}
    return version.limited | by_rule


def plan_limits(
    limits: Mapping[int, Limit | None], tasks: list[dict[str, Any]], restored: Mapping[int, int], subject: Subject, *,
    instance_id: int | None,
) -> dict[int, NewClock]:  # fmt: skip
    """The clocks of tasks about to be written, by visit; sets ``due_at`` on their rows. One statement per calendar asked."""
    planned: dict[int, NewClock] = {}
    now = clock.now()
    for row in tasks:
        if row["visit_seq"] not in limits:
            continue
        new = _plan_one(limits[row["visit_seq"]], row, subject, now)
        if new is None:
            continue
        if instance_id is not None and row["visit_seq"] in restored:
            new = replace(new, carried=_counted_at(instance_id, restored[row["visit_seq"]]))
        planned[row["visit_seq"]] = new
        row["due_at"] = new.due_at(now)
    return planned


def _plan_one(limit: Limit | None, row: Mapping[str, Any], subject: Subject, now: datetime) -> NewClock | None:
    """What the most specific rule about a step says, else the drawing; None where neither limits it."""
    unit = row["unit_id"] or subject.unit_id
    rules = step_rules.rules_about(subject.process, row["node_id"], row["name"])
    if rules:
        facts = subject.facts | _facts_of_step(rules, limit, row, subject, now)
        if policy := clock_rules.choose(rules, facts, ClockKind.STEP):
            calendar = subject.calendar(unit) if policy.in_working_time else WITHOUT_CALENDAR
            return NewClock(
                kind=ClockKind.STEP, limit=policy.limit, in_working_time=policy.in_working_time,
                calendar_id=calendar.calendar_id, time=calendar.time, name=row["name"], name_en=row["name_en"],
                unit_id=unit, region_id=subject.region_id, policy_id=policy.pk, facts=facts,
                warnings=safe_warnings(policy.warnings or USUAL_WARNING, policy.limit),
                after_reopening=AfterReopening.STAY,
            )  # fmt: skip
    if limit is None:
        return None
    calendar = subject.calendar(unit) if limit.in_working_time else WITHOUT_CALENDAR
    new = _new_clock(limit, calendar, now, row, unit, subject.region_id)
    return replace(new, facts=facts) if rules else new


def _facts_of_step(
    rules: Iterable[ClockPolicy], limit: Limit | None, row: Mapping[str, Any], subject: Subject, now: datetime
) -> dict[str, Any]:
    unit = row["unit_id"]
    facts: dict[str, Any] = {"node": row["node_id"], "process": subject.process, "step": [row["node_id"], row["name"]]}
    if unit and any(rule.unit_kinds for rule in rules):
        facts["unit_kind"] = OrgUnit.objects.values_list("kind", flat=True).get(pk=unit)
    if limit is not None:
        calendar = subject.calendar(unit or subject.unit_id) if limit.in_working_time else WITHOUT_CALENDAR
        facts["drawn"] = _length(limit, calendar, now).total_seconds()
        facts["drawn_in_working_time"] = limit.in_working_time
    return facts


def retarget_limits(tasks: Sequence[UserTask], *, by: User | None) -> None:
    """The subject was corrected: rules for the steps it is at are asked again, what has elapsed stays."""
    if not step_rules.there_are_rules():
        return
    now = clock.now()
    wanted: dict[int, NewClock | None] = {}
    subjects: dict[int, Subject] = {}
    for task in tasks:
        if task.is_signer or not step_rules.may_limit(task.process_key, task.node_id, task.name):
            continue
        instance = task.instance
        subject = subjects.setdefault(instance.pk, Subject(
            task.process_key, task.subject_type, task.subject_id, instance.unit_id, instance.region_id
        ))  # fmt: skip
        step = compiled(instance.version_id).steps.get(task.node_id)
        row = {"node_id": task.node_id, "name": task.name, "name_en": task.name_en, "unit_id": task.unit_id}
        new = _plan_one(step.limit if step else None, row, subject, now)
        wanted[task.pk] = replace(new, subject_id=task.pk) if new else None
    if wanted:
        _change_limits(tasks, wanted, by)


def follow_version(instance_id: int, version: Compiled, *, by: User | None) -> None:
    """The process goes on under another version: the clock of a step that neither it nor a rule limits is cancelled.

    What is limited still keeps its clock as it was counted.
    """
    limited = limited_steps(version)
    tasks = UserTask.objects.live().filter(instance=instance_id, parent=None).exclude(node_id__in=limited)
    _change_limits(list(tasks), {task.pk: None for task in tasks}, by)


def _change_limits(tasks: Sequence[UserTask], wanted: Mapping[int, NewClock | None], by: User | None) -> None:
    moved = clocks.retarget_each(SUBJECT, wanted, by=by)
    _tell_of_change(tasks, moved, by)
    begun = {one.subject_id for one in moved.begun}
    resting = [task.pk for task in tasks if task.pk in begun and (task.held or task.instance.rests_since)]
    pause_limits(resting, reason="", by=by)
    sync_due(wanted, by=by)
    if moved.ended:
        UserTask.objects.filter(pk__in=[one.subject_id for one in moved.ended]).update(due_at=None)


def _tell_of_change(tasks: Sequence[UserTask], moved: clocks.Retargeted, by: User | None) -> None:
    """The timeline of the subject says that a step has more, less, or no longer a limited time: one line for each."""
    subjects = {task.pk: (task.subject_type, task.subject_id) for task in tasks}
    told: dict[tuple[str, tuple[str, int]], list[dict[str, Any]]] = {}
    for one, was in moved.changed:
        told.setdefault(("clock.retargeted", subjects[one.subject_id]), []).append(clocks.as_changed(one, was))
    for verb, ones in (("clock.started", moved.begun), ("clock.lifted", moved.ended)):
        for one in ones:
            told.setdefault((verb, subjects[one.subject_id]), []).append(clocks.as_fact(one))
    for (verb, (subject_type, subject_id)), facts in told.items():
        audit.record(verb, by=by, subject_type=subject_type, subject_id=subject_id, clocks=facts, reason="")


def _new_clock(
    limit: Limit, calendar: LoadedCalendar, now: datetime, row: Mapping[str, Any], unit: int | None, region: int | None
) -> NewClock:
    length = _length(limit, calendar, now)
    return NewClock(
        kind=ClockKind.STEP, limit=length, in_working_time=limit.in_working_time, calendar_id=calendar.calendar_id,
        time=calendar.time, name=row["name"], name_en=row["name_en"], unit_id=unit, region_id=region,
        facts={"node": row["node_id"]}, warnings=safe_warnings(USUAL_WARNING, length), after_reopening=AfterReopening.STAY,
    )  # fmt: skip


def _length(limit: Limit, calendar: LoadedCalendar, now: datetime) -> timedelta:
    """The limit as time to be counted: what a working day is, the calendar says."""
    months, days, seconds = limit.span
    plain = timedelta(days=months * 30 + days, seconds=seconds)
    if not limit.in_working_time or not days:
        return plain
    try:
        whole = calendar.between(now, calendar.days_later(now, days))
    except NoWorkingTime:
        return plain
    return whole + timedelta(days=months * 30, seconds=seconds) or plain


def _counted_at(instance_id: int, visit: int) -> timedelta:
    """What the task of an earlier visit had counted when it ended."""
    tasks = UserTask.objects.filter(instance=instance_id, visit_seq=visit, parent=None).values("pk")
    earlier = list(
        Clock.objects.filter(subject_type=SUBJECT, subject_id__in=tasks, kind=ClockKind.STEP).order_by("-pk")[:1]
    )
    for one, segments in clocks.with_segments(earlier):
        return clock_arithmetic.elapsed(clock_rows.entries_of(segments), one.settled_at or clock.now())
    return timedelta()


def start_limits(planned: Mapping[int, NewClock], tasks: Iterable[TaskNews], *, by: User | None) -> None:
    """Let the clocks of tasks just written run: one statement."""
    new = [replace(planned[task.visit_seq], subject_id=task.id) for task in tasks if task.visit_seq in planned]
    if new:
        clocks.start_clocks_of_many(SUBJECT, new, by=by)


def end_limits(
    limited: Iterable[str], completed: Iterable[TaskNews], cancelled: Iterable[TaskNews], *, by: User | None
) -> None:
    """Tasks at steps with a limit are done, or will not be: one statement for each, none where no step has a limit."""
    nodes = set(limited)
    done = [task.id for task in completed if task.node_id in nodes]
    gone = [task.id for task in cancelled if task.node_id in nodes]
    if done:
        clocks.settle_clocks((SUBJECT, done), by=by)
    if gone:
        clocks.cancel_clocks((SUBJECT, gone), by=by)


def pause_limits(task_ids: list[int], *, reason: str, by: User | None) -> None:
    """The process rests: so do the clocks of its steps, whatever rules say."""
    if task_ids and clocks.pause_clocks((SUBJECT, task_ids), reason=reason, always=True, told=False, by=by):
        sync_due(task_ids, by=by)


def resume_limits(task_ids: list[int], *, by: User | None) -> None:
    """The process goes on."""
    if task_ids and clocks.resume_clocks((SUBJECT, task_ids), told=False, by=by):
        sync_due(task_ids, by=by)


_SYNC = """
UPDATE workflow_usertask t SET due_at = c.due_at
FROM sla_clock c
WHERE c.subject_type = 'task' AND c.subject_id = t.id AND c.kind = 'step' AND c.state IN ('running', 'paused')
    AND t.id = ANY(%s) AND t.due_at IS DISTINCT FROM c.due_at
"""


def sync_due(task_ids: Iterable[int], *, by: User | None) -> None:
    """Tasks are due when their clocks are; nothing while these stand still."""
    with connection.cursor() as cursor:
        cursor.execute(_SYNC, [sorted(set(task_ids))])


def note_late_task(task_id: int, *, by: User | None) -> None:
    """The limit of a step is over: a line in the timeline of its subject."""
    task = UserTask.objects.live().filter(pk=task_id).first()
    if task is not None:
        facts: dict[str, Any] = {"step": task.name, "step_en": task.name_en}
        audit.record("task.late", by=by, subject_type=task.subject_type, subject_id=task.subject_id, **facts)

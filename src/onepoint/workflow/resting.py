"""Timers stand still with their process: while its subject is on hold (it *rests*), or while it is suspended.

What counts time (a duration, a cycle that begins with its step) goes on with what was left; what names a moment (a date, a
cycle with a fixed beginning) keeps it. ``remaining`` says that a timer's time does not run; ``frozen`` that it does not fire.
"""

from collections.abc import Collection, Iterable

from django.db.models import Case, DurationField, F, Q, QuerySet, When

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.sla.services.moments import hold_moments
from onepoint.workflow.limits import SUBJECT, pause_limits
from onepoint.workflow.models import ProcessInstance, Timer
from onepoint.workflow.moments import Place, going_on
from onepoint.workflow.states import InstanceStatus, TimerStatus
from onepoint.workflow.urging.plans import KINDS, NUDGE, RUNG

#: Timers that count time from the arrival of their step.
COUNTED = Q(kind="duration") | Q(kind="cycle", value__regex=r"^R\d*/P")


def _alive(instance_ids: Collection[int]) -> QuerySet[Timer]:
    alive = (TimerStatus.WAITING, TimerStatus.FROZEN)
    return Timer.objects.filter(instance__in=instance_ids, status__in=alive).exclude(kind="resume")


def family_of(roots: Collection[int]) -> list[int]:
    """These outermost processes and all they called that is alive."""
    members = ProcessInstance.objects.filter(Q(pk__in=roots) | Q(root__in=roots), ended_at=None)
    return list(members.values_list("pk", flat=True))


def freeze(instance_ids: Collection[int], *, is_stopped: bool) -> None:
    """The processes are suspended: no timer fires; the time of those that count does not run if it is to stop."""
    waiting = Timer.objects.filter(instance__in=instance_ids, status=TimerStatus.WAITING)
    left = Case(When(COUNTED, then=F("due_at") - clock.now()), output_field=DurationField()) if is_stopped else None
    waiting.update(status=TimerStatus.FROZEN, remaining=left)


def unfreeze(instance_ids: Collection[int], *, was_stopped: bool, rests: bool) -> None:
    """The suspension is over; where the subject rests nevertheless, what counts time goes on standing still."""
    frozen = Timer.objects.filter(instance__in=instance_ids, status=TimerStatus.FROZEN)
    if rests:
        frozen.exclude(COUNTED).update(status=TimerStatus.WAITING, remaining=None)
        return
    if was_stopped:
        _let_go(frozen.filter(COUNTED))
    frozen.update(status=TimerStatus.WAITING, remaining=None)


def stop(instance_ids: Collection[int]) -> None:
    """The subject rests: the time of what counts does not run. What has been stopped by a suspension already stays so."""
    running = Q(remaining=None) | Q(status=TimerStatus.WAITING) | Q(instance__suspension__clocks="run")
    stopped = _alive(instance_ids).filter(COUNTED).filter(running)
    stopped.update(status=TimerStatus.FROZEN, remaining=F("due_at") - clock.now())


def go_on(instance_ids: Collection[int]) -> None:
    """The subject rests no longer: timers go on with what was left, unless a suspension stops them."""
    stopped = _alive(instance_ids).filter(COUNTED, status=TimerStatus.FROZEN)
    _let_go(stopped.exclude(instance__status=InstanceStatus.SUSPENDED, instance__suspension__clocks="stop"))


def _let_go(timers: QuerySet[Timer]) -> None:
    """Their time runs again; what a suspension freezes stays frozen until that ends."""
    rows = list(timers.filter(remaining__isnull=False).select_related("instance"))
    for timer in rows:
        assert timer.remaining is not None
        assert timer.instance is not None
        place = Place(timer.instance.region_id, timer.instance.unit_id)
        timer.due_at = going_on(timer.due_at, timer.remaining, timer.calendar, place)
        timer.remaining, timer.leased_at = None, None
        if timer.instance.status != InstanceStatus.SUSPENDED:
            timer.status = TimerStatus.WAITING
    if rows:
        Timer.objects.bulk_update(rows, ["due_at", "status", "remaining", "leased_at"])


def suspend_called(caller_id: int | None, instance_id: int) -> None:
    """A process called by one that is suspended is so too, until that goes on."""
    names = ("suspended_at", "resume_at", "suspension")
    kept = ProcessInstance.objects.values(*names).get(pk=caller_id)
    ProcessInstance.objects.filter(pk=instance_id, ended_at=None).update(**kept)


def suspend_newcomers(instance_id: int, task_ids: Collection[int], *, by: User | None) -> None:
    """Tasks that arrive while the process is suspended wait as those that were there: clocks by its policy, and reminders."""
    if not task_ids:
        return
    if not ProcessInstance.objects.filter(pk=instance_id, suspension__clocks="run").exists():
        pause_limits(list(task_ids), reason="", by=by)
    hold_moments(SUBJECT, task_ids, kinds=KINDS)


def let_newcomers_rest(root_id: int, instance_id: int, task_ids: Iterable[int], *, by: User | None) -> None:
    """What a command has begun in a process that rested before it rests too, unless the command has ended the rest."""
    if not ProcessInstance.objects.filter(pk=root_id, rests_since__isnull=False).exists():
        return
    begun = Timer.objects.filter(COUNTED, instance=instance_id, status=TimerStatus.WAITING)
    begun.update(status=TimerStatus.FROZEN, remaining=F("due_at") - clock.now())
    tasks = list(task_ids)
    pause_limits(tasks, reason="", by=by)
    if tasks:
        hold_moments(SUBJECT, tasks, kinds=(NUDGE, RUNG))

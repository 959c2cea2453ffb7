"""F2 and F4: a worker is killed, or stands still longer than its lease, between any two statements of a process's way.

The way is that of ``benchmarks/crash.py``: a step with a repeating timer, a service, two steps at once, a pause, a review.
"""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from fault_trials import dying
from fault_trials.house import ROOT, House, NotComing, wait_until
from fault_trials.trials import Outcome, Scale, register_trial

#: Beyond every lease and every pause after a failure.
LATER = timedelta(minutes=15)
MOST_CHILDREN = 60
MOST_KILLS = 200  # at random; how many there have to be together with those at boundaries
#: A step whose worker was killed goes on so long after the lease is over.
GRACE_SECONDS = 10.0
DOOMED_AT_ONCE = 12
_numbers = itertools.count(1_000_001)


class Way:
    """Tickets on that way, and time, which passes only when we say so."""

    def __init__(self) -> None:
        import crash

        from onepoint.core import clock
        from onepoint.workflow import registry, services

        registry.register_handler("crash.serve", crash.serve)
        version = services.deploy_version(crash.DRAWING, by=None)
        if version.is_draft:
            services.publish_version(version, by=None)
        self.now = clock.now()

    def begin(self, house: House) -> int:
        """A process at its first step."""
        from onepoint.core import clock
        from onepoint.workflow import services

        number = next(_numbers)
        with clock.at(self.now):
            services.start_process(
                "crash", subject_type="crash", subject_id=number, subject_number=f"C{number}", by=house.people[0]
            )
        return number

    def go_on(self, number: int) -> None:
        """To the end: what people, timers, services and messages would do, each as often as it is left to do."""
        from onepoint.core import clock
        from onepoint.workflow.models import ProcessInstance

        for round_ in range(40):
            with clock.at(self.now + timedelta(seconds=2 * round_)):
                if ProcessInstance.objects.filter(subject_type="crash", subject_id=number).exclude(ended_at=None):
                    return
                self._turn(number, with_people=round_ % 3 == 2)
        raise RuntimeError("it comes to no end")

    def _turn(self, number: int, *, with_people: bool) -> None:
        from onepoint.workflow import queries, services
        from onepoint.workflow.models import ServiceCall, UserTask

        services.fire_due_timers()
        about = {"instance__subject_type": "crash", "instance__subject_id": number}
        for call in ServiceCall.objects.filter(status="pending", **about).values_list("pk", flat=True):
            services.run_service_call(call)
        services.sweep_messages()
        if not with_people:
            return
        for task in UserTask.objects.filter(status="claimed", subject_type="crash", subject_id=number):
            outcome = queries.step_of(task).outcomes[0].id
            services.complete_task(task, outcome=outcome, opinion="办", by=task.assignee, key=f"way{task.pk}")

    def pass_time(self) -> None:
        self.now += LATER


def transactions_left_open() -> int:
    """How many sessions of this database wait within a transaction; this one's own connection is closed again."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'"
        )
        (count,) = cursor.fetchone()
    connection.close()
    return int(count)


def in_order(numbers: list[int]) -> list[str]:
    """Everything that is wrong with the tickets on the way."""
    import crash

    wanted = {f"C{number}" for number in numbers}
    return [fault for fault in crash.check() if fault.split(":")[0] in wanted]


@register_trial("F2", "A worker killed between any two statements of a process's way: all happens once, and goes on")
def kill_worker_anywhere(house: House, scale: Scale, outcome: Outcome) -> None:
    way = Way()
    first = way.begin(house)
    count = dying.boundaries_of(partial(way.go_on, first))
    numbers, kills = [first], 0
    for at in scale.some(count, 12):
        number = way.begin(house)
        numbers.append(number)
        ended = dying.begin(partial(way.go_on, number), at=at).await_end()
        outcome.demand(ended in (-signal.SIGKILL, dying.SURVIVED), f"boundary {at}: {ended}")
        kills += ended < 0
        way.pass_time()
        ended = dying.begin(partial(way.go_on, number)).await_end()
        outcome.demand(ended == dying.SURVIVED, f"killed at boundary {at}, it does not go on: {ended}")
    kills += kill_again_and_again(house, scale, way, numbers, outcome)
    if scale.is_large:
        kills += kill_and_wait(house, way, numbers, outcome)
    outcome.figures |= {"boundaries of the way": count}
    outcome.faults += in_order(numbers)
    if scale.is_large:
        kills += random_kills(house, outcome)
        outcome.demand(kills >= MOST_KILLS, f"{kills} kills; {MOST_KILLS} are asked for")
    outcome.figures["kills"] = kills


def kill_again_and_again(house: House, scale: Scale, way: Way, numbers: list[int], outcome: Outcome) -> int:
    """Each worker that takes up the same ticket gets a few statements further."""
    number, kills = way.begin(house), 0
    numbers.append(number)
    for child in range(MOST_CHILDREN):
        # Attempts are counted before a service is called: more than two deaths in one are a fault of the service.
        ended = dying.begin(partial(way.go_on, number), at=scale.dice.randint(25, 60)).await_end()
        if ended == dying.SURVIVED:
            return kills
        kills += ended < 0
        outcome.demand(ended < 0, f"child {child}: {ended}")
        way.pass_time()
    outcome.faults.append("a ticket whose workers keep dying comes to no end")
    return kills


# -- time as it passes ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hand:
    """What a worker has in hand when it is killed: a due timer, a service to be called."""

    name: str
    place: str  # where the worker finds the function
    function: str
    begin: Callable[[House], Any]
    done_at: Callable[[Any], datetime | None]
    lease: timedelta


def hands() -> list[Hand]:
    from onepoint.core import rescuing
    from onepoint.workflow.models import ServiceCall, Timer
    from onepoint.workflow.services import timers

    def timer_done_at(pk: int) -> datetime | None:
        return Timer.objects.values_list("fired_at", flat=True).get(pk=pk)

    def call_done_at(pk: int) -> datetime | None:
        return ServiceCall.objects.filter(status="done").values_list("finished_at", flat=True).filter(pk=pk).first()

    stalled = timedelta(seconds=rescuing.STALLED_AFTER_SECONDS)
    return [
        Hand("timer", "onepoint.workflow.services.timers", "fire_timer", due_timer, timer_done_at, timers.LEASE),
        Hand("service", "onepoint.workflow.services", "run_service_call", pending_call, call_done_at, stalled),
    ]


def due_timer(house: House) -> int:
    """Of a step just begun; it is due a second later."""
    from onepoint.workflow.models import Timer

    number = begin_now(house)
    return Timer.objects.values_list("pk", flat=True).get(instance__subject_id=number, instance__subject_type="crash")


def pending_call(house: House) -> int:
    """Of a step just finished; its job waits."""
    from onepoint.workflow import queries, services
    from onepoint.workflow.models import ServiceCall, UserTask

    number = begin_now(house)
    task = UserTask.objects.get(subject_type="crash", subject_id=number)
    services.complete_task(task, outcome=queries.step_of(task).outcomes[0].id, opinion="办", by=task.assignee)
    return ServiceCall.objects.values_list("pk", flat=True).get(
        instance__subject_id=number, instance__subject_type="crash"
    )


def begin_now(house: House) -> int:
    from onepoint.workflow import services

    number = next(_numbers)
    services.start_process(
        "crash", subject_type="crash", subject_id=number, subject_number=f"C{number}", by=house.people[0]
    )
    return number


def kill_and_wait(house: House, way: Way, numbers: list[int], outcome: Outcome) -> int:
    """A worker of the house dies at a boundary of what it has in hand; nobody sets a clock, another worker goes on by itself."""
    house.kill_all()
    kills = 0
    first = next(_numbers)
    for hand in hands():
        waits: list[float] = []
        at, is_over = 0, False
        while not is_over:
            dead: dict[Any, datetime] = {}
            while len(dead) < DOOMED_AT_ONCE and not is_over:
                at += 1
                pk = hand.begin(house)
                ended = ended_within(fork_worker(partial(doom, hand, pk, at)), 90)
                if ended == -signal.SIGKILL:
                    dead[pk] = moment_of(house)
                outcome.demand(ended in (-signal.SIGKILL, dying.SURVIVED), f"{hand.name}, boundary {at}: {ended}")
                is_over = ended != -signal.SIGKILL
            kills += len(dead)
            waits += await_resumption(house, hand, dead, outcome)
        most = hand.lease.total_seconds() + GRACE_SECONDS
        outcome.demand(waits and max(waits) <= most, f"{hand.name}: gone on with after {waits} s; at most {most:.0f}")
        outcome.figures |= {
            f"{hand.name}: workers killed with one in hand": len(waits),
            f"{hand.name}: gone on with after (s)": f"{min(waits, default=0):.1f} to {max(waits, default=0):.1f}",
        }
    begun = range(first + 1, next(_numbers))
    numbers += begun
    way.pass_time()
    for number in begun:
        way.go_on(number)
    return kills


def fork_worker(before: Callable[[], None] = lambda: None) -> int:
    """A worker of the house that knows the way's service; ``before`` is done in it first. Gives its process."""
    from django.db import connections

    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        before()
        from onepoint.config.worker import work

        work()
    finally:
        os._exit(dying.FAILED)
    raise AssertionError("not reached")


def ended_within(pid: int, seconds: float) -> int:
    """How it ended; killed where it never came to its boundary. Raises NotComing then."""
    status = 0

    def has_ended() -> bool:
        nonlocal status
        ended, status = os.waitpid(pid, os.WNOHANG)
        return bool(ended)

    try:
        wait_until(has_ended, seconds, "the worker takes up what is there for it and dies")
    except NotComing:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise
    return os.waitstatus_to_exitcode(status)


def doom(hand: Hand, pk: Any, at: int) -> None:
    """In the worker to be: its function counts boundaries while it has that one in hand."""
    place = sys.modules[hand.place]
    original = getattr(place, hand.function)

    def counted(one: Any, *arguments: Any, **named: Any) -> Any:
        if one != pk:
            return original(one, *arguments, **named)
        dying._count_boundaries(at, signal.SIGKILL)
        original(one, *arguments, **named)
        os._exit(dying.SURVIVED)

    setattr(place, hand.function, counted)


def moment_of(house: House) -> datetime:
    """By the clock of the house, which is the database's."""
    moment: datetime = house.rows("SELECT clock_timestamp()")[0][0]
    return moment


def await_resumption(house: House, hand: Hand, dead: dict[Any, datetime], outcome: Outcome) -> list[float]:
    """A worker nothing happens to; gives the seconds after each death until what was in hand was done."""
    left = [pk for pk in dead if hand.done_at(pk) is None]  # the others died having done it
    worker = fork_worker()
    try:
        wait_until(
            lambda: all(hand.done_at(pk) for pk in left),
            2 * hand.lease.total_seconds() + 60,
            lambda: f"{hand.name}: {[pk for pk in left if hand.done_at(pk) is None]} are gone on with",
            pause=0.5,
        )
    except NotComing as late:
        outcome.faults.append(str(late))
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    moments = [(hand.done_at(pk), dead[pk]) for pk in left]
    return [(done - died).total_seconds() for done, died in moments if done is not None]


def random_kills(house: House, outcome: Outcome) -> int:
    """Real workers and people, killed at random moments: ``benchmarks/crash.py`` and ``reminders.py``. Gives how many."""
    house.kill_all()
    kills = 0
    for name, more in (("crash.py", ["--seconds", "120"]), ("reminders.py", ["--seconds", "60"])):
        house.forget_connections()
        # They have a database of their own, and its journal has nothing to do with ours.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ONEPOINT_")}
        done = subprocess.run(
            [sys.executable, str(ROOT / "benchmarks" / name), *more],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        outcome.demand(done.returncode == 0, f"{name}: {done.stdout[-1500:]}{done.stderr[-1500:]}")
        for line in done.stdout.splitlines():
            what, _space, figure = line.rpartition(" ")
            outcome.figures[f"{name}: {what.strip()}"] = figure
            kills += int(figure) if "workers killed" in what else 0
    return kills


@register_trial("F4", "A worker that stood still beyond its lease comes back: what it still writes is refused")
def stop_worker(house: House, scale: Scale, outcome: Outcome) -> None:
    way = Way()
    first = way.begin(house)
    count = dying.boundaries_of(partial(way.go_on, first))
    numbers, refused, harmless = [first], 0, 0
    for at in scale.some(count, 8):
        number = way.begin(house)
        numbers.append(number)
        # What a minute does to a transaction nobody goes on with, in a third of a second.
        impatient = "SET idle_in_transaction_session_timeout = '300ms'"
        stale = dying.begin(partial(way.go_on, number), at=at, how=signal.SIGSTOP, settings=impatient)
        if not stale.await_stop_or_end():
            outcome.demand(stale.never_came_to(at), f"it did not stand still at boundary {at}")
            continue
        way.pass_time()
        wait_until(lambda: not transactions_left_open(), 10, "PostgreSQL ended the transaction nobody goes on with")
        ended = dying.begin(partial(way.go_on, number)).await_end()
        outcome.demand(ended == dying.SURVIVED, f"beside a worker that stands still at {at} nothing goes on: {ended}")
        os.kill(stale.pid, signal.SIGCONT)
        ended = stale.await_end()
        refused += ended == dying.FAILED
        harmless += ended == dying.SURVIVED
        outcome.demand(ended in (dying.FAILED, dying.SURVIVED), f"the stale worker ended with {ended}")
    outcome.figures |= {
        "workers that stood still": len(numbers) - 1,
        "their transaction was over": refused,
        "they found nothing left to do": harmless,
    }
    outcome.faults += in_order(numbers)

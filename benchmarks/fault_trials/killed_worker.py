"""F2 and F4: a worker is killed, or stands still longer than its lease, between any two statements of a process's way.

The way is that of ``benchmarks/crash.py``: a step with a repeating timer, a service, two steps at once, a pause, a review.
"""

import itertools
import os
import signal
import subprocess
import sys
from datetime import timedelta
from functools import partial

from fault_trials import dying
from fault_trials.house import ROOT, House, wait_until
from fault_trials.trials import Outcome, Scale, register_trial

#: Beyond every lease and every pause after a failure.
LATER = timedelta(minutes=15)
MOST_CHILDREN = 60
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
    outcome.figures |= {"boundaries of the way": count, "kills": kills}
    outcome.faults += in_order(numbers)
    if scale.is_large:
        random_kills(house, scale, outcome)


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


def random_kills(house: House, scale: Scale, outcome: Outcome) -> None:
    """Real workers and people, killed at random moments: ``benchmarks/crash.py`` and ``reminders.py``."""
    house.kill_all()
    for name, more in (("crash.py", ["--seconds", "120"]), ("reminders.py", ["--seconds", "60"])):
        house.forget_connections()
        environment = {name: value for name, value in os.environ.items() if name != "ONEPOINT_DATABASE_URL"}
        done = subprocess.run(
            [sys.executable, str(ROOT / "benchmarks" / name), *more],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        outcome.demand(done.returncode == 0, f"{name}: {done.stdout[-1500:]}{done.stderr[-1500:]}")
        for line in done.stdout.splitlines():
            what, _space, figure = line.rpartition(" ")
            outcome.figures[f"{name}: {what.strip()}"] = figure


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

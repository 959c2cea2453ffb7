"""F11: jobs that kill their worker, stop it or never end, among others that do nothing wrong."""

import time
from dataclasses import dataclass, field
from typing import Any

from fault_trials.house import House, Part, wait_until
from fault_trials.trials import Outcome, Scale, register_trial

#: What ruins a worker, run by a job of ours; each in a way of its own.
POISONS = {
    "segmentation fault": "import ctypes; ctypes.string_at(0)",
    # As much more as a limit of the system leaves, and then piece after piece.
    "out of memory": """
import os, resource
pages = int(open("/proc/self/statm").read().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages * os.sysconf("SC_PAGE_SIZE") + 50_000_000, resource.RLIM_INFINITY))
held = []
while True:
    held.append(bytearray(100_000))
""",
    "endless loop": "while True: pass",
    "stuck with the interpreter's lock": "import re; re.match('(a+)+$', 'a' * 60 + 'b')",
}
JOB_SECONDS = 10
#: How long an innocent job takes in large, as one that waits for a gateway does.
WORK_SECONDS = 1.0
WORKERS = 2
MOST_TIMES = 2.0
PATIENCE = 900.0
#: A worker that knows two jobs more: one that does whatever it is told, one that notes that it was done.
WITH_JOBS = """
import django, os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onepoint.config.settings")
django.setup()
from procrastinate.contrib.django import app

@app.task(name="faults.poison")
def poison(code: str) -> None:
    exec(code, {})

@app.task(name="faults.innocent")
def innocent(number: int, seconds: float = 0.0) -> None:
    import time
    from django.db import connection
    time.sleep(seconds)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO faults_done (number) VALUES (%s)", [number])

from onepoint.config.worker import work
work()
"""
WORKER = f"""
from onepoint.config import watchdog
watchdog.STUCK_SECONDS, watchdog.LOOK_SECONDS = 6.0, 0.5
{WITH_JOBS}"""
NOTES = "CREATE TABLE IF NOT EXISTS faults_done (number bigint, at timestamptz DEFAULT clock_timestamp())"


@register_trial(
    "F11", "A job that kills, stops or never ends its worker is parked after 3 attempts; the others are done"
)
def poison(house: House, scale: Scale, outcome: Outcome) -> None:
    house.kill_all()
    house.rows(NOTES)
    count = scale.of(40, 1000)
    chosen = list(POISONS) if scale.is_large else ["endless loop"]
    try:
        normal = Shift(house, scale, range(count)).work()
        outcome.figures |= {"innocent jobs": count, "normal time (s)": round(normal.others_done, 1)}
        for round_, name in enumerate(chosen, start=1):
            shift = Shift(house, scale, range(round_ * 10_000, round_ * 10_000 + count), POISONS[name]).work()
            compare(house, name, shift, normal, scale, outcome)
            decide(house, name, outcome)
    finally:
        house.kill_all()
        house.rows("DROP TABLE faults_done")


@dataclass
class Shift:
    """Workers at work on so many jobs, one of them poisoned or none; whoever dies is begun anew at once."""

    house: House
    scale: Scale
    innocents: range
    poison: str = ""
    lost: int = 0
    others_done: float = 0.0  # seconds after the last was queued
    parked: float = 0.0
    workers: list[Part] = field(default_factory=list)

    def work(self) -> "Shift":
        from onepoint.core import jobs

        for number in self.innocents:
            if self.poison and number == self.innocents[len(self.innocents) // 2]:
                jobs.defer("faults.poison", code=self.poison)
            jobs.defer("faults.innocent", number=number, seconds=WORK_SECONDS if self.scale.is_large else 0.0)
        began = time.monotonic()
        # In small time is made to pass, and that for every worker.
        self.workers = [begin_worker(self.house) for _number in range(self.scale.of(1, WORKERS))]
        wait_until(lambda: self._look(began), PATIENCE, self._what_is_left, pause=0.2)
        self.house.end(*self.workers)
        return self

    def _look(self, began: float) -> bool:
        for worker in self.workers:
            if not worker.runs():
                self.lost += 1
                if not self.scale.is_large:
                    let_time_pass(self.house)
                worker.start()
        seconds = time.monotonic() - began
        if not self.others_done and done(self.house, self.innocents) >= len(self.innocents):
            self.others_done = seconds
        if self.poison and not self.parked and parked():
            self.parked = seconds
        return bool(self.others_done and (self.parked or not self.poison))

    def _what_is_left(self) -> str:
        left = len(self.innocents) - done(self.house, self.innocents)
        return f"{left} jobs are left; parked: {parked()}; workers lost: {self.lost}"


def compare(house: House, name: str, shift: Shift, normal: Shift, scale: Scale, outcome: Outcome) -> None:
    """With what it is like without a poison."""
    from onepoint.core import rescuing

    doubled = house.number(
        "SELECT count(*) - count(DISTINCT number) FROM faults_done WHERE number >= %(first)s AND number <= %(last)s",
        {"first": shift.innocents[0], "last": shift.innocents[-1]},
    )
    times = shift.others_done / normal.others_done
    outcome.figures |= {
        f"{name}: workers lost": shift.lost,
        f"{name}: all others done after (s)": round(shift.others_done, 1),
        f"{name}: parked after (s)": round(shift.parked, 1),
        f"{name}: jobs begun twice with their worker": doubled,
    }
    # In small, what workers take to begin is most of it.
    outcome.demand(
        times <= MOST_TIMES or not scale.is_large, f"{name}: the others took {times:.1f} times as long as without it"
    )
    outcome.demand(shift.lost == rescuing.MOST_ATTEMPTS, f"{name}: {shift.lost} workers were lost")
    given_up = parked()
    outcome.demand(len(given_up) == 1, f"{name}: given up were {given_up}")
    for job in given_up:
        outcome.demand(job.attempts == rescuing.MOST_ATTEMPTS, f"{name}: given up after {job.attempts} attempts")


def decide(house: House, name: str, outcome: Outcome) -> None:
    """Whoever watches the house sees it, has it tried once more (which costs one worker more), and skips it."""
    from onepoint.accounts.models import Role, RoleGrant
    from onepoint.core import verifying
    from onepoint.integrations import queries, services

    by = house.people[0]
    grant = RoleGrant.objects.create(user=by, role=Role.objects.get(code="admin"), unit=by.unit)
    by = type(by).objects.get(pk=by.pk)
    try:
        (job,) = [one for one in queries.jobs_given_up() if one.task == "faults.poison"]
        (report,) = verifying.run_checks(["core.jobs"])
        outcome.demand(any(str(job.pk) in one.subject for one in report.faults), f"{name}: verify says nothing of it")
        services.retry_job(job, by=by)
        outcome.demand(not parked(), f"{name}: it waits for no second try")
        let_time_pass(house)  # what the workers of the shift were at when they were ended is in front of it
        worker = begin_worker(house)
        wait_until(lambda: not worker.runs(), 240, f"{name}: tried once more, it ends its worker again")
        house.parts.remove(worker)
        let_time_pass(house)
        worker = begin_worker(house)
        wait_until(parked, 60, f"{name}: it is given up again")
        house.end(worker)
        services.skip_job(job, by=by)
        outcome.demand(not parked(), f"{name}: it is skipped and still there")
        told = "SELECT count(*) FROM core_auditentry WHERE verb = %(verb)s AND actor_id = %(by)s AND data->>'job' = %(job)s"
        for verb in ("house.job_retried", "house.job_skipped"):
            count = house.number(told, {"verb": verb, "by": by.pk, "job": str(job.pk)})
            outcome.demand(count == 1, f"{name}: {verb} is journaled {count} times")
    finally:
        grant.delete()


def parked() -> list[Any]:
    """The poisons given up; what else failed in an earlier trial was said there."""
    from onepoint.core.failed_jobs import failed_jobs

    return [job for job in failed_jobs() if job.task == "faults.poison"]


def begin_worker(house: House) -> Part:
    part = Part(["-c", WORKER], house.folder / "poisoned.log", environment={"ONEPOINT_JOB_SECONDS": str(JOB_SECONDS)})
    house.parts.append(part)
    return part.start()


def let_time_pass(house: House) -> None:
    """The dead show no sign of life for longer than one waits."""
    house.rows("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '5 minutes'")


def done(house: House, numbers: range) -> Any:
    return house.number(
        "SELECT count(DISTINCT number) FROM faults_done WHERE number >= %(first)s AND number <= %(last)s",
        {"first": numbers[0], "last": numbers[-1]},
    )

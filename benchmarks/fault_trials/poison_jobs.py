"""F11: jobs that kill their worker, stop it or never end, among others that do nothing wrong."""

import time
from typing import Any

from fault_trials.house import House, Part, wait_until
from fault_trials.trials import Outcome, Scale, register_trial

#: What ruins a worker, run by a job of ours; each in a way of its own.
POISONS = {
    "segmentation fault": "import ctypes; ctypes.string_at(0)",
    "out of memory": "import resource; resource.setrlimit(resource.RLIMIT_AS, (1, 1)); import os; os.abort()",
    "endless loop": "while True: pass",
    "stuck with the interpreter's lock": "import re; re.match('(a+)+$', 'a' * 60 + 'b')",
}
JOB_SECONDS = 2
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
def innocent(number: int) -> None:
    from django.db import connection
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
    innocents = scale.of(40, 1000)
    chosen = list(POISONS) if scale.is_large else ["endless loop"]
    for round_, name in enumerate(chosen):
        try_poison(house, name, range(round_ * 10_000, round_ * 10_000 + innocents), outcome)
    outcome.figures["innocent jobs beside each"] = innocents
    house.rows("DROP TABLE faults_done")


def try_poison(house: House, name: str, innocents: range, outcome: Outcome) -> None:
    from onepoint.core import jobs, tasks
    from onepoint.core.failed_jobs import forget_failed_job

    for number in innocents:
        if number == innocents[len(innocents) // 2]:
            jobs.defer("faults.poison", code=POISONS[name])
        jobs.defer("faults.innocent", number=number)
    began = time.monotonic()
    workers = 0
    while not parked() and workers <= tasks.MOST_ATTEMPTS + 1:
        worker = begin_worker(house)
        workers += 1
        wait_until(lambda one=worker: not one.runs() or parked(), 90, f"the worker with a {name} ends")
        if worker.runs():
            break
        house.parts.remove(worker)
        let_time_pass(house)
    given_up = parked()
    outcome.demand(len(given_up) == 1, f"{name}: given up were {given_up}")
    last = house.parts[-1] if house.parts and house.parts[-1].runs() else begin_worker(house)
    wait_until(lambda: done(house, innocents) >= len(innocents), 120, f"{name}: the others are done")
    outcome.figures |= {
        f"{name}: workers lost": workers if not given_up or not last.runs() else workers - 1,
        f"{name}: all others done after (s)": round(time.monotonic() - began, 1),
    }
    doubled = house.number("SELECT count(*) - count(DISTINCT number) FROM faults_done")
    outcome.figures[f"{name}: jobs begun twice with their worker"] = doubled
    house.end(last)
    let_time_pass(house)
    for job in given_up:
        outcome.demand(job.attempts == tasks.MOST_ATTEMPTS, f"{name}: given up after {job.attempts} attempts")
        forget_failed_job(job.pk)


def parked() -> list[Any]:
    """The poisons given up; what else failed in an earlier trial was said there."""
    from onepoint.core.failed_jobs import failed_jobs

    return [job for job in failed_jobs() if job.task == "faults.poison"]


def begin_worker(house: House) -> Part:
    part = Part(["-c", WORKER], house.folder / "poisoned.log", environment={"ONEPOINT_JOB_SECONDS": str(JOB_SECONDS)})
    house.parts.append(part)
    return part.start()


def let_time_pass(house: House) -> None:
    """The dead show no sign of life for longer than one waits, and the next look at them is due."""
    from onepoint.core import jobs

    house.rows("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '5 minutes'")
    house.rows("DELETE FROM procrastinate_jobs WHERE task_name = 'core.rescue_stalled_jobs'")
    jobs.defer("core.rescue_stalled_jobs", queueing_lock="core.rescue_stalled_jobs", timestamp=int(time.time()))


def done(house: House, numbers: range) -> Any:
    return house.number(
        "SELECT count(DISTINCT number) FROM faults_done WHERE number >= %(first)s AND number <= %(last)s",
        {"first": numbers[0], "last": numbers[-1]},
    )

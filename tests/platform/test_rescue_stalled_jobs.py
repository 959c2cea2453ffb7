"""What happens to the jobs of a worker that was killed."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections

from onepoint.core import jobs, tasks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def empty_queue(transactional_db: None) -> Iterator[None]:
    """The queue's tables are not emptied with those of the models."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
        cursor.execute("DELETE FROM procrastinate_workers")


def make_worker(heartbeat_age: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s)) RETURNING id",
            [heartbeat_age],
        )
        return cursor.fetchone()[0]


def begin_job(worker: int, attempts: int = 0) -> int:
    """A job this worker has begun."""
    jobs.defer("core.remove_old_jobs", timestamp=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, attempts = %s"
            " WHERE id = (SELECT max(id) FROM procrastinate_jobs) RETURNING id",
            [worker, attempts],
        )
        return cursor.fetchone()[0]


def status_of(job: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job])
        return cursor.fetchone()[0]


def rescue() -> None:
    async def whole() -> None:
        await tasks.rescue_stalled_jobs.func(timestamp=0)
        await sync_to_async(connections.close_all)()

    # In a thread of its own: browser tests leave their event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(whole())).result()


def test_a_job_whose_worker_is_silent_goes_to_another() -> None:
    job = begin_job(make_worker(heartbeat_age=tasks.STALLED_AFTER_SECONDS + 5))
    rescue()
    assert status_of(job) == "todo"


def test_a_job_whose_worker_lives_is_left_alone() -> None:
    job = begin_job(make_worker(heartbeat_age=5))
    rescue()
    assert status_of(job) == "doing"


def test_a_job_that_keeps_losing_its_worker_is_given_up() -> None:
    worker = make_worker(heartbeat_age=tasks.STALLED_AFTER_SECONDS + 5)
    job = begin_job(worker, attempts=tasks.MOST_ATTEMPTS)
    rescue()
    assert status_of(job) == "failed"


def test_a_job_that_already_waits_a_second_time_is_not_doubled_and_holds_up_no_other() -> None:
    worker = make_worker(heartbeat_age=tasks.STALLED_AFTER_SECONDS + 5)
    lost = begin_job(worker)
    other = begin_job(worker)
    jobs.defer("core.remove_old_jobs", timestamp=0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET queueing_lock = NULL WHERE id = %s", [other])
    rescue()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, status FROM procrastinate_jobs ORDER BY id")
        assert [(job, status) for job, status in cursor.fetchall() if job in (lost, other)] == [(other, "todo")]

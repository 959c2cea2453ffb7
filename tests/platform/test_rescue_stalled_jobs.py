"""What happens to the jobs of a worker that was killed."""

from collections.abc import Iterator

import pytest
from django.db import connection

from onepoint.core import jobs, rescuing, ticks

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


def test_a_job_whose_worker_is_silent_goes_to_another() -> None:
    job = begin_job(make_worker(heartbeat_age=rescuing.STALLED_AFTER_SECONDS + 5))
    rescuing.rescue_stalled_jobs()
    assert status_of(job) == "todo"


def test_a_job_whose_worker_lives_is_left_alone() -> None:
    job = begin_job(make_worker(heartbeat_age=5))
    rescuing.rescue_stalled_jobs()
    assert status_of(job) == "doing"


def test_a_job_that_keeps_losing_its_worker_is_given_up() -> None:
    worker = make_worker(heartbeat_age=rescuing.STALLED_AFTER_SECONDS + 5)
    job = begin_job(worker, attempts=rescuing.MOST_ATTEMPTS)
    rescuing.rescue_stalled_jobs()
    assert status_of(job) == "failed"


def test_a_job_that_already_waits_a_second_time_is_not_doubled_and_holds_up_no_other() -> None:
    worker = make_worker(heartbeat_age=rescuing.STALLED_AFTER_SECONDS + 5)
    lost = begin_job(worker)
    other = begin_job(worker)
    jobs.defer("core.remove_old_jobs", timestamp=0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET queueing_lock = NULL WHERE id = %s", [other])
    rescuing.rescue_stalled_jobs()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, status FROM procrastinate_jobs ORDER BY id")
        assert [(job, status) for job, status in cursor.fetchall() if job in (lost, other)] == [(other, "todo")]


def test_lost_workers_are_looked_for_by_a_tick_and_not_behind_what_else_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    job = begin_job(make_worker(heartbeat_age=rescuing.STALLED_AFTER_SECONDS + 5))
    monkeypatch.setattr(rescuing, "_looked_at", float("-inf"))
    ticks._ticks["core.lost_workers"]()
    assert status_of(job) == "todo"


def test_a_job_that_lost_a_second_worker_comes_behind_those_that_lost_one() -> None:
    worker = make_worker(heartbeat_age=rescuing.STALLED_AFTER_SECONDS + 5)
    suspect = begin_job(worker, attempts=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET queueing_lock = NULL")
    bystander = begin_job(worker)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET queueing_lock = NULL")
    rescuing.rescue_stalled_jobs()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, %s)", [worker])
        assert cursor.fetchone() == (bystander,)
        cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, %s)", [worker])
        assert cursor.fetchone() == (None,), "one suspect at a time"
    assert status_of(suspect) == "todo"

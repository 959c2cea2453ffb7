"""What a job or a mailbox's thread queues in the worker is part of its own transaction, as everywhere else."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from onepoint.core import jobs

NAME = "channels.file_texts"


def count() -> int:
    return ProcrastinateJob.objects.filter(task_name=NAME, status="todo").count()


@pytest.fixture(autouse=True)
def empty_queue(transactional_db: None) -> Iterator[None]:
    """The queue's tables are not among those emptied after each test."""
    forget_jobs()
    yield
    forget_jobs()


def forget_jobs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = %s", [NAME])


def test_a_thread_of_the_worker_queues_by_its_own_connection() -> None:
    """By the queue's own connections it would wait for the event loop of another thread, now and then for ever."""
    found: list[int] = []

    def queue() -> None:
        with transaction.atomic():
            jobs.defer(NAME)
            found.append(count())
            transaction.set_rollback(True)
        found.append(count())
        jobs.defer(NAME)
        found.append(count())
        connection.close()

    with app.replace_connector(app.connector.get_worker_connector()):  # as the worker does; nobody opened it here
        thread = threading.Thread(target=queue)
        thread.start()
        thread.join(30)
    assert not thread.is_alive()
    assert found == [1, 0, 1]

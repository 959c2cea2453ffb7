"""A job whose database goes away is done once more; one that fails for a reason of its own is not."""

from types import SimpleNamespace

import pytest
from django.db import DataError, OperationalError, connection, transaction

from onepoint.core import ending, lost_database

pytestmark = pytest.mark.django_db(transaction=True)
CONTEXT = SimpleNamespace(job=SimpleNamespace(id=1, task_name="tea.make"))


def ask(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def job(*statements: str):
    """A job that says another of these at each time it is done, and how often it was done."""
    done = []

    def run() -> int:
        done.append(None)
        ask(statements[min(len(done), len(statements)) - 1])
        return len(done)

    return run, done


END = "SELECT pg_terminate_backend(pg_backend_pid())"


def test_a_job_that_loses_its_connection_is_done_once_more():
    run, _done = job(END, "SELECT 1")
    assert lost_database.do_once_more(run, CONTEXT, None) == 2


def test_a_job_that_always_loses_it_fails_in_the_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lost_database, "PAUSES", (0.0, 0.0))
    run, done = job(END)
    with pytest.raises(OperationalError):
        lost_database.do_once_more(run, CONTEXT, None)
    assert len(done) == 3
    connection.close()


@pytest.mark.parametrize(
    ("statement", "failure"),
    [("SELECT 1 / 0", DataError), ("SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(1)", OperationalError)],
)
def test_a_job_that_fails_for_a_reason_of_its_own_is_not_done_again(statement: str, failure: type[Exception]):
    run, done = job(statement)
    with pytest.raises(failure):
        lost_database.do_once_more(run, CONTEXT, None)
    assert len(done) == 1


def test_a_worker_that_ends_does_not_begin_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ending, "is_ending", lambda: True)
    run, done = job(END)
    with pytest.raises(OperationalError):
        lost_database.do_once_more(run, CONTEXT, None)
    assert len(done) == 1
    connection.close()

"""While PostgreSQL is away people are told to wait, and on a full disk that nothing can be written (reliability F1, F12)."""

import errno
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client
from psycopg import errors

from cast import Cast


class Failing:
    """Makes every statement fail the way the driver reports it."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        with connection.wrap_database_errors:
            raise self.error


def ask(client: Client, error: BaseException, path: str = "/tickets/", **more: Any) -> Any:
    client.raise_request_exception = False
    with connection.execute_wrapper(Failing(error)):
        return client.get(path, **more)


AWAY = [
    psycopg.OperationalError("server closed the connection unexpectedly"),
    errors.CannotConnectNow("the database system is starting up"),
    errors.CrashShutdown("terminating connection because of crash of another server process"),
    errors.AdminShutdown("terminating connection due to administrator command"),
    errors.TooManyConnections("sorry, too many clients already"),
    errors.IdleInTransactionSessionTimeout("terminating connection due to idle-in-transaction timeout"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
def test_a_restarting_database_asks_for_patience(cast: Cast, client_of: Any, error: BaseException) -> None:
    answer = ask(client_of(cast.agent), error)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "没有保存" in answer.content.decode()


@pytest.mark.django_db
def test_a_full_disk_says_that_nothing_can_be_written(cast: Cast, client_of: Any) -> None:
    answer = ask(client_of(cast.agent), errors.DiskFull("could not extend file"))
    assert answer.status_code == 507
    assert "磁盘已满" in answer.content.decode()


@pytest.mark.django_db
def test_a_full_disk_of_uploaded_files_says_the_same(
    cast: Cast, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error the operating system gives, from where a page would write."""

    def write(*arguments: object, **named: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    client = client_of(cast.agent)
    client.raise_request_exception = False
    monkeypatch.setattr("onepoint.tickets.views.lists.render", write)
    assert client.get("/tickets/").status_code == 507


@pytest.mark.django_db
def test_two_who_wait_for_each_other_are_asked_to_send_it_again(cast: Cast, client_of: Any) -> None:
    answer = ask(client_of(cast.agent), errors.DeadlockDetected("deadlock detected"))
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.django_db
def test_a_program_is_told_as_a_program(cast: Cast, client_of: Any) -> None:
    answer = ask(client_of(cast.agent), AWAY[0], headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert answer.json()["code"] == "unreachable"


@pytest.mark.django_db
def test_any_other_failure_stays_one(cast: Cast, client_of: Any) -> None:
    answer = ask(client_of(cast.agent), errors.UndefinedTable("no such table"))
    assert answer.status_code == 500
    assert "Retry-After" not in answer.headers


def test_an_unreachable_server_is_said_to_be_away(
    client: Client, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any
) -> None:
    """A real refusal of a real connection."""
    with django_db_blocker.unblock():
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        monkeypatch.setitem(connection.settings_dict, "PORT", "1")
        client.raise_request_exception = False
        client.cookies["sessionid"] = "a" * 32
        answer = client.get("/tickets/")
        connection.close()
    assert answer.status_code == 503

"""Statements prepared once per connection behave like any other of Django's."""

import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from onepoint.core.prepared import Statement

LOCK = Statement("test_lock", "SELECT pg_advisory_xact_lock($1::bigint)::text")
DIVIDE = Statement("test_divide", "SELECT $1::integer / $2::integer")
ECHO = Statement("test_echo", "SELECT $1::text")


@pytest.mark.django_db
def test_values_are_read_as_djangos_cursor_reads_them() -> None:
    sql = "SELECT 1::bigint, NULL::text, '{a,\"b c\"}'::text[], '{\"a\": [1]}'::jsonb, now(), $1::text"
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("$1", "%s"), ["客户"])
        assert Statement("test_values", sql).row("客户") == cursor.fetchone()


@pytest.mark.django_db
def test_no_row_is_none() -> None:
    assert Statement("test_nothing", "SELECT 1 WHERE $1::integer = 2").row(1) is None


@pytest.mark.django_db(transaction=True)
def test_the_transaction_of_django_holds_it() -> None:
    write = Statement("test_write", "INSERT INTO accounts_role (code) VALUES ($1::text) RETURNING id")
    with pytest.raises(IntegrityError), transaction.atomic():
        write.row("half")  # other columns are missing
    insert = Statement("test_set", "SELECT set_config('onepoint.tried', $1::text, true)")
    with transaction.atomic():
        assert insert.row("yes") == ("yes",)
        assert connection.in_atomic_block
        assert Statement("test_get", "SELECT current_setting('onepoint.tried')").row() == ("yes",)
    assert Statement("test_after", "SELECT current_setting('onepoint.tried', true)").row() == ("",)


@pytest.mark.django_db(transaction=True)
def test_errors_are_djangos_and_leave_the_connection_usable() -> None:
    with pytest.raises(DataError), transaction.atomic():
        DIVIDE.row(1, 0)
    with pytest.raises(DataError):
        ECHO.row("cut\0here")
    assert DIVIDE.row(6, 3) == (2,)


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_prepares_anew() -> None:
    assert DIVIDE.row(6, 3) == (2,)
    connection.close()
    assert DIVIDE.row(9, 3) == (3,)


@pytest.mark.django_db
def test_whoever_counts_statements_sees_it(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        DIVIDE.row(6, 3)
        ECHO.row("once")


@pytest.mark.django_db
def test_whoever_watches_statements_sees_it_prepared_all_the_same() -> None:
    """The house counts every statement of a request; that must not cost what preparing saves."""
    seen: list[str] = []

    def watch(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, values, many, context)

    named = Statement("test_watched", "SELECT $1::text, count(*) FROM pg_prepared_statements WHERE name LIKE $2::text")
    with connection.execute_wrapper(watch):
        assert named.row("counted", "test_watched%") == ("counted", 1)
    assert seen == ["SELECT %s::text, count(*) FROM pg_prepared_statements WHERE name LIKE %s::text"]


@pytest.mark.django_db
def test_lists_and_moments_arrive_as_they_are() -> None:
    words = ["a b", 'quoted "', "back\\slash", "{brace}", ""]
    moment = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    given = Statement("test_list", "SELECT word, $2::timestamptz, $3::bigint[] FROM unnest($1::text[]) AS word")
    assert given.rows(words, moment, [1, 2]) == [(word, moment, [1, 2]) for word in words]


@pytest.mark.django_db(transaction=True)
def test_a_column_that_got_another_type_meanwhile_is_read_anew() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE altered AS SELECT 1 AS figure")
        read = Statement("test_altered", "SELECT figure FROM altered WHERE $1::integer = 1")
        assert read.row(1) == (1,)
        cursor.execute("ALTER TABLE altered ALTER figure TYPE text")
        assert read.row(1) == ("1",)
        cursor.execute("DROP TABLE altered")


@pytest.mark.django_db(transaction=True)
def test_other_threads_run_while_it_waits() -> None:
    """With the interpreter's lock held, the holder below could not go on until the waiting statement gave up."""
    held, waited = threading.Event(), []

    def wait() -> None:
        held.wait(60)
        began = time.monotonic()
        with transaction.atomic():
            LOCK.row(4711)
        waited.append(time.monotonic() - began)
        connection.close()

    waiting = threading.Thread(target=wait)
    waiting.start()
    with transaction.atomic():
        LOCK.row(4711)
        held.set()
        while not _somebody_waits():
            time.sleep(0.01)
    waiting.join(60)
    assert len(waited) == 1


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted")
        return bool(cursor.fetchone()[0])

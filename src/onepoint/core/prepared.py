"""Statements of one row that the server parses and plans once per connection, for the few that run all the time.

Django sends each statement as text with its values in it, through several layers of Python; this goes straight to the
driver's own ``libpq``, with the values beside the text. Inside Django's transactions, with Django's errors; whoever counts,
logs or wraps statements sees them as usual.
"""

import re
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection
from psycopg import errors
from psycopg.adapt import Transformer
from psycopg.pq import DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

#: By connection: the prepared statements with the readers of their rows.
_prepared: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()


class Statement:
    """``sql`` names its values ``$1``, ``$2``, … in order, each with a type: the server plans before it sees values."""

    def __init__(self, name: str, sql: str) -> None:
        self.name = name
        self.sql = sql
        self._as_django = re.sub(r"\$\d+", "%s", sql)

    def row(self, *values: int | str | None) -> tuple[Any, ...] | None:
        """Execute it; the first row, or None. Lets other threads run while it waits."""
        if connection.queries_logged or connection.execute_wrappers:
            with connection.cursor() as cursor:
                cursor.execute(self._as_django, values)
                return cursor.fetchone()
        connection.close_if_health_check_failed()
        connection.ensure_connection()
        connection.validate_no_broken_transaction()
        with connection.wrap_database_errors:
            driver = connection.connection
            _begin(driver)
            reader = _prepared.setdefault(driver, {}).get(self.name) or self._prepare(driver)
            result = _checked(driver.pgconn.exec_prepared(self.name.encode(), [_text(value) for value in values]))
            if not result.ntuples:
                return None
            reader.set_pgresult(result)
            return reader.load_row(0, tuple)

    def _prepare(self, driver: Any) -> Any:
        _checked(driver.pgconn.prepare(self.name.encode(), self.sql.encode()))
        reader = _prepared[driver][self.name] = Transformer(driver)
        return reader


def _text(value: int | str | None) -> bytes | None:
    if value is None:
        return None
    text = str(value).encode()
    if b"\0" in text:  # it would be cut there
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return text


def _begin(driver: Any) -> None:
    """What the driver does before the first statement of a transaction."""
    if not driver.autocommit and driver.pgconn.transaction_status == TransactionStatus.IDLE:
        _checked(driver.pgconn.exec_(b"BEGIN"))


def _checked(result: PGresult) -> PGresult:
    if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        return result
    if not result.error_field(DiagnosticField.SQLSTATE):  # the connection itself is gone
        raise psycopg.OperationalError(result.get_error_message())
    raise errors.error_from_result(result)

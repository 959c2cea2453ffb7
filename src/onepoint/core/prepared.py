"""Statements of one row that the server parses and plans once per connection, for the few that run all the time.

Django sends each statement as text with its values in it, through several layers of Python; this goes straight to the
driver's own ``libpq``, with the values beside the text. Inside Django's transactions, with Django's errors; whoever counts,
logs or wraps statements sees them as usual.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from django.conf import settings
from django.db import connection
from django.db.models import JSONField, Model
from psycopg import errors
from psycopg.adapt import Transformer
from psycopg.pq import DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from onepoint.core.readable_moments import readable

Value = int | str | datetime | UUID | list[int] | list[str] | None
#: By connection: what the prepared statements are called there, with the readers of their rows.
_prepared: WeakKeyDictionary[Any, dict[str, tuple[bytes, Any]]] = WeakKeyDictionary()
_count = count(1)


class Statement:
    """``sql`` names its values ``$1``, ``$2``, … in order, each with a type: the server plans before it sees values.

    ``as_django`` is the same with ``%s`` for each value, where ``sql`` holds per cents or dollars of its own. What
    ``goes_by_values`` is planned each time: how it is best carried out depends on how frequent a word is, say.
    """

    def __init__(self, name: str, sql: str, *, as_django: str = "", goes_by_values: bool = False) -> None:
        self.name = name
        self.sql = sql
        self.as_django = as_django or re.sub(r"\$\d+", "%s", sql)
        self.goes_by_values = goes_by_values

    def row(self, *values: Value) -> tuple[Any, ...] | None:
        """Execute it; the first row, or None. Lets other threads run while it waits."""
        if self.goes_by_values or _goes_through_django():
            with connection.cursor() as cursor:
                cursor.execute(self.as_django, values)
                return cursor.fetchone() if cursor.description else None
        reader = self._watched(values)
        return reader.load_row(0, tuple) if reader else None

    def rows(self, *values: Value) -> list[tuple[Any, ...]]:
        """Execute it; every row."""
        if self.goes_by_values or _goes_through_django():
            with connection.cursor() as cursor:
                cursor.execute(self.as_django, values)
                return cursor.fetchall() if cursor.description else []
        reader = self._watched(values)
        return reader.load_rows(0, reader.pgresult.ntuples, tuple) if reader else []

    def _watched(self, values: tuple[Value, ...]) -> Any:
        """Execute it before the eyes of whoever wraps this connection's statements; a reader of its rows, or None."""
        execute: Any = self._execute
        for wrapper in reversed(connection.execute_wrappers):
            execute = partial(wrapper, execute)
        return execute(self.as_django, values, False, {"connection": connection, "cursor": None})

    def _execute(self, _sql: str, values: tuple[Value, ...], _many: bool, _context: Any) -> Any:
        connection.close_if_health_check_failed()
        connection.ensure_connection()
        connection.validate_no_broken_transaction()
        with connection.wrap_database_errors:
            driver = connection.connection
            _begin(driver)
            try:
                return self._send(driver, values)
            except errors.FeatureNotSupported:
                # A column got another type since it was prepared: an upgrade beside the running house.
                _prepared[driver].pop(self.name, None)
                if driver.pgconn.transaction_status != TransactionStatus.IDLE:
                    raise
                return self._send(driver, values)

    def _send(self, driver: Any, values: tuple[Value, ...]) -> Any:
        name, reader = _prepared.setdefault(driver, {}).get(self.name) or self._prepare(driver)
        result = _checked(driver.pgconn.exec_prepared(name, [_text(value) for value in values]))
        if not result.ntuples:
            return None
        reader.set_pgresult(result)
        return reader

    def _prepare(self, driver: Any) -> tuple[bytes, Any]:
        name = f"{self.name}.{next(_count)}".encode()
        _checked(driver.pgconn.prepare(name, self.sql.encode()))
        found = _prepared[driver][self.name] = (name, Transformer(driver))
        return found


class NamedStatement:
    """One whose values have names, each with its type and as often as needed: ``%(at)s::timestamptz``."""

    def __init__(self, name: str, sql: str) -> None:
        self._names = re.findall(r"%\((\w+)\)s", sql)
        places = count(1)
        self._statement = Statement(name, re.sub(r"%\(\w+\)s", lambda _found: f"${next(places)}", sql))

    def rows(self, told: Mapping[str, Value]) -> list[tuple[Any, ...]]:
        """Execute it; every row."""
        return self._statement.rows(*(told[name] for name in self._names))


class Insert:
    """Writes new rows of a model that is written all the time: one prepared statement instead of SQL put together each time.

    Signals of saving are not sent. The model's key comes from the database.
    """

    def __init__(self, model: type[Model]) -> None:
        self._model = model
        self._fields = [field for field in model._meta.concrete_fields if not field.primary_key]
        self._statements: dict[int, Statement] = {}

    def save(self, *rows: Model) -> None:
        """Write rows that are not there yet, few at a time, in this order; they have their keys afterwards."""
        values = [_column_value(field, field.pre_save(row, add=True)) for row in rows for field in self._fields]
        for row, (key,) in zip(rows, self._statement_for(len(rows)).rows(*values), strict=True):
            row.pk = key
            row._state.adding, row._state.db = False, connection.alias

    def _statement_for(self, count: int) -> Statement:
        if count not in self._statements:
            meta, width = self._model._meta, len(self._fields)
            columns = ", ".join(f'"{field.column}"' for field in self._fields)
            # Without types the server takes those of the columns, and refuses what is too long for them.
            places = [", ".join(f"${row * width + place}" for place in range(1, width + 1)) for row in range(count)]
            values = ", ".join(f"({one})" for one in places)
            sql = f'INSERT INTO "{meta.db_table}" ({columns}) VALUES {values} RETURNING "{meta.pk.column}"'
            name = f"insert_{meta.label_lower}" + (f"_{count}" if count > 1 else "")
            self._statements[count] = Statement(name, sql)
        return self._statements[count]


def _column_value(field: Any, value: Any) -> Value:
    if value is None:
        return None
    if isinstance(field, JSONField):
        return json.dumps(value, cls=field.encoder)
    prepared: Value = field.get_prep_value(value)
    return prepared


def _goes_through_django() -> bool:
    # A pool may give the next transaction another session, in which nothing has been prepared.
    return bool(getattr(settings, "IS_POOLED", False) or connection.queries_logged)


def _text(value: Value) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, list):
        text = _array(value).encode()
    else:
        text = (readable(value).isoformat() if isinstance(value, datetime) else str(value)).encode()
    if b"\0" in text:  # it would be cut there
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return text


def _array(values: list[Any]) -> str:
    quoted = ('"' + str(one).replace("\\", "\\\\").replace('"', '\\"') + '"' for one in values)
    return "{" + ",".join(quoted) + "}"


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

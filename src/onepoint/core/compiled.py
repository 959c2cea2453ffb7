"""Queries that run with every page: Django compiles them once and the server plans them once per connection.

To turn a queryset over a dozen tables into SQL takes Django longer than the server needs to find the row, and to plan it
takes the server longer still. What is wanted of it stays the same; only the values change. So it is compiled with stand-ins
for the values, and every later call goes straight to a prepared statement with its own.

Constants of the query stay in its text, where the planner sees them (partial indexes ask for that).
"""

import threading
from collections.abc import Callable, Hashable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import CharField, IntegerField, Lookup, Model, QuerySet
from django.db.models.query import ModelIterable, get_related_populators
from psycopg import sql as literals

from onepoint.core.prepared import Statement, Value

M = TypeVar("M", bound=Model)
_numbers = count(1)


class _OneList(Lookup):
    """A comparison with a list that is one value, however long it is."""

    prepare_rhs = False
    written = ""

    def get_db_prep_lookup(self, value: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (value,)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, before = self.process_lhs(compiler, connection)
        values, after = self.process_rhs(compiler, connection)
        return self.written.format(column, values), (*before, *after)


@CharField.register_lookup
@IntegerField.register_lookup
class AnyOf(_OneList):
    """``pk__any_of=ids``: like ``pk__in``."""

    lookup_name = "any_of"
    written = "{} = ANY({})"


@ArrayField.register_lookup
class Meets(_OneList):
    """``audience__meets=keys``: like ``audience__overlap``, of texts."""

    lookup_name = "meets"
    written = "{} && {}::text[]"


@ArrayField.register_lookup
class MeetsByRow(_OneList):
    """The same, for which no index is asked."""

    lookup_name = "meets_by_row"
    written = "(({} && {}::text[]) IS TRUE)"


class _ListOfColumn(_OneList):
    """A list column compared with a list of its own type."""

    def process_rhs(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        values, parameters = super().process_rhs(compiler, connection)
        return f"{values}::{self.lhs.output_field.db_type(connection)}", parameters


@ArrayField.register_lookup
class HasAnyOf(_ListOfColumn):
    """``search_keys__has_any_of=keys``: like ``search_keys__overlap``."""

    lookup_name = "has_any_of"
    written = "{} && {}"


@ArrayField.register_lookup
class HasAllOf(_ListOfColumn):
    """``search_keys__has_all_of=keys``: like ``search_keys__contains``."""

    lookup_name = "has_all_of"
    written = "{} @> {}"


class Compiled(Generic[M]):
    """``build`` makes the queryset of model rows out of the values that change from call to call.

    Numbers, texts, moments, UUIDs and lists of numbers or texts can change. Whatever else changes what ``build`` makes must be in
    the ``shape`` it is called with; each shape is compiled for itself. Querysets that narrow by the reader's language or by
    ``clock.now()`` would keep the first one's: hand these in as values. ``goes_by_values`` as for a ``Statement``.
    """

    def __init__(self, name: str, build: Callable[..., QuerySet[M]], *, goes_by_values: bool = False) -> None:
        self._name = name
        self._build = build
        self._goes_by_values = goes_by_values
        self._ready: dict[Hashable, _Ready[M]] = {}
        self._lock = threading.Lock()

    def rows(self, *values: Value, shape: Hashable = None) -> list[M]:
        """What the queryset built of these values would give; one statement."""
        return self._for(shape, values).rows(values)

    def count(self, *values: Value, shape: Hashable = None) -> int:
        """How many rows it would give; one statement."""
        return self._for(shape, values).count(values)

    def first(self, *values: Value, shape: Hashable = None) -> M | None:
        """Its first row, or None; for querysets that find one or few."""
        return next(iter(self.rows(*values, shape=shape)), None)

    def _for(self, shape: Hashable, values: tuple[Value, ...]) -> "_Ready[M]":
        ready = self._ready.get(shape)
        if ready is None:
            with self._lock:
                ready = self._ready.setdefault(shape, self._ready.get(shape) or self._compile(shape, values))
        return ready

    def _compile(self, shape: Hashable, values: tuple[Value, ...]) -> "_Ready[M]":
        stand_ins = [_stand_in(place, value) for place, value in enumerate(values)]
        rows = self._build(*stand_ins) if shape is None else self._build(*stand_ins, shape=shape)
        return _Ready(f"{self._name}_{next(_numbers)}", rows, stand_ins, self._goes_by_values)


def _stand_in(place: int, value: Value) -> Value:
    """A value of the same kind that no query means: by it the place of the real one is found."""
    if isinstance(value, datetime):
        return datetime(1901, 1, 1, tzinfo=UTC) + timedelta(seconds=place)
    if isinstance(value, UUID):
        return UUID(int=place)
    if isinstance(value, list):
        return [f"\x02{place}"] if value and isinstance(value[0], str) else [1_900_000_011 + place]
    return f"\x02{place}" if isinstance(value, str) else 1_900_000_011 + place


class _Ready(Generic[M]):
    """A queryset's statement, and what Django needs to make rows of its answer."""

    def __init__(self, name: str, rows: QuerySet[M], stand_ins: list[Value], goes_by_values: bool) -> None:
        if rows._iterable_class is not ModelIterable:
            raise TypeError(f"{name} gives no rows of a model")
        alias = connections[DEFAULT_DB_ALIAS]
        compiler = rows.query.get_compiler(connection=alias)
        sql, parameters = compiler.as_sql()
        self._places: list[int] = []
        self._statement = self._statement_of(name, sql, parameters, stand_ins, goes_by_values)
        columns = compiler.select[: compiler.col_count]
        self._converters = list(compiler.get_converters([column for column, _sql, _alias in columns]).items())
        described = compiler.klass_info
        self._model = described["model"]
        fields = described["select_fields"]
        self._from, self._to = fields[0], fields[-1] + 1
        self._fields = [columns[place][0].target.attname for place in range(self._from, self._to)]
        populators: Any = get_related_populators  # the stubs know it as of a later Django
        self._related = populators(described, compiler.select, DEFAULT_DB_ALIAS)
        self._annotations = list((compiler.annotation_col_map or {}).items())

    def _statement_of(
        self, name: str, sql: str, parameters: Any, stand_ins: list[Value], goes_by_values: bool
    ) -> Statement:
        prepared, as_django = "", ""
        parts = sql.split("%s")
        for number, part in enumerate(parts):
            prepared += part.replace("%%", "%")
            as_django += part
            if number == len(parts) - 1:
                break
            place = next((i for i, one in enumerate(stand_ins) if _is_same(one, parameters[number])), None)
            if place is None:
                literal = literals.Literal(parameters[number]).as_string(connections[DEFAULT_DB_ALIAS].connection)
                prepared += literal
                as_django += literal.replace("%", "%%")
            else:
                self._places.append(place)
                prepared += f"${len(self._places)}"
                as_django += "%s"
        if missing := set(range(len(stand_ins))) - set(self._places):
            raise TypeError(f"{name} does not ask for its values {sorted(missing)} as they are")
        return Statement(name, prepared, as_django=as_django, goes_by_values=goes_by_values)

    def rows(self, values: tuple[Value, ...]) -> list[M]:
        if any(_is_nowhere(value) for value in values):
            return []
        found: list[Any] = self._statement.rows(*(values[place] for place in self._places))
        if self._converters and found:
            found = self._converted(found)
        return [self._row(row) for row in found]

    def count(self, values: tuple[Value, ...]) -> int:
        if any(_is_nowhere(value) for value in values):
            return 0
        ((number,),) = self._counting.rows(*(values[place] for place in self._places))
        return int(number)

    @cached_property
    def _counting(self) -> Statement:
        asked = self._statement
        sql, as_django = (f"SELECT count(*) FROM ({text}) AS counted" for text in (asked.sql, asked.as_django))
        return Statement(f"{asked.name}_count", sql, as_django=as_django)

    def _converted(self, found: list[Any]) -> list[Any]:
        alias = connections[DEFAULT_DB_ALIAS]
        rows = [list(row) for row in found]
        for place, (converters, column) in self._converters:
            for row in rows:
                value = row[place]
                for converter in converters:
                    value = converter(value, column, alias)
                row[place] = value
        return rows

    def _row(self, row: Any) -> M:
        one: M = self._model.from_db(DEFAULT_DB_ALIAS, self._fields, row[self._from : self._to])
        for related in self._related:
            related.populate(row, one)
        for name, place in self._annotations:
            setattr(one, name, row[place])
        return one


def _is_nowhere(value: Value) -> bool:
    """Whether no column can hold it, as addresses may ask for."""
    if isinstance(value, str):
        return "\0" in value
    return isinstance(value, int) and not -(2**63) <= value < 2**63


def _is_same(stand_in: Value, parameter: Any) -> bool:
    # Django's numbers for columns of one width are kinds of int.
    return isinstance(parameter, type(stand_in)) and bool(stand_in == parameter)

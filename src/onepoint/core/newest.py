"""The newest rows that meet some conditions, in a time that depends neither on how many rows there are nor on how many meet them.

The database has two ways: walk the rows from the newest on until enough were found, or find all that meet the conditions and
sort them. Which is fast depends on how often the conditions meet together, and that it can only guess; guessed wrong, it walks
a million rows to find that there is none. So the newest thousand are looked at one by one, then the newest ten thousand in the
way it thinks best; when these do not hold enough, the rest is rare and is found by index and sorted; and should it not be rare
after all, it is walked.

Where a model has an index that begins with the moment and includes further columns, conditions on these are looked up in that
index alone: it is so much narrower than the rows that the newest hundred thousand are looked through first. Other conditions,
such as what a reader may see, are asked only of the rows the index lets through.

How many are met among the newest ten thousand tells how rare they are. What hardly meets there is asked of an index of keys
(:func:`alone`), where there is one: it leaps from one key's rows to the next one's, however many there are of each.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.fields.array import ArrayOverlap  # type: ignore[attr-defined]  # absent from the stubs
from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connection, transaction
from django.db.models import (
    BigIntegerField,
    CharField,
    F,
    ForeignKey,
    Func,
    IntegerField,
    Model,
    QuerySet,
)
from django.db.models.expressions import Col, OrderBy, RawSQL
from django.db.models.fields.related_lookups import RelatedExact, RelatedIn
from django.db.models.lookups import Exact, In
from django.db.models.sql.where import AND, WhereNode

from onepoint.core import clock

M = TypeVar("M", bound=Model)
NEWEST = 10_000
#: So many are looked at row by row: what is frequent is found there at once, and no index is read for what it holds of old.
VERY_NEWEST = 1_000
#: So many entries of an index that holds all that is asked for are looked through as fast as the newest rows.
NEWEST_IN_INDEX = 100_000
#: With at most so many of them among ``NEWEST``, walking on is given up.
RARE = 2
#: With so many of them among ``NEWEST``, they are found wherever one begins to walk.
FREQUENT = 50
#: Rare rows are found and sorted within this time, or they are not rare; and then they are met soon by walking.
MILLISECONDS = 250
#: So long at first, before more of the newest are looked through.
BRIEFLY = 40
#: So many of the oldest of ``NEWEST_IN_INDEX`` tell how frequent a thing was before a burst of others.
SAMPLED = 2_000
#: Where the newest are spread over more weeks than this, the index of words is not asked for the weeks too.
MOST_WEEKS = 104
_WEEK_SECONDS = 604_800
#: How long the moment of the ten thousandth row is remembered; an older one only means that more are looked through.
REMEMBERED_SECONDS = 600

_floors: dict[tuple[type[Model], str, int], tuple[float, Any]] = {}


#: Reads the rows of some keys, in whatever order; a caller may know a faster way than the queryset (``core.compiled``).
ByKeys = Callable[[list[int]], list[M]]


def newest(
    rows: QuerySet[M],
    moment: str,
    *,
    start: int = 0,
    stop: int,
    has_weeks: bool = False,
    is_rare: bool = False,
    by_keys: ByKeys[M] | None = None,
) -> list[M]:
    """``rows`` from ``start`` to ``stop`` by the column ``moment``, the newest first, equal ones by id. One query or two.

    ``has_weeks`` tells that an index holds the :func:`week` of the moment beside what is looked for; ``is_rare`` that the
    conditions are hardly ever met, as those of a telephone number: then the newest are not looked through first.
    """
    ordered = rows.order_by(f"-{moment}", "-pk")
    if start >= NEWEST or _floor(rows.model, moment, NEWEST) is None:  # far back, or small enough for any plan
        return list(ordered[start:stop])
    as_lists = _asked_of_keys(rows)
    # Only the keys are sorted, not what is shown of the rows.
    by_index = (rows if as_lists is None else as_lists).order_by(_by_no_index(f"-{moment}"), "-pk")
    sorted_keys = by_index.values_list("pk", flat=True)[start:stop]
    if is_rare:
        return _of_keys(rows, _found(sorted_keys, ordered.values_list("pk", flat=True)[start:stop]), by_keys)
    if walk := _walk(rows, moment):
        return _of_keys(rows, _walked(walk, sorted_keys, start, stop, has_keys=as_lists is not None), by_keys)
    for some in _some_newest(rows, moment, start, stop, has_weeks=has_weeks):
        if by_keys is None and len(found := list(some)) == stop - start:
            return found
        if by_keys is not None and len(keys := list(some.values_list("pk", flat=True))) == stop - start:
            return _of_keys(rows, keys, by_keys)
    return _of_keys(rows, _found(sorted_keys, ordered.values_list("pk", flat=True)[start:stop]), by_keys)


def _walked(walk: "_Walk", sorted_keys: QuerySet[Any, int], start: int, stop: int, *, has_keys: bool) -> list[int]:
    """Along the index that holds what is asked, as deep as what is met there makes it worth while."""
    keys = list(walk.keys(start, stop, _floor(walk.model, walk.moment, NEWEST)))
    if len(keys) == stop - start:
        return keys
    if has_keys and start == 0 and len(keys) <= RARE and not _was_frequent(walk, stop):
        # Briefly: a burst of others may lie deeper, too.
        soon = _soon(sorted_keys, BRIEFLY)
        if soon is not None:
            return soon
    keys = list(walk.keys(start, stop, _floor(walk.model, walk.moment, NEWEST_IN_INDEX)))
    return keys if len(keys) == stop - start else _found(sorted_keys, walk.keys(start, stop, None))


def _was_frequent(walk: "_Walk", wanted: int) -> bool:
    """Whether so many are to be expected among ``NEWEST_IN_INDEX``, by a sample of the oldest of them.

    A burst of others, such as of a mass incident, may fill the newest ten thousand, and behind it these may be frequent.
    """
    floor = _floor(walk.model, walk.moment, NEWEST_IN_INDEX)
    if floor is None:
        return False
    ceiling = _floor(walk.model, walk.moment, NEWEST_IN_INDEX - SAMPLED)
    # Twice as many, for a sample of few says little.
    enough = math.ceil(2 * wanted * SAMPLED / NEWEST_IN_INDEX)
    return len(list(walk.keys(0, enough, floor, ceiling))) == enough


def _found(sorted_keys: QuerySet[Any, int], walking: Iterable[int]) -> list[int]:
    """The keys by finding all and sorting them; where these are many, by walking, which meets them soon then."""
    soon = _soon(sorted_keys)
    if soon is None:
        soon = _soon(walking)
    # Neither: this takes a while, but not as long as walking past every row there is.
    return list(sorted_keys) if soon is None else soon


def in_order(
    rows: QuerySet[M],
    order: Sequence[str],
    *,
    moment: str,
    start: int = 0,
    stop: int,
    by_keys: ByKeys[M] | None = None,
) -> list[M]:
    """``rows`` from ``start`` to ``stop`` in any other order (names of columns, as ``order_by`` takes them).

    Again there are two ways, walking an index of that order or finding and sorting; how many of the newest by ``moment`` meet
    the conditions tells which is tried first, and each gets its time.
    """
    ordered = rows.order_by(*order)
    floor = _floor(rows.model, moment, NEWEST)
    if floor is None or start >= NEWEST:
        return list(ordered[start:stop])
    as_lists = _asked_of_keys(rows)
    found_and_sorted = (rows if as_lists is None else as_lists).order_by(*map(_by_no_index, order))
    ways = [ordered, found_and_sorted]
    walk = _walk(rows, moment)
    if walk and len(list(walk.keys(0, FREQUENT, floor))) < FREQUENT:
        ways.reverse()
    for way in ways:
        keys = _soon(way.values_list("pk", flat=True)[start:stop])
        if keys is not None:
            return _of_keys(rows, keys, by_keys)
    return list(ordered[start:stop])


def _of_keys(rows: QuerySet[M], keys: list[int], by_keys: ByKeys[M] | None) -> list[M]:
    """The rows of keys just found among ``rows``, in the order of the keys."""
    if not keys:
        return []
    found = by_keys(keys) if by_keys else list(rows.filter(pk__in=keys))
    by_key = {row.pk: row for row in found}
    return [by_key[key] for key in keys if key in by_key]


class Alone(Func):
    """A column's value as a list of one."""

    template = "ARRAY[%(expressions)s]"

    def _resolve_output_field(self) -> ArrayField:
        column = self.get_source_fields()[0]
        is_number = isinstance(column, (ForeignKey, IntegerField))
        return ArrayField(BigIntegerField() if is_number else CharField())


def alone(column: str) -> Func:
    """A column's value as a list of one: of that an index of lists may hold it beside lists, and :func:`newest` asks it."""
    return Alone(F(column))


def week(moment: str) -> Func:
    """The week of a moment as a list of one: of that an index may hold it beside words."""
    return Func(
        F(moment),
        template=f"ARRAY[(EXTRACT(EPOCH FROM %(expressions)s AT TIME ZONE 'UTC') / {_WEEK_SECONDS})::integer]",
        output_field=ArrayField(IntegerField()),
    )


def some_keys(rows: QuerySet[Any], moment: str, most: int) -> tuple[str, list[Any]] | None:
    """The statement for the keys of at most so many rows, and its values, where an index holds conditions of theirs.

    Raises EmptyResultSet where no row can meet them.
    """
    walk = _walk(rows, moment) if moment else None
    return walk.statement(0, most, None) if walk else None


# --- by an index that holds what is asked for --------------------------------------------------------------------


@cache
def _covered(model: type[Model], moment: str) -> frozenset[str]:
    """The columns an index holds that begins with the newest moment; none where there is no such index."""
    indexes = [index for index in model._meta.indexes if index.fields[:1] == [f"-{moment}"]]
    return frozenset(_column(model, name) for index in indexes for name in index.include)


def _column(model: type[Model], field: str) -> str:
    return str(model._meta.get_field(field).column)  # type: ignore[union-attr]


def _columns(expression: Any) -> Iterator[tuple[str, str] | None]:
    """The tables and columns a condition asks about; None for what cannot be told, such as a subquery."""
    if isinstance(expression, Col):
        yield expression.alias, str(expression.target.column)
    elif hasattr(expression, "subquery") or isinstance(expression, RawSQL):
        yield None
    else:
        for part in expression.get_source_expressions() if hasattr(expression, "get_source_expressions") else ():
            yield from _columns(part)


@dataclass(frozen=True)
class _Walk:
    """Rows whose conditions are divided: what the index answers by itself, and what is asked of the rows then."""

    model: type[Model]
    moment: str
    by_index: WhereNode
    by_row: WhereNode

    def keys(self, start: int, stop: int, floor: Any, ceiling: Any = None) -> Iterator[int]:
        """Those of the rows that are not before ``floor`` nor after ``ceiling``: one statement, once they are asked for."""
        try:
            statement = self.statement(start, stop, floor, ceiling)
        except EmptyResultSet:
            return
        with connection.cursor() as cursor:
            cursor.execute(*statement)
            yield from [row[0] for row in cursor.fetchall()]

    def statement(self, start: int, stop: int, floor: Any, ceiling: Any = None) -> tuple[str, list[Any]]:
        entries = self._where(self.by_index).order_by(f"-{self.moment}", "-pk")
        if floor is not None:
            entries = entries.filter(**{f"{self.moment}__gte": floor})
        if ceiling is not None:
            entries = entries.filter(**{f"{self.moment}__lte": ceiling})
        sql, values = entries.values_list("pk", self.moment).query.sql_with_params()
        column = _column(self.model, self.moment)
        bounds = f"ORDER BY entry.{column} DESC, entry.pk DESC LIMIT {stop - start} OFFSET {start}"
        if not self.by_row.children:
            return f"SELECT entry.pk FROM ({sql}) AS entry {bounds}", list(values)
        met, more = self._where(self.by_row).filter(pk=RawSQL("entry.pk", [])).values("pk").query.sql_with_params()
        return f"SELECT entry.pk FROM ({sql}) AS entry, LATERAL ({met}) AS met {bounds}", [*values, *more]

    def _where(self, conditions: WhereNode) -> QuerySet[Any]:
        found = self.model._default_manager.order_by()
        found.query.where = conditions.clone()
        return found


def _walk(rows: QuerySet[Any], moment: str) -> _Walk | None:
    """None where no index holds any condition, or the rows are more than one table's with conditions that all hold."""
    model: type[Model] = rows.model
    covered, where, table = _covered(model, moment), rows.query.where, model._meta.db_table
    if not covered or where.connector != AND or where.negated or rows.query.annotations or rows.query.is_sliced:
        return None
    by_index, by_row = WhereNode(), WhereNode()
    for condition in where.children:
        columns = list(_columns(condition))
        if any(column is None or column[0] != table for column in columns):
            return None
        held = columns and all(
            column is not None and column[1] in {*covered, _column(model, moment)} for column in columns
        )
        (by_index if held else by_row).children.append(condition)
    if not by_index.children:
        return None
    return _Walk(model, moment, by_index, by_row)


# --- by an index of keys ----------------------------------------------------------------------------------------


@cache
def _held_alone(model: type[Model]) -> frozenset[str]:
    """The columns an index of lists holds as lists of one."""
    held = [part for index in model._meta.indexes for part in index.expressions if isinstance(part, Alone)]
    return frozenset(_column(model, part.get_source_expressions()[0].name) for part in held)


def _asked_of_keys(rows: QuerySet[M]) -> QuerySet[M] | None:
    """The same rows, with conditions on single columns put as the index of keys holds them; None where it holds none."""
    held, where = _held_alone(rows.model), rows.query.where
    conditions = [_put_as_list(condition, held) for condition in where.children]
    if where.connector != AND or where.negated or conditions == where.children:
        return None
    found = rows.all()
    found.query.where = WhereNode(conditions)
    return found


def _put_as_list(condition: Any, held: frozenset[str]) -> Any:
    is_one = isinstance(condition, (Exact, RelatedExact))
    if not (is_one or isinstance(condition, (In, RelatedIn))) or not condition.rhs_is_direct_value():
        return condition
    if not isinstance(condition.lhs, Col) or condition.lhs.target.column not in held:
        return condition
    values = [condition.rhs] if is_one else list(condition.rhs)
    return ArrayOverlap(Alone(condition.lhs), values) if values else condition


# --- by the rows ---------------------------------------------------------------------------------------------------


class _ByRow(WhereNode):
    """Conditions that are asked of each row; no index is looked at for them."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        sql, values = super().as_sql(compiler, connection)
        return (f"({sql}) IS TRUE" if sql else sql), values


def asked_of_rows(rows: QuerySet[M]) -> QuerySet[M]:
    """The same rows, whose conditions up to here are asked of each row, and of no index.

    For what a reader may see, before a number is looked for: the database cannot know how rare that is, and would rather
    collect everything the reader may see, only to find the seven rows of the number among it.
    """
    found = rows.all()
    if found.query.where.children:
        found.query.where = WhereNode([_ByRow([found.query.where])])
    return found


def _some_newest(rows: QuerySet[M], moment: str, start: int, stop: int, *, has_weeks: bool) -> Iterator[QuerySet[M]]:
    """Those among the very newest, looked at one by one; then those among the newest."""
    ordered = rows.order_by(f"-{moment}", "-pk")
    very_newest = _floor(rows.model, moment, VERY_NEWEST)
    if very_newest is not None and start < VERY_NEWEST:
        yield asked_of_rows(ordered).filter(**{f"{moment}__gte": very_newest})[start:stop]
    floor = _floor(rows.model, moment, NEWEST)
    of_weeks = _of_weeks(rows, moment, floor) if has_weeks else None
    yield (ordered.filter(**{f"{moment}__gte": floor}) if of_weeks is None else of_weeks)[start:stop]


def _of_weeks(rows: QuerySet[M], moment: str, floor: datetime) -> QuerySet[M] | None:
    """The rows of the weeks since ``floor``, by index and sorted; None where these are many.

    To two weeks from now, for clocks differ.
    """
    first, last = int(floor.timestamp()) // _WEEK_SECONDS, int(clock.now().timestamp()) // _WEEK_SECONDS + 2
    if last - first > MOST_WEEKS:
        return None
    recent = rows.alias(in_week=week(moment)).filter(in_week__overlap=[*range(first, last + 1)])
    return recent.order_by(_by_no_index(f"-{moment}"), "-pk")  # type: ignore[return-value]  # the stubs forget the model


def _by_no_index(name: str) -> OrderBy:
    """The same order, which no index has for the database: that of a question for the column."""
    column = Func(F(name.removeprefix("-")), template="(SELECT %(expressions)s)")
    return column.desc() if name.startswith("-") else column.asc()


def _soon(keys: Iterable[int], milliseconds: int = 0) -> list[int] | None:
    """The keys, or None where finding them takes too long."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {milliseconds or MILLISECONDS}")
            found = list(keys)
            cursor.execute("SET LOCAL statement_timeout = 0")
    except OperationalError:
        return None
    return found


def _floor(model: type[Model], moment: str, depth: int) -> Any:
    """The moment of the row ``depth`` rows behind the newest; None where there are fewer."""
    until, floor = _floors.get((model, moment, depth), (0.0, None))
    if time.monotonic() >= until:
        moments = model._default_manager.order_by(f"-{moment}").values_list(moment, flat=True)
        floor = next(iter(moments[depth : depth + 1]), None)
        _floors[model, moment, depth] = (time.monotonic() + REMEMBERED_SECONDS, floor)
    return floor

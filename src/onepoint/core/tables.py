"""List pages: an allow-list of sort orders, filters from a form, and paging without counting the table."""

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connection, transaction
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise

from onepoint.core import stamped
from onepoint.core.models import ChosenColumns
from onepoint.core.newest import ByKeys, in_order, newest, some_keys

M = TypeVar("M", bound=Model)
PAGE_SIZES = (20, 50, 100)
#: The pager says "1000+" past this; counting further would be proportional to history.
COUNT_CAP = 1000
#: A total is an ornament: what cannot be counted in this time is left open.
COUNT_MILLISECONDS = 10
#: How long a list that proved too long to count is taken to be so, and how many such lists a process remembers.
REMEMBERED_SECONDS = 600
MOST_REMEMBERED = 2000

#: Totals of lists too long to count, by statement and values: until when they hold, and the total (None: not found in time).
_too_many: dict[tuple[str, str], tuple[float, int | None]] = {}


@dataclass(frozen=True)
class Column:
    """One column of a list. ``order`` names the database fields it sorts by (empty: not sortable).

    Where people choose the columns of a list, ``cell`` draws a row's cell (``{% row_cells page row %}``), and those that
    are not ``is_usual`` appear only when chosen.
    """

    key: str
    label: str | Promise
    order: tuple[str, ...] = ()
    css: str = ""
    cell: Callable[[Any], Any] | None = None
    is_usual: bool = True


@dataclass
class Page(Generic[M]):
    """One page of rows with what the pager needs."""

    rows: list[M]
    columns: Sequence[Column]
    number: int
    size: int
    has_next: bool
    total: int  # up to COUNT_CAP
    total_is_capped: bool
    sort: str  # "" or a column key, "-key" for descending
    parameters: QueryDict = field(default_factory=QueryDict)

    @property
    def first_index(self) -> int:
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last_index(self) -> int:
        return (self.number - 1) * self.size + len(self.rows)

    def query(self, **changes: Any) -> str:
        """The query string of this page with some parameters changed (None removes one)."""
        parameters = self.parameters.copy()
        for key, value in changes.items():
            if value is None:
                parameters.pop(key, None)
            else:
                parameters[key] = str(value)
        return parameters.urlencode()


def _positive(text: str | None, default: int, highest: int) -> int:
    try:
        return min(max(int(text or default), 1), highest)
    except ValueError:
        return default


def sort_order(columns: Sequence[Column], wanted: str, default: str, tie: str = "pk") -> tuple[str, list[str]]:
    """The accepted sort key and its ``order_by`` fields; anything not on the allow-list falls back to the default.

    ``tie`` decides between equal rows: of figures over other rows, what they are grouped by.
    """
    for candidate in (wanted, default):
        descending, key = candidate.startswith("-"), candidate.lstrip("-")
        column = next((column for column in columns if column.key == key and column.order), None)
        if column:
            flip = {True: lambda name: name[1:] if name.startswith("-") else f"-{name}", False: lambda name: name}
            fields = [flip[descending](name) for name in column.order]
            tie_break = f"-{tie}" if fields[0].startswith("-") else tie
            return candidate, [*fields, tie_break]
    return "", [f"-{tie}"]


def capped_count(queryset: QuerySet, cap: int, moment: str = "", milliseconds: int = COUNT_MILLISECONDS) -> int | None:
    """How many rows there are, up to one more than ``cap``; None where finding out would take too long.

    ``moment`` names the column the rows are listed by where an index by it may hold what they are narrowed to.
    """
    try:
        return _counted(*_keys_statement(queryset, cap, moment), milliseconds)
    except EmptyResultSet:
        return 0


def _keys_statement(queryset: QuerySet, cap: int, moment: str) -> tuple[str, Sequence[Any]]:
    rows = queryset.order_by()
    if rows.query.default_cols and rows.query.group_by is None and not rows.query.combinator:
        rows = rows.values("pk")  # without what is joined only to be shown
    return some_keys(queryset, moment, cap + 1) or rows[: cap + 1].query.sql_with_params()


def _counted(sql: str, parameters: Sequence[Any], milliseconds: int = COUNT_MILLISECONDS) -> int | None:
    """One round trip: the server takes each of the three statements for one of its own, with a limit for the second."""
    bounded = f"SET LOCAL statement_timeout = {milliseconds}; SELECT count(*) FROM ({sql}) AS rows_"
    try:
        # Inside a transaction a failed count must not end it; alone, the three are a transaction by themselves.
        inside = transaction.atomic() if connection.in_atomic_block else nullcontext()
        with inside, connection.cursor() as cursor:
            cursor.execute(f"{bounded}; SET LOCAL statement_timeout = 0", parameters)
            cursor.nextset()
            return int(cursor.fetchone()[0])
    except OperationalError:
        return None


def _total(queryset: QuerySet, moment: str) -> int | None:
    """As :func:`capped_count`, for a pager: what was too long to count a while ago still is, as far as it tells."""
    try:
        sql, parameters = _keys_statement(queryset, COUNT_CAP, moment)
    except EmptyResultSet:
        return 0
    asked, now = (sql, repr(parameters)), time.monotonic()
    until, total = _too_many.get(asked, (0.0, None))
    if now < until:
        return total
    total = _counted(sql, parameters)
    if total is None or total > COUNT_CAP:
        if len(_too_many) >= MOST_REMEMBERED:
            _too_many.clear()
        _too_many[asked] = now + REMEMBERED_SECONDS, total
    return total


def make_page(
    queryset: QuerySet[M],
    columns: Sequence[Column],
    parameters: QueryDict,
    *,
    default_sort: str = "",
    tie: str = "pk",
    moment: str = "",
    read: Callable[[tuple[str, ...], int, int], list[M] | None] | None = None,
    by_keys: ByKeys[M] | None = None,
    known_total: int | None = None,
) -> Page[M]:
    """Evaluate one page: at most two queries (rows; a count capped at ``COUNT_CAP`` where there are more rows).

    ``moment`` names the column by which a large table is usually listed, the newest first: see ``core.newest``, also for
    ``by_keys``; there the rows may take one query more.
    ``read`` may know a faster way to the rows in an order from one place to another; None where it has none.
    ``known_total`` spares the count.
    ``parameters`` (``request.GET``) gives ``sort``, ``page`` and ``size``; bad values fall back silently.
    """
    size = _positive(parameters.get("size"), 50, max(PAGE_SIZES))
    number = _positive(parameters.get("page"), 1, 100_000)
    sort, order = sort_order(columns, parameters.get("sort", ""), default_sort, tie)
    start = (number - 1) * size
    if moment and order == [f"-{moment}", "-pk"]:
        rows = newest(queryset, moment, start=start, stop=start + size + 1, by_keys=by_keys)
    elif moment:
        rows = in_order(queryset, order, moment=moment, start=start, stop=start + size + 1, by_keys=by_keys)
    else:
        read_rows = read(tuple(order), start, start + size + 1) if read else None
        rows = list(queryset.order_by(*order)[start : start + size + 1]) if read_rows is None else read_rows
    has_next = len(rows) > size
    rows = rows[:size]
    total = start + len(rows)
    is_known = True
    if has_next or (number > 1 and not rows):
        count = _total(queryset, moment) if known_total is None else known_total
        total, is_known = (total, False) if count is None else (count, True)
    return Page(
        rows=rows,
        columns=columns,
        number=number,
        size=size,
        has_next=has_next,
        total=max(min(total, COUNT_CAP), start + len(rows)),
        total_is_capped=total > COUNT_CAP or not is_known,
        sort=sort,
        parameters=parameters.copy(),
    )


# --- columns people choose --------------------------------------------------------------------------------------

MOST_COLUMNS = 16


def named_columns(columns: Sequence[Column], keys: Sequence[str]) -> list[Column]:
    """The columns with these keys, in this order; unknown keys are passed over, and with none left the usual ones."""
    by_key = {column.key: column for column in columns}
    chosen = [by_key[key] for key in dict.fromkeys(keys) if key in by_key]
    return chosen[:MOST_COLUMNS] or [column for column in columns if column.is_usual]


def chosen_keys(*list_codes: str, actor_id: int) -> dict[str, list[str]]:
    """The columns a person chose, by list; one query where they are not kept."""

    def find() -> dict[str, list[str]]:
        chosen = ChosenColumns.objects.filter(actor_id=actor_id, list_code__in=list_codes)
        return dict(chosen.values_list("list_code", "columns"))

    return stamped.kept("lists", ("columns", actor_id, list_codes), find)


def choose_columns(list_code: str, keys: Sequence[str], *, actor_id: int) -> None:
    """Keep a person's columns of a list; no keys at all: the usual ones again. Not journaled: it concerns only the person."""
    if keys:
        ChosenColumns.objects.update_or_create(
            actor_id=actor_id, list_code=list_code, defaults={"columns": list(dict.fromkeys(keys))[:MOST_COLUMNS]}
        )
    else:
        ChosenColumns.objects.filter(actor_id=actor_id, list_code=list_code).delete()

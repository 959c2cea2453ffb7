"""Reads of measures, always in the reader's reach."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from os.path import commonprefix
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, DateField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, Trunc
from django.urls import reverse

from onepoint.accounts.models import User
from onepoint.accounts.scope import scope_of
from onepoint.analytics.dimensions import DIMENSIONS, EXACTLY, NONE, Dimension
from onepoint.analytics.measures import MEASURES, SOURCE_OF, Measure
from onepoint.analytics.models import (
    HOUSE,
    HOUSE_PLACE,
    MONTH_GROUPINGS,
    MONTH_PLACE,
    Fact,
    Figure,
    MonthFigure,
    Progress,
    SavedView,
)
from onepoint.analytics.periods import Period, Step, beginning, column_label, columns, whole_months
from onepoint.channels.models import Contact
from onepoint.core import reading
from onepoint.core.text import whole_number
from onepoint.tickets.models import Ticket

#: Rows shown; the file has all.
MOST_ROWS = 200
PARTS = ("all", "counted", "rest")


@dataclass(frozen=True)
class Choice:
    """What somebody wants to see. ``filters`` are values of dimensions, as they stand in the address."""

    measures: tuple[str, ...]
    rows: str
    step: str
    period: Period
    filters: Mapping[str, str] = field(default_factory=dict)

    @property
    def chosen_measures(self) -> list[Measure]:
        return [MEASURES[code] for code in self.measures]

    def address(self, **changes: Any) -> str:
        """The query string of this choice, with some of it changed."""
        one = replace(self, **changes)
        pairs: list[tuple[str, str]] = [("measure", code) for code in one.measures]
        pairs += [
            ("rows", one.rows),
            ("step", one.step),
            ("since", str(one.period.since)),
            ("until", str(one.period.until)),
        ]
        return urlencode([*pairs, *one.filters.items()])


Sums = Mapping[str, int]


@dataclass(frozen=True)
class Cell:
    """One figure: how many count, out of how many, and where they are listed."""

    measure: Measure
    count: int
    base: int
    url: str = ""

    @property
    def share(self) -> float | None:
        """Of a share, in percent; None where there is nothing it could be a share of."""
        return 100 * self.count / self.base if self.measure.is_share and self.base else None

    @property
    def number(self) -> float | None:
        """What is drawn."""
        return self.share if self.measure.is_share else float(self.count)


@dataclass(frozen=True)
class Compared:
    """A figure of the whole period beside that of the period before."""

    cell: Cell
    before: Cell

    @property
    def change(self) -> float | None:
        """In points of a share, in percent of a count; None where one of the two is missing."""
        now, then = self.cell.number, self.before.number
        if now is None or then is None or (not self.cell.measure.is_share and not then):
            return None
        return now - then if self.cell.measure.is_share else 100 * (now - then) / then

    @property
    def tone(self) -> str:
        """Whether the change is good or bad."""
        change, better = self.change, self.cell.measure.better
        if not change or not better or abs(change) < 0.05:
            return ""
        return "good" if (change > 0) == (better == "more") else "bad"


@dataclass
class Row:
    """One line of the table: sums by beginning of a step, and before the period."""

    key: str  # as it stands in a filter; "" for the line of all
    label: str
    by_start: dict[date, dict[str, int]]
    before: dict[str, int]
    url: str = ""  # the same table one level down

    @property
    def total(self) -> dict[str, int]:
        total: dict[str, int] = defaultdict(int)
        for sums in self.by_start.values():
            for name, count in sums.items():
                total[name] += count
        return total


@dataclass
class Table:
    """What the page shows."""

    choice: Choice
    starts: list[tuple[date, Period, str]]
    rows: list[Row]
    all: Row
    is_cut: bool

    def cell(self, row: Row, measure: Measure, start: date | None = None) -> Cell:
        """One figure of a line, in one step or in the whole period."""
        sums = row.total if start is None else row.by_start.get(start, {})
        period = self.choice.period if start is None else next(p for s, p, _label in self.starts if s == start)
        filters = dict(self.choice.filters)
        if row.key:
            filters[self.choice.rows] = row.key
        url = f"{reverse('measured-events')}?{self.choice.address(measures=(measure.code,), period=period, filters=filters)}"
        return _cell(measure, sums, url)

    def compared(self, row: Row, measure: Measure) -> Compared:
        return Compared(self.cell(row, measure), _cell(measure, row.before))


def _cell(measure: Measure, sums: Sums, url: str = "") -> Cell:
    return Cell(measure, sums.get(measure.of, 0), sums.get(measure.out_of, 0) if measure.out_of else 0, url)


def conditions(filters: Mapping[str, str]) -> Q:
    """What filters ask of facts and figures; what cannot be read finds nothing."""
    wanted = Q()
    for key, value in filters.items():
        condition = DIMENSIONS[key].condition(value)
        wanted &= Q(pk__in=[]) if condition is None else condition
    return wanted


def _rows_of(choice: Choice, period: Period, visible_to: User) -> QuerySet:
    """Figures; where people are asked about, which no figure knows, facts."""
    model = Fact if choice.rows == "person" or "person" in choice.filters else Figure
    rows = model.objects.visible_to(visible_to).filter(day__range=(period.since, period.until))
    return reading.for_report(rows.filter(conditions(choice.filters)))


def _bucket(choice: Choice) -> Any:
    """The beginning of the step a day lies in; null before the period."""
    whole = choice.step == Step.WHOLE
    start: Any = Value(choice.period.since) if whole else Trunc("day", choice.step, output_field=DateField())
    return Cast(Case(When(day__lt=choice.period.since, then=None), default=start), DateField())


def rows_by_step(choice: Choice, *, visible_to: User) -> QuerySet:
    """What a choice counts day by day, each row with the beginning of its step as ``bucket``."""
    return _rows_of(choice, choice.period, visible_to).order_by().annotate(bucket=_bucket(choice))


def _counters(measures: list[Measure]) -> list[str]:
    return sorted({name for measure in measures for name in measure.counters})


def _grouping_of_months(choice: Choice, columns_asked: Iterable[str], visible_to: User) -> str | None:
    """Which figures of months tell what is asked; None where none does."""
    asked = {*columns_asked, *(DIMENSIONS[key].column for key in choice.filters)}
    beside = asked - set(MONTH_PLACE)
    grouping = next(iter(beside), "")
    if len(beside) > 1 or grouping not in MONTH_GROUPINGS:
        return None
    has_place = asked & (set(MONTH_PLACE) - set(HOUSE_PLACE))
    sees_all = not has_place and scope_of(visible_to, "measure.view").everything
    return f"{HOUSE}{grouping}" if sees_all else grouping


def _spans_of_months(choice: Choice) -> list[Period]:
    """Whole months within the period before and, where no step cuts through a month, within the period."""
    cut = choice.step not in (Step.WHOLE, Step.MONTH, Step.QUARTER)
    spans = [choice.period.before, *([] if cut else [choice.period])]
    return [months for span in spans if (months := whole_months(span)) is not None]


def _within(periods: list[Period]) -> Q:
    wanted = Q()
    for period in periods:
        wanted |= Q(day__range=(period.since, period.until))
    return wanted


def _sums_by_step(choice: Choice, column: str, names: list[str], *, visible_to: User) -> list[dict[str, Any]]:
    """Sums by a column ("" is none) and step, of the period and the one before; a line may come in several parts.

    Whole months are read from their own roll-up and only the rest day by day. One statement, so that both are of one moment.
    """
    wanted = Period(choice.period.before.since, choice.period.until)
    asked = [column] if column else []
    sums = {f"sum_{name}": Sum(name) for name in names}

    def summed(rows: QuerySet) -> QuerySet:
        return rows.order_by().annotate(bucket=_bucket(choice)).values(*asked, "bucket").annotate(**sums)

    grouping, months = _grouping_of_months(choice, asked, visible_to), _spans_of_months(choice)
    if grouping is None or not months:
        return list(summed(_rows_of(choice, wanted, visible_to)))
    figures = MonthFigure.objects.visible_to(visible_to).filter(_within(months), grouped_by=grouping)
    by_month = summed(reading.for_report(figures.filter(conditions(choice.filters))))
    rest = wanted.without(months)
    if not rest:
        return list(by_month)
    return list(by_month.union(summed(_rows_of(choice, wanted, visible_to).filter(_within(rest))), all=True))


def find_table(choice: Choice, *, visible_to: User) -> Table:
    """The figures of a choice and of the period before: two queries, one for figures and one for names."""
    measures = choice.chosen_measures
    dimension = DIMENSIONS[choice.rows]
    names = _counters(measures)
    found = _sums_by_step(choice, dimension.column, names, visible_to=visible_to)
    place = _grouping(dimension, {line[dimension.column] for line in found}, choice)
    whole = Row("", "", {}, {})
    by_key: dict[Any, Row] = {}
    for line in found:
        key, value = place(line[dimension.column])
        row = by_key.setdefault(key, Row(value, "", {}, {}))
        for target in (row, whole):
            sums = target.before if line["bucket"] is None else target.by_start.setdefault(line["bucket"], {})
            for name in names:
                sums[name] = sums.get(name, 0) + line[f"sum_{name}"]
    _name(by_key, dimension, choice)
    first = measures[0]
    shown = [row for row in by_key.values() if any(row.total.values()) or any(row.before.values())]
    ordered = sorted(shown, key=lambda row: (-row.total[first.out_of or first.of], row.label))
    starts = [
        (start, period, column_label(start, choice.step)) for start, period in columns(choice.period, choice.step)
    ]
    return Table(choice, starts, ordered[:MOST_ROWS], whole, len(ordered) > MOST_ROWS)


def _grouping(dimension: Dimension, leaves: set[Any], choice: Choice) -> Any:
    """Gives, for a value of a column, the id of the line it stands in and the value by which it is filtered.

    In a tree these are the nodes right below the one chosen, or below the lowest one that all have in common.
    """
    if not dimension.is_tree:
        return lambda leaf: (leaf, str(leaf) if leaf not in (None, "") else NONE)
    paths = dimension.paths()
    known = {leaf: paths[leaf].strip("/").split("/") for leaf in leaves if leaf in paths}
    depth = _common_depth(list(known.values()))
    chosen = whole_number(choice.filters.get(dimension.key, ""))
    if chosen in paths:
        depth = max(depth, len(paths[chosen].strip("/").split("/")))

    def place(leaf: Any) -> tuple[Any, str]:
        parts = known.get(leaf)
        if parts is None:
            return leaf, NONE if leaf is None else f"{leaf}{EXACTLY}"
        if len(parts) <= depth:
            return f"{leaf}{EXACTLY}", f"{leaf}{EXACTLY}"
        return int(parts[depth]), parts[depth]

    return place


def _common_depth(paths: list[list[str]]) -> int:
    """How many nodes all paths begin with; of a single path all but the last."""
    if not paths:
        return 0
    common = len(commonprefix(paths))
    return common - 1 if all(len(path) == common for path in paths) else common


def _name(by_key: dict[Any, Row], dimension: Dimension, choice: Choice) -> None:
    """Give the lines their names, and those that have something below them the way there."""
    labels = dimension.labels({_id_of(row, key, dimension) for key, row in by_key.items()} - {None, ""})
    paths = dimension.paths().values() if dimension.is_tree else ()
    parents = {path.strip("/").split("/")[-2] for path in paths if path.count("/") > 2}
    for key, row in by_key.items():
        row.label = dimension.label_of(_id_of(row, key, dimension), labels)
        if row.key in parents:
            row.url = f"{reverse('measure-table')}?{choice.address(filters={**choice.filters, dimension.key: row.key})}"


def _id_of(row: Row, key: Any, dimension: Dimension) -> Any:
    """What a line stands for: the id of a row, a choice, or nothing."""
    if row.key == NONE:
        return None
    return key if dimension.model is None else int(row.key.removesuffix(EXACTLY))


def filter_labels(filters: Mapping[str, str]) -> dict[str, str]:
    """How the values of filters are called, for the form and the drill-down; one query for each that is a row."""
    found = {}
    for key, value in filters.items():
        dimension = DIMENSIONS[key]
        plain = value.removesuffix(EXACTLY)
        number = whole_number(plain) if dimension.model is not None else None
        pk: Any = None if value == NONE else value if number is None else number
        found[key] = dimension.label_of(pk, dimension.labels({pk} - {None}))
    return found


# --- over time --------------------------------------------------------------------------------------------------


def find_trend(
    measures: list[Measure], period: Period, step: str, *, visible_to: User
) -> tuple[list[Sums], Sums, Sums]:
    """Sums of every step of a period, of all of it, and of the period before, over everything a person may count: one query."""
    choice = Choice(tuple(measure.code for measure in measures), "channel", step, period)
    names = _counters(measures)
    by_start: dict[date | None, dict[str, int]] = {}
    for line in _sums_by_step(choice, "", names, visible_to=visible_to):
        sums = by_start.setdefault(line["bucket"], dict.fromkeys(names, 0))
        for name in names:
            sums[name] += line[f"sum_{name}"]
    steps: list[Sums] = [by_start.get(start, {}) for start, _days in columns(period, step)]
    total = {name: sum(one.get(name, 0) for one in steps) for name in names}
    return steps, total, by_start.get(None, {})


def cell_of(measure: Measure, sums: Sums, url: str = "") -> Cell:
    """A figure out of sums."""
    return _cell(measure, sums, url)


# --- the very events --------------------------------------------------------------------------------------------


def find_events(choice: Choice, part: str, *, visible_to: User) -> QuerySet[Fact]:
    """The events a figure counts (``counted``), is a share of (``all``), or leaves out (``rest``)."""
    measure = choice.chosen_measures[0]
    period = choice.period
    rows = Fact.objects.visible_to(visible_to).filter(
        conditions(choice.filters), day__range=(period.since, period.until)
    )
    if part == "counted" or not measure.out_of:
        rows = rows.filter(**{f"{measure.of}__gt": 0})
    else:
        rows = rows.filter(**{f"{measure.out_of}__gt": 0})
        if part == "rest":
            rows = rows.filter(**{measure.of: 0})
    source = SOURCE_OF[measure.of if part == "counted" or not measure.out_of else measure.out_of]
    return reading.for_report(rows.filter(source=source))


def with_subjects(events: list[Fact], *, visible_to: User) -> list[Fact]:
    """Give each event its ticket or contact, where the reader may see that: ``subject`` is None elsewhere. Two queries."""
    tickets = {event.ticket_id for event in events if event.ticket_id}
    contacts = {event.contact_id for event in events if event.contact_id}
    seen: dict[tuple[str, int], Any] = {}
    if tickets:
        for ticket in Ticket.objects.visible_to(visible_to).with_labels().filter(pk__in=tickets):
            seen["ticket", ticket.pk] = ticket
    if contacts:
        for contact in Contact.objects.visible_to(visible_to).filter(pk__in=contacts):
            seen["contact", contact.pk] = contact
    for event in events:
        key = ("ticket", event.ticket_id) if event.ticket_id else ("contact", event.contact_id or 0)
        event.subject = seen.get(key)  # type: ignore[attr-defined]
    return events


def progress() -> Progress | None:
    """How far the measures have come."""
    return Progress.objects.first()


def views_of(user: User) -> QuerySet[SavedView]:
    return SavedView.objects.filter(owner=user)


def find_view(pk: int, *, owner: User) -> SavedView | None:
    return views_of(owner).filter(pk=pk).first()


def usual_period(today: date) -> Period:
    """This month and the two before it."""
    first = today.replace(day=1)
    for _count in range(2):
        first = beginning(date.fromordinal(first.toordinal() - 1), Step.MONTH)
    return Period(first, today)

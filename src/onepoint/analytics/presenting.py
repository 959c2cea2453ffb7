"""Figures as pages show them: a table with its charts, tiles with small lines."""

from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from onepoint.analytics.charts import Chart, bar_chart, line_chart, sparkline
from onepoint.analytics.measures import MEASURES, OVERVIEW, Measure
from onepoint.analytics.periods import Period, Step, column_label, columns
from onepoint.analytics.queries import Cell, Choice, Compared, Row, Sums, Table, cell_of

#: Days of the overview → the step of its small lines.
SPANS = {7: Step.DAY, 30: Step.DAY, 90: Step.WEEK, 365: Step.MONTH}


def words_of(cell: Cell) -> str:
    """A figure in words: "92.3 % (12 of 13)", "12", or a dash."""
    if not cell.measure.is_share:
        return number_format(cell.count, use_l10n=True, force_grouping=True)
    if cell.share is None:
        return "—"
    told = {"share": f"{cell.share:.1f}", "count": cell.count, "base": cell.base}
    return _("%(share)s %% (%(count)s of %(base)s)") % told


@dataclass(frozen=True)
class Line:
    """A line of a table with its cells and, at the end, the whole period beside the one before."""

    row: Row
    cells: list[Cell]
    whole: Compared | None = None


@dataclass(frozen=True)
class Block:
    """One measure over time: its chart and its lines."""

    measure: Measure
    chart: Chart
    lines: list[Line]
    all: Line


def block_of(table: Table, measure: Measure) -> Block:
    """A measure by steps of the period."""

    def line(row: Row) -> Line:
        cells = [table.cell(row, measure, start) for start, _period, _label in table.starts]
        return Line(row, cells, table.compared(row, measure))

    whole = line(table.all)
    points = [
        (label, cell.number, f"{label}: {words_of(cell)}")
        for (_start, _period, label), cell in zip(table.starts, whole.cells, strict=True)
    ]
    return Block(measure, line_chart(points, is_share=measure.is_share), [line(row) for row in table.rows], whole)


@dataclass(frozen=True)
class WholeLine:
    """A line of the table of the whole period: each measure beside the period before."""

    row: Row
    figures: list[Compared]


def whole_lines(table: Table) -> tuple[list[WholeLine], WholeLine]:
    """All measures over the whole period, by line, and for all."""
    measures = table.choice.chosen_measures

    def line(row: Row) -> WholeLine:
        return WholeLine(row, [table.compared(row, measure) for measure in measures])

    return [line(row) for row in table.rows], line(table.all)


def bars_of(table: Table, measure: Measure) -> Chart:
    """A measure over the whole period, a bar for each line."""
    cells = [(row, table.cell(row, measure)) for row in table.rows]
    bars = [(row.label, cell.number, f"{row.label}: {words_of(cell)}") for row, cell in cells]
    return bar_chart(bars, is_share=measure.is_share)


@dataclass(frozen=True)
class Tile:
    """One measure of the overview."""

    measure: Measure
    figure: Compared
    path: str
    trend: str  # the small line in words, for those who do not see it


def tiles(period: Period, step: str, steps: list[Sums], total: Sums, before: Sums) -> list[Tile]:
    """The measures of the overview with their small lines."""
    labels = [column_label(start, step) for start, _days in columns(period, step)]
    found = []
    for code in OVERVIEW:
        measure = MEASURES[code]
        points = [cell_of(measure, sums) for sums in steps]
        spoken = ", ".join(f"{label} {words_of(cell)}" for label, cell in zip(labels, points, strict=True))
        by_step = step if step != Step.DAY else Step.WEEK
        address = Choice((code,), "unit", by_step, period).address()
        url = f"{reverse('measure-table')}?{address}"
        figure = Compared(cell_of(measure, total, url), cell_of(measure, before))
        found.append(Tile(measure, figure, sparkline([cell.number for cell in points]), spoken))
    return found


def last_days(days: int, period_end: Period) -> Period:
    """So many days up to and with the end of a period."""
    return Period(period_end.until - timedelta(days=days - 1), period_end.until)

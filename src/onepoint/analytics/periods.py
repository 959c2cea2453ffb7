"""Periods of measures: steps, their beginnings, and the period before."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

#: More columns than this nobody reads; the step becomes coarser.
MOST_COLUMNS = 53


class Step(models.TextChoices):
    WHOLE = "whole", _("the whole period")
    DAY = "day", _("by day")
    WEEK = "week", _("by week")
    MONTH = "month", _("by month")
    QUARTER = "quarter", _("by quarter")


_COARSER = {Step.DAY: Step.WEEK, Step.WEEK: Step.MONTH, Step.MONTH: Step.QUARTER, Step.QUARTER: Step.WHOLE}


@dataclass(frozen=True)
class Period:
    """Days from ``since`` to ``until``, both counted."""

    since: date
    until: date

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def before(self) -> "Period":
        """As many days right before it; before a whole month the whole month before."""
        last = self.since - timedelta(days=1)
        if self.since.day == 1 and (self.until + timedelta(days=1)).day == 1:
            months = (self.until.year - self.since.year) * 12 + self.until.month - self.since.month + 1
            return Period(_months_later(self.since, -months), last)
        return Period(self.since - timedelta(days=self.days), last)

    def without(self, parts: "list[Period]") -> "list[Period]":
        """The days of this period that lie in none of the parts, which follow each other and lie within."""
        found, since = [], self.since
        for part in parts:
            if since < part.since:
                found.append(Period(since, part.since - timedelta(days=1)))
            since = part.until + timedelta(days=1)
        return [*found, *([Period(since, self.until)] if since <= self.until else [])]

    def label(self) -> str:
        return f"{self.since:%Y-%m-%d} – {self.until:%Y-%m-%d}"


def _months_later(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def beginning(day: date, step: str) -> date:
    """The first day of the day's week (Monday), month or quarter."""
    match step:
        case Step.WEEK:
            return day - timedelta(days=day.weekday())
        case Step.MONTH:
            return day.replace(day=1)
        case Step.QUARTER:
            return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        case _:
            return day


def _next(start: date, step: str) -> date:
    match step:
        case Step.WEEK:
            return start + timedelta(days=7)
        case Step.MONTH:
            return _months_later(start, 1)
        case Step.QUARTER:
            return _months_later(start, 3)
        case _:
            return start + timedelta(days=1)


def fitting_step(step: str, period: Period) -> str:
    """The step, or a coarser one where there were too many columns."""
    while step != Step.WHOLE and len(columns(period, step)) > MOST_COLUMNS:
        step = _COARSER[Step(step)]
    return step


def columns(period: Period, step: str) -> list[tuple[date, Period]]:
    """The beginning of each step within the period and the days of it that lie within."""
    if step == Step.WHOLE:
        return [(period.since, period)]
    found: list[tuple[date, Period]] = []
    start = beginning(period.since, step)
    while start <= period.until and len(found) <= MOST_COLUMNS:
        after = _next(start, step)
        found.append((start, Period(max(start, period.since), min(after - timedelta(days=1), period.until))))
        start = after
    return found


def whole_months(period: Period) -> Period | None:
    """From the first to the last day of the months that lie wholly within; None where there is none."""
    first = period.since if period.since.day == 1 else _months_later(period.since, 1)
    after = (period.until + timedelta(days=1)).replace(day=1)
    return Period(first, after - timedelta(days=1)) if first < after else None


def column_label(start: date, step: str) -> str:
    """How a column is headed."""
    match step:
        case Step.MONTH:
            return f"{start:%Y-%m}"
        case Step.QUARTER:
            return gettext("Q%(quarter)s %(year)s") % {"quarter": (start.month - 1) // 3 + 1, "year": start.year}
        case Step.WHOLE:
            return gettext("Whole period")
        case _:
            return date_format(start, "m-d")

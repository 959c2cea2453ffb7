"""Points and statistics of marks: what each person, unit or code collected in a period, and what appeals changed."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.formats import date_format

from onepoint.accounts.models import OrgUnit, User
from onepoint.core import clock
from onepoint.quality.models import Mark
from onepoint.quality.states import COUNTED, MarkDirection, MarkState

#: What the figures are grouped by: fields that give the id, the name and the English name.
GROUPINGS: dict[str, tuple[str, str, str]] = {
    "person": ("person", "person__name", "person__name_en"),
    "unit": ("unit", "unit__name", "unit__name_en"),
    "code": ("code__code", "code__name", "code__name_en"),
    "direction": ("direction", "direction", "direction"),
    "month": ("month", "month", "month"),
}
#: So many lines are shown at most, those with the most points.
MOST_LINES = 200


@dataclass(frozen=True)
class Figures:
    """One line: the marks made, those that count, their points, and what became of the appeals."""

    label: str
    link: str  # the parameters of the list that shows its marks
    made: int
    counted: int
    fatal: int
    points: int
    appealed: int
    overturned: int

    @property
    def share_overturned(self) -> float | None:
        """Of the appeals, in per cent."""
        return 100 * self.overturned / self.appealed if self.appealed else None


@dataclass(frozen=True)
class FigureFilter:
    """The period, what its marks are grouped by, and whose they are: a unit's with those below, or everybody's."""

    group: str
    since: date
    until: date
    unit: OrgUnit | None = None


def _counted() -> dict[str, Any]:
    counts = Q(state__in=[state.value for state in COUNTED])
    return {
        "made": Count("pk"),
        "counted": Count("pk", filter=counts),
        "fatal": Count("pk", filter=counts & Q(is_fatal=True)),
        "points_sum": Sum("points", filter=counts),
        "appealed": Count("appeal"),
        "overturned": Count("pk", filter=Q(state=MarkState.OVERTURNED.value)),
    }


def marks_in(since: date, until: date, *, visible_to: User, unit: OrgUnit | None = None) -> QuerySet[Mark]:
    """Marks of a period in the reader's sight; what was withdrawn never was."""
    rows = Mark.objects.visible_to(visible_to).exclude(state=MarkState.WITHDRAWN)
    rows = rows.filter(marked_at__gte=clock.day_start(since), marked_at__lt=clock.day_end(until))
    return rows.filter(unit__in=OrgUnit.objects.below([unit])) if unit else rows


def mark_figures(
    chosen: FigureFilter, *, visible_to: User, english: bool = False, most: int = MOST_LINES
) -> list[Figures]:
    """One statement whatever the period; the lines with the most points first, months in order."""
    group, since, until, unit = chosen.group, chosen.since, chosen.until, chosen.unit
    fields = GROUPINGS[group]
    rows: Any = marks_in(since, until, visible_to=visible_to, unit=unit).order_by()
    if group == "month":
        rows = rows.annotate(month=TruncMonth("marked_at", tzinfo=timezone.get_default_timezone()))
    found = rows.values(id_of_line=F(fields[0])).annotate(
        # A code may be called otherwise in another version: one line all the same.
        name_of_line=Max(fields[1]), name_en_of_line=Max(fields[2]), **_counted(),
    )  # fmt: skip
    order = [F("id_of_line")] if group == "month" else [F("points_sum").desc(nulls_last=True), F("id_of_line")]
    period = {"since": f"{since:%Y-%m-%d}", "until": f"{until:%Y-%m-%d}"} | ({"unit": str(unit.pk)} if unit else {})
    return [_line(group, row, period, english) for row in found.order_by(*order)[:most]]


def _line(group: str, row: dict[str, Any], period: dict[str, str], english: bool) -> Figures:
    value = row["id_of_line"]
    label = (english and row["name_en_of_line"]) or row["name_of_line"] or "—"
    if group == "direction":
        label = str(MarkDirection(value).label)
    elif group == "month":
        label = date_format(value, "YEAR_MONTH_FORMAT")
    elif group == "code":
        label = f"{value} {label}"
    return Figures(
        str(label), _link(group, value, period), row["made"], row["counted"], row["fatal"], row["points_sum"] or 0,
        row["appealed"], row["overturned"],
    )  # fmt: skip


def _link(group: str, value: Any, period: dict[str, str]) -> str:
    """The list narrowed to one line; none for marks without a unit, which the list cannot be narrowed to."""
    if value is None:
        return ""
    if group == "month":
        local = timezone.localtime(value).date()
        last = (local.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        since, until = max(f"{local:%Y-%m-%d}", period["since"]), min(f"{last:%Y-%m-%d}", period["until"])
        return urlencode(period | {"since": since, "until": until})
    return urlencode(period | {group: str(value)})

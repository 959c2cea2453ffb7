"""Months in the house's time zone: where they begin, and what spans of them are called."""

from calendar import monthrange
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext


def named(since: datetime | None, until: datetime | None) -> str:
    """What a part is called: 2026-11, 2026-11_2027-02, before-2026-11, from-2027-03."""
    first = f"{month_of(since):%Y-%m}" if since else ""
    last = f"{month_of(until - timedelta(seconds=1)):%Y-%m}" if until else ""
    if first and last:
        return first if first == last else f"{first}_{last}"
    return f"from-{first}" if first else f"before-{month_of(until):%Y-%m}" if until else "all"


def shown(since: datetime | None, until: datetime | None) -> str:
    """The same as people read it."""
    name = named(since, until)
    if since is None and until is not None:
        return gettext("before %(month)s") % {"month": name.removeprefix("before-")}
    if until is None and since is not None:
        return gettext("from %(month)s on") % {"month": name.removeprefix("from-")}
    return name.replace("_", " – ")


def month_of(moment: datetime) -> datetime:
    """The beginning of its month, in the house's time zone."""
    return timezone.localtime(moment).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def after(month: datetime, count: int = 1) -> datetime:
    """The beginning of the month so many later (or, negative, earlier)."""
    place = month.year * 12 + month.month - 1 + count
    return month.replace(year=place // 12, month=place % 12 + 1)


def day_before(day: date, count: int) -> date:
    """The same day so many months earlier, or the last of its month where that has no such day."""
    place = day.year * 12 + day.month - 1 - count
    year, month = place // 12, place % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))

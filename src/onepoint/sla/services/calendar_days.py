"""Writes of the days that differ from the week: a calendar's own, and the public holidays of a country."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.sla import policies
from onepoint.sla.models import BusinessCalendar, Holiday, HolidayYear
from onepoint.sla.public_holidays import COUNTRIES, EARLIEST, LATEST, PublicDay, published_year
from onepoint.sla.queries.calendars import years_missing
from onepoint.sla.services.calendar_changes import announce_change, followers_of, journal, renew_stamp
from onepoint.sla.services.calendars import overlap
from onepoint.sla.states import DayKind
from onepoint.sla.working_time import read_bands

MOST_DAYS = 60  # at once: longer is a mistake
Bands = Sequence[Mapping[str, str]]


@transaction.atomic
def set_days(
    calendar: BusinessCalendar,
    *,
    by: User | None,
    first: date,
    last: date | None = None,
    kind: str,
    name: str = "",
    name_en: str = "",
    bands: Bands = (),
) -> list[Holiday]:
    """Let the days from ``first`` to ``last`` differ from the week in this calendar; replaces what it said of them.

    ``bands`` belong to special hours alone. Raises NotPermitted, InvalidInput.
    """
    require(policies.why_not_change_calendars(by))
    last = last or first
    _check_days(first, last, kind, bands)
    name, name_en = clean(name)[:80], clean(name_en)[:120]
    stored = [dict(row) for row in bands] if kind == DayKind.SPECIAL else []
    BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
    rows = []
    for number in range((last - first).days + 1):
        values = {"kind": kind, "name": name, "name_en": name_en, "bands": stored, "source": ""}
        row, _created = Holiday.objects.update_or_create(
            calendar=calendar, date=first + timedelta(days=number), defaults=values
        )
        rows.append(row)
    facts = {"first": first.isoformat(), "last": last.isoformat(), "kind": kind, "day": name, "day_en": name_en}
    _done("calendar.days_set", calendar, by, facts)
    return rows


@transaction.atomic
def remove_day(day: Holiday, *, by: User | None) -> None:
    """Let a date of a calendar be again what the week or the public holidays make it. Nothing if it is gone already.

    Raises NotPermitted; ValueError for a public holiday.
    """
    require(policies.why_not_change_calendars(by))
    if day.calendar is None:
        raise ValueError("a public holiday is no calendar's own")
    calendar = BusinessCalendar.objects.select_for_update().get(pk=day.calendar.pk)
    deleted, _by_model = Holiday.objects.filter(pk=day.pk).delete()
    if deleted:
        facts = {"first": day.date.isoformat(), "last": day.date.isoformat(), "day": day.name, "day_en": day.name_en}
        _done("calendar.day_removed", calendar, by, facts)


@transaction.atomic
def copy_year(calendar: BusinessCalendar, *, by: User | None, from_year: int, to_year: int) -> int:
    """Give the calendar's own days of one year to another, on the same dates; what stands there stays.

    Returns how many were added. Raises NotPermitted, InvalidInput.
    """
    require(policies.why_not_change_calendars(by))
    if from_year == to_year or not all(EARLIEST <= year <= LATEST for year in (from_year, to_year)):
        raise InvalidInput({"to_year": _("Choose another year.")})
    BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
    rows = list(calendar.holidays.filter(date__year=from_year))
    if not rows:
        raise InvalidInput({"from_year": _("This calendar has no days of its own in %(year)s.") % {"year": from_year}})
    taken = set(calendar.holidays.filter(date__year=to_year).values_list("date", flat=True))
    added = []
    for row in rows:
        if (row.date.month, row.date.day) == (2, 29):
            continue
        day = row.date.replace(year=to_year)
        if day not in taken:
            added.append(
                Holiday(calendar=calendar, date=day, kind=row.kind, bands=row.bands, name=row.name, name_en=row.name_en)
            )
    Holiday.objects.bulk_create(added)
    if added:
        _done("calendar.year_copied", calendar, by, {"year": from_year, "to_year": to_year, "count": len(added)})
    return len(added)


@transaction.atomic
def fill_year(country: str, year: int, *, by: User | None) -> int:
    """Take the public holidays of a year as they are published, in place of what stood there. Returns how many days.

    Raises NotPermitted, InvalidInput, YearNotPublished.
    """
    require(policies.why_not_change_calendars(by))
    if country not in COUNTRIES:
        raise InvalidInput({"country": _("The holidays of this country are not known here.")})
    found = published_year(country, year)
    if found is None:
        raise policies.YearNotPublished(year=year)
    renew_stamp()  # its row also lets two that fill the same year do it one after the other
    changed = _replace_year(country, year, found.days, found.source)
    HolidayYear.objects.update_or_create(
        country=country,
        year=year,
        defaults={"source": found.source[:200], "filled_at": clock.now(), "filled_by": by},
    )
    facts: dict[str, Any] = {"country": country, "year": year, "count": len(found.days), "source": found.source}
    audit.record("calendar.year_filled", by=by, subject_type="holidays", subject_id=year, **facts)
    keepers = BusinessCalendar.objects.filter(country=country, is_round_the_clock=False)
    if changed and (ids := list(keepers.values_list("pk", flat=True))):
        name = f"{country} {year}"
        announce_change("calendar.year_filled", None, affected=ids, name=name, by=by, country=country, year=year)
    return len(found.days)


def fill_missing_years(*, by: User | None) -> list[tuple[str, int]]:
    """Fill in the last, this and the next year for every country some calendar keeps, where that is published and missing.

    Returns what was filled, as (country, year). Raises NotPermitted.
    """
    require(policies.why_not_change_calendars(by))
    this_year = clock.today().year
    missing = years_missing([this_year - 1, this_year, this_year + 1])
    wanted = [(country, year) for country, years in missing.items() for year in years if published_year(country, year)]
    for country, year in wanted:
        fill_year(country, year, by=by)
    return wanted


def _replace_year(country: str, year: int, days: Sequence[PublicDay], source: str) -> bool:
    """Let the shared rows of a year be these; True if any differs from what stood there."""
    # A make-up workday of January may lie in the December before.
    shared = Holiday.objects.filter(calendar=None, country=country)
    stood = {row.date: row for row in shared.filter(date__gte=date(year - 1, 12, 1), date__lte=date(year, 12, 31))}
    wanted = {day.date: day for day in days}
    gone = [row.pk for day, row in stood.items() if day.year == year and day not in wanted]
    Holiday.objects.filter(pk__in=gone).delete()
    changed = bool(gone)
    for day in days:
        values = {"kind": day.kind, "name": day.name[:80], "name_en": day.name_en[:120]}
        former = stood.get(day.date)
        if former and all(getattr(former, name) == value for name, value in values.items()):
            continue
        changed = True
        Holiday.objects.update_or_create(
            calendar=None, country=country, date=day.date, defaults={**values, "bands": [], "source": source[:200]}
        )
    return changed


def _check_days(first: date, last: date, kind: str, bands: Bands) -> None:
    errors: dict[str, Any] = {}
    if not (EARLIEST <= first.year <= LATEST and EARLIEST <= last.year <= LATEST):
        errors["first"] = _("Choose a date of this century.")
    elif last < first:
        errors["last"] = _("The last day comes before the first.")
    elif (last - first).days >= MOST_DAYS:
        errors["last"] = _("At most %(count)s days at once.") % {"count": MOST_DAYS}
    if kind not in DayKind.values:
        errors["kind"] = _("Choose what kind of day it is.")
    if kind == DayKind.SPECIAL:
        try:
            read = [(band.begins, band.ends) for band in read_bands(bands)]
        except (ValueError, KeyError, TypeError, AttributeError):
            errors["bands"] = _("Give times of day like 08:30.")
        else:
            if not read:
                errors["bands"] = _("Give the hours that are worked on that day.")
            elif overlap(read):
                errors["bands"] = _("Two bands overlap.")
    if errors:
        raise InvalidInput(errors)


def _done(verb: str, calendar: BusinessCalendar, by: User | None, facts: dict[str, Any]) -> None:
    journal(verb, calendar, by=by, **facts)
    announce_change(verb, calendar, affected=followers_of(calendar), name=calendar.name, by=by, **facts)

"""Writes of working calendars: their week, their place in the house, who works by them."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.sla import policies
from onepoint.sla.models import BusinessCalendar, CalendarAssignment
from onepoint.sla.public_holidays import COUNTRIES
from onepoint.sla.services.calendar_changes import announce_change, followers_of, journal
from onepoint.sla.working_time import DAY, read_bands

_FIELDS = frozenset({"name", "name_en", "time_zone", "is_round_the_clock", "week", "country", "based_on"})
#: What makes a moment working time or not; the rest is names.
_COUNTING = _FIELDS - {"name", "name_en"}
Week = Sequence[Sequence[Mapping[str, str]]]
WEEK = 7 * DAY


@transaction.atomic
def create_calendar(
    *,
    by: User | None,
    name: str,
    name_en: str = "",
    time_zone: str = "Asia/Shanghai",
    is_round_the_clock: bool = False,
    week: Week = (),
    country: str = "",
    based_on: BusinessCalendar | None = None,
) -> BusinessCalendar:
    """Add a calendar; the first becomes the house's. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_change_calendars(by))
    values = {
        "name": name,
        "name_en": name_en,
        "time_zone": time_zone,
        "is_round_the_clock": is_round_the_clock,
        "week": week,
        "country": country,
        "based_on": based_on,
    }
    calendar = BusinessCalendar(**_checked(values), created_at=clock.now())
    _check_together(calendar)
    calendar.is_default = not BusinessCalendar.objects.exists()
    _save(calendar)
    journal("calendar.created", calendar, by=by)
    if calendar.is_default:
        announce_change("calendar.made_default", calendar, affected=[calendar.pk], name=calendar.name, by=by)
    return calendar


@transaction.atomic
def change_calendar(
    calendar: BusinessCalendar, *, by: User | None, version: int | None = None, **values: Any
) -> BusinessCalendar:
    """Change names, time zone, week, public holidays or whose days are kept; running clocks follow in the background.

    ``version`` is the one the person saw. Raises NotPermitted, InvalidInput, SomebodyWasFaster.
    """
    require(policies.why_not_change_calendars(by))
    if unknown := values.keys() - _FIELDS:
        raise TypeError(f"cannot change {', '.join(sorted(unknown))}")
    row = BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
    if version is not None and row.version != version:
        raise SomebodyWasFaster
    wanted = _checked(values)
    changes = {name: (getattr(row, name), value) for name, value in wanted.items() if getattr(row, name) != value}
    if not changes:
        return row
    for name, (_old, new) in changes.items():
        setattr(row, name, new)
    _check_together(row)
    row.version += 1
    _save(row)
    facts = {name: [_told(old), _told(new)] for name, (old, new) in changes.items() if name != "week"}
    journal("calendar.changed", row, by=by, changes=facts, week="week" in changes)
    if changes.keys() & _COUNTING:
        announce_change("calendar.changed", row, affected=followers_of(row), name=row.name, by=by)
    return row


@transaction.atomic
def make_default(calendar: BusinessCalendar, *, by: User | None) -> BusinessCalendar:
    """Let everybody work by it who has no calendar of their own. Raises NotPermitted, AlreadyHouseCalendar."""
    require(policies.why_not_change_calendars(by))
    former = list(BusinessCalendar.objects.select_for_update().filter(is_default=True))
    row = BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
    require(policies.why_not_make_default(row, by))
    BusinessCalendar.objects.filter(is_default=True).update(is_default=False)
    row.is_default = True
    row.save(update_fields=["is_default"])
    journal("calendar.made_default", row, by=by, former=former[0].name if former else "")
    announce_change("calendar.made_default", row, affected=[row.pk, *(one.pk for one in former)], name=row.name, by=by)
    return row


@transaction.atomic
def delete_calendar(calendar: BusinessCalendar, *, by: User | None) -> None:
    """Remove a calendar nobody works by and no clock has counted in. Raises NotPermitted, CalendarInUse."""
    row = BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
    require(policies.why_not_delete_calendar(row, by))
    journal("calendar.deleted", row, by=by)
    try:
        with transaction.atomic():
            row.delete()
    except ProtectedError as error:
        raise policies.CalendarInUse from error


@transaction.atomic
def assign_calendar(
    calendar: BusinessCalendar, *, by: User | None, unit: OrgUnit | None = None, region: Region | None = None
) -> CalendarAssignment:
    """Let a unit or a region, with all under it that have none of their own, work by a calendar; replaces its former one.

    Raises NotPermitted, InvalidInput.
    """
    require(policies.why_not_change_calendars(by))
    if (unit is None) == (region is None):
        raise InvalidInput({"unit": _("Choose a unit or a region.")})
    place = {"unit": unit} if unit else {"region": region}
    found = CalendarAssignment.objects.select_for_update().filter(**place).first()
    if found and found.calendar_id == calendar.pk:
        return found
    former = found.calendar_id if found else None
    assignment, _created = CalendarAssignment.objects.update_or_create(**place, defaults={"calendar": calendar})
    facts = _place_facts(assignment)
    journal("calendar.assigned", calendar, by=by, **facts)
    affected = [calendar.pk, *([former] if former else [])]
    announce_change("calendar.assigned", calendar, affected=affected, name=calendar.name, by=by, **facts)
    return assignment


@transaction.atomic
def withdraw_assignment(assignment: CalendarAssignment, *, by: User | None) -> None:
    """Let a unit or region work again by what it inherits. Raises NotPermitted; nothing if it is gone already."""
    require(policies.why_not_change_calendars(by))
    row = CalendarAssignment.objects.select_for_update(of=("self",)).filter(pk=assignment.pk).first()
    if row is None:
        return
    calendar, facts = row.calendar, _place_facts(row)
    row.delete()
    journal("calendar.withdrawn", calendar, by=by, **facts)
    announce_change("calendar.withdrawn", calendar, affected=[calendar.pk], name=calendar.name, by=by, **facts)


def _place_facts(assignment: CalendarAssignment) -> dict[str, str]:
    place = assignment.unit or assignment.region
    assert place is not None
    return {"place": place.name, "place_en": place.name_en}


def _save(row: BusinessCalendar) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if BusinessCalendar.objects.exclude(pk=row.pk).filter(name=row.name).exists():
            raise InvalidInput({"name": _("There is a calendar with this name already.")}) from error
        raise SomebodyWasFaster from error


def _told(value: Any) -> str:
    return "" if value is None else str(value)


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored. Raises InvalidInput by field."""
    found: dict[str, Any] = {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}
    errors: dict[str, str] = {}
    if "name" in found and not 0 < len(found["name"]) <= 80:
        errors["name"] = _("Give a name of at most 80 characters.")
    if len(found.get("name_en", "")) > 120:
        errors["name_en"] = _("Give a name of at most 120 characters.")
    if "time_zone" in found and found["time_zone"] not in available_timezones():
        errors["time_zone"] = _("There is no such time zone.")
    if found.get("country") and found["country"] not in COUNTRIES:
        errors["country"] = _("The holidays of this country are not known here.")
    if "week" in found:
        found["week"] = [[dict(row) for row in day] for day in found["week"]]
        if refusal := why_not_week(found["week"]):
            errors["week"] = refusal
    if errors:
        raise InvalidInput(errors)
    return found


def _check_together(calendar: BusinessCalendar) -> None:
    """Raise InvalidInput where the fields do not go together."""
    if not calendar.is_round_the_clock and not any(calendar.week):
        raise InvalidInput({"week": _("Give at least one band of working time, or choose round the clock.")})
    base = calendar.based_on
    if base is None:
        return
    if base.pk == calendar.pk or base.based_on_id:
        raise InvalidInput({"based_on": _("Choose a calendar that keeps no other calendar's days itself.")})
    if calendar.pk and calendar.followers.exists():
        raise InvalidInput({"based_on": _("Other calendars keep the days of this one, so it must keep its own.")})


def why_not_week(week: Week) -> str | None:
    """What is wrong with a week of bands, or None: seven days, readable times, no two bands at once."""
    if len(week) not in (0, 7):
        return _("A week has seven days.")
    try:
        bands = [
            (number * DAY + band.begins, number * DAY + band.ends)
            for number, day in enumerate(week)
            for band in read_bands(day)
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return _("Give times of day like 08:30.")
    if any(len(str(row.get(name, ""))) > 40 for day in week for row in day for name in ("shift", "shift_en")):
        return _("The name of a shift has at most 40 characters.")
    if overlap(bands):
        return _("Two bands overlap.")
    return None


def overlap(bands: list[tuple[int, int]]) -> bool:
    """Do two stretches of a week (seconds from Monday) lie over each other? The last may reach into the next Monday."""
    inside = sorted((begins, ends) for begins, ends in bands)
    if not inside:
        return False
    around = [*inside, (inside[0][0] + WEEK, inside[0][1] + WEEK)]
    return any(first[1] > second[0] for first, second in zip(around, around[1:], strict=False))

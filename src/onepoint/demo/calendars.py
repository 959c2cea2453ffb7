"""The demo's working calendars: the office's, the hotline's, a workshop in two shifts and a service centre abroad."""

from typing import Any

from onepoint.accounts.models import OrgUnit
from onepoint.core import clock
from onepoint.demo.reading import both_names, read
from onepoint.sla.models import BusinessCalendar, CalendarAssignment, HolidayYear
from onepoint.sla.public_holidays import published_year
from onepoint.sla.services import calendar_changes, calendar_days, calendars


def load_house_calendar() -> None:
    """What every house starts with: office hours with China's holidays, for all who have no calendar of their own."""
    facts = read("calendars")
    this_year = clock.today().year
    for year in range(this_year - 2, this_year + 2):
        fill_if_published(facts["house"]["country"], year)
    if not BusinessCalendar.objects.exists():
        _calendar(facts["house"])


def build_calendars() -> None:
    """The demo's further calendars, assigned to its units."""
    this_year = clock.today().year
    for facts in read("calendars")["demo"]:
        if country := facts.get("country"):
            for year in (this_year - 1, this_year, this_year + 1):
                fill_if_published(country, year)
        calendar = BusinessCalendar.objects.filter(name=both_names(facts["name"])[0]).first() or _calendar(facts)
        for code in facts.get("units", ()):
            _assign(calendar, OrgUnit.objects.get(code=code))
    calendar_changes.settle_changes(by=None)


def fill_if_published(country: str, year: int) -> None:
    """A year that is filled in already, or not published yet, is left as it is."""
    if not HolidayYear.objects.filter(country=country, year=year).exists() and published_year(country, year):
        calendar_days.fill_year(country, year, by=None)


def _assign(calendar: BusinessCalendar, unit: OrgUnit) -> None:
    if not CalendarAssignment.objects.filter(unit=unit).exists():
        calendars.assign_calendar(calendar, unit=unit, by=None)


def _calendar(facts: dict[str, Any]) -> BusinessCalendar:
    name, name_en = both_names(facts["name"])
    return calendars.create_calendar(
        name=name,
        name_en=name_en,
        time_zone=facts.get("time_zone", "Asia/Shanghai"),
        country=facts.get("country", ""),
        is_round_the_clock=facts.get("is_round_the_clock", False),
        week=_week(facts.get("bands", ())),
        by=None,
    )


def _week(bands: Any) -> list[list[dict[str, str]]]:
    """``"12345 08:30-12:00 early"``: weekdays from 1, hours, the name of the shift if it has one."""
    week: list[list[dict[str, str]]] = [[] for _day in range(7)]
    for line in bands:
        days, hours, *shift = line.split(" ", 2)
        begins, ends = hours.split("-")
        for day in days:
            band = {"from": begins, "to": ends}
            if shift:
                name, name_en = both_names(shift[0])
                band |= {"shift": name, "shift_en": name_en}
            week[int(day) - 1].append(band)
    return week

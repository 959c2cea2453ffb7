"""Public holidays as the library ``holidays`` carries them; only a source for rows of our own, never asked while counting.

The library knows China's days since 2001 with the make-up workdays of every notice published so far, and computes other
countries' from their laws. A year of China without a notice is not published, whatever can be guessed from the moon.
"""

import re
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onepoint.sla.states import DayKind

CHINA = "CN"
COUNTRIES: dict[str, str | Promise] = {
    CHINA: _("China"),
    "HK": _("Hong Kong, China"),
    "MO": _("Macao, China"),
    "SG": _("Singapore"),
    "JP": _("Japan"),
    "KR": _("South Korea"),
    "VN": _("Vietnam"),
    "TH": _("Thailand"),
    "MY": _("Malaysia"),
    "ID": _("Indonesia"),
    "IN": _("India"),
    "RU": _("Russia"),
    "DE": _("Germany"),
    "FR": _("France"),
    "IT": _("Italy"),
    "GB": _("United Kingdom"),
    "US": _("United States"),
    "MX": _("Mexico"),
    "BR": _("Brazil"),
}
EARLIEST, LATEST = 2001, 2099


class PublicDay(NamedTuple):
    """One date as it will stand in a row."""

    date: date
    kind: str
    name: str
    name_en: str


class PublishedYear(NamedTuple):
    """The days of a year that differ from the week, with where they are taken from."""

    days: list[PublicDay]
    source: str


def _library() -> Any:
    """Imported when a year is filled in, a few times in the life of a house: it is large."""
    import holidays

    return holidays


def published_year(country: str, year: int) -> PublishedYear | None:
    """The public holidays of a year; None for one not published yet, and for a country the table does not name."""
    if country not in COUNTRIES or not EARLIEST <= year <= LATEST:
        return None
    if country == CHINA:
        return _china(year)
    days = _named(country, year)
    found = [PublicDay(day, DayKind.HOLIDAY, names[0], names[1]) for day, names in sorted(days.items())]
    return PublishedYear(found, f"holidays {_library().__version__}") if found else None


def _named(country: str, year: int) -> dict[date, tuple[str, str]]:
    """Date → name in Chinese (or else the country's own words) and in English."""
    chinese, english = (_load(country, year, language) for language in ("zh_CN", "en_US"))
    return {day: (str(name)[:80], str(english.get(day, ""))[:120]) for day, name in chinese.items() if day.year == year}


def _load(country: str, year: int, language: str) -> Any:
    country_holidays = _library().country_holidays
    supported = country_holidays(country).supported_languages
    return country_holidays(country, years=[year], language=language if language in supported else None)


def _china(year: int) -> PublishedYear | None:
    # The library lists the weekdays that are off; the notices speak of whole runs, weekends included, and that is what
    # somebody who works on Sundays must know.
    source = _load(CHINA, year, "zh_CN")
    if year not in source.special_public_holidays:
        return None
    named = _named(CHINA, year)
    makeup = {day for day in source.weekend_workdays if day.year == year or day >= date(year - 1, 12, 1)}
    festivals = {day: names for day, names in named.items() if not names[0].startswith("休息日")}
    days = [
        PublicDay(day, DayKind.HOLIDAY, *(festivals.get(day) or _festival_of(day, festivals)))
        for day in _whole_runs(set(named), makeup, year)
    ]
    days = [day._replace(name=_plain(day.name), name_en=_plain(day.name_en)) for day in days]
    exchanged = _exchanged(named)
    for day in makeup:
        name, name_en = (_plain(text) for text in _festival_of(exchanged.get(day, day), festivals))
        days.append(PublicDay(day, DayKind.WORKDAY, f"{name}调休上班", f"Make-up workday for {name_en}"))
    notice = f"国务院办公厅关于{year}年部分节假日安排的通知"
    return PublishedYear(sorted(days), f"{notice} (holidays {_library().__version__})")


def _exchanged(named: dict[date, tuple[str, str]]) -> dict[date, date]:
    """Make-up workday → the day off it is exchanged for; the library tells it in the name of the day off."""
    found = {}
    for day, (name, _name_en) in named.items():
        if name.startswith("休息日") and (told := re.search(r"\d{4}-\d{2}-\d{2}", name)):
            found[date.fromisoformat(told.group())] = day
    return found


def _whole_runs(off: set[date], makeup: set[date], year: int) -> set[date]:
    """The days off with the weekends that touch them."""
    found, edge = set(off), set(off)
    while edge:
        beside = {day + timedelta(days=step) for day in edge for step in (-1, 1)}
        edge = {day for day in beside - found - makeup if day.weekday() >= 5 and day.year == year}
        found |= edge
    return found


def _plain(name: str) -> str:
    """A name without the library's remarks."""
    return name.replace("农历除夕", "除夕").partition("（")[0].partition(" (")[0]


def _festival_of(day: date, festivals: dict[date, tuple[str, str]]) -> tuple[str, str]:
    """The names of the nearest festival; the eve of the Spring Festival is no festival of its own."""
    true = [festival for festival, names in festivals.items() if "除夕" not in names[0]]
    return festivals[min(true, key=lambda festival: (abs((festival - day).days), festival))]

"""How the verbs of calendars read, and how weeks, days and deadlines are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from onepoint.core.audit import name_verb
from onepoint.core.templatetags.ui_time import duration_text
from onepoint.core.timeline import name_subject, register_sentences
from onepoint.sla.calendars import LoadedCalendar
from onepoint.sla.models import BusinessCalendar, CalendarChange
from onepoint.sla.policies import why_not_view_calendars
from onepoint.sla.public_holidays import COUNTRIES
from onepoint.sla.working_time import DAY, Band, Piece, WeeklyTime, read_bands

VERBS = {
    "calendar.created": gettext_lazy("Created a working calendar"),
    "calendar.changed": gettext_lazy("Changed a working calendar"),
    "calendar.deleted": gettext_lazy("Deleted a working calendar"),
    "calendar.made_default": gettext_lazy("Chose the house calendar"),
    "calendar.assigned": gettext_lazy("Assigned a calendar"),
    "calendar.withdrawn": gettext_lazy("Withdrew an assigned calendar"),
    "calendar.days_set": gettext_lazy("Set days of a calendar"),
    "calendar.day_removed": gettext_lazy("Removed a day from a calendar"),
    "calendar.year_copied": gettext_lazy("Copied the days of a year"),
    "calendar.year_filled": gettext_lazy("Filled in the public holidays of a year"),
}


#: Shorter than Django's in Chinese; Monday is 0.
WEEKDAYS = {
    0: pgettext_lazy("weekday", "Mon"),
    1: pgettext_lazy("weekday", "Tue"),
    2: pgettext_lazy("weekday", "Wed"),
    3: pgettext_lazy("weekday", "Thu"),
    4: pgettext_lazy("weekday", "Fri"),
    5: pgettext_lazy("weekday", "Sat"),
    6: pgettext_lazy("weekday", "Sun"),
}


def change_sentence(what: str, facts: Mapping[str, Any]) -> str:
    """What a change was, in the language being shown."""
    english = (get_language() or "").startswith("en")
    shown = {key: (english and facts.get(f"{key}_en")) or value for key, value in facts.items()}
    if "country" in shown:
        shown["country"] = str(COUNTRIES.get(shown["country"], shown["country"]))
    if "first" in shown:
        shown["days"] = shown["first"]
        if shown.get("last", shown["first"]) != shown["first"]:
            shown["days"] = f"{shown['first']} – {shown['last']}"
    sentences = {
        "calendar.assigned": _("Assigned to %(place)s"),
        "calendar.withdrawn": _("No longer assigned to %(place)s"),
        "calendar.days_set": _("%(days)s set: %(day)s"),
        "calendar.day_removed": _("%(days)s removed: %(day)s"),
        "calendar.year_copied": _("%(count)s days of %(year)s copied to %(to_year)s"),
        "calendar.year_filled": _("Public holidays of %(country)s, %(year)s filled in"),
    }
    try:
        return (sentences[what] % shown).rstrip(" :：")
    except KeyError:
        return str(VERBS.get(what, what))


def shift_words(change: CalendarChange) -> str:
    """How far clocks moved at most, to earlier and to later; empty where none did."""
    told = []
    for shift in dict.fromkeys((change.earliest_shift, change.latest_shift)):
        if shift:
            words = _("%(length)s earlier") if shift < timedelta(0) else _("%(length)s later")
            told.append(words % {"length": duration_text(abs(shift))})
    return _(", ").join(told)


def register() -> None:
    """Name the verbs and say how entries read."""
    for verb, label in VERBS.items():
        name_verb(verb, label)
    register_sentences({verb: lambda facts, verb=verb: change_sentence(verb, facts) for verb in VERBS})  # type: ignore[misc]
    name_subject("calendar", BusinessCalendar, "name", page="calendar-detail", key="pk", why_not=why_not_view_calendars)


# --- the week ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WeekLine:
    """Weekdays that are worked alike."""

    days: str
    hours: str
    total: timedelta


def clock_time(seconds: int) -> str:
    """``08:30``; the end of the day is ``24:00``; the next morning is marked."""
    if seconds > DAY:
        return _("%(time)s next day") % {"time": clock_time(seconds - DAY)}
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}"


def hours_text(bands: Sequence[Band]) -> str:
    """``08:30–12:00, 13:30–17:30``, with the names of the shifts."""
    parts = []
    for band in bands:
        hours = f"{clock_time(band.begins)}–{clock_time(band.ends)}"
        name = (band.name_en if (get_language() or "").startswith("en") else "") or band.name
        parts.append(f"{name} {hours}" if name else hours)
    return _(", ").join(parts)


def week_lines(calendar: BusinessCalendar) -> list[WeekLine]:
    """The week in as few lines as there are kinds of days; the days off are left out."""
    if calendar.is_round_the_clock:
        return [WeekLine(_("Every day"), _("Round the clock"), timedelta(days=1))]
    alike: dict[tuple[Band, ...], list[int]] = {}
    for number, day in enumerate(calendar.week):
        if bands := read_bands(day):
            alike.setdefault(bands, []).append(number)
    return [
        WeekLine(
            _weekdays(numbers), hours_text(bands), timedelta(seconds=sum(band.ends - band.begins for band in bands))
        )
        for bands, numbers in alike.items()
    ]


def _weekdays(numbers: list[int]) -> str:
    """``Mon–Fri, Sun``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = []
    for run in runs:
        first, last = (str(WEEKDAYS[number]) for number in (run[0], run[-1]))
        parts.append(first if len(run) == 1 else f"{first}–{last}" if len(run) > 2 else _(", ").join([first, last]))
    return _(", ").join(parts)


# --- a deadline ----------------------------------------------------------------------------------------------------


@dataclass
class ToldDay:
    """One row of an explained deadline: a date that counts, or a run of dates that do not."""

    first: date
    last: date
    kind: str
    label: str
    hours: str
    counted: timedelta
    is_unpublished: bool

    @property
    def tone(self) -> str:
        return {"makeup": "accent", "special": "accent", "holiday": "warn", "rest": "muted"}.get(self.kind, "good")


def tell(calendar: LoadedCalendar, pieces: Sequence[Piece]) -> list[ToldDay]:
    """The pieces of an explanation as rows: bands of a date together, days off of one kind together."""
    zone = zone_of(calendar)
    rows: list[ToldDay] = []
    for piece in pieces:
        name = (piece.name_en if (get_language() or "").startswith("en") else "") or piece.name
        hours = _stretch(piece.begins, piece.ends, zone)
        label = _label(piece.kind, name)
        last = rows[-1] if rows else None
        if last and last.kind == piece.kind and last.last == piece.date and hours:
            last.hours, last.counted = _(", ").join([last.hours, hours]), last.counted + piece.counted
            continue
        follows = (
            last and last.label == label and last.kind == piece.kind and piece.date - last.last == timedelta(days=1)
        )
        if last and follows and not hours and not last.hours:
            last.last, last.is_unpublished = piece.date, last.is_unpublished or piece.is_unpublished
            continue
        end = piece.ends.astimezone(zone).date() if piece.kind == "round" and piece.ends else piece.date
        rows.append(ToldDay(piece.date, end, piece.kind, label, hours, piece.counted, piece.is_unpublished))
    return rows


def zone_of(calendar: LoadedCalendar) -> ZoneInfo:
    """The time zone a calendar's hours are told in; the house's for round the clock."""
    if isinstance(calendar.time, WeeklyTime):
        return calendar.time.zone
    house = timezone.get_default_timezone()
    assert isinstance(house, ZoneInfo)
    return house


def unpublished_years(pieces: Sequence[Piece]) -> list[int]:
    """The years among them whose public holidays are not known."""
    return sorted({piece.date.year for piece in pieces if piece.is_unpublished})


def _label(kind: str, name: str) -> str:
    kinds = {
        "workday": _("Working day"),
        "makeup": _("Make-up workday"),
        "special": _("Special hours"),
        "rest": _("Day off"),
        "holiday": _("Holiday"),
        "round": _("Round the clock"),
        "more": _("… and the days after it"),
    }
    return name or kinds[kind]


def _stretch(begins: datetime | None, ends: datetime | None, zone: ZoneInfo) -> str:
    if begins is None or ends is None:
        return ""
    first, last = begins.astimezone(zone), ends.astimezone(zone)
    finish = "24:00" if last.date() > first.date() and last.time() == datetime.min.time() else last.strftime("%H:%M")
    return f"{first.strftime('%H:%M')}–{finish}"


# --- a month -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MonthDay:
    """One cell of the month view."""

    date: date
    kind: str
    label: str
    hours: list[str]
    in_month: bool
    is_own: bool
    is_unpublished: bool

    @property
    def weekday(self) -> str | Promise:
        return WEEKDAYS[self.date.weekday()]

    @property
    def tone(self) -> str:
        return {"workday": "open", "round": "open", "makeup": "makeup", "special": "makeup", "holiday": "holiday"}.get(
            self.kind, "closed"
        )


def month_of(calendar: LoadedCalendar, first: date, own: frozenset[date]) -> list[list[MonthDay]]:
    """The weeks of a month, Monday first, with the days beside it that fill them."""
    day = first - timedelta(days=first.weekday())
    following = (first + timedelta(days=31)).replace(day=1)
    weeks = []
    while day < following:
        weeks.append([_month_day(calendar, day + timedelta(days=number), first, own) for number in range(7)])
        day += timedelta(days=7)
    return weeks


def _month_day(calendar: LoadedCalendar, day: date, first: date, own: frozenset[date]) -> MonthDay:
    in_month = (day.year, day.month) == (first.year, first.month)
    time = calendar.time
    if not isinstance(time, WeeklyTime):
        return MonthDay(day, "round", "", ["24 h"], in_month, False, False)
    kind, name, name_en = time.kind_of(day)
    shown = (name_en if (get_language() or "").startswith("en") else "") or name
    label = shown or (_label(kind, "") if kind not in ("workday", "rest") else "")
    unknown = time.is_unpublished(day.year)
    return MonthDay(
        day, kind, label, [hours_text([band]) for band in time.bands_of(day)], in_month, day in own, unknown
    )

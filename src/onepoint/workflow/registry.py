"""Where higher capabilities plug in: handlers of service tasks, working calendars, and who may see a subject."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.utils.functional import Promise

from onepoint.accounts.models import User
from onepoint.core.errors import BusinessError

Labelled = tuple[str, str | Promise]


class ServiceHandler(Protocol):
    """Does the work of a service task in the worker; returns variables to set. May be called again after a crash."""

    def __call__(self, instance: Any, variables: dict[str, Any]) -> dict[str, Any] | None: ...


Visible = Callable[[User, int], bool]

_handlers: dict[str, ServiceHandler] = {}
_families: dict[str, Callable[[str], ServiceHandler | None]] = {}
_subjects: dict[str, Visible] = {}
_pages: dict[str, str] = {}


def register_handler(name: str, function: ServiceHandler) -> None:
    """Let service tasks with ``op:handler="name"`` call ``function(instance, variables)``."""
    _handlers[name] = function


def register_handlers(prefix: str, find: Callable[[str], ServiceHandler | None]) -> None:
    """Let ``op:handler="prefix:rest"`` call ``find(rest)``: whole families of handlers, such as decision tables."""
    _families[prefix] = find


def handler_named(name: str) -> ServiceHandler | None:
    prefix, colon, rest = name.partition(":")
    if colon and prefix in _families:
        return _families[prefix](rest)
    return _handlers.get(name)


def register_subject(subject_type: str, visible: Visible, page: str = "") -> None:
    """Say who may see the processes of a kind of subject; unregistered kinds are seen by nobody.

    ``page`` is the name of the URL that shows the subject with a number.
    """
    _subjects[subject_type] = visible
    _pages[subject_type] = page


def page_of_subject(subject_type: str) -> str:
    """The name of the URL of a kind of subject; "" where it has none."""
    return _pages.get(subject_type, "")


def may_see_subject(user: User, subject_type: str, subject_id: int) -> bool:
    visible = _subjects.get(subject_type)
    return visible is not None and visible(user, subject_id)


Owner = Callable[[int], int | None]
_owners: dict[str, Owner] = {}


def register_owner(subject_type: str, owner: Owner) -> None:
    """``owner(subject_id)`` is the id of the person who answers for a subject, whoever works on it."""
    _owners[subject_type] = owner


def owner_of_subject(subject_type: str, subject_id: int) -> int | None:
    """None where nobody does, or nobody said how to find out."""
    return _owners[subject_type](subject_id) if subject_type in _owners else None


Fitness = Callable[[str, int, User], BusinessError | None]
_fitness: list[Fitness] = []


def register_fitness(why_unfit: Fitness) -> None:
    """``why_unfit(subject_type, subject_id, person)`` says why a person may be given no step of a subject. Asked often: be quick."""
    _fitness.append(why_unfit)


def why_unfit(subject_type: str, subject_id: int, person: User) -> BusinessError | None:
    """The first reason a capability gives; asked when a step is claimed or given to somebody, not of work in hand."""
    return next((refusal for ask in _fitness if (refusal := ask(subject_type, subject_id, person))), None)


_readership: list[Fitness] = []


def register_readership(why_unread: Fitness) -> None:
    """``why_unread(subject_type, subject_id, person)`` says why a person may not be told of a subject."""
    _readership.append(why_unread)


def why_unread(subject_type: str, subject_id: int, person: User) -> BusinessError | None:
    """The first reason a capability gives; asked before somebody is sent a copy."""
    return next((refusal for ask in _readership if (refusal := ask(subject_type, subject_id, person))), None)


ItemCheck = Callable[[int, Collection[str]], None]
_item_checks: dict[str, ItemCheck] = {}


def register_item_check(subject_type: str, check: ItemCheck) -> None:
    """``check(subject_id, names)`` raises InvalidInput while items a step requires (``op:items``) are missing."""
    _item_checks[subject_type] = check


def require_items(subject_type: str, subject_id: int, names: Collection[str]) -> None:
    """Raises InvalidInput while one of these items of the subject is empty."""
    if names and subject_type in _item_checks:
        _item_checks[subject_type](subject_id, names)


def handler_names() -> list[str]:
    """What service tasks may call, for the designer's list."""
    return sorted(_handlers)


@dataclass(frozen=True)
class Fact:
    """One variable a subject brings into its process; ``choices`` lists its values where they are few."""

    name: str
    label: str | Promise
    kind: str = "text"  # text, number or choice
    choices: Callable[[], Sequence[Labelled]] | None = None


@dataclass(frozen=True)
class SubjectKind:
    """What the designer offers about one kind of subject.

    ``find_facts`` yields the variables of the subject with a number, or None where the person may not see it.
    """

    label: str | Promise
    facts: Sequence[Fact]
    statuses: Sequence[Labelled]
    outcomes: Sequence[Labelled]
    find_facts: Callable[[User, str], dict[str, Any] | None]
    items: Sequence[Labelled] = ()  # what ``op:items`` may name


_kinds: dict[str, SubjectKind] = {}


def describe_subject(subject_type: str, kind: SubjectKind) -> None:
    """Tell the designer what conditions may ask about a kind of subject, and which states it has."""
    _kinds[subject_type] = kind


def described_subjects() -> dict[str, SubjectKind]:
    return dict(_kinds)


class Calendar(Protocol):
    """``since`` plus days and seconds of working time, in the calendar of a unit or region; days are working days."""

    def __call__(
        self, since: datetime, days: int, seconds: float, *, region_id: int | None, unit_id: int | None
    ) -> datetime: ...


def _round_the_clock(
    since: datetime, days: int, seconds: float, *, region_id: int | None, unit_id: int | None
) -> datetime:
    """What a timer counts in whose calendar nobody has registered."""
    return since + timedelta(days=days, seconds=seconds)


class Measure(Protocol):
    """The working time between two moments, in the calendar of a unit or region."""

    def __call__(self, start: datetime, end: datetime, *, region_id: int | None, unit_id: int | None) -> timedelta: ...


_calendars: dict[str, Calendar] = {"working": _round_the_clock}
_measures: dict[str, Measure] = {}


def register_calendar(name: str, function: Calendar, measure: Measure | None = None) -> None:
    """Let timers with ``op:calendar="name"`` count in that calendar's time; ``working`` is there from the start, 7×24.

    ``measure`` says how much of it lies between two moments; without it a timer that stood still goes on by the clock.
    """
    _calendars[name] = function
    if measure is not None:
        _measures[name] = measure


def calendar_names() -> list[str]:
    """The calendars timers may count in, for the designer's list."""
    return sorted(_calendars)


def add_time(
    name: str, since: datetime, days: int, seconds: float, region_id: int | None, unit_id: int | None
) -> datetime:
    """``since`` plus working time; a calendar that is no longer registered counts round the clock."""
    calendar = _calendars.get(name, _round_the_clock)
    return calendar(since, days, seconds, region_id=region_id, unit_id=unit_id)


def time_between(
    name: str, start: datetime, end: datetime, region_id: int | None, unit_id: int | None
) -> timedelta | None:
    """How much of a calendar's time lies between two moments; None where it cannot say."""
    measure = _measures.get(name)
    return measure(start, end, region_id=region_id, unit_id=unit_id) if measure else None

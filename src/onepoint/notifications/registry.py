"""What one can be told about: capabilities register their events when the house starts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onepoint.notifications.states import Way

Text = str | Promise
#: The languages every event brings its texts in.
LANGUAGES = ("zh-hans", "en")
#: Variables every text may use besides the event's own.
PERSON, BY, LINK, MOMENT = "person", "by", "link", "moment"
COMMON = (PERSON, BY, LINK, MOMENT)


@dataclass(frozen=True)
class Variable:
    """A fact a text may name as ``{name}``; ``sample`` stands for it in previews.

    A fact ``step_en`` beside ``step`` is taken where English is spoken. Moments are shown in the house's time zone.
    """

    name: str
    label: Text
    sample: Text = ""
    kind: Literal["text", "moment"] = "text"


COMMON_VARIABLES = (
    Variable(PERSON, _("Name of who is told"), "王晓明"),
    Variable(BY, _("Who did it"), "李静"),
    Variable(LINK, _("Link to the item"), "https://onepoint.example.cn/"),
    Variable(MOMENT, _("When it happened"), "", "moment"),
)


@dataclass(frozen=True)
class Event:
    """Something people are told about. ``text`` maps each language to the delivered (subject, body).

    ``ways`` is how people are told who chose nothing; an ``urgent`` event passes quiet hours and digests. ``short`` is
    the delivered text of an SMS where the body is too long for one.
    """

    name: str  # "task.reminded"
    label: Text
    group: str  # see register_group
    variables: tuple[Variable, ...]
    text: Mapping[str, tuple[str, str]]
    ways: tuple[str, ...] = (Way.APP.value,)
    urgent: bool = False
    short: Mapping[str, str] = field(default_factory=dict)

    @property
    def variable_names(self) -> frozenset[str]:
        return frozenset(variable.name for variable in self.variables) | set(COMMON)


class UnknownEvent(LookupError):
    """Somebody tells of an event nobody registered: a mistake of the caller, not of a person."""


_events: dict[str, Event] = {}
_groups: dict[str, tuple[int, Text]] = {}


def register_group(group: str, label: Text, order: int = 50) -> None:
    """Name a group of events: one row of everybody's preferences."""
    _groups[group] = (order, label)


def register_event(event: Event) -> None:
    """Declare an event. Raises ValueError for a text missing in a language or naming an unknown variable."""
    from onepoint.notifications.wording import unknown_variables

    for language in LANGUAGES:
        if language not in event.text:
            raise ValueError(f"{event.name} has no text in {language}")
    for text in [*(part for pair in event.text.values() for part in pair), *event.short.values()]:
        if unknown := unknown_variables(text, event.variable_names):
            raise ValueError(f"{event.name} names unknown variables: {', '.join(unknown)}")
    if unknown_ways := set(event.ways) - set(Way.values):
        raise ValueError(f"{event.name} has unknown ways: {', '.join(sorted(unknown_ways))}")
    _events[event.name] = event
    _groups.setdefault(event.group, (50, event.group))


def event_named(name: str) -> Event:
    """Raises UnknownEvent."""
    if name not in _events:
        raise UnknownEvent(name)
    return _events[name]


def find_event(name: str) -> Event | None:
    """The event, or None for one whose capability is no longer installed."""
    return _events.get(name)


def all_events() -> list[Event]:
    """Every event, in the order of the groups, and in a group as they were registered."""
    return sorted(_events.values(), key=lambda event: (_groups[event.group][0], event.group))


def all_groups() -> list[tuple[str, str]]:
    """Code and name of every group that has events, in order."""
    used = {event.group for event in _events.values()}
    ordered = sorted(_groups.items(), key=lambda item: (item[1][0], item[0]))
    return [(code, str(label)) for code, (_order, label) in ordered if code in used]


def group_label(group: str) -> str:
    return str(_groups[group][1]) if group in _groups else group


def label_of(name: str) -> str:
    """What an event is called; its name where nobody registered it."""
    event = _events.get(name)
    return str(event.label) if event else name

"""What a drawing says about urging at a step: ``op:notify``, ``op:reminder``, ``op:escalation``.

What cannot be read is left out: a version once published must run. ``problems_of`` says it to the person who draws.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onepoint.core.text import whole_number
from onepoint.workflow.engine.graph import ExtensionElement, Node
from onepoint.workflow.engine.times import Span, read_duration

WORKING, CLOCK = "working", "clock"
#: To whom; ``role`` and ``group`` name theirs beside.
RECIPIENTS = ("handler", "unit", "superior", "upper", "owner", "initiator", "role", "group")
RECIPIENT_LABELS = {
    "handler": gettext_lazy("whoever handles the step"),
    "unit": gettext_lazy("the interface person of the unit"),
    "superior": gettext_lazy("the superior"),
    "upper": gettext_lazy("the superior's superior"),
    "owner": gettext_lazy("the owner of the ticket"),
    "initiator": gettext_lazy("whoever registered the ticket"),
    "role": gettext_lazy("everybody with a role"),
    "group": gettext_lazy("a group"),
}
#: What an escalation does beside telling.
DEEDS = ("raise_severity", "release", "hand_over", "supervise")
DEED_LABELS = {
    "raise_severity": gettext_lazy("raise the severity"),
    "release": gettext_lazy("give it back to the group"),
    "hand_over": gettext_lazy("let the recipient take it over"),
    "supervise": gettext_lazy("put the ticket under supervision"),
}
#: How somebody is told; a call has to be made by a person, so it is asked for in the application.
WAYS = ("app", "email", "sms", "call")
WAY_LABELS = {
    "app": gettext_lazy("on the page"),
    "email": gettext_lazy("e-mail"),
    "sms": gettext_lazy("SMS"),
    "call": gettext_lazy("telephone"),
}
DEFAULT_WAYS = ("app",)
#: A reminder without a number of times comes until the step is done, but no more often than this.
MOST_TIMES = 1_000
NOTHING = Span(0, 0, 0)


@dataclass(frozen=True)
class Audience:
    """Whom to tell and how."""

    to: str = "handler"
    role: str = ""
    group: str = ""
    ways: tuple[str, ...] = DEFAULT_WAYS


@dataclass(frozen=True)
class Nudge:
    """A reminder: first ``after`` the arrival, then every ``every``, ``times`` in all."""

    after: Span
    every: Span = NOTHING
    times: int = 1
    audience: Audience = field(default_factory=Audience)
    clock: str = WORKING
    always: bool = False  # at any hour; otherwise what falls outside working time waits until it begins


@dataclass(frozen=True)
class Rung:
    """One rung of the ladder of escalation."""

    after: Span
    audience: Audience = field(default_factory=lambda: Audience("superior"))
    deeds: tuple[str, ...] = ()
    clock: str = WORKING
    always: bool = False


@dataclass(frozen=True)
class Urging:
    """Everything a step says; empty for most."""

    notices: tuple[Audience, ...] = ()
    nudges: tuple[Nudge, ...] = ()
    rungs: tuple[Rung, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.notices or self.nudges or self.rungs)


def read_urging(node: Node) -> Urging:
    """What the drawing says about one step; unreadable parts are left out."""
    find = node.extension.find_elements
    return Urging(
        notices=tuple(_audience(element, "handler") for element in find("op:notify")),
        nudges=tuple(nudge for element in find("op:reminder") if (nudge := _nudge(element))),
        rungs=tuple(rung for element in find("op:escalation") if (rung := _rung(element))),
    )


def _nudge(element: ExtensionElement) -> Nudge | None:
    attributes = element.attributes
    after, every = _span(attributes.get("after")), _span(attributes.get("every"))
    if not after:
        return None
    times = _times(attributes.get("times")) or (MOST_TIMES if every else 1)
    return Nudge(after, every or NOTHING, times if every else 1, _audience(element, "handler"), *_hours(element))


def _rung(element: ExtensionElement) -> Rung | None:
    after = _span(element.attributes.get("after"))
    if not after:
        return None
    deeds = tuple(deed for deed in DEEDS if deed in (element.attributes.get("do") or "").split())
    return Rung(after, _audience(element, "superior"), deeds, *_hours(element))


def _audience(element: ExtensionElement, usual: str) -> Audience:
    attributes = element.attributes
    to = attributes.get("to") or usual
    ways = tuple(way for way in WAYS if way in (attributes.get("by") or "app").split())
    return Audience(
        to if to in RECIPIENTS else usual, attributes.get("role", ""), attributes.get("group", ""), ways or DEFAULT_WAYS
    )


def _hours(element: ExtensionElement) -> tuple[str, bool]:
    """In which time it counts, and whether it may come at any hour: what always may counts by the clock."""
    always = element.attributes.get("always") == "true"
    by_clock = always or element.attributes.get("clock") == CLOCK
    return (CLOCK if by_clock else WORKING), always


def _span(text: str | None) -> Span | None:
    """A readable duration that is longer than nothing."""
    try:
        span = read_duration(text) if text else None
    except (ValueError, OverflowError):
        return None
    return span if span and any(span) else None


def _times(text: str | None) -> int:
    return min(whole_number(text or "") or 0, MOST_TIMES)


def problems_of(node: Node) -> Iterator[str]:
    """What is written about urging and cannot be done, in sentences."""
    for element in (*node.extension.find_elements("op:reminder"), *node.extension.find_elements("op:escalation")):
        attributes = element.attributes
        for name in ("after", "every"):
            text = attributes.get(name)
            if (name == "after" or text) and _span(text) is None:
                yield _("“%s” is no duration, so nobody is reminded.") % (text or "")
        if attributes.get("times") and not _times(attributes["times"]):
            yield _("“%s” is not a number of times.") % attributes["times"]
        for deed in (attributes.get("do") or "").split():
            if deed not in DEEDS:
                yield _("An escalation cannot do “%s”.") % deed
    for name in ("op:reminder", "op:escalation", "op:notify"):
        for element in node.extension.find_elements(name):
            yield from _problems_of_audience(element)


def _problems_of_audience(element: ExtensionElement) -> Iterator[str]:
    attributes = element.attributes
    to = attributes.get("to") or "handler"
    if to not in RECIPIENTS:
        yield _("Nobody is called “%s” here.") % to
    if to in ("role", "group") and not attributes.get(to):
        yield _("The role or group to be told is missing.")
    for way in (attributes.get("by") or "").split():
        if way not in WAYS:
            yield _("Nobody can be told by “%s”.") % way

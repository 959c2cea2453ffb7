"""Writes cases as XES (IEEE 1849-2016) with the standard extensions concept, lifecycle, org and time."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import IO, Any
from xml.sax.saxutils import escape

from onepoint.tickets.event_logs.recording import RecordedCase, RecordedEvent

_EXTENSIONS = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
)
_KINDS = frozenset({"string", "date", "int", "float", "boolean", "id", "list", "container"})
#: What XML 1.0 cannot hold at all.
_FORBIDDEN = dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)])
_IN_QUOTES = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}


def _quoted(text: str) -> str:
    return '"' + escape(text.translate(_FORBIDDEN), _IN_QUOTES) + '"'


def moment(at: datetime) -> str:
    """A moment as ``xs:dateTime``, in UTC, exact to the microsecond where there are any."""
    text = at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "")
    return (text[:-3] if text.endswith("000") else text) + "+00:00"


def _attribute(kind: str, key: str, value: str, nested: Iterable[Any] = (), indent: str = "\t\t") -> str:
    kind = kind if kind in _KINDS else "string"
    inner = "".join(_attribute(of, name, said, below, indent + "\t") for of, name, said, below in nested)
    opening = f"{indent}<{kind} key={_quoted(key)}"
    opening += "" if kind in ("list", "container") else f" value={_quoted(value)}"
    return f"{opening}>\n{inner}{indent}</{kind}>\n" if inner else f"{opening}/>\n"


def _head(name: str) -> str:
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    parts.append('<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">\n')
    parts += [f'\t<extension name="{label}" prefix="{prefix}" uri="{uri}"/>\n' for label, prefix, uri in _EXTENSIONS]
    parts.append('\t<global scope="trace">\n' + _attribute("string", "concept:name", "") + "\t</global>\n")
    parts.append('\t<global scope="event">\n' + _attribute("string", "concept:name", ""))
    parts.append(_attribute("string", "lifecycle:transition", "complete"))
    parts.append(_attribute("date", "time:timestamp", "1970-01-01T00:00:00.000+00:00") + "\t</global>\n")
    parts.append('\t<classifier name="Activity" scope="event" keys="concept:name"/>\n')
    parts.append(
        '\t<classifier name="Activity and transition" scope="event" keys="concept:name lifecycle:transition"/>\n'
    )
    parts.append(_attribute("string", "concept:name", name, indent="\t"))
    parts.append(_attribute("string", "lifecycle:model", "standard", indent="\t"))
    return "".join(parts)


def _event(event: RecordedEvent) -> str:
    parts = [_attribute("string", "concept:name", event.activity, indent="\t\t\t")]
    parts.append(_attribute("string", "lifecycle:transition", event.transition, indent="\t\t\t"))
    if event.actor:
        parts.append(_attribute("string", "org:resource", event.actor, indent="\t\t\t"))
    parts.append(_attribute("date", "time:timestamp", moment(event.at), indent="\t\t\t"))
    if event.outcome:
        parts.append(_attribute("string", "outcome", event.outcome, indent="\t\t\t"))
    return "\t\t<event>\n" + "".join(parts) + "\t\t</event>\n"


def facts_of(case: RecordedCase) -> list[tuple[str, str, str]]:
    """What is said of the ticket itself: kind, key, value."""
    ticket = case.ticket
    facts = [
        ("string", "number", ticket.number), ("string", "kind", ticket.kind), ("string", "status", ticket.status),
        ("string", "category", ticket.category.code), ("string", "severity", ticket.severity.code),
        ("string", "channel", ticket.channel), ("string", "region", ticket.region.code if ticket.region else ""),
        ("string", "unit", ticket.unit.code if ticket.unit else ""), ("date", "opened", moment(ticket.opened_at)),
        ("date", "closed", moment(ticket.closed_at) if ticket.closed_at else ""), ("string", "outcome", ticket.outcome),
        ("int", "reopened", str(ticket.reopen_count)),
    ]  # fmt: skip
    return [fact for fact in facts if fact[2]]


def _trace(case: RecordedCase) -> str:
    parts = ["\t<trace>\n", _attribute("string", "concept:name", case.name)]
    parts += [_attribute(*kept) for kept in case.kept]
    said = {key for _kind, key, _value, _nested in case.kept}
    parts += [_attribute(kind, key, value) for kind, key, value in facts_of(case) if key not in said]
    parts += [_event(event) for event in case.events]
    return "".join([*parts, "\t</trace>\n"])


def write_xes(cases: Iterable[RecordedCase], file: IO[str], name: str) -> tuple[int, int]:
    """Write a log; gives how many cases and events it has. One case is in memory at a time."""
    file.write(_head(name))
    count = events = 0
    for case in cases:
        file.write(_trace(case))
        count += 1
        events += len(case.events)
    file.write("</log>\n")
    return count, events

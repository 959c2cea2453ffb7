"""Writes cases as an object-centric event log: OCEL 2.0 in its JSON form.

Objects are tickets, their customers, the people who acted, and units; every event is related to its ticket and to whoever
did it. Objects come before events in the file, so the selection is read twice; nothing but the ids of people, units and
customers already written is kept in memory.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import IO, Any

from onepoint.tickets.event_logs.recording import RecordedCase, RecordedEvent
from onepoint.tickets.models import Ticket

_OBJECT_TYPES = {
    "ticket": ("number", "case", "kind", "category", "severity", "channel", "region", "outcome", "status"),
    "customer": ("number", "level"),
    "person": ("name",),
    "unit": ("code", "name"),
}
_EVENT_ATTRIBUTES = ("activity", "lifecycle", "outcome")


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _attributes(values: dict[str, str], at: datetime) -> list[dict[str, str]]:
    return [{"name": name, "time": _time(at), "value": value} for name, value in values.items() if value]


def _relation(object_id: str, qualifier: str) -> dict[str, str]:
    return {"objectId": object_id, "qualifier": qualifier}


_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # OCEL: what always held


class _Objects:
    """Objects in the order they are met, each once."""

    def __init__(self) -> None:
        self._met: set[str] = set()

    def of(self, case: RecordedCase) -> Iterator[dict[str, Any]]:
        ticket = case.ticket
        yield self._ticket(case)
        if ticket.customer and self._is_new(f"customer:{ticket.customer_id}"):
            level = ticket.customer.level
            values = {"number": ticket.customer.number, "level": level.code if level else ""}
            yield _object(f"customer:{ticket.customer_id}", "customer", values)
        if ticket.unit and self._is_new(f"unit:{ticket.unit_id}"):
            yield _object(f"unit:{ticket.unit_id}", "unit", {"code": ticket.unit.code, "name": ticket.unit.name})
        for event in case.events:
            if event.actor_id and self._is_new(f"person:{event.actor_id}"):
                yield _object(f"person:{event.actor_id}", "person", {"name": event.actor})

    def _is_new(self, object_id: str) -> bool:
        is_new = object_id not in self._met
        self._met.add(object_id)
        return is_new

    def _ticket(self, case: RecordedCase) -> dict[str, Any]:
        ticket = case.ticket
        values = {
            "number": ticket.number, "case": case.name, "kind": ticket.kind, "category": ticket.category.code,
            "severity": ticket.severity.code, "channel": ticket.channel,
            "region": ticket.region.code if ticket.region else "", "outcome": ticket.outcome,
        }  # fmt: skip
        found = _object(f"ticket:{ticket.pk}", "ticket", values, ticket.opened_at)
        found["attributes"].append({"name": "status", "time": _time(_last_moment(ticket)), "value": ticket.status})
        if ticket.customer_id:
            found["relationships"].append(_relation(f"customer:{ticket.customer_id}", "asked for by"))
        if ticket.unit_id:
            found["relationships"].append(_relation(f"unit:{ticket.unit_id}", "taken by"))
        return found


def _last_moment(ticket: Ticket) -> datetime:
    return ticket.closed_at or ticket.resolved_at or ticket.opened_at


def _object(object_id: str, kind: str, values: dict[str, str], since: datetime = _BEGINNING) -> dict[str, Any]:
    return {"id": object_id, "type": kind, "attributes": _attributes(values, since), "relationships": []}


def _event(case: RecordedCase, event: RecordedEvent) -> dict[str, Any]:
    values = {"activity": event.activity, "lifecycle": event.transition, "outcome": event.outcome}
    relations = [_relation(f"ticket:{case.ticket.pk}", "case")]
    if event.actor_id:
        relations.append(_relation(f"person:{event.actor_id}", "resource"))
    return {
        "id": f"event:{event.id}", "type": event.activity, "time": _time(event.at),
        "attributes": [{"name": name, "value": value} for name, value in values.items() if value],
        "relationships": relations,
    }  # fmt: skip


def _typed(name: str, attributes: Iterable[str]) -> dict[str, Any]:
    return {"name": name, "attributes": [{"name": attribute, "type": "string"} for attribute in attributes]}


def write_ocel(cases: Callable[[], Iterable[RecordedCase]], file: IO[str]) -> tuple[int, int]:
    """Write a log; ``cases`` is asked twice for the same selection. Gives how many tickets and events it has."""
    activities: dict[str, None] = {}
    types = json.dumps([_typed(name, names) for name, names in _OBJECT_TYPES.items()], ensure_ascii=False)
    file.write(f'{{"objectTypes": {types},\n"objects": [')
    objects, count, separator = _Objects(), 0, "\n"
    for case in cases():
        count += 1
        activities |= dict.fromkeys(event.activity for event in case.events)
        for each in objects.of(case):
            file.write(separator + json.dumps(each, ensure_ascii=False))
            separator = ",\n"
    event_types = [_typed(activity, _EVENT_ATTRIBUTES) for activity in activities]
    file.write(f'\n],\n"eventTypes": {json.dumps(event_types, ensure_ascii=False)},\n"events": [')
    events, separator = 0, "\n"
    for case in cases():
        for event in case.events:
            file.write(separator + json.dumps(_event(case, event), ensure_ascii=False))
            separator, events = ",\n", events + 1
    file.write("\n]}\n")
    return count, events

"""Two people corrected one ticket: what the second typed, what the first saved, and what both of them had read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format

from onepoint.core.models import AuditEntry
from onepoint.tickets.models import Ticket

MINE, THEIRS = "mine", "theirs"
_MISSING = object()


@dataclass(frozen=True)
class Difference:
    """One item the two leave in different states. ``preset`` is the side that changed it; a clash is up to the person."""

    name: str
    mine: Any
    theirs: Any
    original: Any
    is_clash: bool

    @property
    def preset(self) -> str:
        return MINE if self.is_clash or self.original == fact_of(self.theirs) else THEIRS


def fact_of(value: Any) -> Any:
    """A value as the journal keeps it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value) if isinstance(value, Model) else value


def shown(value: Any, like: Any = None) -> str:
    """A value in words, for the screen; a fact of the journal reads as what it stands beside (``like``)."""
    if isinstance(like, datetime) and isinstance(value, str):
        value = parse_datetime(value) or value
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, Model):
        return str(getattr(value, "label", value))
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value)


def originals_before(entries: list[AuditEntry]) -> dict[str, Any]:
    """What stood in the items that were corrected since, oldest entry first: item → the fact before the first change."""
    found: dict[str, Any] = {}
    for entry in entries:
        for name, (old, _new) in entry.data.get("changes", {}).items():
            found.setdefault(name, old)
    return found


def differences(ticket: Ticket, given: Mapping[str, Any], originals: Mapping[str, Any]) -> list[Difference]:
    """How the typed items differ from the ticket as it stands; special items key by key, named ``items-<key>``."""
    found = []
    for name, mine in given.items():
        if name == "special_items":
            found += _special(ticket.special_items, mine or {}, originals.get(name, _MISSING))
            continue
        found += _difference(name, mine, getattr(ticket, name), originals.get(name, _MISSING))
    return found


def _special(theirs: Mapping[str, Any], mine: Mapping[str, Any], original: Any) -> list[Difference]:
    found: list[Difference] = []
    for key in dict.fromkeys([*theirs, *mine]):
        before = original.get(key) if isinstance(original, Mapping) else theirs.get(key)
        found += _difference(f"items-{key}", mine.get(key), theirs.get(key), before)
    return found


def _difference(name: str, mine: Any, theirs: Any, original: Any) -> list[Difference]:
    if fact_of(mine) == fact_of(theirs):
        return []
    before = fact_of(theirs) if original is _MISSING else original
    if isinstance(theirs, datetime) and isinstance(before, str):
        before = fact_of(parse_datetime(before))
    return [Difference(name, mine, theirs, before, is_clash=before not in (fact_of(mine), fact_of(theirs)))]

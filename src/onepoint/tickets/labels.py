"""What names a ticket's category, severity, place and department: few rows, which each process keeps (``core.stamped``)."""

from collections.abc import Iterable
from typing import Any

from onepoint.core import stamped

#: What a list row shows beside the ticket's own columns, with the topic whose changes concern it.
KEPT = {"category": "terms", "severity": "terms", "region": "terms", "unit": "access"}
#: What a line about a ticket shows or decides by; the rest is read when somebody asks for it.
IN_A_LINE = (
    "number", "kind", "category", "severity", "urgency", "channel", "title", "customer", "customer_level", "contact_name",
    "region", "unit", "owner", "due_at", "warn_at", "is_paused", "status", "opened_at", "closed_at", "merged_into", "version",
    "customer__number", "customer__kind", "customer__name", "customer__name_en", "customer__level",
)  # fmt: skip


def are_kept() -> bool:
    """Whether these rows need not be read: in requests that only read."""
    return bool(stamped.current.get())


def attach_labels(tickets: Iterable[Any]) -> None:
    """Category, severity, region and unit of each ticket, and its customer's level if that was read, where they are kept.

    Elsewhere they are read when asked for.
    """
    tickets = list(tickets)
    customers = [ticket._state.fields_cache["customer"] for ticket in tickets if _has_customer(ticket)]
    for field, topic in KEPT.items():
        _attach(tickets, field, topic)
    _attach(customers, "level", "terms")


def _has_customer(ticket: Any) -> bool:
    return ticket._state.fields_cache.get("customer") is not None


def _attach(rows: list[Any], field: str, topic: str) -> None:
    if not rows:
        return
    described: Any = rows[0]._meta.get_field(field)
    related = described.related_model
    everyone = stamped.kept_or_none(topic, ("rows", related.__name__), lambda: related.objects.in_bulk()) or {}
    for row in rows:
        found = everyone.get(row.__dict__.get(described.attname))
        if found is not None:
            row._state.fields_cache[field] = found

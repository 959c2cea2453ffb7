"""What names a ticket's category, severity, place and department: few rows, which each process keeps (``core.stamped``)."""

from typing import Any

from django.db.models import Model

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


def attach_labels(ticket: Any) -> None:
    """Category, severity, region and unit of a ticket, and its customer's level if that was read, where they are kept.

    Elsewhere they are read when asked for.
    """
    for field, topic in KEPT.items():
        _attach(ticket, field, topic)
    customer = ticket._state.fields_cache.get("customer")
    if customer is not None:
        _attach(customer, "level", "terms")


def _attach(row: Model, field: str, topic: str) -> None:
    described: Any = row._meta.get_field(field)
    related = described.related_model
    pk = row.__dict__.get(described.attname)
    if pk is None:
        return
    everyone = stamped.kept_or_none(topic, ("rows", related.__name__), lambda: related.objects.in_bulk())
    if everyone and pk in everyone:
        row._state.fields_cache[field] = everyone[pk]

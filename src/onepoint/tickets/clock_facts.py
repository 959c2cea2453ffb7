"""What the rules for limits may ask about a ticket, and the values they may name: tickets' side of ``sla``."""

from datetime import timedelta
from typing import Any

from onepoint.accounts.queries import business_lines, region_tree
from onepoint.accounts.states import RegionKind
from onepoint.channels.states import Channel
from onepoint.customers import queries as customers
from onepoint.sla import registry
from onepoint.sla.registry import DEFAULT_LIMIT
from onepoint.sla.states import Area
from onepoint.tickets import queries, related
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import ALIVE, TicketKind, TicketStatus


def _path(node: Any) -> list[str]:
    return [part for part in node.path.split("/") if part] if node else []


def clock_facts(ticket: Ticket) -> dict[str, Any]:
    """The ticket as rules see it. A county counts as rural, everything else (a city and its districts) as urban.

    The calendar is that of the category's usual department, else of the ticket's unit, else of its region.
    """
    customer, region = ticket.customer, ticket.region
    level = customer.level if customer else None
    area = ""
    if region:
        area = Area.RURAL.value if region.kind == RegionKind.COUNTY else Area.URBAN.value
    return {
        "kind": str(ticket.kind),
        "category": _path(ticket.category),
        "severity": ticket.severity.code,
        "level": level.code if level else "",
        "channel": str(ticket.channel),
        "business": str(ticket.business_line_id or ""),
        "tag": list(ticket.tags),
        "region": _path(region),
        "area": area,
        "unit_id": ticket.category.default_unit_id or ticket.unit_id,
        "region_id": ticket.region_id,
        DEFAULT_LIMIT: timedelta(hours=ticket.severity.answer_hours).total_seconds(),
    }


def _categories() -> list[tuple[str, str]]:
    return [(str(node.pk), "　" * node.depth + node.label) for node in queries.categories()]


def _category_by_code(code: str) -> str | None:
    category = queries.category_by_code(code)
    return str(category.pk) if category else None


def _facts_of(ticket_id: int) -> dict[str, Any]:
    return clock_facts(queries.ticket_for_limits(ticket_id))


def register() -> None:
    """Called once by the AppConfig."""
    registry.register_facts("ticket", _facts_of)
    registry.register_choices("kind", lambda: TicketKind.choices)
    registry.register_choices("category", _categories)
    registry.register_finder("category", _category_by_code)
    registry.register_choices("severity", lambda: [(one.code, one.label) for one in queries.severities()])
    registry.register_choices("level", lambda: [(one.code, one.label) for one in customers.levels()])
    registry.register_choices("channel", lambda: Channel.choices)
    registry.register_choices("business", lambda: [(str(line.pk), line.label) for line in business_lines()])
    registry.register_choices("region", lambda: [(str(node.pk), node.label) for node in region_tree()])
    registry.register_choices("tag", lambda: [(tag.code, tag.label) for tag in related.all_tags()])
    registry.register_choices(
        "stage", lambda: [(status.value, status.label) for status in TicketStatus if status in ALIVE]
    )

"""Complaints of one customer about the same thing again and again."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from onepoint.accounts.models import User
from onepoint.channels.queries import journal_rule
from onepoint.core import clock
from onepoint.tickets.likeness import group_path
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.states import TicketKind, TicketStatus

#: Of one customer within the period; who complains more often than this is flagged all the same.
MOST = 60


@dataclass(frozen=True)
class Repeat:
    """Complaints under one group of categories, the newest first; ``days`` is the period looked at."""

    category: Category  # the node they have in common
    tickets: list[Ticket]
    days: int

    @property
    def count(self) -> int:
        return len(self.tickets)


def repeated_complaints(customer_ids: Iterable[int], *, visible_to: User) -> list[Repeat]:
    """Groups of categories complained about at least as often as the journal's rules say; one query besides the rules.

    Tickets merged into another count once, with that one.
    """
    rule = journal_rule()
    since = clock.now() - timedelta(days=rule.repeat_days)
    complaints = Ticket.objects.visible_to(visible_to).filter(
        customer__in=list(customer_ids), kind=TicketKind.COMPLAINT, opened_at__gte=since
    )
    complaints = complaints.exclude(status=TicketStatus.MERGED).select_related("category__parent", "severity")
    groups: dict[str, list[Ticket]] = defaultdict(list)
    for ticket in complaints.order_by("-opened_at", "-pk")[:MOST]:
        groups[group_path(ticket.category)].append(ticket)
    repeats = [
        Repeat(_common(tickets), tickets, rule.repeat_days)
        for tickets in groups.values()
        if len(tickets) >= rule.repeat_count
    ]
    return sorted(repeats, key=lambda repeat: -repeat.count)


def _common(tickets: list[Ticket]) -> Category:
    """The category all of them have, else the node above it."""
    first = tickets[0].category
    if all(ticket.category_id == first.pk for ticket in tickets):
        return first
    above = Category.objects.filter(pk=first.parent_id).first() if first.parent_id else None
    return above or first

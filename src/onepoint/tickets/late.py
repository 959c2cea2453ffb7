"""What is late, or will be within a chosen window: steps and tickets, for whoever is on duty. Stands beside ``queries``."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from onepoint.accounts.models import OrgUnit, User
from onepoint.core import clock
from onepoint.tickets.models import Ticket
from onepoint.workflow.models import UserTask

WINDOWS = {"15m": timedelta(minutes=15), "1h": timedelta(hours=1), "4h": timedelta(hours=4)}


@dataclass(frozen=True)
class LateFilter:
    """``window`` is one of WINDOWS, ``today``, or ``over`` for what is late already."""

    window: str = "1h"
    unit: OrgUnit | None = None


def _end(window: str) -> datetime:
    now = clock.now()
    if window == "today":
        return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return now + WINDOWS.get(window, WINDOWS["1h"])


def _within(window: str) -> Q:
    now = clock.now()
    return Q(due_at__lt=now) if window == "over" else Q(due_at__gte=now, due_at__lt=_end(window))


def late_steps(chosen: LateFilter, *, visible_to: User) -> QuerySet[UserTask]:
    """Living steps with a limit that is reached within the window, of tickets the person may see; nothing that rests."""
    visible = Ticket.objects.visible_to(visible_to).alive().values("pk")
    steps = UserTask.objects.live().filter(
        _within(chosen.window), held=False, subject_type="ticket", subject_id__in=visible
    )
    if chosen.unit:
        steps = steps.filter(unit__path__startswith=chosen.unit.path)
    return steps.select_related("assignee", "unit")


def late_tickets(chosen: LateFilter, *, visible_to: User) -> QuerySet[Ticket]:
    """Living tickets due within the window."""
    tickets = Ticket.objects.visible_to(visible_to).alive().filter(_within(chosen.window))
    if chosen.unit:
        tickets = tickets.filter(unit__path__startswith=chosen.unit.path)
    return tickets.with_labels()


def counts_by_unit(rows: QuerySet[Any], most: int = 12) -> list[tuple[OrgUnit | None, int]]:
    """How many of them each unit has, most first: two statements."""
    counted = rows.order_by().values("unit").annotate(count=Count("pk")).order_by("-count")[:most]
    found = [(row["unit"], row["count"]) for row in counted]
    units = OrgUnit.objects.in_bulk([pk for pk, _count in found if pk])
    return [(units.get(pk), count) for pk, count in found]

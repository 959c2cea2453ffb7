"""What tickets do for their customer: they follow when two records become one, and stand in the timeline."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.core import masking
from onepoint.customers.history import Happening, Request, Source, register_source
from onepoint.customers.merging import Holder, holder_of, register_holder
from onepoint.customers.models import Customer
from onepoint.tickets.models import Ticket, TicketSchedule
from onepoint.tickets.services import customers as services


def _count(customer: Customer) -> int:
    return Ticket.objects.filter(customer=customer).count()


def _move(merged: Customer, survivor: Customer, replaced: dict[str, dict[int, int]]) -> list[Any]:
    return services.follow_customer(merged, survivor, replaced=replaced, by=None)


def _give_back(merged: Customer, survivor: Customer, moved: Sequence[Any]) -> int:
    return services.return_to_customer(merged, survivor, moved=moved, by=None)


def _read_position(text: str) -> tuple[datetime, int] | None:
    """The moment and id a position stands for; None for anything else somebody put into an address."""
    moment, _sign, pk = text.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        return (at, int(pk)) if at.tzinfo and pk.isdecimal() and len(pk) < 19 else None
    except ValueError:
        return None


def _happenings(request: Request) -> list[Happening]:
    """The customer's tickets within the person's scope, newest first, by the moment they were opened."""
    tickets = Ticket.objects.visible_to(request.visible_to).filter(customer=request.customer)
    if before := _read_position(request.after):
        moment, pk = before
        tickets = tickets.filter(Q(opened_at__lt=moment) | Q(opened_at=moment, pk__lt=pk), opened_at__lte=moment)
    rows = tickets.select_related("created_by").order_by("-opened_at", "-pk")[: request.limit]
    return [
        Happening(
            at=ticket.opened_at,
            kind="ticket",
            position=f"{ticket.opened_at.isoformat()}~{ticket.pk}",
            sentence=f"{ticket.get_kind_display()} {ticket.number} · {ticket.get_status_display()}",
            who=ticket.created_by.label if ticket.created_by else "",
            url=ticket.get_absolute_url(),
            detail=masking.shown_words(ticket.title),
            tone="good" if ticket.is_finished else "accent",
        )
        for ticket in rows
    ]


def register() -> None:
    """Called when the house starts."""
    register_holder(Holder("ticket", Ticket._meta.verbose_name_plural or "", _count, _move, _give_back))
    register_holder(holder_of(TicketSchedule))
    register_source(Source("ticket", {"ticket": (_("Tickets"), "ticket.view")}, _happenings))

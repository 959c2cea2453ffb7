"""Tickets that rest together, as when a mass incident takes them over: as many statements for thirty as for one."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.core import audit
from onepoint.core.errors import SomebodyWasFaster
from onepoint.tickets import signals
from onepoint.tickets.models import Ticket
from onepoint.tickets.services.limits import follow_rest, let_timers_rest
from onepoint.tickets.services.progress import SAID
from onepoint.tickets.services.supervising import let_urging_rest
from onepoint.tickets.states import TicketStatus, is_allowed

VERB = "put_on_hold"


@transaction.atomic
def rest_with_processes(ticket_ids: Iterable[int], *, reason: str, until: datetime | None, by: User | None) -> None:
    """The processes were suspended, their clocks standing still: so the tickets rest too, where they can."""
    rows = Ticket.objects.select_for_update(of=("self",)).filter(pk__in=list(ticket_ids)).order_by("pk")
    by_status: dict[str, list[Ticket]] = {}
    for ticket in rows:
        if is_allowed(VERB, ticket.status):
            by_status.setdefault(ticket.status, []).append(ticket)
    values = {"status": TicketStatus.ON_HOLD, "on_hold_until": until, "hold_reason": reason[:300]}
    for was, tickets in by_status.items():
        _rest(tickets, was, values, by)


def _rest(tickets: Sequence[Ticket], was: str, values: dict[str, Any], by: User | None) -> None:
    """What ``progress`` does when one ticket moves; nothing of it follows from a lead ticket that only rests."""
    ids = [ticket.pk for ticket in tickets]
    if Ticket.objects.filter(pk__in=ids, status=was).update(**values) != len(ids):
        raise SomebodyWasFaster
    for ticket in tickets:
        for name, value in values.items():
            setattr(ticket, name, value)
    reason = values["hold_reason"]
    fact = {"was": was, "status": TicketStatus.ON_HOLD.value, "reason": reason}
    audit.record_many(f"ticket.{SAID[VERB]}", [("ticket", pk, fact) for pk in ids], by=by)
    let_urging_rest(tickets, rests=True)
    let_timers_rest(tickets, rests=True, by=by)
    follow_rest(tickets, was=was, reason=reason, by=by)
    for ticket in tickets:
        signals.ticket_status_changed.send(sender=Ticket, ticket=ticket, by=by, verb=VERB, was=was)

"""A ticket and its mass incident: attached it rests, detached it goes on where it was, answered it is closed."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import BusinessError, InvalidInput, require
from onepoint.core.text import clean
from onepoint.tickets import mass_incident_rights as rights
from onepoint.tickets import mass_incidents, policies, signals
from onepoint.tickets.batch_states import AnswerState, AttachmentState
from onepoint.tickets.models import AttachedTicket, MassIncident, Ticket, ToldCustomer
from onepoint.tickets.reaching import chosen_way, reach_of
from onepoint.tickets.services.answering import journal_answer, tell_customer
from onepoint.tickets.services.closing import lock_with_process, lock_with_processes
from onepoint.tickets.services.progress import end_ticket, go_on_with_process, put_back
from onepoint.tickets.services.resting import rest_with_processes
from onepoint.tickets.states import ReplyChannel, TicketStatus
from onepoint.workflow import services as workflow_services
from onepoint.workflow.states import LIVE_INSTANCE, InstanceStatus

#: Somebody asked for no answer; that is his way.
UNWANTED = "none"


def attach_by_itself(incident_id: int, ticket_id: int, *, by: User | None) -> bool:
    """What the job does; False where it is not possible any more."""
    incident = mass_incidents.incident_by_id(incident_id)
    if incident is None or not incident.is_open:
        return False
    try:
        attach_ticket(incident, Ticket.objects.get(pk=ticket_id), by=by)
    except BusinessError:
        return False
    return True


def attach_ticket(incident: MassIncident, ticket: Ticket, *, by: User | None) -> AttachedTicket:
    """Let a ticket be handled with a mass incident: its own process rests. Attached already: nothing happens.

    Raises NotPermitted, TicketFinished, AttachedElsewhere, LeadsTheIncident, IncidentNotInThatState.
    """
    found = attach_tickets(incident, [ticket], by=by)[ticket.pk]
    if isinstance(found, BusinessError):
        raise found
    return found


@transaction.atomic
def attach_tickets(
    incident: MassIncident, tickets: Iterable[Ticket], *, by: User | None
) -> dict[int, AttachedTicket | BusinessError]:
    """The same for several, by ticket id: those that may not are left as they are, with the refusal. As many statements as for one."""
    locked = lock_with_processes(tickets)
    current = mass_incidents.attachments_now(locked)
    found: dict[int, AttachedTicket | BusinessError] = {}
    fresh = []
    for ticket in locked:
        attached = current.get(ticket.pk)
        if refusal := rights.why_not_attach(incident, ticket, by, attached):
            found[ticket.pk] = refusal
        elif attached:
            found[ticket.pk] = attached
        else:
            fresh.append(ticket)
    if fresh:
        found.update(_attach(incident, fresh, by))
    return found


def _attach(incident: MassIncident, tickets: Sequence[Ticket], by: User | None) -> dict[int, AttachedTicket]:
    now = clock.now()
    earlier = _hold(incident, tickets)
    rows = [
        AttachedTicket(
            incident=incident, ticket=ticket, state=AttachmentState.ATTACHED, answer="", answered_at=None, since=now,
            by=by, earlier=earlier[ticket.pk],
        )
        for ticket in tickets
    ]  # fmt: skip
    AttachedTicket.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["incident", "ticket"],
        update_fields=["state", "answer", "answered_at", "since", "by", "earlier"],
    )  # fmt: skip
    fact: dict[str, Any] = {"number": incident.number, "title": incident.title}
    audit.record_many("ticket.attached_to_incident", [("ticket", ticket.pk, fact) for ticket in tickets], by=by)
    for ticket in tickets:
        signals.ticket_attached.send(sender=Ticket, ticket=ticket, incident=incident, by=by)
    return {row.ticket_id: row for row in rows}


def _hold(incident: MassIncident, tickets: Sequence[Ticket]) -> dict[int, dict[str, Any]]:
    """Let the processes rest under the lock; gives what each ticket needs to go on later."""
    earlier: dict[int, dict[str, Any]] = {}
    for ticket in tickets:
        earlier[ticket.pk] = {"status": ticket.status, "rested": False}
        if ticket.status == TicketStatus.ON_HOLD:
            earlier[ticket.pk]["hold"] = {
                "hold_reason": ticket.hold_reason,
                "on_hold_until": ticket.on_hold_until.isoformat() if ticket.on_hold_until else None,
                "waits_for_customer": ticket.waits_for_customer,
            }
    reason = _("Handled with the mass incident %(number)s: %(title)s") % {
        "number": incident.number, "title": incident.title,
    }  # fmt: skip
    reason = reason[:300]
    running = [ticket for ticket in tickets if _has_running_process(ticket)]
    if running:
        # Who may attach has been decided; that the processes rest is only its consequence.
        clocks = "stop" if incident.clocks_stand_still else "run"
        processes = [ticket.process_instance for ticket in running if ticket.process_instance]
        workflow_services.suspend_processes(processes, reason=reason, clocks=clocks, by=None)
        for ticket in running:
            earlier[ticket.pk]["rested"] = True
    rested = [ticket.pk for ticket in tickets if ticket.status == TicketStatus.ON_HOLD]
    others = [ticket.pk for ticket in tickets if not earlier[ticket.pk]["rested"] and ticket.pk not in rested]
    if others and incident.clocks_stand_still:
        rest_with_processes(others, reason=reason, until=None, by=None)
    if rested:  # they rested before; from now on for this reason, and not until a moment
        Ticket.objects.filter(pk__in=rested).update(hold_reason=reason, on_hold_until=None)
    return earlier


def _has_running_process(ticket: Ticket) -> bool:
    instance = ticket.process_instance
    return instance is not None and instance.status in LIVE_INSTANCE and instance.status != InstanceStatus.SUSPENDED


@transaction.atomic
def detach_ticket(ticket: Ticket, *, by: User | None) -> None:
    """Let a ticket go on by itself, where it was. Raises NotPermitted, NotAttached."""
    ticket = lock_with_process(ticket)
    row = mass_incidents.attachment_of(ticket)
    require(rights.why_not_detach(row, by))
    assert row is not None
    AttachedTicket.objects.filter(pk=row.pk).update(state=AttachmentState.DETACHED, answer="")
    _let_go(row, ticket)
    fact: dict[str, Any] = {"number": row.incident.number, "title": row.incident.title}
    audit.record("ticket.detached_from_incident", by=by, subject_type="ticket", subject_id=ticket.pk, **fact)
    signals.ticket_detached.send(sender=Ticket, ticket=ticket, incident=row.incident, by=by)


def _let_go(row: AttachedTicket, ticket: Ticket) -> None:
    instance = ticket.process_instance
    if row.earlier.get("rested") and instance is not None and instance.status == InstanceStatus.SUSPENDED:
        workflow_services.resume_process(instance.pk, by=None)
    elif not row.earlier.get("hold"):
        go_on_with_process(ticket.pk, by=None)
    hold = dict(row.earlier.get("hold") or {})
    if hold:
        until = hold.pop("on_hold_until", None)
        hold["on_hold_until"] = datetime.fromisoformat(until) if until else None
    put_back(ticket.pk, row.earlier.get("status", ""), hold=hold, by=None)


@transaction.atomic
def reject_suggestion(incident: MassIncident, ticket: Ticket, *, by: User | None) -> None:
    """This ticket is about something else, whether it was suggested or only looks alike; it is not suggested again.

    Nothing where it has been decided already. Raises NotPermitted, IncidentNotInThatState.
    """
    require(rights.why_not_reject(incident, by))
    now = clock.now()
    row, is_new = AttachedTicket.objects.get_or_create(
        incident=incident, ticket=ticket, defaults={"state": AttachmentState.REJECTED, "by": by, "since": now}
    )
    suggested = AttachedTicket.objects.filter(pk=row.pk, state=AttachmentState.SUGGESTED)
    if is_new or suggested.update(state=AttachmentState.REJECTED, by=by, since=now):
        fact: dict[str, Any] = {"number": incident.number}
        audit.record("ticket.kept_out_of_incident", by=by, subject_type="ticket", subject_id=ticket.pk, **fact)


# --- telling the customers ---------------------------------------------------------------------------------------


def tell_once(
    incident: MassIncident, ticket: Ticket, *, occasion: str, text: str, way: str = "", is_locked: bool = False,
    by: User | None,
) -> ToldCustomer:  # fmt: skip
    """Tell the customer of a ticket something about the incident unless he was told it with another of his tickets.

    The row with the unique key comes first: whoever tells the same customer at the same time waits for it, and finds it.
    """
    told, is_first = ToldCustomer.objects.get_or_create(
        incident=incident, occasion=occasion, customer_key=mass_incidents.customer_key_of(ticket),
        defaults={"ticket": ticket, "told_at": clock.now()},
    )  # fmt: skip
    if is_first:
        key = f"incident-{incident.pk}-{occasion}"
        message = tell_customer(ticket, text=text, key=key, way=way, is_locked=is_locked, by=by)
        told.way = message.medium if message else _way_without_message(ticket, way)
        told.save(update_fields=["way"])
    elif told.ticket_id != ticket.pk:
        fact: dict[str, Any] = {"number": told.ticket.number}
        audit.record("ticket.customer_told_with", by=by, subject_type="ticket", subject_id=ticket.pk, **fact)
    return told


def _way_without_message(ticket: Ticket, way: str) -> str:
    """Empty where somebody has to call; whoever wants no answer is not called either."""
    return "" if chosen_way(ticket, reach_of(ticket), way) else UNWANTED


@transaction.atomic
def settle_ticket(
    incident: MassIncident, ticket: Ticket, *, occasion: str, text: str, way: str = "", closes: bool, by: User | None
) -> str:
    """Answer the customer of an attached ticket and close it; gives the way, empty where he has to be called first.

    The lead ticket's customer is answered too; that ticket ends with its own process.
    """
    (locked,) = settling = lock_with_processes([ticket])
    row = _attached_rows(incident, settling).get(ticket.pk)
    return _settle_locked(incident, locked, row, occasion=occasion, text=text, way=way, closes=closes, by=by)


@transaction.atomic
def settle_tickets(
    incident: MassIncident, tickets: Iterable[Ticket], *, occasion: str, word: Callable[[Ticket], str], way: str = "",
    closes: bool, by: User | None,
) -> dict[int, str | BusinessError]:  # fmt: skip
    """The same for several, each with what ``word`` says for it: by ticket id the way, or the refusal that left it as it was."""
    locked = lock_with_processes(tickets)
    customers = [ticket.customer for ticket in locked if ticket.customer]
    prefetch_related_objects(customers, "accounts", "contact_persons")
    rows = _attached_rows(incident, locked)
    found: dict[int, str | BusinessError] = {}
    for ticket in locked:
        try:
            with transaction.atomic():
                found[ticket.pk] = _settle_locked(
                    incident, ticket, rows.get(ticket.pk), occasion=occasion, text=word(ticket), way=way, closes=closes,
                    by=by,
                )  # fmt: skip
        except BusinessError as refusal:
            found[ticket.pk] = refusal
    return found


def _attached_rows(incident: MassIncident, tickets: Iterable[Ticket]) -> dict[int, AttachedTicket]:
    """What the tickets are to the incident, locked, by ticket id."""
    ids = [ticket.pk for ticket in tickets]
    rows = AttachedTicket.objects.select_for_update().filter(incident=incident, ticket__in=ids).order_by("pk")
    return {row.ticket_id: row for row in rows}


def _settle_locked(
    incident: MassIncident, ticket: Ticket, row: AttachedTicket | None, *, occasion: str, text: str, way: str,
    closes: bool, by: User | None,
) -> str:  # fmt: skip
    if row is None and incident.lead_ticket_id != ticket.pk:
        raise rights.NotAttached
    if row is not None and row.state not in (AttachmentState.ATTACHED, AttachmentState.SETTLED):
        raise rights.NotAttached
    told = tell_once(incident, ticket, occasion=occasion, text=text, way=way, is_locked=True, by=by)
    if row is None or row.state == AttachmentState.SETTLED:
        return told.way
    if not told.way:
        AttachedTicket.objects.filter(pk=row.pk).update(answer=AnswerState.TO_CALL)
        return ""
    _settle(incident, row, ticket, closes, by)
    return told.way


def _settle(incident: MassIncident, row: AttachedTicket, ticket: Ticket, closes: bool, by: User | None) -> None:
    """The customer has the answer: note it, and end the ticket if that is wanted."""
    values: dict[str, Any] = {"answer": AnswerState.TOLD, "answered_at": clock.now()}
    if closes:
        values["state"] = AttachmentState.SETTLED
    AttachedTicket.objects.filter(pk=row.pk).update(**values)
    if closes and not ticket.is_finished:
        require(policies.why_not_close(ticket, None))
        reason = incident.conclusion or incident.title
        end_ticket(ticket, "close", by=by, outcome="closed", reason=reason[:300])


@transaction.atomic
def note_call(row: AttachedTicket, *, words: str, closes: bool = True, by: User | None) -> int:
    """The customer was called and has the answer, for all his tickets in this incident; how many tickets that settles.

    Raises NotPermitted, NotToBeCalled, InvalidInput without words.
    """
    incident = row.incident
    require(rights.why_not_change(incident, by))
    if not (said := clean(words)[:2000]):
        raise InvalidInput({"words": _("Please write down what was said.")})
    rows = mass_incidents.rows_to_call(row)
    locked = {one.pk: lock_with_process(one.ticket) for one in rows}
    still = AttachedTicket.objects.select_for_update().filter(pk__in=locked, answer=AnswerState.TO_CALL).order_by("pk")
    waiting = list(still)
    if not waiting:
        raise rights.NotToBeCalled
    first = locked[waiting[0].pk]
    subject = _("Answer to %(number)s") % {"number": first.number}
    contact = journal_answer(
        first, way=ReplyChannel.PHONE, subject=subject, text=said, number=reach_of(first).phone,
        key=f"incident-{incident.pk}-called-{waiting[0].pk}-{incident.resolved_count}", by=by,
    )  # fmt: skip
    for one in waiting:
        ticket = locked[one.pk]
        audit.record(
            "ticket.customer_told", by=by, subject_type="ticket", subject_id=ticket.pk, way=ReplyChannel.PHONE.value,
            text=said, contact=contact.number,
        )  # fmt: skip
        _settle(incident, one, ticket, closes, by)
    occasion = mass_incidents.occasion_of_answer(incident)
    ToldCustomer.objects.filter(
        incident=incident, occasion=occasion, customer_key=mass_incidents.customer_key_of(first)
    ).update(way=ReplyChannel.PHONE.value, told_at=clock.now())
    return len(waiting)

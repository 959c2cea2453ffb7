"""What tickets mean to mass incidents: a lead ticket moves its own on, a new ticket may belong to one."""

from onepoint.accounts.models import User
from onepoint.core import audit, clock, jobs
from onepoint.notifications.services import notify
from onepoint.tickets import mass_incidents, signals
from onepoint.tickets.batch_events import RESOLVED
from onepoint.tickets.batch_states import INCIDENT_MOVES, AttachmentState
from onepoint.tickets.models import AttachedTicket, MassIncident, Ticket
from onepoint.tickets.states import TicketStatus

#: Status of the lead ticket → what that means for its mass incident.
_MEANS = {
    TicketStatus.HANDLING: "start_handling",
    TicketStatus.REPLYING: "start_handling",
    TicketStatus.RESOLVED: "resolve",
    TicketStatus.VISITING: "resolve",
    TicketStatus.CLOSED: "resolve",
}


def follow_lead(ticket: Ticket, *, by: User | None) -> None:
    """A ticket has moved; if it leads a mass incident, that moves with it. Part of the ticket's write."""
    verb = _MEANS.get(TicketStatus(ticket.status))
    incident = mass_incidents.open_incident_led_by(ticket.pk) if verb else None
    if incident is None or verb is None or incident.state not in INCIDENT_MOVES[verb][0]:
        return
    move_incident(incident, verb, by=by)


def move_incident(incident: MassIncident, verb: str, *, conclusion: str = "", by: User | None) -> bool:
    """Compare-and-set along the table, journaled and announced; False where somebody was faster."""
    sources, target = INCIDENT_MOVES[verb]
    now = clock.now()
    values: dict[str, object] = {"state": target, "version": incident.version + 1}
    if verb == "resolve":
        values |= {"resolved_at": now, "resolved_count": incident.resolved_count + 1}
    if verb == "close":
        values["closed_at"] = now
    if verb == "take_up_again":
        values["resolved_at"] = None
    if conclusion:
        values["conclusion"] = conclusion[:500]
    if not MassIncident.objects.filter(pk=incident.pk, state__in=sources).update(**values):
        return False
    for name, value in values.items():
        setattr(incident, name, value)
    audit.record(
        f"mass_incident.{PAST[verb]}", by=by, subject_type="mass_incident", subject_id=incident.pk, reason=conclusion
    )
    signals.mass_incident_moved.send(sender=MassIncident, incident=incident, verb=verb, by=by)
    if verb == "resolve" and incident.declared_by_id:
        notify(
            RESOLVED, [incident.declared_by_id], key=f"{RESOLVED}-{incident.pk}-{incident.resolved_count}",
            facts={"number": incident.number, "title": incident.title}, subject=("mass_incident", incident.pk),
            url=incident.get_absolute_url(), by=by,
        )  # fmt: skip
    return True


PAST = {
    "start_handling": "handled",
    "resolve": "resolved",
    "take_up_again": "taken_up_again",
    "close": "closed",
}


def offer_to_incidents(ticket: Ticket, *, by: User | None) -> None:
    """Part of registering a ticket: where it fulfils the conditions of a mass incident, attach or suggest it.

    Attached by a job, as that locks the process; the ticket is not kept waiting for it.
    """
    for known in mass_incidents.incidents_including(ticket):
        if known.attaches_by_itself:
            jobs.defer("tickets.attach_to_incident", incident_id=known.pk, ticket_id=ticket.pk)
            return
        AttachedTicket.objects.create(
            incident_id=known.pk, ticket=ticket, state=AttachmentState.SUGGESTED, since=clock.now(), by=by
        )

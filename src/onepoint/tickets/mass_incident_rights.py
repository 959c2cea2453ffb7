"""Why a person may not do something to a mass incident or to its tickets: the refusal, or None."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.accounts.scope import scope_of
from onepoint.core.errors import BusinessError, NotPermitted
from onepoint.tickets.batch_states import INCIDENT_MOVES, AttachmentState, IncidentState
from onepoint.tickets.models import AttachedTicket, MassIncident, Ticket
from onepoint.tickets.policies import TicketFinished

DECLARE = "incident.declare"


class OutsideYourPlaces(BusinessError):
    """Mass incidents are declared and answered by whoever answers for all the regions concerned."""

    code = "outside_your_places"
    message = _("This concerns regions you do not answer for.")
    status = 403


class IncidentNotInThatState(BusinessError):
    """The table has no such move from the present state."""

    code = "incident_not_in_that_state"
    message = _("This is not possible while the mass incident is “%(state)s”.")


class AttachedElsewhere(BusinessError):
    """A ticket belongs to one mass incident at a time."""

    code = "attached_elsewhere"
    message = _("This ticket is attached to the mass incident %(number)s already.")


class NotAttached(BusinessError):
    """Somebody detached it, or it never belonged to it."""

    code = "not_attached"
    message = _("This ticket is not attached to a mass incident.")


class LeadsTheIncident(BusinessError):
    """The lead ticket is handled, not attached."""

    code = "leads_the_incident"
    message = _("This is the lead ticket of the mass incident.")


class StillAttached(BusinessError):
    """Customers still wait for their answer."""

    code = "still_attached"
    message = _("%(count)s tickets are still attached. Answer their customers or detach them first.")


class NotToBeCalled(BusinessError):
    """Nobody has to be called about it, or somebody did already."""

    code = "not_to_be_called"
    message = _("This customer does not have to be called any more.")


def why_not_declare(by: User | None) -> BusinessError | None:
    """The permission ``incident.declare``."""
    return why_not_permitted(DECLARE, by)


def why_not_answer_for(region_ids: Iterable[int], by: User | None) -> BusinessError | None:
    """The permission, for all the regions concerned."""
    if by is None:
        return None
    if refusal := why_not_declare(by):
        return refusal
    scope = scope_of(by, DECLARE)
    return None if all(scope.reaches(region_id=pk) for pk in region_ids) else OutsideYourPlaces()


def why_not_change(incident: MassIncident, by: User | None) -> BusinessError | None:
    """By whoever answers for its regions, until it is closed."""
    region_ids = incident.regions.values_list("pk", flat=True) if by else []
    if refusal := why_not_answer_for(region_ids, by):
        return refusal
    return _why_not_state(incident, IncidentState.CLOSED)


def why_not_move(incident: MassIncident, verb: str, by: User | None) -> BusinessError | None:
    """What the table says about ``verb``, for whoever may change it."""
    if refusal := why_not_change(incident, by):
        return refusal
    sources, _target = INCIDENT_MOVES[verb]
    return None if incident.state in sources else IncidentNotInThatState(state=incident.get_state_display())


def why_not_close(incident: MassIncident, by: User | None) -> BusinessError | None:
    """Resolved, and nobody waits for an answer any more."""
    if refusal := why_not_move(incident, "close", by):
        return refusal
    count = incident.tickets.filter(state=AttachmentState.ATTACHED).count()
    return StillAttached(count=count) if count else None


def _why_not_state(incident: MassIncident, *excluded: IncidentState) -> IncidentNotInThatState | None:
    return IncidentNotInThatState(state=incident.get_state_display()) if incident.state in excluded else None


def why_not_attach(
    incident: MassIncident, ticket: Ticket, by: User | None, attached: AttachedTicket | None
) -> BusinessError | None:
    """Whoever may correct tickets, or declares; the ticket moves and belongs to no other; the incident is not closed."""
    if by is not None and not by.may(DECLARE) and not by.may("ticket.edit"):
        return NotPermitted()
    if refusal := _why_not_state(incident, IncidentState.CLOSED):
        return refusal
    if incident.lead_ticket_id == ticket.pk:
        return LeadsTheIncident()
    if ticket.is_finished:
        return TicketFinished(status=ticket.get_status_display())
    if attached and attached.incident_id != incident.pk:
        return AttachedElsewhere(number=attached.incident.number)
    return None


def why_not_reject(incident: MassIncident, by: User | None) -> BusinessError | None:
    """Whoever may attach a ticket may also say that it is about something else, until the incident is closed."""
    if by is not None and not by.may(DECLARE) and not by.may("ticket.edit"):
        return NotPermitted()
    return _why_not_state(incident, IncidentState.CLOSED)


def why_not_detach(attached: AttachedTicket | None, by: User | None) -> BusinessError | None:
    """By whoever coordinates tickets or declares mass incidents."""
    if by is not None and not by.may(DECLARE) and not by.may("ticket.coordinate"):
        return NotPermitted()
    return None if attached else NotAttached()

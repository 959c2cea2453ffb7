"""What follows from an answer: whoever is not satisfied has his ticket back at work, at the department or the crisis seats."""

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.channels.states import Channel
from onepoint.core import audit
from onepoint.core.errors import BusinessError
from onepoint.follow_ups import queries, visit_events
from onepoint.follow_ups.models import FollowUp
from onepoint.follow_ups.queries import WhyCrisis
from onepoint.follow_ups.states import VisitWay
from onepoint.follow_ups.visit_events import tell_owner
from onepoint.tickets import queries as ticket_queries
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import TicketStatus

#: The process of the crisis seats; a house that has not published it lets the department go on.
CRISIS = "crisis"
_CHANNEL = {
    VisitWay.PHONE: Channel.HOTLINE, VisitWay.SMS: Channel.SMS, VisitWay.EMAIL: Channel.EMAIL, VisitWay.PORTAL: Channel.WEB,
}  # fmt: skip


def follow_answer(follow_up: FollowUp, *, by: User | None) -> None:
    """Tell the first-asked person; reopen the ticket of a customer who is not satisfied. Part of the answer's write."""
    ticket = ticket_queries.ticket_by_id(follow_up.ticket_id)
    if ticket is None:
        return
    if follow_up.is_satisfied:
        tell_owner(visit_events.SATISFIED, ticket, follow_up, by=by)
    elif ticket.status == TicketStatus.CLOSED and ticket.reopen_count + 1 == follow_up.closing_number:
        _reopen(ticket, follow_up, by)
    else:
        # It lives again already (or ended otherwise): what the customer says is heard where it stands now.
        words = follow_up.words or _("Not satisfied, says the return visit.")
        ticket_services.hear_customer(
            ticket, text=words, channel=_CHANNEL[VisitWay(follow_up.answered_way)], key=f"visit-{follow_up.pk}",
            even_finished=True, by=None,
        )  # fmt: skip
        tell_owner(visit_events.NOT_SATISFIED, ticket, follow_up, by=by)


def _reopen(ticket: Ticket, follow_up: FollowUp, by: User | None) -> None:
    reason = follow_up.words[:400] or _("Not satisfied, says the return visit.")
    why = queries.why_crisis(ticket, follow_up.words)
    # That the answer is kept matters more than that the ticket can go on by itself.
    try:
        with transaction.atomic():
            _send_back(ticket, reason, why)
    except BusinessError as refusal:
        audit.record("ticket.not_reopened", by=None, subject_type="ticket", subject_id=ticket.pk, reason=str(refusal))
        tell_owner(visit_events.NOT_SATISFIED, ticket, follow_up, by=by)
        return
    note_reopened(follow_up, ticket, why, by)


def _send_back(ticket: Ticket, reason: str, why: WhyCrisis | None) -> None:
    ticket_services.reopen_ticket(ticket, reason=reason, process_key=CRISIS if why else "", by=None)
    if why:
        audit.record(
            "ticket.to_crisis", by=None, subject_type="ticket", subject_id=ticket.pk, why=why.code, word=why.word
        )


def reopen_for_customer(ticket: Ticket, words: str) -> WhyCrisis | None:
    """Take a closed ticket up again at a customer's own word: where it goes is decided as for an unsatisfied visit.

    Gives why it went to the crisis seats, if it did. Raises what reopening raises.
    """
    why = queries.why_crisis(ticket, words)
    _send_back(ticket, words[:400], why)
    return why


def note_reopened(follow_up: FollowUp, ticket: Ticket, why: WhyCrisis | None, by: User | None) -> None:
    """The answer brought its ticket back: noted on it, and the first-asked person hears."""
    follow_up.has_reopened = True
    follow_up.save(update_fields=["has_reopened"])
    tell_owner(visit_events.CRISIS if why else visit_events.NOT_SATISFIED, ticket, follow_up, by=by)

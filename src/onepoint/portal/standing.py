"""Where a ticket is, in the words customers read: from its steps and its status, never from internal names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from onepoint.channels.states import Channel
from onepoint.core.models import Attachment
from onepoint.portal import policies, queries
from onepoint.portal.models import PortalNote, PortalSession, PublicWording
from onepoint.portal.states import PATH, STAGES, TONES, USUAL_WORDS, WAITS, NoteKind, Stage
from onepoint.tickets import queries as ticket_queries
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import TicketStatus
from onepoint.workflow.models import UserTask


@dataclass(frozen=True)
class Mark:
    """One of the stages a request passes."""

    label: str
    is_reached: bool
    is_now: bool
    at: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """How far a request is, and what that means."""

    stage: Stage
    words: str
    path: tuple[Mark, ...] = ()

    @property
    def label(self) -> str:
        return str(self.stage.label)

    @property
    def tone(self) -> str:
        return TONES.get(self.stage, "accent")


def _wordings() -> dict[tuple[str, str, str], PublicWording]:
    return {(row.process_key, row.status, row.node_id): row for row in queries.wordings()}


def standings_of(tickets: Iterable[Ticket]) -> dict[int, Standing]:
    """How far each of some tickets is: two statements for all of them."""
    listed = list(tickets)
    wordings = _wordings()
    steps = ticket_queries.present_steps([ticket for ticket in listed if not ticket.is_finished])
    return {ticket.pk: _standing(ticket, steps.get(ticket.pk, []), wordings) for ticket in listed}


def standing_of(ticket: Ticket) -> Standing:
    """How far one ticket is, with the path it takes."""
    standing = standings_of([ticket])[ticket.pk]
    return Standing(standing.stage, standing.words, _path(ticket, standing.stage))


def _standing(
    ticket: Ticket, tasks: list[UserTask], wordings: Mapping[tuple[str, str, str], PublicWording]
) -> Standing:
    status = WAITS if ticket.status == TicketStatus.ON_HOLD and ticket.waits_for_customer else ticket.status
    process = ticket_queries.process_key_of(ticket.category, ticket.kind)
    own = _of_step(tasks, wordings) if status != TicketStatus.ON_HOLD and status != WAITS else None
    own = own or wordings.get((process, status, "")) or wordings.get(("", status, ""))
    stage = Stage(own.stage) if own and own.stage else STAGES[status]
    return Standing(stage, own.label if own else str(USUAL_WORDS[status]))


def _of_step(tasks: list[UserTask], wordings: Mapping[tuple[str, str, str], PublicWording]) -> PublicWording | None:
    """The words of the latest step that has some."""
    for task in reversed(tasks):
        if found := wordings.get((task.process_key, "", task.node_id)):
            return found
    return None


def _path(ticket: Ticket, stage: Stage) -> tuple[Mark, ...]:
    place = {Stage.WAITING: Stage.WORKING, Stage.WITHDRAWN: Stage.CLOSED}.get(stage, stage)
    now = PATH.index(place)
    times = {
        Stage.RECEIVED: ticket.opened_at,
        Stage.ANSWERED: ticket.resolved_at if now >= PATH.index(Stage.ANSWERED) else None,
        Stage.CLOSED: ticket.closed_at,
    }
    shown = [stage if step == place else step for step in PATH]
    if ticket.status in (TicketStatus.WITHDRAWN, TicketStatus.ABORTED, TicketStatus.MERGED):
        shown = [shown[0], shown[-1]]  # it never came to the stages between
        return (
            Mark(str(shown[0].label), True, False, ticket.opened_at),
            Mark(str(shown[1].label), True, True, ticket.closed_at),
        )
    return tuple(
        Mark(str(label.label), index <= now, index == now, times.get(step))
        for index, (step, label) in enumerate(zip(PATH, shown, strict=True))
    )


# --- the page of one request -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One line of the history a customer reads."""

    at: datetime
    title: str
    text: str
    is_own: bool
    files: tuple[Attachment, ...] = ()
    stars: int | None = None


def page_of(session: PortalSession, ticket: Ticket) -> dict[str, Any]:
    """All that the page of one request shows, and why what is not possible is not."""
    rules, notes = queries.rules(), queries.notes_of(ticket)
    last = {note.kind: note for note in notes}
    return {
        "standing": standing_of(ticket),
        "subject": subject_of(ticket),
        "promised_at": ticket.promised_reply_at if not ticket.is_finished else None,
        "promised_way": ticket.get_promised_reply_channel_display() if not ticket.is_finished else "",
        "history": _history(session, ticket, notes),
        "rating": last.get(NoteKind.RATED),
        "why_not_add": policies.why_not_add(ticket),
        "why_not_remind": policies.why_not_remind(ticket, last.get(NoteKind.REMINDED), rules),
        "why_not_withdraw": policies.why_not_withdraw(ticket),
        "why_not_rate": policies.why_not_rate(ticket, last.get(NoteKind.RATED)),
        "why_not_reopen": policies.why_not_reopen(ticket, rules),
        "merged_number": _merged_number(session, ticket),
        "is_closed": ticket.status == TicketStatus.CLOSED,
        "rules": rules,
    }


def _merged_number(session: PortalSession, ticket: Ticket) -> str:
    """The ticket a merged one goes on in, where that is one's own too."""
    if ticket.merged_into is None or queries.find_ticket(session, ticket.merged_into.number) is None:
        return ""
    return ticket.merged_into.number


def subject_of(ticket: Ticket) -> str:
    """What one wrote oneself; what an agent noted in another conversation is the house's own note, so only what it is about."""
    if ticket.channel == Channel.WEB and ticket.title:
        return ticket.title
    return f"{ticket.get_kind_display()} · {ticket.category.label}"


def _history(session: PortalSession, ticket: Ticket, notes: list[PortalNote]) -> list[Line]:
    files = queries.files_of(notes)
    lines = [
        Line(
            note.at, str(note.get_kind_display()), note.text, True,
            tuple(files[pk] for pk in note.files if pk in files), note.stars,
        )
        for note in notes
    ]  # fmt: skip
    lines += [Line(told.at, str(_("We told you")), told.text, False) for told in queries.told(session, ticket)]
    return sorted(lines, key=lambda line: line.at, reverse=True)

"""Why something of the standard, a mark, an appeal or a rectification may not be done: the refusal, or None."""

from datetime import datetime

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core import clock
from onepoint.core.errors import BusinessError
from onepoint.quality import refusals
from onepoint.quality.models import Mark, Rectification, Standard, UnqualifiedCode, received_units
from onepoint.quality.states import (
    CODES_OF,
    MARK_TRANSITIONS,
    RECTIFICATION_TRANSITIONS,
    RIGHT_OF,
    MarkDirection,
    StandardState,
)
from onepoint.tickets.models import Ticket
from onepoint.workflow.models import UserTask

# --- the standard -----------------------------------------------------------------------------------------------


def why_not_manage_standard(by: User | None) -> BusinessError | None:
    """The permission ``standard.manage``."""
    return why_not_permitted("standard.manage", by)


def why_not_change_standard(standard: Standard, by: User | None) -> BusinessError | None:
    """A draft, with ``standard.manage``."""
    return why_not_manage_standard(by) or (None if standard.is_draft else refusals.NotADraft())


# --- marks ------------------------------------------------------------------------------------------------------


def why_not_list(by: User | None) -> BusinessError | None:
    """The permission ``mark.view``; the work judged of oneself everybody sees."""
    return why_not_permitted("mark.view", by)


def why_not_mark_at_all(direction: str, by: User | None) -> BusinessError | None:
    """The right of the direction."""
    return why_not_permitted(RIGHT_OF[MarkDirection(direction)], by)


def why_not_mark(ticket: Ticket, direction: str, by: User | None) -> BusinessError | None:
    """The right of the direction, on a ticket that is not itself an appeal."""
    if refusal := why_not_mark_at_all(direction, by):
        return refusal
    return refusals.NotToBeMarked() if hasattr(ticket, "appeal") else None


def why_not_judge(
    ticket: Ticket, code: UnqualifiedCode, person: User, direction: str, task: UserTask | None, by: User
) -> BusinessError | None:
    """A code in force for the direction, about work that person did on this ticket, and somebody else's work."""
    if refusal := why_not_mark(ticket, direction, by):
        return refusal
    in_force = code.standard.state == StandardState.IN_FORCE
    if not in_force or code.direction not in CODES_OF[MarkDirection(direction)]:
        return refusals.CodeNotForThis()
    if person.pk == by.pk:
        return refusals.OwnWork()
    return None if _did(ticket, person, direction, task) else refusals.NotTheirWork(name=person.label)


def _did(ticket: Ticket, person: User, direction: str, task: UserTask | None) -> bool:
    """An inspection may find fault with a whole ticket, whoever of its people it is."""
    if task is not None:
        about = (task.subject_type, task.subject_id) == ("ticket", ticket.pk)
        return about and person.pk in (task.completed_by_id, task.on_behalf_of_id)
    return person.pk == ticket.created_by_id or direction == MarkDirection.INSPECTION


def why_not_withdraw(mark: Mark, by: User | None) -> BusinessError | None:
    """By who made it, while it stands and is not final."""
    if by is not None and mark.marked_by_id != by.pk:
        return refusals.NotYourMark()
    return _why_not_from("withdraw", mark) or (refusals.MarkIsFinal() if is_final(mark) else None)


def is_final(mark: Mark, at: datetime | None = None) -> bool:
    """Nothing more can be done about it: decided, or the time to appeal is over."""
    return mark.is_final or mark.appeal_due_at <= (at or clock.now())


def _why_not_from(verb: str, mark: Mark) -> BusinessError | None:
    if mark.state in MARK_TRANSITIONS[verb].sources:
        return None
    return refusals.MarkStateForbids(state=mark.get_state_display())


def why_not_settle(mark: Mark, verb: str) -> BusinessError | None:
    """The table alone: marks are settled by their appeal."""
    return _why_not_from(verb, mark)


def why_not_appeal(mark: Mark, by: User | None) -> BusinessError | None:
    """By the person judged or the interface person of the unit, once, in time."""
    if by is None or (by.pk != mark.person_id and mark.unit_id not in received_units(by)) or by.pk == mark.marked_by_id:
        return refusals.NotYoursToAppeal()
    if hasattr(mark, "appeal"):
        return refusals.AppealedAlready()
    return _why_not_from("appeal", mark) or (refusals.MarkIsFinal() if is_final(mark) else None)


# --- rectifications ---------------------------------------------------------------------------------------------


def why_not_ask(by: User | None) -> BusinessError | None:
    """The permission ``rectification.ask``."""
    return why_not_permitted("rectification.ask", by)


def _why_not_move(verb: str, row: Rectification) -> BusinessError | None:
    if row.state in RECTIFICATION_TRANSITIONS[verb].sources:
        return None
    return refusals.RectificationStateForbids(state=row.get_state_display())


def why_not_hand_in(row: Rectification, by: User | None) -> BusinessError | None:
    """By the responsible person, or who receives for the unit."""
    if by is not None and by.pk != row.owner_id and row.unit_id not in received_units(by):
        return refusals.NotYourRectification()
    return _why_not_move("submit", row)


def why_not_decide(row: Rectification, by: User | None, verb: str = "accept") -> BusinessError | None:
    """Accepting, rejecting and cancelling is for who asked; never for who owes it."""
    if by is not None and (by.pk != row.asked_by_id or by.pk == row.owner_id):
        return refusals.NotYoursToAccept()
    return _why_not_move(verb, row)

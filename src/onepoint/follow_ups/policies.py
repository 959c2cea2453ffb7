"""Why something about a return visit may not be done: each returns the refusal or None."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core import clock
from onepoint.core.errors import BusinessError
from onepoint.follow_ups.calm import is_quiet
from onepoint.follow_ups.models import FollowUp
from onepoint.follow_ups.states import VisitWay
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import ReplyChannel, TicketStatus
from onepoint.workflow.models import UserTask


class AnsweredAlready(BusinessError):
    """One visit takes one answer."""

    code = "visit_answered_already"
    message = _("This return visit has been answered already.")


class NothingToRate(BusinessError):
    """A customer rates what has been closed."""

    code = "nothing_to_rate"
    message = _("This request is not closed; it can be rated afterwards.")


class VisitOver(BusinessError):
    """It was expired, dropped, refused, or given up."""

    code = "visit_over"
    message = _("This return visit is over (%(state)s).")


class NotYetDue(BusinessError):
    """The rule lets the customer some time, or an appointment was made."""

    code = "visit_not_yet_due"
    message = _("This return visit is not due yet.")


class QuietHours(BusinessError):
    """Nobody is called at night."""

    code = "quiet_hours"
    message = _("Nobody is called at this hour. Please wait until the quiet hours are over.")


class VisitedBySomebody(BusinessError):
    """One person at a time."""

    code = "visited_by_somebody"
    message = _("%(name)s is making this return visit.")


class NotYourVisit(BusinessError):
    """What came of it is noted by whoever makes the visit."""

    code = "not_your_visit"
    message = _("Only whoever makes this return visit may do this; claim it first.")
    status = 403


class CannotVisit(BusinessError):
    """A visit is handed to somebody who makes visits and sees this one."""

    code = "cannot_visit"
    message = _("%(name)s does not make return visits here.")


def why_not_rate(ticket: Ticket, follow_up: FollowUp | None) -> BusinessError | None:
    """The ticket is closed, and nobody has answered for this closing."""
    if ticket.status != TicketStatus.CLOSED:
        return NothingToRate()
    return AnsweredAlready() if follow_up is not None and follow_up.answered_at is not None else None


def why_not_manage(by: User | None) -> BusinessError | None:
    """The permission ``follow_up.manage``: rules, questionnaires, risk words."""
    return why_not_permitted("follow_up.manage", by)


def why_not_see(by: User | None) -> BusinessError | None:
    """The permission ``follow_up.view``."""
    return why_not_permitted("follow_up.view", by)


def why_not_visit(by: User | None) -> BusinessError | None:
    """The permission ``follow_up.visit``."""
    return why_not_permitted("follow_up.visit", by)


def _why_over(follow_up: FollowUp) -> BusinessError | None:
    if follow_up.is_waiting:
        return None
    return AnsweredAlready() if follow_up.answered_at else VisitOver(state=follow_up.get_state_display())


def why_not_claim(follow_up: FollowUp, by: User | None) -> BusinessError | None:
    """Needs ``follow_up.visit``; a visit by telephone that is due and that nobody else makes, at a decent hour."""
    if refusal := why_not_visit(by) or _why_over(follow_up):
        return refusal
    if follow_up.assignee_id is not None and (by is None or follow_up.assignee_id != by.pk):
        return VisitedBySomebody(name=follow_up.assignee.label if follow_up.assignee else "")
    if not follow_up.is_due or follow_up.way != VisitWay.PHONE:
        return NotYetDue()
    return QuietHours() if is_quiet(clock.now(), follow_up.rule_version) else None


def why_not_make(follow_up: FollowUp, by: User | None) -> BusinessError | None:
    """What came of dialling, and the answers: by whoever claimed the visit."""
    if refusal := why_not_visit(by) or _why_over(follow_up):
        return refusal
    return None if by is None or follow_up.assignee_id == by.pk else NotYourVisit()


def why_not_hand_over(follow_up: FollowUp, by: User | None) -> BusinessError | None:
    """By whoever makes it, or with ``follow_up.assign``."""
    if refusal := why_not_see(by) or _why_over(follow_up):
        return refusal
    if by is None or follow_up.assignee_id == by.pk:
        return None
    return why_not_permitted("follow_up.assign", by)


class NothingToAnswer(BusinessError):
    """An answer belongs to a step at which the customer is answered, by whoever holds it."""

    code = "nothing_to_answer"
    message = _("Only whoever holds a step at which the customer is answered may do this; claim it first.")
    status = 403


class AnsweredTooSoon(BusinessError):
    """The rule leaves the customer some time between two calls."""

    code = "called_too_soon"
    message = _("The customer was called a short while ago; try again from %(at)s.")


def why_not_see_replies(by: User | None) -> BusinessError | None:
    """The permission ``ticket.view``."""
    return why_not_permitted("ticket.view", by)


#: How a way reads in a sentence.
BY_WAY = {
    ReplyChannel.PHONE: _("by telephone"), ReplyChannel.SMS: _("by SMS"), ReplyChannel.EMAIL: _("by e-mail"),
    ReplyChannel.LETTER: _("by letter"), ReplyChannel.VISIT: _("by a visit"),
}  # fmt: skip


class NotThatWayFirst(BusinessError):
    """The rule of answers says by which way the customer is answered first."""

    code = "not_that_way_first"
    message = _("This customer is answered %(way)s first.")


def why_not_answer_by(way: str, open_ways: Sequence[str]) -> BusinessError | None:
    """By the way the rule or the promise names first, or by telephone; later by any."""
    return None if way in open_ways else NotThatWayFirst(way=BY_WAY[ReplyChannel(open_ways[0])])


def why_not_reply(task: UserTask | None, by: User | None) -> BusinessError | None:
    """By whoever holds the answering step."""
    if task is None or by is None or task.assignee_id != by.pk:
        return NothingToAnswer()
    return None


def why_not_answer(follow_up: FollowUp) -> BusinessError | None:
    """The customer himself, by link or digit: until it is answered, over, or expired."""
    if follow_up.answered_at is not None:
        return AnsweredAlready()
    if not follow_up.is_waiting or follow_up.expires_at <= clock.now():
        return VisitOver(state=follow_up.get_state_display())
    return None

"""Reads of answers that are owed, and of the tries to give them."""

from django.db.models import QuerySet

from onepoint.accounts.models import User
from onepoint.follow_ups.models import ReplyAttempt, ReplyRule
from onepoint.follow_ups.states import FAILED
from onepoint.tickets import queries as ticket_queries
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import TicketStatus
from onepoint.workflow import queries as workflow_queries
from onepoint.workflow.models import UserTask


def replies_due(*, visible_to: User, number: str = "") -> QuerySet[Ticket]:
    """Tickets whose customer is to be answered now, in no order yet."""
    rows = Ticket.objects.visible_to(visible_to).filter(status=TicketStatus.REPLYING).with_labels()
    return rows.filter(number__startswith=number.strip().upper()) if number.strip() else rows


def rule_of(kind: str) -> ReplyRule:
    """What the house asks of an answer to this kind; the usual where it has said nothing."""
    return ReplyRule.objects.filter(kind=kind).first() or ReplyRule(kind=kind, wants_reason=False)


def reply_rules() -> QuerySet[ReplyRule]:
    return ReplyRule.objects.all()


def find_reply_rule(pk: int) -> ReplyRule | None:
    return ReplyRule.objects.filter(pk=pk).first()


def answering_task(ticket: Ticket, by: User | None = None) -> UserTask | None:
    """The live step at which the customer is answered, the reader's own if there are several."""
    live = ticket_queries.live_tasks(ticket)
    steps = [task for task in live if workflow_queries.step_of(task).subject_status == TicketStatus.REPLYING]
    return next((task for task in steps if by and task.assignee_id == by.pk), steps[0] if steps else None)


def reply_attempts_of(ticket: Ticket, limit: int = 20) -> list[ReplyAttempt]:
    """The last first."""
    return list(ReplyAttempt.objects.filter(ticket=ticket).select_related("by", "contact").order_by("-pk")[:limit])


def failures_of(task: UserTask) -> list[ReplyAttempt]:
    """Calls of this step that reached nobody, the last first."""
    rows = ReplyAttempt.objects.filter(task_id=task.pk, ticket=task.subject_id, outcome__in=FAILED)
    return list(rows.order_by("-pk"))


def attempt_of_key(key: str) -> ReplyAttempt | None:
    return ReplyAttempt.objects.filter(key=key).first()

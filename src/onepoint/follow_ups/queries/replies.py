"""Reads of answers that are owed, and of the tries to give them."""

from django.db.models import QuerySet

from onepoint.accounts.models import User
from onepoint.core.compiled import Compiled
from onepoint.follow_ups.models import ReplyAttempt, ReplyRule
from onepoint.follow_ups.states import FAILED, AfterFailure, AttemptOutcome
from onepoint.tickets import queries as ticket_queries
from onepoint.tickets.models import Ticket
from onepoint.tickets.reaching import chosen_way, reach_of
from onepoint.tickets.states import ReplyChannel, TicketStatus
from onepoint.workflow import queries as workflow_queries
from onepoint.workflow.models import UserTask
from onepoint.workflow.states import TaskStatus


def replies_due(*, visible_to: User, number: str = "") -> QuerySet[Ticket]:
    """Tickets whose customer is to be answered now, in no order yet."""
    rows = Ticket.objects.visible_to(visible_to).filter(status=TicketStatus.REPLYING).with_labels()
    return rows.filter(number__startswith=number.strip().upper()) if number.strip() else rows


def replies_owed_by(user: User, *, most: int) -> int:
    """How many answers to customers the person has in hand, counted no further than ``most``."""
    return _OWED.count(user.pk, shape=most)


def _owed(person_id: int, *, shape: int) -> QuerySet[UserTask]:
    # Claimed, as the index of whose steps are whose has them; else the server goes through all open tickets of the house.
    mine = UserTask.objects.filter(status=TaskStatus.CLAIMED, assignee_id=person_id, subject_type="ticket")
    return mine.filter(instance__ticket__status=TicketStatus.REPLYING).only("pk")[:shape]


_OWED = Compiled("replies_owed", _owed)


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


def ways_open(ticket: Ticket, task: UserTask, rule: ReplyRule) -> list[ReplyChannel]:
    """By what the customer may be answered now, the one to be tried first.

    The first try of a step goes by the promised way, else by the rule's, else by the customer's own; a telephone call is
    never too much. Once calls were in vain and the message has gone out, the rule says what follows.
    """
    tries = list(ReplyAttempt.objects.filter(task_id=task.pk, ticket=ticket).values_list("outcome", flat=True))
    following = {AfterFailure.LETTER: ReplyChannel.LETTER, AfterFailure.VISIT: ReplyChannel.VISIT}.get(
        AfterFailure(rule.then)
    )
    if following and (AttemptOutcome.SENT in tries or sum(one in FAILED for one in tries) >= rule.most_attempts):
        return [following, *(way for way in ReplyChannel if way != following)]
    wished = ticket.promised_reply_channel or rule.first_way or chosen_way(ticket, reach_of(ticket))
    first = ReplyChannel(wished) if wished else ReplyChannel.PHONE
    others = [way for way in ReplyChannel if way != first] if tries else [ReplyChannel.PHONE]
    return list(dict.fromkeys([first, *others]))


def failures_of(task: UserTask) -> list[ReplyAttempt]:
    """Calls of this step that reached nobody, the last first."""
    rows = ReplyAttempt.objects.filter(task_id=task.pk, ticket=task.subject_id, outcome__in=FAILED)
    return list(rows.order_by("-pk"))


def attempt_of_key(key: str) -> ReplyAttempt | None:
    return ReplyAttempt.objects.filter(key=key).first()

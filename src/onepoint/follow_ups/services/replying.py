"""Answering the customer at an answering step: by telephone, and where nobody picks up by message, then by rule."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.channels.states import Medium
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.follow_ups import policies
from onepoint.follow_ups.models import ReplyAttempt, ReplyRule
from onepoint.follow_ups.queries import replies
from onepoint.follow_ups.states import FAILED, AfterFailure, AttemptOutcome
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Ticket
from onepoint.tickets.reaching import MESSAGE_WAYS
from onepoint.tickets.states import ReplyChannel
from onepoint.workflow import queries as workflow_queries
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import UserTask

_LONGEST = 1500


@dataclass(frozen=True)
class Said:
    """What the customer is told."""

    result: str = ""
    reason: str = ""
    promise: str = ""

    @property
    def text(self) -> str:
        return "\n".join(part for part in (self.result, self.reason, self.promise) if part)

    def lacking(self, rule: ReplyRule) -> dict[str, str]:
        """Which of the parts the kind of ticket asks for are missing."""
        wanted = {"result": rule.wants_result, "reason": rule.wants_reason, "promise": rule.wants_promise}
        return {name: _("This is part of every answer to this kind of ticket.") for name, is_wanted in wanted.items() if is_wanted and not getattr(self, name)}  # fmt: skip


@transaction.atomic
def note_reply(
    ticket: Ticket, *, outcome: str = AttemptOutcome.REACHED, said: Said, finish: str = "", note: str = "",
    way: str = ReplyChannel.PHONE, key: str, by: User
) -> ReplyAttempt:  # fmt: skip
    """The customer is answered by ``way``, or was called in vain (``outcome``, of calls only); the same ``key`` is noted once.

    Reached: the answer is journaled and the step finished with ``finish``, one of its outcomes. The last failure the rule
    allows sends the answer by message, and then the step stays open or is finished, as the rule says. Raises
    NothingToAnswer, NotThatWayFirst, AnsweredTooSoon, InvalidInput, and what finishing the step raises.
    """
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    unique = f"reply-{ticket.pk}-{key}"[:120]
    if key and (earlier := replies.attempt_of_key(unique)):
        return earlier
    task = replies.answering_task(ticket, by)
    require(policies.why_not_reply(task, by))
    assert task is not None
    said = Said(*(clean(part)[:_LONGEST] for part in (said.result, said.reason, said.promise)))
    rule = replies.rule_of(ticket.kind)
    if way not in ReplyChannel.values:
        raise InvalidInput({"way": _("Please choose from the list.")})
    require(policies.why_not_answer_by(way, replies.ways_open(ticket, task, rule)))
    if way != ReplyChannel.PHONE:
        return _given(ticket, task, rule, ReplyChannel(way), said, finish, clean(note), unique, by)
    if outcome == AttemptOutcome.REACHED:
        return _given(ticket, task, rule, ReplyChannel.PHONE, said, finish, clean(note), unique, by)
    if outcome not in FAILED:
        raise InvalidInput({"outcome": _("Please choose from the list.")})
    return _failed(ticket, task, rule, outcome, said, clean(note), unique, by)


def _keep(ticket: Ticket, task: UserTask, way: str, outcome: str, said: Said, note: str, key: str, by: User) -> ReplyAttempt:  # fmt: skip
    attempt = ReplyAttempt.objects.create(
        ticket=ticket, task_id=task.pk, at=clock.now(), way=way, outcome=outcome, result=said.result, reason=said.reason,
        promise=said.promise[:500], note=note[:500], by=by, key=key,
    )  # fmt: skip
    if outcome in FAILED:
        audit.record(
            "ticket.reply_attempted",
            by=by,
            subject_type="ticket",
            subject_id=ticket.pk,
            outcome=outcome,
            note=note[:500],
        )
    return attempt


def _given(
    ticket: Ticket, task: UserTask, rule: ReplyRule, way: ReplyChannel, said: Said, finish: str, note: str, key: str, by: User
) -> ReplyAttempt:  # fmt: skip
    """The customer has the answer, spoken, sent or written; the step is finished with it."""
    errors = said.lacking(rule)
    if workflow_queries.step_of(task).outcome(finish) is None:
        errors["finish"] = _("Please choose from the list.")
    if errors:
        raise InvalidInput(errors)
    if way in MESSAGE_WAYS:
        message = ticket_services.tell_customer(ticket, text=said.text, key=f"answer-{key}", way=way, by=by)
        if message is None:
            raise InvalidInput({"way": _("The customer has no address for this.")})
        way = ReplyChannel.SMS if message.medium == Medium.SMS else ReplyChannel.EMAIL
        attempt = _keep(ticket, task, way, AttemptOutcome.SENT, said, note, key, by)
    else:
        outcome = AttemptOutcome.SENT if way == ReplyChannel.LETTER else AttemptOutcome.REACHED
        attempt = _keep(ticket, task, way, outcome, said, note, key, by)
        subject = _("Answer to %(number)s") % {"number": ticket.number}
        number = ticket.contact_phone if way == ReplyChannel.PHONE else ""
        attempt.contact = ticket_services.journal_answer(
            ticket, way=way, subject=subject, text=said.text, number=number, key=key, by=by
        )
        attempt.save(update_fields=["contact"])
        ticket_services.note_told(ticket, way=way, text=said.text, contact=attempt.contact, by=by)
    workflow_services.complete_task(task, outcome=finish, inputs={}, opinion=said.text, by=by)
    return attempt


def _failed(
    ticket: Ticket, task: UserTask, rule: ReplyRule, outcome: str, said: Said, note: str, key: str, by: User
) -> ReplyAttempt:
    earlier = replies.failures_of(task)
    if earlier and clock.now() < (again_at := earlier[0].at + timedelta(hours=rule.gap_hours)):
        raise policies.AnsweredTooSoon(at=date_format(localtime(again_at), "m-d H:i"))
    attempt = _keep(ticket, task, ReplyChannel.PHONE, outcome, said, note, key, by)
    if len(earlier) + 1 < rule.most_attempts and outcome != AttemptOutcome.WRONG_NUMBER:
        return attempt
    if errors := said.lacking(rule):
        raise InvalidInput(errors)
    message = ticket_services.tell_customer(ticket, text=said.text, key=f"reply-{task.pk}", way=ReplyChannel.SMS, by=by)
    if message is not None:
        way = ReplyChannel.SMS if message.medium == "sms" else ReplyChannel.EMAIL
        _keep(ticket, task, way, AttemptOutcome.SENT, said, "", f"reply-sent-{task.pk}", by)
        if rule.then == AfterFailure.FINISH:
            outcomes = workflow_queries.step_of(task).outcomes
            primary = next((one for one in outcomes if one.style == "primary"), outcomes[0])
            workflow_services.complete_task(task, outcome=primary.id, inputs={}, opinion=said.text, by=by)
    return attempt


@transaction.atomic
def change_reply_rule(
    rule: ReplyRule,
    *,
    first_way: str,
    wants_result: bool,
    wants_reason: bool,
    wants_promise: bool,
    most_attempts: int,
    gap_hours: int,
    then: str,
    version: int,
    by: User | None,
) -> ReplyRule:
    """What an answer to this kind of ticket asks for, from now on. Raises NotPermitted, InvalidInput, SomebodyWasFaster."""
    require(policies.why_not_manage(by))
    if not 1 <= most_attempts <= 10 or not 0 <= gap_hours <= 72 or then not in AfterFailure.values:
        raise InvalidInput({"most_attempts": _("Please give sensible numbers of hours, days and attempts.")})
    if first_way and first_way not in ReplyChannel.values:
        raise InvalidInput({"first_way": _("Please choose from the list.")})
    values = {
        "first_way": first_way, "wants_result": wants_result, "wants_reason": wants_reason, "wants_promise": wants_promise,
        "most_attempts": most_attempts, "gap_hours": gap_hours, "then": then, "version": version + 1,
    }  # fmt: skip
    if not ReplyRule.objects.filter(pk=rule.pk, version=version).update(**values):
        raise SomebodyWasFaster
    rule.refresh_from_db()
    audit.record("reply_rule.changed", by=by, subject_type="reply_rule", subject_id=rule.pk, kind=rule.kind)
    return rule

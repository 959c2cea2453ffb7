"""The customer's answer, whichever way it came: one record for each closing of a ticket."""

import uuid
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.follow_ups import policies, signals
from onepoint.follow_ups.models import FollowUp
from onepoint.follow_ups.questions import Answers, checked_answers, meaning_of_digit, sheet_of
from onepoint.follow_ups.services.reopening import follow_answer, note_reopened, reopen_for_customer
from onepoint.follow_ups.services.visiting import add_attempt, locked, take_over_merged
from onepoint.follow_ups.states import AttemptOutcome, VisitState, VisitWay
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import ReplyChannel

#: So many stars or fewer mean that the customer is not satisfied.
NOT_SATISFIED = 2
LONGEST_WORDS = 2000
_RATED_WITHIN = timedelta(days=30)


@transaction.atomic
def take_rating(
    ticket: Ticket, *, stars: int, words: str, channel: str = VisitWay.PORTAL, key: str, by: User | None = None
) -> FollowUp:
    """The customer rates a closed ticket with 1 to 5 stars: merged into the visit of that closing; the same ``key`` counts once.

    Raises NothingToRate, AnsweredAlready, InvalidInput.
    """
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    found = FollowUp.objects.select_for_update(of=("self",)).filter(
        ticket=ticket, closing_number=ticket.reopen_count + 1
    )
    follow_up = found.first()
    if key and (FollowUp.objects.filter(ticket=ticket, answer_key=key[:80]).first() is not None):
        return FollowUp.objects.get(ticket=ticket, answer_key=key[:80])
    require(policies.why_not_rate(ticket, follow_up))
    if not 1 <= stars <= 5:
        raise InvalidInput({"stars": _("Please give one to five stars.")})
    way = channel if channel in VisitWay.values else VisitWay.PORTAL
    follow_up = follow_up or _unasked(ticket, way)
    settle_visit(follow_up, satisfied=stars > NOT_SATISFIED, stars=stars, words=words, way=way, key=key, by=by)
    return follow_up


@transaction.atomic
def take_up_again(ticket: Ticket, *, words: str, key: str, by: None = None) -> FollowUp:
    """The customer says by himself that a closed ticket is not settled: the visit of that closing is answered by it, and the
    ticket goes back to its department, or to the crisis seats, as after every visit whose customer is not satisfied.

    The same ``key`` counts once. An answer given before stands; the ticket is taken up again all the same. Raises
    InvalidInput, and what reopening raises.
    """
    said = clean(words)[:LONGEST_WORDS]
    if not said:
        raise InvalidInput({"words": _("Please write what is not settled yet.")})
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    rows = FollowUp.objects.select_for_update(of=("self",)).filter(ticket=ticket)
    if key and (earlier := rows.filter(answer_key=key[:80]).first()):
        return earlier
    follow_up = rows.filter(closing_number=ticket.reopen_count + 1).first() or _unasked(ticket, VisitWay.PORTAL)
    if follow_up.answered_at is None:
        keep_answer(follow_up, satisfied=False, words=said, way=VisitWay.PORTAL, key=key, by=None)
        signals.visit_answered.send(sender=FollowUp, follow_up=follow_up, by=None)
    note_reopened(follow_up, ticket, reopen_for_customer(ticket, said), None)
    return follow_up


def _unasked(ticket: Ticket, way: str) -> FollowUp:
    """A visit nobody planned: the customer was faster, or no rule covers the closing."""
    now = clock.now()
    try:
        with transaction.atomic():
            return FollowUp.objects.create(
                ticket=ticket, closing_number=ticket.reopen_count + 1, customer_id=ticket.customer_id,
                customer_level_id=ticket.customer_level_id, region_id=ticket.region_id, unit_id=ticket.unit_id,
                audience=ticket.audience, way=way, made_at=now, due_at=now, expires_at=now + _RATED_WITHIN,
            )  # fmt: skip
    except IntegrityError:  # it was made by rule at this very moment
        rows = FollowUp.objects.select_for_update(of=("self",))
        return rows.get(ticket=ticket, closing_number=ticket.reopen_count + 1)


@transaction.atomic
def record_answers(
    follow_up: FollowUp, given: Mapping[str, str], *, words: str = "", also_unsettled: Collection[int] = (), by: User
) -> FollowUp:
    """What the customer said on the telephone, by whoever asked him. ``also_unsettled`` are tickets asked about together
    that are not settled either. Raises NotYourVisit, AnsweredAlready, VisitOver, InvalidInput.
    """
    follow_up = locked(follow_up)
    require(policies.why_not_make(follow_up, by))
    answers = _checked(follow_up, given, words)
    contact = ticket_services.journal_answer(
        follow_up.ticket, way=ReplyChannel.PHONE, subject=_("Return visit %(number)s") % {"number": follow_up.ticket.number},
        text=answers.words, number=follow_up.ticket.contact_phone, key=f"visit-{follow_up.pk}", by=by,
    )  # fmt: skip
    attempt = add_attempt(
        follow_up, VisitWay.PHONE, AttemptOutcome.REACHED, key=f"reached-{follow_up.pk}-{uuid.uuid4()}", by=by
    )
    attempt.contact = contact
    attempt.save(update_fields=["contact"])
    _settle_answers(follow_up, answers, VisitWay.PHONE, also_unsettled, by)
    return follow_up


@transaction.atomic
def answer_by_link(
    follow_up: FollowUp,
    given: Mapping[str, str],
    *,
    words: str = "",
    also_unsettled: Collection[int] = (),
    by: None = None,
) -> FollowUp:
    """The customer answered himself; once. Raises AnsweredAlready, VisitOver, InvalidInput."""
    follow_up = locked(follow_up)
    require(policies.why_not_answer(follow_up))
    answers = _checked(follow_up, given, words)
    way = follow_up.way if follow_up.sent_at else VisitWay.PORTAL
    _settle_answers(follow_up, answers, way, also_unsettled, None)
    return follow_up


@transaction.atomic
def answer_by_digit(follow_up: FollowUp, digit: str, *, key: str, by: None = None) -> bool:
    """A text of one digit came in answer to the link; False where it answers nothing (any more)."""
    follow_up = locked(follow_up)
    if follow_up.questionnaire is None or policies.why_not_answer(follow_up) is not None:
        return False
    answers = meaning_of_digit(sheet_of(follow_up.questionnaire.schema), digit)
    if answers is None:
        return False
    _settle_answers(follow_up, answers, VisitWay.SMS, (), None, key=key)
    return True


def _checked(follow_up: FollowUp, given: Mapping[str, str], words: str) -> Answers:
    schema = follow_up.questionnaire.schema if follow_up.questionnaire else {}
    answers = checked_answers(sheet_of(schema), given)
    more = clean(words)
    return Answers(answers.values, answers.is_satisfied, "\n".join(one for one in (answers.words, more) if one))


def _settle_answers(
    follow_up: FollowUp, answers: Answers, way: str, also_unsettled: Collection[int], by: User | None, key: str = ""
) -> None:
    merged = take_over_merged(follow_up)
    told: dict[str, Any] = {"words": answers.words, "way": way, "by": by}
    # The ticket whose visit leads is unsettled too, unless only one of the others was meant.
    settle_visit(follow_up, satisfied=answers.is_satisfied, answers=answers.values, key=key, **told)
    for one in merged:
        is_settled = one.ticket_id not in also_unsettled
        settle_visit(one, satisfied=is_settled, **(told if not is_settled else told | {"words": ""}))


def settle_visit(
    follow_up: FollowUp,
    *,
    satisfied: bool,
    way: str,
    by: User | None,
    stars: int | None = None,
    words: str = "",
    answers: dict[str, Any] | None = None,
    key: str = "",
) -> None:
    """Keep what the customer answered, and do what follows from it. Part of the caller's write, which holds the row and
    asked whether it may."""
    keep_answer(
        follow_up, satisfied=satisfied, way=way, by=by, stars=stars, words=words, answers=answers, key=key
    )  # fmt: skip
    follow_answer(follow_up, by=by)
    signals.visit_answered.send(sender=FollowUp, follow_up=follow_up, by=by)


def keep_answer(
    follow_up: FollowUp, *, satisfied: bool, way: str, by: User | None, stars: int | None = None, words: str = "",
    answers: dict[str, Any] | None = None, key: str = "",
) -> None:  # fmt: skip
    """The record of an answer alone; what follows from it is the caller's."""
    values: dict[str, Any] = {
        "state": VisitState.ANSWERED, "answered_at": clock.now(), "answered_way": way, "answered_with": by,
        "is_satisfied": satisfied, "stars": stars, "words": clean(words)[:LONGEST_WORDS], "answers": answers or {},
        "answer_key": key[:80],
    }  # fmt: skip
    for name, value in values.items():
        setattr(follow_up, name, value)
    follow_up.save(update_fields=list(values))
    audit.record(
        "ticket.visit_answered", by=by, subject_type="ticket", subject_id=follow_up.ticket_id, way=way,
        satisfied=satisfied, words=follow_up.words[:500], stars=stars,
    )  # fmt: skip

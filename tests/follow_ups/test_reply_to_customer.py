"""The customer is called with the answer: what it must say, what is tried, what follows when nobody picks up."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from cast import Cast
from onepoint.channels.models import Contact, OutgoingMessage
from onepoint.channels.states import Channel, Direction
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted, SomebodyWasFaster
from onepoint.follow_ups import policies, services
from onepoint.follow_ups.models import ReplyAttempt, ReplyRule
from onepoint.follow_ups.queries import replies
from onepoint.follow_ups.states import AfterFailure, AttemptOutcome
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import TicketStatus
from tickets.conftest import again, do, fresh, verbs_of

NOON = datetime(2027, 11, 23, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
SAID = services.Said("话费已核减二百元", "系统重复计费", "")


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with clock.at(NOON):
        yield


@pytest.fixture
def answering(cast: Cast, questionnaire: Any, register: Any, customer: Any) -> Ticket:
    """A complaint whose original agent is to answer."""
    ticket = register(customer=customer, contact_phone="13800138000")
    do(ticket, "coordinate", cast.coordinator, "answer_original")
    return again(ticket)


def call(ticket: Ticket, cast: Cast, outcome: str = AttemptOutcome.NO_ANSWER, **more: Any) -> ReplyAttempt:
    return services.note_reply(
        ticket, **{"outcome": outcome, "said": SAID, "key": str(clock.now()), "by": fresh(cast.agent)} | more
    )


def test_an_answer_given_is_journaled_and_finishes_the_step(cast: Cast, answering: Ticket) -> None:
    attempt = call(answering, cast, AttemptOutcome.REACHED, finish="answered_and_settled", key="one")
    assert call(answering, cast, AttemptOutcome.REACHED, finish="answered_and_settled", key="one") == attempt
    now = again(answering)
    assert now.status == TicketStatus.CLOSED
    contact = Contact.objects.get(direction=Direction.OUTBOUND)
    assert (contact.channel, contact.ticket_number) == (Channel.HOTLINE, answering.number)
    assert "系统重复计费" in contact.content
    assert verbs_of(answering).count("ticket.customer_told") == 1


def test_what_an_answer_to_a_complaint_must_say_is_asked_for(cast: Cast, answering: Ticket) -> None:
    with pytest.raises(InvalidInput) as refused:
        call(answering, cast, AttemptOutcome.REACHED, said=services.Said("已处理"), finish="answered")
    assert set(refused.value.errors) == {"reason"}
    with pytest.raises(InvalidInput) as refused:
        call(answering, cast, AttemptOutcome.REACHED, finish="nothing")
    assert set(refused.value.errors) == {"finish"}
    assert not ReplyAttempt.objects.exists()


def test_after_three_calls_in_vain_the_message_is_the_answer(cast: Cast, answering: Ticket) -> None:
    for hours in (0, 2, 4):
        with clock.at(NOON + timedelta(hours=hours)):
            call(answering, cast)
    message = OutgoingMessage.objects.get()
    assert "话费已核减二百元" in message.text
    assert again(answering).status == TicketStatus.VISITING
    outcomes = list(ReplyAttempt.objects.order_by("pk").values_list("way", "outcome"))
    assert outcomes == [("phone", "no_answer")] * 3 + [("sms", "sent")]
    assert verbs_of(answering).count("ticket.reply_attempted") == 3


def test_or_the_step_stays_open_where_the_rule_says_so(cast: Cast, answering: Ticket) -> None:
    ReplyRule.objects.filter(kind="complaint").update(then=AfterFailure.WAIT)
    call(answering, cast, AttemptOutcome.WRONG_NUMBER)
    assert OutgoingMessage.objects.count() == 1
    assert again(answering).status == TicketStatus.REPLYING


def test_the_customer_is_not_called_again_at_once(cast: Cast, answering: Ticket) -> None:
    call(answering, cast)
    with clock.at(NOON + timedelta(hours=1)), pytest.raises(policies.AnsweredTooSoon):
        call(answering, cast)
    assert ReplyAttempt.objects.count() == 1


def test_only_whoever_holds_the_answering_step_answers(cast: Cast, answering: Ticket, register: Any) -> None:
    with pytest.raises(policies.NothingToAnswer):
        call(answering, cast, by=fresh(cast.second_agent))
    with pytest.raises(policies.NothingToAnswer):
        call(register(), cast)


def test_the_list_shows_what_is_due_and_the_panel_takes_it(cast: Cast, answering: Ticket, client_of: Any) -> None:
    agent = client_of(cast.agent)
    assert answering.number in agent.get(reverse("reply-list")).content.decode()
    assert list(replies.replies_due(visible_to=fresh(cast.outsider))) == []
    page = reverse("reply-of-ticket", args=[answering.number])
    assert client_of(cast.outsider).get(page).status_code == 404
    assert client_of(cast.second_agent).post(page, {"outcome": "reached"}).status_code == 403
    typed = {"outcome": "reached", "result": "已核减", "finish": "answered", "key": "k"}
    refused = agent.post(page, typed)
    assert refused.status_code == 422
    assert "已核减" in refused.content.decode()
    assert agent.post(page, typed | {"reason": "重复计费"}).status_code == 302
    assert again(answering).status == TicketStatus.VISITING


def test_the_rules_are_changed_by_who_may(cast: Cast, questionnaire: Any) -> None:
    rule = ReplyRule.objects.get(kind="repair")
    values = {
        "first_way": "sms", "wants_result": True, "wants_reason": True, "wants_promise": True, "most_attempts": 2, "gap_hours": 1,
        "then": AfterFailure.WAIT, "version": 1,
    }  # fmt: skip
    with pytest.raises(NotPermitted):
        services.change_reply_rule(rule, **values, by=fresh(cast.agent))
    assert services.change_reply_rule(rule, **values, by=fresh(cast.admin)).version == 2
    with pytest.raises(SomebodyWasFaster):
        services.change_reply_rule(rule, **values, by=fresh(cast.admin))
    with pytest.raises(InvalidInput):
        services.change_reply_rule(rule, **values | {"version": 2, "most_attempts": 0}, by=fresh(cast.admin))


def test_the_rule_says_by_which_way_one_is_answered_first(cast: Cast, answering: Ticket) -> None:
    with pytest.raises(policies.NotThatWayFirst):
        call(answering, cast, way="sms", finish="answered")
    ReplyRule.objects.filter(kind="complaint").update(first_way="sms")
    attempt = call(answering, cast, way="sms", finish="answered", key="one")
    assert call(answering, cast, way="sms", finish="answered", key="one") == attempt
    assert "话费已核减二百元" in OutgoingMessage.objects.get().text
    assert (attempt.way, attempt.outcome) == ("sms", AttemptOutcome.SENT)
    assert again(answering).status == TicketStatus.VISITING
    assert verbs_of(answering).count("ticket.customer_told") == 1


def test_what_was_promised_comes_before_the_rule(cast: Cast, answering: Ticket) -> None:
    Ticket.objects.filter(pk=answering.pk).update(promised_reply_channel="letter")
    attempt = call(answering, cast, way="letter", finish="answered")
    assert attempt.contact.channel == Channel.LETTER
    assert again(answering).status == TicketStatus.VISITING


def test_after_calls_in_vain_somebody_goes_to_see_the_customer_where_the_rule_says_so(
    cast: Cast, answering: Ticket
) -> None:
    ReplyRule.objects.filter(kind="complaint").update(then=AfterFailure.VISIT, most_attempts=1)
    call(answering, cast)
    assert OutgoingMessage.objects.count() == 1
    now = again(answering)
    assert now.status == TicketStatus.REPLYING
    task = replies.answering_task(now)
    assert replies.ways_open(now, task, replies.rule_of("complaint"))[0] == "visit"
    with clock.at(NOON + timedelta(hours=3)):
        call(answering, cast, way="visit", finish="answered")
    assert again(answering).status == TicketStatus.VISITING


def test_a_message_needs_an_address(cast: Cast, answering: Ticket) -> None:
    ReplyRule.objects.filter(kind="complaint").update(first_way="email")
    Ticket.objects.filter(pk=answering.pk).update(contact_phone="", customer=None)
    with pytest.raises(InvalidInput) as refused:
        call(answering, cast, way="email", finish="answered")
    assert set(refused.value.errors) == {"way"}
    assert not ReplyAttempt.objects.exists()

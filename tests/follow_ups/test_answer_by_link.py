"""The customer answers by himself: a link without a login, or one digit; and what cannot be done with a link."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from cast import Cast
from onepoint.channels import signals as channel_signals
from onepoint.channels.models import OutgoingMessage
from onepoint.channels.replies import Reply, read_reply
from onepoint.channels.states import Medium
from onepoint.core import clock
from onepoint.customers import services as customer_services
from onepoint.customers.services import NewAccount
from onepoint.follow_ups import links, services
from onepoint.follow_ups.models import FollowUp, VisitAttempt
from onepoint.follow_ups.states import AttemptOutcome, VisitState, VisitWay
from onepoint.notifications.models import NotificationPolicy
from onepoint.tickets.states import TicketStatus
from tickets.conftest import again, verbs_of

NOON = datetime(2027, 11, 23, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
ANSWERS = {"q1": "1", "q2": "5"}


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with clock.at(NOON):
        yield


@pytest.fixture
def house(db: None) -> None:
    NotificationPolicy.objects.update_or_create(pk=1, defaults={"house_address": "https://onepoint.example.cn"})


@pytest.fixture
def sent(cast: Cast, house, make_rule, register, close, customer) -> FollowUp:
    """A visit whose link has gone out by SMS."""
    make_rule(ways=("sms", "email", "phone"))
    close(register(customer=customer, contact_phone="13800138000"))
    services.make_visits(by=None)
    services.look_after_links(by=None)
    return FollowUp.objects.select_related("ticket").get()


def page(visit: FollowUp) -> str:
    return reverse("survey", args=[links.token_of(visit)])


def test_the_link_is_sent_once_to_the_mobile_telephone(cast: Cast, sent: FollowUp) -> None:
    services.look_after_links(by=None)
    message = OutgoingMessage.objects.get()
    assert message.medium == Medium.SMS
    assert f"https://onepoint.example.cn{page(sent)}" in message.text
    assert "3 没有解决，不满意" in message.text
    assert verbs_of(sent.ticket).count("ticket.visit_link_sent") == 1


def test_at_night_no_link_is_sent(cast: Cast, house, make_rule, register, close, customer) -> None:
    make_rule(ways=("sms",))
    close(register(customer=customer, contact_phone="13800138000"))
    services.make_visits(by=None)
    with clock.at(NOON.replace(hour=23)):
        services.look_after_links(by=None)
        assert not OutgoingMessage.objects.exists()
    with clock.at(NOON.replace(hour=9) + timedelta(days=1)):
        services.look_after_links(by=None)
        assert OutgoingMessage.objects.count() == 1


def test_the_customer_answers_once_without_a_login(cast: Cast, sent: FollowUp) -> None:
    browser = Client()
    text = browser.get(page(sent)).content.decode()
    assert sent.ticket.number in text
    assert "13800138000" not in text
    assert browser.post(page(sent), {"q2": "5"}).status_code == 422
    assert browser.post(page(sent), ANSWERS | {"q5": "处理得当"}).status_code == 302
    sent.refresh_from_db()
    assert (sent.state, sent.is_satisfied, sent.answered_way, sent.words) == (
        "answered",
        True,
        VisitWay.SMS,
        "处理得当",
    )
    assert again(sent.ticket).status == TicketStatus.CLOSED
    replayed = browser.post(page(sent), {"q1": "3", "q5": "反悔"})
    assert replayed.status_code == 200
    assert "处理得当" not in replayed.content.decode()
    sent.refresh_from_db()
    assert sent.is_satisfied is True


def test_a_link_cannot_be_guessed_or_bent_to_another_visit(cast: Cast, sent: FollowUp) -> None:
    token = links.token_of(sent)
    number, _dot, signature = token.partition(".")
    for wrong in (
        f"{int(number) + 1}.{signature}",
        f"{number}.{signature[:-1]}x",
        number,
        f"{number}.",
        "x.y",
        token + "0",
    ):
        assert Client().get(reverse("survey", args=[wrong])).status_code == 404
    assert links.id_of(token) == sent.pk


def test_an_expired_link_says_so_and_shows_nothing(cast: Cast, sent: FollowUp) -> None:
    with clock.at(sent.expires_at + timedelta(seconds=1)):
        for answer in (Client().get(page(sent)), Client().post(page(sent), ANSWERS)):
            assert answer.status_code == 410
            assert sent.ticket.number not in answer.content.decode()
    sent.refresh_from_db()
    assert sent.answered_at is None


def test_one_connection_does_not_try_for_ever(cast: Cast, sent: FollowUp) -> None:
    browser = Client()
    codes = {browser.get(reverse("survey", args=["1.x"])).status_code for _ in range(61)}
    assert codes == {404, 429}


def test_a_digit_answers_the_message_it_answers(cast: Cast, sent: FollowUp) -> None:
    answers = (OutgoingMessage.objects.get(),)

    def reply(text: str, key: str = "one") -> bool:
        return read_reply(Reply(key, "+8613800138000", text, NOON, answers))

    assert reply("谢谢") is False
    assert reply("7") is False
    assert reply("１") is True
    sent.refresh_from_db()
    assert (sent.is_satisfied, sent.answers, sent.answered_way) == (True, {"q1": "1"}, VisitWay.SMS)
    assert reply("3", "two") is False, "the visit is answered; the text goes where others go"


def test_nobody_answering_the_next_way_is_tried_until_none_is_left(cast: Cast, sent: FollowUp) -> None:
    with clock.at(NOON + timedelta(hours=24)):
        services.look_after_links(by=None)
        services.look_after_links(by=None)
    sent.refresh_from_db()
    assert sent.way == VisitWay.PHONE, "there is no e-mail address"
    outcomes = list(VisitAttempt.objects.order_by("pk").values_list("way", "outcome"))
    assert outcomes == [("sms", AttemptOutcome.SENT), ("email", AttemptOutcome.NO_ADDRESS)]


def test_a_message_that_was_given_up_is_followed_by_the_next_way(cast: Cast, sent: FollowUp) -> None:
    message = OutgoingMessage.objects.get()
    channel_signals.message_dead.send(OutgoingMessage, message=message, reason="空号")
    sent.refresh_from_db()
    assert sent.way == VisitWay.EMAIL
    assert VisitAttempt.objects.filter(outcome=AttemptOutcome.UNDELIVERED, note="空号").count() == 1
    channel_signals.message_dead.send(OutgoingMessage, message=message, reason="空号")
    sent.refresh_from_db()
    assert sent.way == VisitWay.EMAIL


def test_by_e_mail_goes_the_link(cast: Cast, house, make_rule, register, close) -> None:
    make_rule(ways=("email",))
    reader = customer_services.create_customer(
        by=cast.agent, name="李读信", region=cast.east, language="en", accounts=[NewAccount("li@example.com", "email")]
    )
    close(register(customer=reader))
    services.make_visits(by=None)
    services.look_after_links(by=None)
    message = OutgoingMessage.objects.get()
    assert (message.medium, message.address, message.language) == (Medium.EMAIL, "li@example.com", "en")
    assert "Has it been settled?" in message.text


def test_the_last_link_stays_good_until_it_expires(cast: Cast, house, make_rule, register, close, customer) -> None:
    make_rule(ways=("sms",))
    close(register(customer=customer, contact_phone="13800138000"))
    services.make_visits(by=None)
    services.look_after_links(by=None)
    with clock.at(NOON + timedelta(days=3)):
        services.look_after_links(by=None)
        visit = FollowUp.objects.get()
        assert visit.state == VisitState.WAITING
        assert Client().post(page(visit), ANSWERS).status_code == 302

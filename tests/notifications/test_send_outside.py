"""Letters and short messages: to the right address, in the person's language, at a time that suits, with nothing hostile in."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cast import Cast
from onepoint.accounts.models import User
from onepoint.channels.models import OutgoingMessage
from onepoint.channels.signals import message_dead, message_sent
from onepoint.core import clock
from onepoint.notifications.models import Notification, NotificationPolicy, NotificationTemplate, Preference
from onepoint.notifications.services import notify

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = datetime(2026, 11, 23, 23, 0, tzinfo=SHANGHAI)
MORNING = datetime(2026, 11, 24, 7, 0, tzinfo=SHANGHAI)


@pytest.fixture
def person(cast: Cast) -> User:
    cast.handler.email, cast.handler.phone = "gao@example.com", "138 0013 8000"
    cast.handler.save()
    NotificationPolicy.objects.create(pk=1, house_address="https://house.example.cn/")
    return cast.handler


def tell(person: User, key: str = "k", event: str = "sample.happened", **more: Any) -> None:
    facts = {"number": "TS1", "step": "受理", "step_en": "Intake", "due": NIGHT} | more.pop("facts", {})
    values = {"facts": facts, "subject": ("ticket", 1), "url": "/tickets/TS1/", "by": None} | more
    notify(event, [person.pk], key=key, **values)


def sent() -> OutgoingMessage:
    return OutgoingMessage.objects.get()


def test_a_letter_says_what_it_is_about_and_where(person: User) -> None:
    tell(person)
    message = sent()
    assert (message.medium, message.address, message.subject) == ("email", "gao@example.com", "工单 TS1 请处理")
    assert "高处理，您好" in message.text
    assert "环节“受理”请在 2026-11-23 23:00 前办完" in message.text
    assert "https://house.example.cn/tickets/TS1/" in message.text
    assert 'href="https://house.example.cn/tickets/TS1/"' in message.html
    assert (message.about_type, message.about_id) == ("ticket", 1)
    assert f"P{person.pk}" in message.audience


def test_each_person_is_written_to_in_his_own_language(person: User) -> None:
    person.language = "en"
    person.save()
    tell(person)
    assert sent().subject == "Ticket TS1 asks for you"
    assert "finish step “Intake” of TS1" in sent().text
    assert "Please do not answer" in sent().text


def test_what_is_told_twice_is_written_once(person: User) -> None:
    tell(person)
    tell(person)
    assert OutgoingMessage.objects.count() == 1


def test_markup_in_a_fact_stays_text_and_a_line_break_makes_no_header(person: User) -> None:
    tell(person, facts={"number": "A\r\nBcc: x@evil.example", "step": "<script>alert(1)</script> {number} {{7*7}}"})
    message = sent()
    assert "\n" not in message.subject
    assert message.subject.startswith("工单 A Bcc:")
    assert "<script" not in message.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {number} {{7*7}}" in message.html


def test_numbers_of_customers_leave_the_house_masked(person: User) -> None:
    tell(person, facts={"step": "请回电 13912345678"})
    assert "13912345678" not in sent().text + sent().html
    assert "139****5678" in sent().text


def test_an_sms_is_one_line_with_the_link(person: User) -> None:
    tell(person, event="sample.happened", ways=["sms"])
    message = sent()
    assert (message.medium, message.address) == ("sms", "+8613800138000")
    assert message.text == "工单 TS1 请处理 https://house.example.cn/tickets/TS1/"


def test_who_has_no_address_is_told_in_the_application_only(cast: Cast) -> None:
    cast.agent.phone = "0571-88888888"
    cast.agent.save()
    tell(cast.agent, ways=["app", "email", "sms"])
    assert not OutgoingMessage.objects.exists()
    assert Notification.objects.get().ways == {"email": "no_address", "sms": "no_address"}


def test_quiet_hours_hold_a_letter_back_until_the_morning(person: User) -> None:
    Preference.objects.create(person=person, quiet_from=time(22), quiet_to=time(7))
    with clock.at(NIGHT):
        tell(person)
    assert sent().next_attempt_at == MORNING


def test_what_is_urgent_passes_quiet_hours_and_digest(person: User) -> None:
    Preference.objects.create(person=person, quiet_from=time(22), quiet_to=time(7), digest="daily")
    with clock.at(NIGHT):
        tell(person, event="sample.burnt", ways=["email"])
        tell(person, "k2", always=True)
    assert {message.next_attempt_at for message in OutgoingMessage.objects.all()} == {NIGHT}
    assert OutgoingMessage.objects.filter(is_urgent=True).count() == 2


def test_who_chose_nothing_keeps_the_quiet_hours_of_the_house(person: User) -> None:
    NotificationPolicy.objects.update(quiet_from=time(22), quiet_to=time(7))
    with clock.at(NIGHT):
        tell(person)
    assert sent().next_attempt_at == MORNING


def test_the_house_may_word_a_letter_its_own_way(person: User) -> None:
    NotificationTemplate.objects.create(
        event="sample.happened", way="email", language="zh-hans", subject="请办 {number}", body="速办。热线 13912345678",
        changed_at=clock.now(),
    )  # fmt: skip
    tell(person)
    assert sent().subject == "请办 TS1"
    assert "13912345678" in sent().text  # the house's own words are not masked


def test_the_notification_knows_what_became_of_its_letter(person: User) -> None:
    tell(person)
    notice = Notification.objects.get()
    assert notice.ways == {"email": "waiting"}
    message_sent.send(OutgoingMessage, message=sent())
    notice.refresh_from_db()
    assert notice.ways == {"email": "sent"}
    message_dead.send(OutgoingMessage, message=sent(), reason="550")
    notice.refresh_from_db()
    assert notice.ways == {"email": "failed"}


def test_a_letter_without_house_address_names_no_half_link(person: User) -> None:
    NotificationPolicy.objects.update(house_address="")
    tell(person)
    assert "http" not in sent().text
    assert "<a " not in sent().html
    assert sent().created_at - clock.now() < timedelta(minutes=1)

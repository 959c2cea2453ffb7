"""Several notifications in one letter, exactly once."""

import threading
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from cast import Cast
from onepoint.accounts.models import User
from onepoint.channels.models import OutgoingMessage
from onepoint.channels.signals import message_sent
from onepoint.core import clock
from onepoint.notifications import services
from onepoint.notifications.models import DigestEntry, Notification, NotificationPolicy, Preference

SHANGHAI = ZoneInfo("Asia/Shanghai")
AFTERNOON = datetime(2026, 11, 23, 15, 20, tzinfo=SHANGHAI)
NEXT_MORNING = datetime(2026, 11, 24, 8, 30, tzinfo=SHANGHAI)


@pytest.fixture
def person(cast: Cast) -> User:
    cast.handler.email = "gao@example.com"
    cast.handler.save()
    NotificationPolicy.objects.create(pk=1, house_address="https://house.example.cn")
    Preference.objects.create(person=cast.handler, digest="daily", digest_at=time(8, 30))
    with clock.at(AFTERNOON):
        for number in ("TS1", "TS2", "TS3"):
            services.notify(
                "sample.happened", [cast.handler.pk], key=number, facts={"number": number}, subject=None,
                url=f"/tickets/{number}/", by=None,
            )  # fmt: skip
    return cast.handler


def send(at: datetime = NEXT_MORNING) -> int:
    with clock.at(at):
        return services.send_due_digests(by=None)


def test_what_was_collected_goes_out_together_at_the_chosen_time(person: User) -> None:
    assert send(NEXT_MORNING.replace(minute=29)) == 0
    assert not OutgoingMessage.objects.exists()
    assert send() == 1
    message = OutgoingMessage.objects.get()
    assert (message.address, message.subject) == ("gao@example.com", "3 条通知")
    for number in ("TS1", "TS2", "TS3"):
        assert f"工单 {number} 请处理" in message.text
        assert f"https://house.example.cn/tickets/{number}/" in message.text
        assert f'href="https://house.example.cn/tickets/{number}/"' in message.html
    assert not DigestEntry.objects.exists()


def test_running_again_writes_nothing_again(person: User) -> None:
    send()
    assert send() == 0
    assert OutgoingMessage.objects.count() == 1


def test_a_single_one_reads_as_if_it_had_come_at_once(person: User) -> None:
    DigestEntry.objects.exclude(notification__key="TS1").delete()
    send()
    assert OutgoingMessage.objects.get().subject == "工单 TS1 请处理"


def test_a_run_that_is_killed_half_way_loses_nothing(person: User) -> None:
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        assert send() == 1
        raise KeyboardInterrupt
    assert not OutgoingMessage.objects.exists()
    assert DigestEntry.objects.count() == 3
    assert send() == 1
    assert OutgoingMessage.objects.count() == 1


def test_who_has_left_meanwhile_gets_no_letter(person: User) -> None:
    person.is_active = False
    person.save()
    assert send() == 0
    assert not OutgoingMessage.objects.exists()
    assert not DigestEntry.objects.exists()


def test_its_notifications_know_when_the_letter_was_sent(person: User) -> None:
    assert {notice.ways["email"] for notice in Notification.objects.all()} == {"collected"}
    send()
    assert {notice.ways["email"] for notice in Notification.objects.all()} == {"waiting"}
    message_sent.send(OutgoingMessage, message=OutgoingMessage.objects.get())
    assert {notice.ways["email"] for notice in Notification.objects.all()} == {"sent"}


@pytest.mark.django_db(transaction=True)
def test_workers_that_run_at_the_same_moment_write_one_letter(person: User) -> None:
    begin, written = threading.Barrier(4), []

    def work() -> None:
        try:
            begin.wait()
            written.append(send())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(written) == 1
    assert OutgoingMessage.objects.count() == 1
    assert not DigestEntry.objects.exists()

"""Several workers at once, killed workers, gateways that come and go: each message arrives, and never as two."""

import json
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from channels.peers.web import WebPeer
from channels.peers.worker import Worker
from onepoint.channels import services
from onepoint.channels.models import DeliveryAttempt, OutgoingMessage
from onepoint.channels.services import claiming, recording, sending
from onepoint.channels.states import AttemptResult, Medium, MessageState
from onepoint.core import clock

pytestmark = pytest.mark.django_db(transaction=True)
OK = (200, {}, b"{}")


def hook(url, key, **values):
    return services.send_message(Medium.WEBHOOK, url, key=key, text=json.dumps({"n": key}), by=None, **values)


def wait_until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, Counter(OutgoingMessage.objects.values_list("state", flat=True))
        time.sleep(0.05)


def count_of(state):
    return OutgoingMessage.objects.filter(state=state).count()


def test_two_workers_never_send_one_message_twice(gateway_to):
    gateway_to("webhook", connections=4)
    with WebPeer() as peer:
        for number in range(300):
            hook(f"{peer.url}/{number % 7}", f"k{number}")
        with Worker(), Worker():
            wait_until(lambda: count_of(MessageState.SENT) == 300)
    assert len(peer.calls) == 300
    assert len({call.headers["webhook-id"] for call in peer.calls}) == 300


def test_a_worker_killed_after_sending_leaves_a_message_that_is_sent_with_the_same_id(gateway_to):
    gateway_to("webhook", connections=1)
    with WebPeer() as peer, Worker() as first:
        is_killed = threading.Event()

        def answer(call):
            if not is_killed.is_set():
                is_killed.set()
                first.kill()
            return OK

        peer.answer = answer
        message = hook(peer.url, "k")
        assert is_killed.wait(30)
        message.refresh_from_db()
        assert (message.state, message.attempts) == (MessageState.SENDING, 1)
        OutgoingMessage.objects.update(leased_until=clock.now() - timedelta(seconds=1))
        with Worker():
            wait_until(lambda: count_of(MessageState.SENT) == 1)
    assert len(peer.calls) == 2
    assert len({call.headers["webhook-id"] for call in peer.calls}) == 1
    results = set(DeliveryAttempt.objects.values_list("result", flat=True))
    assert results == {AttemptResult.LOST, AttemptResult.TAKEN}


def test_a_thousand_messages_survive_a_gateway_that_comes_and_goes(gateway_to):
    gateway_to("http_sms", url="http://127.0.0.1:9/", connections=4)
    from onepoint.channels.models import Gateway

    succeeded: Counter[str] = Counter()
    began = time.monotonic()

    def answer(call):
        phase = (time.monotonic() - began) % 1.5
        if phase < 0.5:
            return (503, {}, b"")
        if phase < 0.6:
            return (500, {}, b"")
        succeeded[call.headers["idempotency-key"]] += 1
        return OK

    with WebPeer() as peer:
        peer.answer = answer
        Gateway.objects.update(settings={**Gateway.objects.get().settings, "url": peer.url})
        messages = [
            services.send_message(
                Medium.SMS, f"+86138{number:08}", key=f"k{number}", text="您好", by=None, about=("ticket", number % 50)
            )
            for number in range(1000)
        ]
        with Worker(), Worker() as doomed:
            wait_until(lambda: sum(succeeded.values()) > 200, 90)
            doomed.kill()
            with Worker():
                wait_until(lambda: sum(succeeded.values()) > 600, 90)
                OutgoingMessage.objects.filter(
                    state=MessageState.SENDING, leased_until__lt=clock.now() + timedelta(seconds=45)
                ).update(leased_until=clock.now() - timedelta(seconds=1))
                wait_until(lambda: count_of(MessageState.SENT) + count_of(MessageState.SENDING) == 1000, 120)
                OutgoingMessage.objects.filter(state=MessageState.SENDING).update(
                    leased_until=clock.now() - timedelta(seconds=1)
                )
                wait_until(lambda: count_of(MessageState.SENT) == 1000, 120)
    assert set(succeeded) == {sending.letter_id(message) for message in messages}
    # What the killed worker had handed over without being able to say so came again, with the same id; nothing else did.
    assert sum(succeeded.values()) - 1000 <= 4


def test_messages_about_one_thing_keep_their_order(gateway_to):
    gateway_to("webhook", connections=4)
    with WebPeer() as peer:
        peer.answer = lambda call: OK if len(peer.calls) % 3 else (500, {}, b"")
        for number in range(20):
            hook(peer.url, f"k{number}", about=("ticket", 1))
        with Worker(), Worker():
            wait_until(lambda: count_of(MessageState.SENT) == 20)
    arrived = [call.json["n"] for call in peer.calls]
    assert [name for index, name in enumerate(arrived) if (index + 1) % 3] == [f"k{number}" for number in range(20)]


def test_nothing_is_locked_while_a_peer_keeps_silent(gateway_to):
    gateway_to("webhook", connections=1)
    with WebPeer() as peer:
        peer.answer = lambda call: 4.0
        hook(peer.url, "k")
        with Worker():
            wait_until(lambda: len(peer.calls) == 1)
            time.sleep(2)
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND state LIKE 'idle in transaction%%' AND pid <> pg_backend_pid()"
                    " AND xact_start < clock_timestamp() - interval '1 second'"  # others of the worker's work go on
                )
                assert cursor.fetchone()[0] == 0


def test_a_worker_told_to_stop_finishes_its_message_and_gives_the_others_back(gateway_to):
    gateway_to("webhook", connections=1)
    with WebPeer() as peer:
        peer.answer = lambda call: (time.sleep(0.5), OK)[1]
        for number in range(8):
            hook(f"{peer.url}/{number}", f"k{number}")
        with Worker():
            wait_until(lambda: len(peer.calls) >= 2)
        sent = count_of(MessageState.SENT)
        assert sent == len(peer.calls)
        assert count_of(MessageState.SENDING) == 0
        rest = OutgoingMessage.objects.exclude(state=MessageState.SENT)
        assert rest.count() == 8 - sent
        assert set(rest.values_list("attempts", flat=True)) == {0}


def test_a_message_that_keeps_killing_workers_is_given_up(gateway_to):
    gateway = gateway_to("webhook")
    message = hook("http://example.com/", "k")
    for _round in range(recording.MOST_ATTEMPTS):
        OutgoingMessage.objects.update(next_attempt_at=message.created_at)
        assert claiming.claim_messages(gateway.pk) is not None
        assert recording.rescue_messages() == 0
        OutgoingMessage.objects.update(leased_until=clock.now() - timedelta(seconds=1))
        assert recording.rescue_messages() == 1
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.DEAD, recording.MOST_ATTEMPTS)
    assert DeliveryAttempt.objects.count() <= recording.KEPT_TRIES

from datetime import timedelta

import pytest

from onepoint.channels import services
from onepoint.channels.models import OutgoingMessage
from onepoint.channels.states import Medium, MessageState
from onepoint.core import clock
from onepoint.core.errors import InvalidInput


def put(key="k1", **values):
    values = {"medium": Medium.EMAIL, "address": "wang@example.com", "text": "您好", "by": None} | values
    return services.send_message(values.pop("medium"), values.pop("address"), key=key, **values)


def test_a_message_waits_from_now_on_for_some_days(cast):
    message = put(subject="工单\r\nBcc: x@example.com", about=("ticket", 7), by=cast.agent)
    assert message.pk
    assert message.state == MessageState.QUEUED
    assert message.next_attempt_at <= clock.now() < message.expires_at
    assert message.subject == "工单 Bcc: x@example.com"
    assert (message.about_type, message.about_id, message.created_by_id) == ("ticket", 7, cast.agent.pk)


def test_whoever_calls_twice_gets_the_first_row(db):
    first = put()
    assert put(text="anders") == first
    assert OutgoingMessage.objects.get().text == "您好"


def test_a_message_may_begin_later_and_still_live_as_long(db):
    later = clock.now() + timedelta(days=10)
    message = put(not_before=later)
    assert message.next_attempt_at == later
    assert message.expires_at > later


def test_messages_about_the_same_thing_to_the_same_address_are_one_sequence(db):
    first, second = put("a", about=("ticket", 1)), put("b", about=("ticket", 1))
    others = [put("c", about=("ticket", 2)), put("d", about=("ticket", 1), address="li@example.com"), put("e")]
    assert first.sequence == second.sequence != ""
    assert first.sequence not in [other.sequence for other in others]


@pytest.mark.parametrize(
    "values", [{"address": ""}, {"address": "a\nb@example.com"}, {"address": "x" * 501}, {"key": ""}, {"key": "k" * 201},
               {"medium": "pigeon"}],
)  # fmt: skip
def test_what_cannot_be_sent_is_refused(db, values):
    with pytest.raises(InvalidInput):
        put(**values)
    assert not OutgoingMessage.objects.exists()

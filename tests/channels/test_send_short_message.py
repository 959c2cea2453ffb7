"""SMS to a real short message centre of another maker, and to web interfaces."""

import time
from contextlib import contextmanager

import pytest

from channels.peers.deaf import RawPeer
from channels.peers.mail import free_port
from channels.peers.smsc import MessageCentre
from channels.peers.web import WebPeer
from onepoint.channels import services
from onepoint.channels.models import Circuit, OutgoingMessage, SentPart
from onepoint.channels.services import sending
from onepoint.channels.states import AttemptResult, Medium, MessageState

CHINESE = (
    "尊敬的客户，您反映的宽带故障已修复😀，请您核实。如有疑问请致电客服热线。" * 5
)  # 36 characters and an emoji each


@pytest.fixture(scope="module")
def module_centre():
    with MessageCentre() as centre:
        yield centre


@pytest.fixture
def centre(module_centre):
    module_centre.events.clear()
    module_centre.behave(prefix=f"p{time.monotonic_ns()}-")
    return module_centre


def sms(key="k1", address="+8613800138000", text="您的工单已受理。", **values):
    return services.send_message(Medium.SMS, address, key=key, text=text, by=None, **values)


def now(message) -> OutgoingMessage:
    message.refresh_from_db()
    return message


@contextmanager
def session_of(gateway):
    session = sending.open_session(gateway)
    try:
        yield session
    finally:
        session.close()


def listen_until(session, message, state, seconds=60.0):
    end = time.monotonic() + seconds
    while now(message).state != state:
        assert time.monotonic() < end, (message.state, message.last_error)
        session.idle(0.1)


def test_a_short_message_arrives_and_its_receipt_is_noted(db, gateway_to, centre):
    centre.behave(receipt="DELIVRD", prefix="a")
    message = sms()
    gateway = gateway_to("smpp", port=centre.port, secrets={"password": "secret"})
    with session_of(gateway) as session:
        sending.send_waiting(gateway, session=session)
        listen_until(session, message, MessageState.DELIVERED)
    told = centre.submitted[0]
    assert (told["destination"], told["source"], told["text"]) == ("13800138000", "10690001", "您的工单已受理。")
    assert (told["coding"], told["reference"], told["receipt"]) == (8, message.pk & 0xFFFF, 1)
    assert centre.wait_for("receipt_answered")["status"] == 0


@pytest.mark.parametrize("stat", ["UNDELIV", "REJECTD"])
@pytest.mark.parametrize("options", [True, False])
def test_a_message_that_never_arrives_is_given_up_with_the_reason(db, gateway_to, centre, stat, options):
    centre.behave(receipt=stat, options=options and stat == "UNDELIV", prefix=f"b{stat}{options}")
    message = sms()
    gateway = gateway_to("smpp", port=centre.port, secrets={"password": "secret"})
    with session_of(gateway) as session:
        sending.send_waiting(gateway, session=session)
        listen_until(session, message, MessageState.DEAD)
    assert stat in message.last_error


def test_a_receipt_that_comes_before_the_answer_is_matched(db, gateway_to, centre):
    centre.behave(receipt="DELIVRD", early=True, prefix="c")
    message = sms()
    gateway = gateway_to("smpp", port=centre.port, secrets={"password": "secret"})
    sending.send_waiting(gateway)
    assert now(message).state == MessageState.DELIVERED


def test_a_long_chinese_message_with_emoji_is_cut_right_and_delivered_once_every_part_is(db, gateway_to, centre):
    centre.behave(receipt="DELIVRD", after=300, prefix="d")
    message = sms(text=CHINESE)
    gateway = gateway_to("smpp", port=centre.port, secrets={"password": "secret"})
    with session_of(gateway) as session:
        sending.send_waiting(gateway, session=session)
        assert now(message).state == MessageState.SENT
        listen_until(session, message, MessageState.DELIVERED)
    parts = centre.submitted
    lengths = [len(part["text"].encode("utf-16-be")) // 2 for part in parts]
    assert all(length <= 67 for length in lengths)
    assert len(parts) == len(CHINESE.encode("utf-16-be")) // 2 // 67 + 1
    assert "".join(part["text"] for part in parts) == CHINESE
    assert [part["udh"] for part in parts] == [
        [f"0003{message.pk & 0xFF:02x}{len(parts):02x}{number:02x}"] for number in range(1, len(parts) + 1)
    ]
    assert SentPart.objects.filter(message=message).count() == len(parts)


def test_parts_the_centre_took_are_not_sent_again(db, gateway_to, centre):
    centre.behave(statuses=[0, 0x58], prefix="e")
    message = sms(text=CHINESE)
    gateway = gateway_to("smpp", port=centre.port, secrets={"password": "secret"})
    sending.send_waiting(gateway)
    assert (now(message).state, message.attempts) == (MessageState.RETRY, 0)
    assert Circuit.objects.get().open_until is not None  # told to slow down: everybody does
    Circuit.objects.all().delete()
    OutgoingMessage.objects.update(next_attempt_at=message.created_at)
    sending.send_waiting(gateway)
    assert now(message).state == MessageState.SENT
    taken = [part for part in centre.submitted if part["status"] == 0]
    assert "".join(part["text"] for part in taken) == CHINESE


@pytest.mark.parametrize(("status", "state"), [(0x0B, MessageState.DEAD), (0x08, MessageState.RETRY)])
def test_the_status_decides_whether_it_is_tried_again(db, gateway_to, centre, status, state):
    centre.behave(statuses=[status], prefix=f"f{status}")
    message = sms()
    sending.send_waiting(gateway_to("smpp", port=centre.port, secrets={"password": "secret"}))
    assert now(message).state == state
    assert f"0x{status:08X}" in message.last_error


def test_a_wrong_password_leaves_the_message_waiting(db, gateway_to, centre):
    message = sms()
    sending.send_waiting(gateway_to("smpp", port=centre.port, secrets={"password": "wrong"}))
    assert (now(message).state, message.attempts) == (MessageState.RETRY, 0)
    assert "0x0000000D" in message.last_error
    assert message.tries.get().result == AttemptResult.DELAYED


@pytest.mark.parametrize("manners", [{"silent": True}, {"hangs_up": True}, {"raw": "ffffffff8000000400000000000000"},
                                     {"raw": "0000000080000004"}, {"raw": "474554202f20485454502f312e310d0a0d0a"}])  # fmt: skip
def test_a_centre_that_took_it_and_went_silent_or_mad_is_asked_again_with_the_same_reference(
    db, gateway_to, centre, manners, monkeypatch
):
    monkeypatch.setattr("onepoint.channels.providers.smpp.session.MOST_SECONDS", 0.5)
    centre.behave(**manners)
    message = sms()
    gateway = gateway_to("smpp", port=centre.port, secrets={"password": "secret"})
    sending.send_waiting(gateway)
    assert (now(message).state, message.is_uncertain, message.attempts) == (MessageState.RETRY, True, 1)
    centre.behave(prefix=f"h{time.monotonic_ns()}")
    OutgoingMessage.objects.update(next_attempt_at=message.created_at)
    sending.send_waiting(gateway)
    assert now(message).state == MessageState.SENT
    assert len({(part["reference"], part["text"]) for part in centre.submitted}) == 1


def test_what_the_centre_asks_in_between_is_answered(db, gateway_to, centre):
    gateway = gateway_to("smpp", port=centre.port, secrets={"password": "secret"})
    with session_of(gateway) as session:
        session.idle(0.2)
        centre.tell(link=True)
        session.idle(0.5)
        centre.wait_for("link_answered")
        centre.tell(raw="000000100000010300000000000000ff")
        session.idle(0.5)


def test_a_centre_that_went_away_is_noticed_and_bound_again(db, gateway_to):
    port = free_port()
    gateway = gateway_to("smpp", port=port, secrets={"password": "secret"})
    with session_of(gateway) as session:
        with MessageCentre(port) as first:
            sms("a")
            sending.send_waiting(gateway, session=session)
            assert len(first.submitted) == 1
        message = sms("b")
        sending.send_waiting(gateway, session=session)
        assert now(message).state == MessageState.RETRY
        with MessageCentre(port) as second:
            OutgoingMessage.objects.update(next_attempt_at=message.created_at)
            sending.send_waiting(gateway, session=session)
            assert len(second.submitted) == 1
    assert now(message).state == MessageState.SENT


@pytest.mark.parametrize(
    "says", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff\xff\xff\xff" + b"\0" * 60, b"\0" * 64, b""]
)
def test_something_else_on_the_port_is_left_soon(db, gateway_to, says, monkeypatch):
    monkeypatch.setattr("onepoint.channels.providers.smpp.session.MOST_SECONDS", 0.5)
    message = sms()
    with RawPeer(says) as peer:
        sending.send_waiting(gateway_to("smpp", port=peer.port, secrets={"password": "secret"}))
    assert (now(message).state, message.attempts) == (MessageState.RETRY, 0)


def test_what_is_no_number_is_refused(db, gateway_to, centre):
    message = sms(address="wang@example.com")
    sending.send_waiting(gateway_to("smpp", port=centre.port, secrets={"password": "secret"}))
    assert now(message).state == MessageState.DEAD


# --- over HTTP

ANSWERS = {
    "fields": "to.mobile={address}\nto.text={text}\nid={id}\nkey={secret}", "succeeded": "status = 200 and body.code = 0",
    "refused": "body.code in (100..199)", "number": "body.id", "headers": "Authorization: Bearer {secret}",
}  # fmt: skip


def test_a_provider_over_http_is_posted_the_fields(db, gateway_to):
    message = sms(text='说"你好"{secret}\n')
    with WebPeer() as peer:
        peer.answer = lambda call: (200, {}, b'{"code": 0, "id": 77}')
        sending.send_waiting(gateway_to("http_sms", url=peer.url + "/sms", secrets={"secret": "s3cret"}, **ANSWERS))
    call = peer.calls[0]
    assert call.json == {
        "to": {"mobile": "13800138000", "text": '说"你好"{secret}'}, "id": sending.letter_id(message), "key": "s3cret"
    }  # fmt: skip
    assert call.headers["authorization"] == "Bearer s3cret"
    assert call.headers["idempotency-key"] == sending.letter_id(message)
    assert (now(message).state, message.peer_id) == (MessageState.SENT, "77")


def test_a_form_is_posted_as_one(db, gateway_to):
    sms(text="a&b=c 你")
    with WebPeer() as peer:
        sending.send_waiting(gateway_to("http_sms", url=peer.url, format="form"))
    assert peer.calls[0].body.startswith(b"mobile=13800138000&content=a%26b%3Dc+%E4%BD%A0&id=")


@pytest.mark.parametrize(
    ("answer", "state", "attempts"),
    [
        ((200, {}, b'{"code": 101}'), MessageState.DEAD, 1),
        ((200, {}, b'{"code": 7}'), MessageState.RETRY, 1),
        ((200, {}, b"<html>"), MessageState.RETRY, 1),
        ((500, {}, b'{"code": 0}'), MessageState.RETRY, 1),
        ((429, {"Retry-After": "120"}, b""), MessageState.RETRY, 0),
        ((401, {}, b"who is s3cret?"), MessageState.RETRY, 0),
        ((302, {"Location": "http://127.0.0.1/"}, b""), MessageState.RETRY, 1),
    ],
)
def test_the_answer_over_http_decides(db, gateway_to, answer, state, attempts):
    message = sms()
    with WebPeer() as peer:
        peer.answer = lambda call: answer
        sending.send_waiting(gateway_to("http_sms", url=peer.url, secrets={"secret": "s3cret"}, **ANSWERS))
    assert len(peer.calls) == 1
    assert (now(message).state, message.attempts) == (state, attempts)
    assert "s3cret" not in message.last_error

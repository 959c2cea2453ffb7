"""Short messages that come in: from a real short message centre of another maker, and by a provider's web interface."""

import base64
import hashlib
import hmac
import json
import threading
import time
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from channels.peers.smsc import MessageCentre
from onepoint.channels import services
from onepoint.channels.models import IncomingPart, IncomingText
from onepoint.channels.providers.interface import Arrived, SendError
from onepoint.channels.services import sending, texts
from onepoint.channels.states import Medium, TextState
from onepoint.core import clock

LONG = "宽带又断了😀，昨天师傅来过，今天晚上八点以后还是打不开网页，光猫已经重启三次。" * 3


@pytest.fixture(scope="module")
def centre():
    with MessageCentre() as running:
        yield running


@pytest.fixture
def gateway(db, gateway_to, centre):
    centre.events.clear()
    centre.behave()
    return gateway_to("smpp", port=centre.port, secrets={"password": "secret"})


def units(text: str) -> bytes:
    return text.encode("utf-16-be")


def deliver(centre, session, *units_, count=None, seconds=60.0):
    """Let the centre deliver, and listen until it has been answered."""
    wanted = len(centre.of("incoming_answered")) + (count or len(units_))
    for unit in units_:
        centre.tell(incoming={"source_addr": "13800138000", "destination_addr": "10690001"} | unit)
    end = time.monotonic() + seconds
    while len(centre.of("incoming_answered")) < wanted:
        assert time.monotonic() < end
        session.idle(0.05)
    return [event["status"] for event in centre.of("incoming_answered")]


def session_with(gateway):
    session = sending.open_session(gateway)
    session.idle(0.05)
    return session


def parts_of(text: str, reference: int = 7, size: int = 67) -> list[dict]:
    """As a telephone sends it: cut by UTF-16 units, whatever they tear."""
    raw = units(text)
    pieces = [raw[start : start + size * 2] for start in range(0, len(raw), size * 2)]
    return [
        {
            "esm_class": 0x40, "data_coding": 8,
            "short_message": {
                "udh": {"type": "Buffer", "data": [5, 0, 3, reference, len(pieces), number]},
                "message": {"type": "Buffer", "data": list(piece)},
            },
        }
        for number, piece in enumerate(pieces, 1)
    ]  # fmt: skip


def test_a_message_is_stored_before_the_centre_is_told(gateway, centre):
    session = session_with(gateway)
    assert deliver(centre, session, {"short_message": "网络还是不通，请尽快处理😀"}) == [0]
    text = IncomingText.objects.get()
    assert (text.text, text.sender_key, text.recipient) == ("网络还是不通，请尽快处理😀", "+8613800138000", "10690001")
    assert (text.state, text.gateway) == (TextState.NEW, gateway)
    session.close()


@pytest.mark.parametrize("order", [1, -1])
def test_parts_are_put_together_in_any_order_even_where_they_tear_an_emoji(gateway, centre, order):
    session = session_with(gateway)
    parts = parts_of(LONG, size=6)  # the emoji's two halves come in two parts
    assert any(
        0xD800 <= int.from_bytes(bytes(part["short_message"]["message"]["data"][-2:])) <= 0xDBFF for part in parts
    )
    assert set(deliver(centre, session, *parts[::order])) == {0}
    assert [(one.text, one.has_gaps) for one in IncomingText.objects.all()] == [(LONG, False)]
    session.close()


def test_parts_by_options_and_a_whole_payload_are_understood(gateway, centre):
    session = session_with(gateway)
    by_options = [
        {"short_message": text, "sar_msg_ref_num": 513, "sar_total_segments": 2, "sar_segment_seqnum": number}
        for number, text in ((2, "后半"), (1, "前半，"))
    ]
    deliver(centre, session, *by_options, {"message_payload": LONG * 4, "data_coding": 8})
    assert set(IncomingText.objects.values_list("text", flat=True)) == {"前半，后半", LONG * 4}
    session.close()


def test_what_is_delivered_again_has_one_effect(gateway, centre):
    session = session_with(gateway)
    one = {"short_message": "请回电"}
    parts = parts_of(LONG)
    assert set(deliver(centre, session, one, one, *parts, *parts, one)) == {0}
    assert IncomingText.objects.count() == 2
    assert not IncomingText.objects.filter(state=TextState.PARTS).exists()
    session.close()


def test_the_same_word_after_another_question_is_a_new_answer(gateway, db):
    first = Arrived("13800138000", "10690001", units("1"))
    assert services.take_in_text(gateway, first, by=None)
    assert services.take_in_text(gateway, first, by=None) is None
    services.send_message(Medium.SMS, "13800138000", key="q2", text="请回复1确认", by=None)
    assert services.take_in_text(gateway, first, by=None)


def test_a_message_that_cannot_be_stored_stays_with_the_centre_and_sending_goes_on(gateway, centre, monkeypatch):
    session = session_with(gateway)

    def fail(*arguments, **named):
        raise OSError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(texts, "take_in_text", fail)
        assert deliver(centre, session, {"short_message": "请回电"}) == [0x64]
    services.send_message(Medium.SMS, "13800138000", key="out", text="您好", by=None)
    assert sending.send_waiting(gateway, session=session) == 1
    assert len(centre.submitted) == 1
    assert deliver(centre, session, {"short_message": "请回电"})[-1] == 0
    assert IncomingText.objects.count() == 1
    session.close()


def test_parts_that_stay_alone_are_filed_with_a_mark(gateway, centre):
    session = session_with(gateway)
    deliver(centre, session, *parts_of(LONG)[1:])
    session.close()
    assert services.end_waiting_for_parts(by=None) == 0
    IncomingText.objects.update(received_at=clock.now() - texts.PARTS_WAIT - timedelta(seconds=1))
    assert services.end_waiting_for_parts(by=None) == 1
    text = IncomingText.objects.get()
    assert (text.state, text.has_gaps) == (TextState.NEW, True)
    assert text.text == texts.GAP + units(LONG)[67 * 2 :].decode("utf-16-be")


def test_a_reference_used_again_begins_another_message(gateway, db):
    def part(number, words):
        return Arrived("13800138000", "10690001", units(words), reference=9, count=2, number=number)

    services.take_in_text(gateway, part(1, "甲一"), by=None)
    services.take_in_text(gateway, part(1, "乙一"), by=None)
    services.take_in_text(gateway, part(2, "乙二"), by=None)
    found = IncomingText.objects.order_by("pk").values_list("text", "has_gaps")
    assert list(found) == [("甲一[…]", True), ("乙一乙二", False)]


@pytest.mark.django_db(transaction=True)
def test_parts_that_come_by_two_connections_at_once_make_one_message(gateway_to):
    gateway = gateway_to("smpp", port=2775, secrets={"password": "secret"})
    start = threading.Barrier(4)

    def take(number):
        start.wait()
        part = Arrived("13800138000", "1", units(f"第{number}段"), reference=3, count=4, number=number)
        try:
            services.take_in_text(gateway, part, by=None)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[number]) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert IncomingText.objects.get().text == "第1段第2段第3段第4段"
    assert IncomingPart.objects.count() == 4


@pytest.mark.parametrize(
    ("coding", "content", "text"),
    [
        (0, b"Hello \x1b\x65 \x00 {", "Hello € @ ä"),
        (15, "宽带".encode("gb18030"), "宽带"),
        (4, "宽带".encode(), "宽带"),
        (0x18, units("弹窗"), "弹窗"),
        (3, "é".encode("latin-1"), "é"),
        (8, units("奇") + b"\x00", "奇"),
        (8, b"\x00\x00" + units("零"), "零"),
        (8, b"\xd8\x3d", "�"),
        (99, b"\xff\xfe", None),
        (8, b"", ""),
    ],
)
def test_whatever_the_coding_the_words_are_kept(gateway, db, coding, content, text):
    from onepoint.channels.providers.smpp import incoming, pdu

    arrived = incoming.arrived_of(pdu.Delivered("13800138000", "1", 0, coding, content), True)
    kept = services.take_in_text(gateway, arrived, by=None)
    assert kept
    assert text is None or kept.text == text


@pytest.mark.parametrize("body", [b"", b"\0", b"\0" * 40, b"\xff" * 200, b"a" * 70, b"\0\0\0" + b"1" * 30])
def test_a_broken_unit_is_refused_and_the_next_connection_works(gateway, centre, body):
    session = session_with(gateway)
    raw = (16 + len(body)).to_bytes(4) + bytes.fromhex("00000005") + bytes(4) + (77).to_bytes(4) + body
    centre.tell(raw=raw.hex())
    try:
        session.idle(0.3)
    except SendError:
        session.idle(0.1)
    assert deliver(centre, session, {"short_message": "还在吗"})[-1] == 0
    assert IncomingText.objects.filter(text="还在吗").count() == 1
    session.close()


@pytest.mark.parametrize(
    "header",
    [b"\x05\x00\x03\x01\x00\x01", b"\x05\x00\x03\x01\x02\x03", b"\x50\x00\x03", b"\x05\x24\x01\x00\x00\x00", b"\x00"],
)
def test_a_senseless_header_loses_no_words(gateway, db, header):
    from onepoint.channels.providers.smpp import incoming, pdu

    arrived = incoming.arrived_of(pdu.Delivered("13800138000", "1", 0x40, 8, header + units("救命")), True)
    services.take_in_text(gateway, arrived, by=None)
    assert IncomingText.objects.exclude(state=TextState.PARTS).count() == 1


# --- over HTTP

KEY = "a-key-of-some-length"


@pytest.fixture
def web(db, gateway_to):
    return gateway_to("http_sms", url="https://sms.example/send", fields="to={address}\ntext={text}", secrets={"incoming_key": KEY},
                      incoming_from="item.mobile", incoming_text="item.content", incoming_number="item.id", incoming_answer='{"code":0}')  # fmt: skip


def address(gateway) -> str:
    return reverse("text-receive", args=[gateway.pk, texts.incoming_token(gateway)])


def post(gateway, body, **more):
    return Client().post(address(gateway), body, content_type="application/json", **more)


def test_a_provider_posts_a_message_once_or_often(web):
    body = {"mobile": "13800138000", "content": "还是没有信号", "id": 20261122}
    for _time in range(3):
        answer = post(web, body)
        assert (answer.status_code, answer.content.decode()) == (200, '{"code":0}')
    assert [(one.text, one.peer_id) for one in IncomingText.objects.all()] == [("还是没有信号", "20261122")]
    fields = urlencode({"mobile": "13800138000", "content": "表单", "id": "9"})
    form = Client().post(address(web), fields, content_type="application/x-www-form-urlencoded")
    assert (form.status_code, IncomingText.objects.count()) == (200, 2)


def test_a_list_of_messages_is_stored_whole_or_not_at_all(gateway_to, db):
    gateway = gateway_to("http_sms", url="https://sms.example/send", fields="to={address}\ntext={text}", secrets={"incoming_key": KEY},
                         incoming_list="body.list", incoming_from="item.from", incoming_text="item.text")  # fmt: skip
    good = {"from": "13800138000", "text": "一"}
    assert post(gateway, {"list": [good, {"text": "没有号码"}]}).status_code == 400
    assert not IncomingText.objects.exists()
    assert post(gateway, {"list": [good, {"from": "13900139000", "text": "二"}]}).status_code == 200
    assert IncomingText.objects.count() == 2


def test_a_wrong_address_or_no_key_is_refused(web, gateway_to):
    assert Client().post(reverse("text-receive", args=[web.pk, "0" * 40]), {}).status_code == 401
    assert Client().post(reverse("text-receive", args=[999_999, texts.incoming_token(web)]), {}).status_code == 401
    assert Client().get(address(web)).status_code == 405
    services.switch_gateway(web, on=False, by=None)
    assert post(web, {"mobile": "13800138000", "content": "关"}).status_code == 401
    without = gateway_to("http_sms", name="x", url="https://sms.example/send", fields="to={address}\ntext={text}")
    assert texts.incoming_token(without) == ""
    assert Client().post(reverse("text-receive", args=[without.pk, "x"]), {}).status_code == 401
    assert not IncomingText.objects.exists()


@pytest.mark.parametrize("body", [b"", b"[]", b"nothing", b'{"mobile": {}}', b"[" * 100_000, b'{"mobile": NaN}', b"\xff\xfe",
                                  b'{"mobile": ["1"], "content": "x"}', b'{"content": "x"}'])  # fmt: skip
def test_what_cannot_be_understood_is_refused(web, body):
    assert Client().post(address(web), body, content_type="application/json").status_code == 400
    assert not IncomingText.objects.exists()


@pytest.fixture
def signed(gateway_to, db):
    return gateway_to("http_sms", url="https://sms.example/send", fields="to={address}\ntext={text}", secrets={"incoming_key": KEY},
                      incoming_proof="signed", incoming_from="item.mobile", incoming_text="item.content")  # fmt: skip


def signature(body: bytes, number="msg_1", shift=0, key=KEY) -> dict[str, str]:
    moment = str(int(clock.now().timestamp()) + shift)
    digest = hmac.new(key.encode(), f"{number}.{moment}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": number,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def test_a_signed_message_is_taken_once_and_a_forged_or_old_one_not_at_all(signed):
    body = json.dumps({"mobile": "13800138000", "content": "签名"}).encode()
    for headers in (
        {},
        signature(body, key="another key of length"),
        signature(body + b" "),
        signature(body, shift=-700),
        signature(body, shift=700),
    ):
        assert post(signed, body, headers=headers).status_code == 401
    assert not IncomingText.objects.exists()
    headers = signature(body)
    assert post(signed, body, headers=headers).status_code == 200
    assert post(signed, body, headers=headers).status_code == 200
    assert post(signed, body, headers=signature(body, shift=60)).status_code == 200  # the provider tries again
    assert IncomingText.objects.get().peer_id == "msg_1"

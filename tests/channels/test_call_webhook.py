"""Webhooks to a real web server, signed, never into the own network unless allowed."""

import base64
import hashlib
import hmac
import time

import pytest

from channels.peers.web import WebPeer
from onepoint.channels import services, signals
from onepoint.channels.models import Circuit, OutgoingMessage
from onepoint.channels.services import breaking, sending
from onepoint.channels.states import Medium, MessageState

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()


def hook(url, key="k1", **values):
    return services.send_message(Medium.WEBHOOK, url, key=key, text='{"type": "ticket.closed"}', by=None, **values)


def now(message) -> OutgoingMessage:
    message.refresh_from_db()
    return message


def again(gateway, message):
    OutgoingMessage.objects.filter(pk=message.pk).update(next_attempt_at=message.created_at)
    Circuit.objects.filter(is_gone=False).delete()
    sending.send_waiting(gateway)


def test_a_call_is_signed_and_names_the_same_id_every_time(db, gateway_to):
    gateway = gateway_to("webhook", secrets={"signing_secret": SECRET})
    with WebPeer() as peer:
        peer.answer = lambda call: (500, {}, b"") if len(peer.calls) == 1 else (204, {}, b"")
        message = hook(f"{peer.url}/in?x=1")
        sending.send_waiting(gateway)
        assert now(message).state == MessageState.RETRY
        again(gateway, message)
    assert now(message).state == MessageState.SENT
    first, second = peer.calls
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == sending.letter_id(message)
    assert abs(int(first.headers["webhook-timestamp"]) - time.time()) < 60
    signed = f"{second.headers['webhook-id']}.{second.headers['webhook-timestamp']}.".encode() + second.body
    expected = base64.b64encode(hmac.new(b"0123456789abcdef01234567", signed, hashlib.sha256).digest()).decode()
    assert second.headers["webhook-signature"] == f"v1,{expected}"
    assert second.path == "/in?x=1"
    assert second.json == {"type": "ticket.closed"}


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 429, 500, 502, 504])
def test_anything_but_success_is_tried_again_and_redirects_are_not_followed(db, gateway_to, status):
    with WebPeer() as peer, WebPeer() as other:
        peer.answer = lambda call: (status, {"Location": other.url}, b"")
        message = hook(peer.url)
        sending.send_waiting(gateway_to("webhook"))
    assert (now(message).state, message.attempts) == (MessageState.RETRY, 1)
    assert f"HTTP {status}" in message.last_error
    assert other.calls == []


def test_a_receiver_that_asks_for_time_gets_it(db, gateway_to):
    with WebPeer() as peer:
        peer.answer = lambda call: (429, {"Retry-After": "600"}, b"")
        message = hook(peer.url)
        sending.send_waiting(gateway_to("webhook"))
    assert (now(message).next_attempt_at - message.created_at).total_seconds() > 590


def test_an_endpoint_that_is_gone_is_called_no_more_until_somebody_says_so(db, gateway_to):
    heard = []

    def listen(sender, address, **more):
        heard.append(address)

    signals.endpoint_gone.connect(listen)
    gateway = gateway_to("webhook")
    try:
        with WebPeer() as peer:
            peer.answer = lambda call: (410, {}, b"")
            first = hook(peer.url)
            sending.send_waiting(gateway)
            second = hook(peer.url, "k2")
            sending.send_waiting(gateway)
            assert len(peer.calls) == 1
            services.reconnect_gateway(gateway, circuit_id=Circuit.objects.get().pk, by=None)
            sending.send_waiting(gateway)
            assert len(peer.calls) == 2
    finally:
        signals.endpoint_gone.disconnect(listen)
    assert heard[0] == peer.url
    assert now(first).state == now(second).state == MessageState.DEAD


def test_one_dead_endpoint_does_not_hold_the_others(db, gateway_to):
    gateway = gateway_to("webhook")
    with WebPeer() as dead, WebPeer() as alive:
        dead.answer = lambda call: (500, {}, b"")
        for number in range(10):
            hook(f"{dead.url}/{'same'}", f"d{number}")
        fine = [hook(alive.url, f"a{number}") for number in range(10)]
        sending.send_waiting(gateway)
        assert all(now(message).state == MessageState.SENT for message in fine)
        assert Circuit.objects.get().peer == f"{dead.url}/same"
        called = len(dead.calls)
        OutgoingMessage.objects.filter(state=MessageState.RETRY).update(next_attempt_at=fine[0].created_at)
        sending.send_waiting(gateway)
        assert len(dead.calls) == called


def test_a_failing_endpoint_is_left_alone_in_the_midst_of_what_one_worker_took(db, gateway_to):
    gateway = gateway_to("webhook")
    with WebPeer() as dead:
        dead.answer = lambda call: (500, {}, b"")
        waiting = [hook(dead.url, f"d{number}") for number in range(10)]
        sending.send_waiting(gateway)
        assert len(dead.calls) == breaking.FAILURES_TO_OPEN
    assert sorted(now(message).attempts for message in waiting) == [0] * 7 + [1] * 3


FORBIDDEN = """
http://127.0.0.1:{port}/ http://localhost:{port}/ http://[::1]:{port}/ http://[::ffff:127.0.0.1]:{port}/
http://[::ffff:7f00:1]:{port}/ http://2130706433:{port}/ http://0x7f000001:{port}/ http://0177.0.0.1:{port}/
http://127.1:{port}/ http://0.0.0.0:{port}/ http://[::]:{port}/ http://10.0.0.1/ http://172.16.3.4/ http://192.168.1.1/
http://169.254.169.254/latest/meta-data/ http://100.64.0.1/ http://[fe80::1]/ http://[fd00::1]/ http://[fec0::1]/
http://[64:ff9b::7f00:1]/ http://[2002:7f00:1::]/ http://[::127.0.0.1]:{port}/ http://224.0.0.1/ http://255.255.255.255/
http://user:pass@example.com/ ftp://127.0.0.1/ file:///etc/passwd gopher://127.0.0.1:{port}/ http:///x http://127.0.0.1:99999/
//127.0.0.1:{port}/ http://①②⑦.⓪.⓪.①:{port}/ http://0:{port}/
""".split()


@pytest.mark.parametrize("address", FORBIDDEN)
def test_no_packet_goes_into_the_own_network(db, gateway_to, address):
    with WebPeer() as listener:
        message = hook(address.format(port=listener.port))
        sending.send_waiting(gateway_to("webhook", allows_private=False))
        time.sleep(0.01)
    assert listener.calls == []
    assert now(message).state in (MessageState.DEAD, MessageState.RETRY)
    if address.startswith(("http://127.", "http://[", "http://10", "http://169", "http://1")):
        assert message.state == MessageState.DEAD


def test_a_name_that_leads_inside_at_the_second_look_gains_nothing(db, gateway_to, monkeypatch):
    """The answer that was judged is the one that is called: there is no second look."""
    import socket

    looks = []
    real = socket.getaddrinfo

    def rebinding(host, port, *arguments, **more):
        if host != "rebind.example":
            return real(host, port, *arguments, **more)
        looks.append(host)
        address = "203.0.114.7" if len(looks) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with WebPeer() as listener:
        message = hook(f"http://rebind.example:{listener.port}/")
        began = time.monotonic()
        sending.send_waiting(gateway_to("webhook", allows_private=False))
    assert time.monotonic() - began < 30
    assert looks == ["rebind.example"]
    assert listener.calls == []
    assert now(message).state == MessageState.RETRY

import pytest

from channels.peers.mail import free_port
from onepoint.channels import services
from onepoint.channels.models import Circuit, Gateway, OutgoingMessage
from onepoint.channels.services import breaking, sending
from onepoint.channels.states import Medium, MessageState
from onepoint.core import audit, sealing
from onepoint.core.errors import InvalidInput, NotPermitted, SomebodyWasFaster

MAIL = {
    "name": "邮件", "rank": 10, "connections": 1, "rate_per_minute": "", "host": "127.0.0.1", "port": 25, "encryption": "starttls",
    "username": "onepoint", "password": "geheim-2026", "sender": "service@onepoint.example", "sender_name": "", "reply_to": "",
}  # fmt: skip


@pytest.fixture
def keeper(cast):
    """Somebody who may do everything with gateways and messages."""
    role = cast.admin.grants.get().role if hasattr(cast.admin, "grants") else cast.admin.active_grants[0].role
    role.permissions = [*role.permissions, "gateway.view", "gateway.change", "outbox.view", "outbox.resend"]
    role.save()
    return type(cast.admin).objects.get(pk=cast.admin.pk)


def test_the_administrator_sets_one_up_and_the_password_is_sealed(keeper, client_of):
    client = client_of(keeper)
    assert client.post("/gateways/new/smtp/", MAIL).status_code == 302
    gateway = Gateway.objects.get()
    assert (gateway.medium, gateway.name, gateway.rate_per_minute) == ("email", "邮件", None)
    assert "geheim" not in gateway.sealed_secrets + str(gateway.settings)
    assert sealing.unseal(gateway.sealed_secrets) == {"password": "geheim-2026"}
    entries = [(entry.verb, str(entry.data)) for entry in audit.entries_of("gateway", gateway.pk)]
    assert [verb for verb, _data in entries] == ["gateway.created"]
    for path in ("/gateways/", f"/gateways/{gateway.pk}/"):
        page = client.get(path)
        assert page.status_code == 200
        assert "geheim" not in page.content.decode()


def test_a_secret_left_empty_stays_and_a_new_one_replaces_it(keeper, client_of):
    client = client_of(keeper)
    client.post("/gateways/new/smtp/", MAIL)
    gateway = Gateway.objects.get()
    address = f"/gateways/{gateway.pk}/"
    assert client.post(address, MAIL | {"password": "", "host": "mail.example", "revision": 1}).status_code == 302
    gateway.refresh_from_db()
    assert sealing.unseal(gateway.sealed_secrets) == {"password": "geheim-2026"}
    assert (gateway.settings["host"], gateway.revision) == ("mail.example", 2)
    assert client.post(address, MAIL | {"password": "another-2026", "revision": 2}).status_code == 302
    gateway.refresh_from_db()
    assert sealing.unseal(gateway.sealed_secrets) == {"password": "another-2026"}
    assert "another-2026" not in str([entry.data for entry in audit.entries_of("gateway", gateway.pk)])
    with pytest.raises(SomebodyWasFaster):
        services.change_gateway(gateway, revision=1, settings=gateway.settings, by=None)


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("smtp", {"sender": "nobody"}, "sender"), ("smtp", {"encryption": "none"}, "encryption"),
        ("smtp", {"port": "70000"}, "port"), ("smtp", {"host": ""}, "host"), ("smtp", {"name": " "}, "name"),
    ],
)  # fmt: skip
def test_what_does_not_do_is_said_beside_its_field(keeper, client_of, kind, values, field):
    answer = client_of(keeper).post(f"/gateways/new/{kind}/", MAIL | values)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Gateway.objects.exists()


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("http_sms", {"url": "ftp://x/"}, "url"), ("http_sms", {"url": "https://x/", "succeeded": "body.code ="}, "succeeded"),
        ("http_sms", {"url": "https://x/", "fields": "nonsense"}, "fields"),
        ("http_sms", {"url": "https://x/", "fields": "a=1\na.b=2"}, "fields"),
        ("http_sms", {"url": "https://x/", "headers": "no colon"}, "headers"),
        ("smpp", {"host": "x", "system_id": "a b"}, "system_id"), ("smpp", {"host": "x", "system_id": "a", "sender": "一"}, "sender"),
    ],
)  # fmt: skip
def test_each_kind_judges_its_own_settings(db, kind, values, field):
    with pytest.raises(InvalidInput) as refusal:
        services.create_gateway(provider=kind, name="x", settings=values, by=None)
    assert list(refusal.value.errors) == [field]


@pytest.mark.parametrize("secret", ["short", "whsec_!!!", "whsec_c2hvcnQ="])
def test_a_weak_signing_secret_is_refused(db, secret):
    with pytest.raises(InvalidInput):
        services.create_gateway(
            provider="webhook", name="x", settings={}, secrets={"signing_secret": secret}, by=None
        )  # fmt: skip


def test_others_may_neither_see_nor_change_gateways(cast, client_of, gateway_to):
    gateway = gateway_to("smtp", port=25)
    client = client_of(cast.agent)
    for path in ("/gateways/", f"/gateways/{gateway.pk}/", "/gateways/new/smtp/", "/outbox/", "/outbox/dead/"):
        assert client.get(path).status_code == 403
    for path in (f"/gateways/{gateway.pk}/switch/off/", f"/gateways/{gateway.pk}/remove/", "/outbox/hold/"):
        assert client.post(path, {"reason": "x"}).status_code == 403
    for write in (
        lambda: services.switch_gateway(gateway, on=False, by=cast.agent),
        lambda: services.try_gateway(gateway, address="x@example.com", by=cast.agent),
        lambda: services.hold_outbox(reason="x", by=cast.agent),
        lambda: services.release_outbox(by=cast.agent),
        lambda: services.reconnect_gateway(gateway, circuit_id=1, by=cast.agent),
    ):
        with pytest.raises(NotPermitted):
            write()
    assert Gateway.objects.get().is_active


def test_a_test_message_goes_by_this_gateway_and_no_other(keeper, client_of, gateway_to):
    gateway_to("smtp", name="first", port=free_port(), rank=1)
    second = gateway_to("smtp", name="second", port=free_port(), rank=9)
    answer = client_of(keeper).post(f"/gateways/{second.pk}/try/", {"address": "me@example.com"})
    message = OutgoingMessage.objects.get()
    assert answer["Location"] == f"/outbox/{message.pk}/"
    assert sending.send_waiting(Gateway.objects.get(name="first")) == 0
    assert sending.send_waiting(second) == 1
    page = client_of(keeper).get(answer["Location"]).content.decode()
    assert "second" in page
    assert 'hx-trigger="every 3s"' in page


def test_one_that_is_off_sends_nothing_and_can_be_removed(keeper, client_of, gateway_to):
    gateway = gateway_to("smtp", port=free_port())
    client = client_of(keeper)
    client.post(f"/gateways/{gateway.pk}/remove/")
    assert Gateway.objects.exists()
    client.post(f"/gateways/{gateway.pk}/switch/off/")
    services.send_message(Medium.EMAIL, "a@example.com", key="k", text="x", by=None)
    gateway.refresh_from_db()
    assert sending.send_waiting(gateway) == 0
    page = client.get("/gateways/").content.decode()
    assert "1 封消息" in page or "1 条消息" in page
    client.post(f"/gateways/{gateway.pk}/remove/")
    assert not Gateway.objects.exists()
    assert OutgoingMessage.objects.get().state == MessageState.QUEUED


def test_while_sending_is_held_nothing_leaves(keeper, client_of, gateway_to):
    gateway = gateway_to("smtp", port=free_port())
    services.send_message(Medium.EMAIL, "a@example.com", key="k", text="x", by=None)
    client = client_of(keeper)
    client.post("/outbox/hold/", {"reason": "恢复了备份"})
    client.post("/outbox/hold/", {"reason": "again"})
    assert sending.send_waiting(gateway) == 0
    assert "恢复了备份" in client.get("/gateways/").content.decode()
    client.post("/outbox/release/")
    assert sending.send_waiting(gateway) == 1
    verbs = list(audit.AuditEntry.objects.filter(subject_type="outbox").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["outbox.held", "outbox.released"]


def test_the_next_gateway_steps_in_while_the_first_does_not_answer(db, gateway_to):
    first = gateway_to("smtp", name="first", port=free_port(), rank=1)
    second = gateway_to("smtp", name="second", port=free_port(), rank=2)
    for number in range(4):
        services.send_message(Medium.EMAIL, f"p{number}@example.com", key=f"k{number}", text="x", by=None)
    assert sending.send_waiting(second) == 0
    for _round in range(breaking.FAILURES_TO_OPEN):
        OutgoingMessage.objects.update(next_attempt_at=first.created_at)
        assert sending.send_waiting(first, most=1) == 1
    OutgoingMessage.objects.update(next_attempt_at=first.created_at)
    assert sending.send_waiting(first) == 0
    assert sending.send_waiting(second) == breaking.FAILURES_TO_OPEN  # it is away, too
    assert Circuit.objects.filter(gateway=first, opened_at__isnull=False).count() == 1


def test_what_another_gateway_may_have_sent_is_left_to_it(db, gateway_to):
    first = gateway_to("smtp", name="first", port=free_port(), rank=1)
    second = gateway_to("smtp", name="second", port=free_port(), rank=2)
    message = services.send_message(Medium.EMAIL, "p@example.com", key="k", text="x", by=None)
    OutgoingMessage.objects.update(gateway=first, is_uncertain=True, state=MessageState.RETRY)
    for _round in range(breaking.FAILURES_TO_OPEN):
        breaking.note_failure(first, "", "away")
    assert sending.send_waiting(second) == 0
    services.switch_gateway(first, on=False, by=None)
    assert sending.send_waiting(second) == 1
    message.refresh_from_db()
    assert message.gateway == second


def test_no_more_leave_than_the_rate_allows(db, gateway_to):
    gateway = gateway_to("http_sms", url="http://127.0.0.1:9/", rate_per_minute=60)
    for number in range(30):
        services.send_message(Medium.SMS, f"+861380013{number:04}", key=f"k{number}", text="x", by=None)
    from channels.peers.web import WebPeer

    with WebPeer() as peer:
        Gateway.objects.update(settings={**gateway.settings, "url": peer.url})
        gateway.refresh_from_db()
        sending.send_waiting(gateway)
    assert 6 <= len(peer.calls) <= 8  # six at once, and what the time it took adds


def test_secrets_sealed_under_another_key_are_said_to_be_unreadable(db, gateway_to, settings):
    gateway = gateway_to("smtp", port=free_port(), secrets={"password": "x"})
    settings.SECRET_KEY = "another key of the house"
    message = services.send_message(Medium.EMAIL, "p@example.com", key="k", text="x", by=None)
    with pytest.raises(Exception, match="密码"):
        sending.open_session(gateway)
    message.refresh_from_db()
    assert message.state == MessageState.QUEUED

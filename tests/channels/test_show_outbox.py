from datetime import timedelta

import pytest
from django.core.management import call_command

from channels.peers.mail import free_port
from channels.peers.web import WebPeer
from onepoint.channels import policies, queries, services, signals
from onepoint.channels.models import OutgoingMessage, SentPart
from onepoint.channels.policies import MessageNotInThatState
from onepoint.channels.services import recording, sending
from onepoint.channels.states import Medium, MessageState
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, NotPermitted


@pytest.fixture
def reader(cast):
    """The supervisor of East may look into the outbox and resend; the outsider may in West."""
    for person in (cast.supervisor, cast.outsider):
        role = person.active_grants[0].role
        role.permissions = [*role.permissions, "outbox.view", "outbox.resend", "list.export"]
        role.save()
    cast.outsider = type(cast.outsider).objects.get(pk=cast.outsider.pk)
    return type(cast.supervisor).objects.get(pk=cast.supervisor.pk)


@pytest.fixture
def message(cast) -> OutgoingMessage:
    return services.send_message(
        Medium.SMS, "+8613800138000", key="k", text="您的验证码与电话 13900139000", subject="进度", by=None,
        about=("ticket", 1), audience=[f"R{cast.east.pk}"],
    )  # fmt: skip


def die(message, reason="号码不存在"):
    OutgoingMessage.objects.filter(pk=message.pk).update(
        state=MessageState.DEAD, last_error=reason, attempts=10, settled_at=clock.now()
    )
    message.refresh_from_db()


def test_contents_and_addresses_are_masked_by_role(reader, message, client_of):
    client = client_of(reader)
    for path in ("/outbox/", f"/outbox/{message.pk}/"):
        page = client.get(path).content.decode()
        assert "13800138000" not in page
        assert "8000" in page
        assert "13900139000" not in page


def test_others_of_the_house_see_only_what_is_theirs(cast, reader, message, client_of):
    client = client_of(cast.outsider)
    assert "8000" not in client.get("/outbox/").content.decode()
    for path in (f"/outbox/{message.pk}/",):
        assert client.get(path).status_code == 404
    for verb in ("resend", "cancel"):
        assert client.post(f"/outbox/{message.pk}/{verb}/", {"reason": "x"}).status_code == 404
    die(message)
    client.post("/outbox/dead/act/", {"message": [message.pk], "verb": "resend"})
    message.refresh_from_db()
    assert message.state == MessageState.DEAD
    assert queries.messages_about("ticket", 1, visible_to=cast.outsider) == []
    assert queries.messages_about("ticket", 1, visible_to=reader) == [message]


def test_without_an_audience_only_those_who_see_everything_see_it(cast, reader, client_of):
    hidden = services.send_message(Medium.EMAIL, "a@example.com", key="h", text="x", by=None)
    assert client_of(reader).get(f"/outbox/{hidden.pk}/").status_code == 404


def test_the_list_costs_a_fixed_number_of_queries(reader, message, cast, client_of, django_assert_num_queries):
    client = client_of(reader)
    client.get("/outbox/")
    with django_assert_num_queries(5):
        client.get("/outbox/")
    for number in range(5):
        services.send_message(
            Medium.EMAIL, "a@example.com", key=f"k{number}", text="x", about=("ticket", number + 1), by=None,
            audience=[f"R{cast.east.pk}"],
        )  # fmt: skip
    with django_assert_num_queries(5):
        client.get("/outbox/")


@pytest.mark.parametrize(
    ("query", "is_found"),
    [("state=queued", True), ("state=dead", False), ("medium=sms", True), ("medium=email", False),
     ("address=%2B8613800138000", True), ("address=%2B8613800138001", False), ("about=ticket:1", True),
     ("about=ticket:2", False), ("since=2001-01-01&until=2001-01-02", False), ("state=nonsense", True)],
)  # fmt: skip
def test_the_list_is_narrowed_by_filters(reader, message, client_of, query, is_found):
    assert (f"/outbox/{message.pk}/" in client_of(reader).get(f"/outbox/?{query}").content.decode()) is is_found


def test_dead_letters_are_sent_again_together(reader, message, client_of, cast):
    other = services.send_message(
        Medium.SMS, "+8613800138001", key="k2", text="x", by=None, audience=[f"R{cast.east.pk}"]
    )
    for one in (message, other):
        die(one)
    client = client_of(reader)
    page = client.get("/outbox/dead/").content.decode()
    assert "号码不存在" in page
    answer = client.post("/outbox/dead/act/", {"message": [message.pk, other.pk], "verb": "resend"})
    assert answer.status_code == 302
    for one in (message, other):
        one.refresh_from_db()
        assert (one.state, one.attempts, one.settled_at) == (MessageState.QUEUED, 0, None)
        assert [entry.verb for entry in audit.entries_of("outgoing_message", one.pk)] == ["outbox.resent"]


def test_one_is_cancelled_for_good_with_a_reason(reader, message, client_of):
    client = client_of(reader)
    client.post(f"/outbox/{message.pk}/cancel/", {"reason": ""})
    message.refresh_from_db()
    assert message.state == MessageState.QUEUED
    client.post(f"/outbox/{message.pk}/cancel/", {"reason": "客户要求"})
    message.refresh_from_db()
    assert message.state == MessageState.CANCELLED
    assert "客户要求" in client.get(f"/outbox/{message.pk}/").content.decode()


def test_the_state_and_the_permission_decide_what_can_be_done(cast, reader, message):
    assert isinstance(policies.why_not_resend_message(message, reader), MessageNotInThatState)
    assert policies.why_not_cancel_message(message, reader) is None
    with pytest.raises(NotPermitted):
        services.cancel_messages([message], reason="x", by=cast.handler)
    with pytest.raises(InvalidInput):
        services.cancel_messages([message], reason=" ", by=reader)
    OutgoingMessage.objects.update(state=MessageState.SENT)
    message.refresh_from_db()
    assert isinstance(policies.why_not_cancel_message(message, reader), MessageNotInThatState)


def test_what_is_not_worth_sending_any_more_expires_and_is_announced(message):
    heard = []

    def listen(sender, message, reason, **more):
        heard.append((message.pk, message.state))

    OutgoingMessage.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    signals.message_dead.connect(listen)
    try:
        assert recording.expire_messages() == 1
    finally:
        signals.message_dead.disconnect(listen)
    message.refresh_from_db()
    assert message.state == MessageState.EXPIRED
    assert heard == [(message.pk, MessageState.EXPIRED)]


def test_a_confidential_message_is_shown_to_nobody_and_wiped_once_settled(reader, cast, client_of, gateway_to):
    secret = services.send_message(
        Medium.EMAIL, "x y@example.com", key="c", subject="代码", text="验证码 482913", confidential=True, by=None,
        audience=[f"R{cast.east.pk}"],
    )  # fmt: skip
    page = client_of(reader).get(f"/outbox/{secret.pk}/").content.decode()
    assert "482913" not in page
    sending.send_waiting(gateway_to("smtp", port=free_port()))
    secret.refresh_from_db()
    assert (secret.state, secret.text, secret.subject) == (MessageState.DEAD, "", "")


def test_the_outbox_is_written_to_a_file_without_contents(reader, message, client_of):
    from onepoint.core.exporting import find_list

    wanted = find_list("messages")
    assert wanted is not None
    assert [column.key for column in wanted.columns] == [
        "created", "medium", "address", "state", "attempts", "gateway", "sent", "error", "peer_id"
    ]  # fmt: skip


def test_old_messages_and_receipts_of_nobody_are_forgotten(message, gateway_to):
    gateway = gateway_to("smpp", port=1)
    old = clock.now() - timedelta(days=200)
    alive = services.send_message(Medium.SMS, "+8613800138001", key="alive", text="x", by=None)
    sent = services.send_message(Medium.SMS, "+8613800138002", key="sent", text="x", by=None)
    OutgoingMessage.objects.filter(pk__in=[alive.pk, sent.pk]).update(created_at=old)
    OutgoingMessage.objects.filter(pk=sent.pk).update(state=MessageState.SENT)
    SentPart.objects.create(gateway=gateway, peer_id="unknown", created_at=old)
    while services.forget_old_messages(by=None):
        pass
    assert set(OutgoingMessage.objects.all()) == {message, alive}
    assert not SentPart.objects.exists()


def test_a_restore_holds_the_outbox_by_command(db):
    call_command("hold_outbox", reason="昨夜的备份")
    assert queries.current_hold().reason == "昨夜的备份"


def test_a_listener_that_fails_does_not_undo_that_something_was_sent(message, gateway_to):
    def listen(sender, **facts):
        OutgoingMessage.objects.create(key="k")  # refused by the database, in the middle of the record

    signals.message_sent.connect(listen)
    try:
        with WebPeer() as peer:
            sending.send_waiting(gateway_to("http_sms", url=peer.url))
    finally:
        signals.message_sent.disconnect(listen)
    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert len(peer.calls) == 1

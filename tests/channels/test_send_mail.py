"""E-mail to a real mail server of another maker."""

import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from channels.peers.deaf import RawPeer
from channels.peers.mail import MailServer, certificate, free_port
from onepoint.channels import services
from onepoint.channels.models import Circuit, OutgoingMessage
from onepoint.channels.services import sending
from onepoint.channels.states import AttemptResult, Medium, MessageState, Origin
from onepoint.core import attachments
from onepoint.core.errors import InvalidInput


def mail(key="k1", address="wang@example.com", **values):
    values = {"text": "您的工单已受理。", "subject": "工单 TS1", "by": None} | values
    return services.send_message(Medium.EMAIL, address, key=key, **values)


def now(message) -> OutgoingMessage:
    message.refresh_from_db()
    return message


def test_a_mail_arrives_with_both_forms_and_its_headers(db, gateway_to):
    message = mail(html="<p>您的工单<b>已受理</b>。</p>", language="zh-hans")
    with MailServer() as server:
        assert sending.send_waiting(gateway_to("smtp", port=server.port)) == 1
    arrived = server.mails[0]
    assert arrived["Subject"] == "工单 TS1"
    assert arrived["To"] == "wang@example.com"
    assert arrived["From"] == "一点通 <service@onepoint.example>"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Message-ID"] == f"<{sending.letter_id(message)}@onepoint.example>"
    assert arrived.get_body(["plain"]).get_content().strip() == "您的工单已受理。"
    assert "<b>已受理</b>" in arrived.get_body(["html"]).get_content()
    assert max(len(line) for line in server.raw[0].splitlines()) < 998
    message = now(message)
    assert (message.state, message.attempts) == (MessageState.SENT, 1)
    assert message.peer_id == arrived["Message-ID"]


def test_many_mails_use_one_connection(db, gateway_to):
    for number in range(25):
        mail(f"k{number}", f"p{number}@example.com")
    with MailServer() as server:
        assert sending.send_waiting(gateway_to("smtp", port=server.port)) == 25
    assert len(server.raw) == 25
    assert server.connections == 1


def test_starttls_and_login_are_used(db, gateway_to, tmp_path):
    mail()
    with MailServer(starttls=certificate(tmp_path), login=True) as server:
        gateway = gateway_to(
            "smtp", port=server.port, encryption="starttls", verifies=False, username="onepoint",
            secrets={"password": "geheim-2026"},
        )  # fmt: skip
        sending.send_waiting(gateway)
    assert len(server.raw) == 1
    assert server.logins == ["onepoint"]


def test_tls_from_the_start_is_used(db, gateway_to, tmp_path):
    mail()
    with MailServer(tls=certificate(tmp_path)) as server:
        sending.send_waiting(gateway_to("smtp", port=server.port, encryption="tls", verifies=False))
    assert len(server.raw) == 1


@pytest.mark.parametrize("encryption", ["tls", "starttls"])
def test_an_unknown_certificate_is_refused(db, gateway_to, tmp_path, encryption):
    message = mail()
    kind = {"tls": certificate(tmp_path)} if encryption == "tls" else {"starttls": certificate(tmp_path)}
    with MailServer(**kind) as server:
        sending.send_waiting(gateway_to("smtp", port=server.port, encryption=encryption))
    assert server.raw == []
    message = now(message)
    assert (message.state, message.attempts) == (MessageState.RETRY, 0)
    assert "certificate" in message.last_error.lower()


def test_a_wrong_password_leaves_the_message_waiting_and_names_the_reason(db, gateway_to, tmp_path):
    message = mail()
    with MailServer(starttls=certificate(tmp_path), login=True) as server:
        gateway = gateway_to(
            "smtp", port=server.port, encryption="starttls", verifies=False, username="onepoint",
            secrets={"password": "wrong-one"},
        )  # fmt: skip
        sending.send_waiting(gateway)
    message = now(message)
    assert (message.state, message.attempts, message.is_uncertain) == (MessageState.RETRY, 0, False)
    assert "535" in message.last_error
    assert "wrong-one" not in message.last_error
    assert message.tries.get().result == AttemptResult.DELAYED
    assert Circuit.objects.get().failures == 1


@pytest.mark.parametrize(
    ("answer", "state"),
    [("450 mailbox busy", MessageState.RETRY), ("550 no such user", MessageState.DEAD)],
)  # fmt: skip
@pytest.mark.parametrize("moment", ["answers", "after_data"])
def test_the_answer_decides_whether_it_is_tried_again(db, gateway_to, answer, state, moment):
    first, second = mail("a", "odd@example.com"), mail("b", "fine@example.com")
    with MailServer() as server:
        getattr(server, moment)["odd@example.com"] = answer
        sending.send_waiting(gateway_to("smtp", port=server.port))
        assert server.connections == 1
    assert (now(first).state, now(first).attempts) == (state, 1)
    assert answer[:3] in now(first).last_error
    assert now(second).state == MessageState.SENT
    assert not Circuit.objects.exists()


def test_a_server_that_is_down_for_a_while_loses_nothing(db, gateway_to):
    message = mail()
    gateway = gateway_to("smtp", port=free_port())
    sending.send_waiting(gateway)
    assert (now(message).state, now(message).attempts) == (MessageState.RETRY, 0)
    with MailServer(port=gateway.settings["port"]) as server:
        OutgoingMessage.objects.update(next_attempt_at=message.created_at)
        sending.send_waiting(gateway)
    assert len(server.raw) == 1
    assert now(message).state == MessageState.SENT


@pytest.mark.parametrize(
    "peer", [{}, {"says": b"220 hello\r\n"}, {"says": b"2", "pause": 0.2}, {"says": b"\x00\xff" * 9000}]
)
def test_a_peer_that_says_nothing_or_nonsense_costs_seconds_not_more(db, gateway_to, peer, monkeypatch):
    monkeypatch.setattr("onepoint.channels.providers.smtp.session.MOST_SECONDS", 1.0)
    message = mail()
    began = time.monotonic()
    with RawPeer(**peer) as server:
        sending.send_waiting(gateway_to("smtp", port=server.port))
    assert time.monotonic() - began < 30
    assert now(message).state == MessageState.RETRY


def test_nobody_smuggles_in_headers_or_commands(db, gateway_to):
    mail("a", subject="x\r\nBcc: all@example.com\r\n\r\nbody", text="line\r\n.\r\nRCPT TO:<evil@example.com>\r\n")
    odd = mail("b", address="wang@example.com> SIZE=1")
    with MailServer() as server:
        sending.send_waiting(gateway_to("smtp", port=server.port, sender_name="A\r\nBcc: x@example.com"))
    assert len(server.mails) == 1
    assert server.mails[0]["Bcc"] is None
    assert "RCPT TO:<evil@example.com>" in server.mails[0].get_body(["plain"]).get_content()
    assert server.recipients == ["wang@example.com"]
    assert now(odd).state == MessageState.DEAD


def test_addresses_outside_ascii_arrive(db, gateway_to):
    mail("a", address="王@例子.测试")
    with MailServer() as server:
        sending.send_waiting(gateway_to("smtp", port=server.port))
    assert server.recipients == ["王@xn--fsqu00a.xn--0zwm56d"]


def test_an_answer_carries_files_copies_and_its_place_in_the_thread(db, gateway_to):
    note = SimpleUploadedFile("说明.txt", "检修说明\r\n第二行\n".encode())
    file = attachments.store_file(note, subject_type="ticket", subject_id=1, by=None)
    thread = services.Thread(
        copies_to=["li@example.com"], answers="<q2@example.com>", references="<q1@example.com> <q2@example.com>",
        origin=Origin.PERSON,
    )  # fmt: skip
    mail(attachments=[file.pk], thread=thread)
    with MailServer() as server:
        assert sending.send_waiting(gateway_to("smtp", port=server.port)) == 1
    arrived = server.mails[0]
    assert (arrived["In-Reply-To"], arrived["Cc"]) == ("<q2@example.com>", "li@example.com")
    assert arrived["References"] == "<q1@example.com> <q2@example.com>"
    assert arrived["Auto-Submitted"] is None
    (part,) = arrived.iter_attachments()
    assert (part.get_filename(), part.get_payload(decode=True)) == ("说明.txt", "检修说明\r\n第二行\n".encode())


def test_files_that_are_gone_or_too_large_and_copies_of_short_messages_are_refused(db, monkeypatch):
    with pytest.raises(InvalidInput):
        mail(attachments=[999])
    with pytest.raises(InvalidInput):
        mail(thread=services.Thread(copies_to=["a@b.example\nBcc: c@d.example"]))
    with pytest.raises(InvalidInput):
        services.send_message(Medium.SMS, "13800000000", key="k9", text="a", attachments=[1], by=None)
    file = attachments.store_file(SimpleUploadedFile("a.txt", b"abc"), subject_type="ticket", subject_id=1, by=None)
    monkeypatch.setattr("onepoint.channels.services.outbox.MOST_MAIL_BYTES", 2)
    with pytest.raises(InvalidInput):
        mail(attachments=[file.pk])
    assert not OutgoingMessage.objects.exists()


def test_an_automatic_answer_says_that_it_is_one(db, gateway_to):
    mail(thread=services.Thread(answers="<q@example.com>", origin=Origin.REPLY))
    with MailServer() as server:
        sending.send_waiting(gateway_to("smtp", port=server.port))
    assert server.mails[0]["Auto-Submitted"] == "auto-replied"


def test_nonsense_instead_of_an_answer_buries_no_mail(db, gateway_to):
    early, late = mail("early", "early@example.com"), mail("late", "late@example.com")
    with MailServer() as server:
        server.answers["early@example.com"] = "<html>502 Bad Gateway</html>"
        server.after_data["late@example.com"] = "<html>502 Bad Gateway</html>"
        gateway = gateway_to("smtp", port=server.port)
        sending.send_waiting(gateway)
        early, late = now(early), now(late)
        assert (early.state, late.state) == (MessageState.RETRY, MessageState.RETRY)
        # The first was never handed over; what became of the second nobody knows.
        assert (early.is_uncertain, late.is_uncertain) == (False, True)
        assert Circuit.objects.get(gateway=gateway).failures == 2

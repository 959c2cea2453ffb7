"""Pages of mailboxes and mails: what is shown is harmless, masked where it must be, and costs the same for many."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from cast import Cast
from onepoint.accounts.models import Role, User
from onepoint.channels.models import IncomingMail, Mailbox, OutgoingMessage
from onepoint.channels.services import mailboxes
from onepoint.core.errors import InvalidInput, SomebodyWasFaster
from onepoint.core.models import Attachment, AuditEntry
from onepoint.tickets import services
from onepoint.tickets.models import Category, Ticket
from tickets.mails import PNG, arrive, letter


@pytest.fixture
def values(cast: Cast) -> dict[str, Any]:
    return {
        "name": "客服邮箱", "address": "service@onepoint.example", "host": "imap.onepoint.example", "username": "service",
        "unit": cast.call_centre, "region": cast.east, "category_code": "bl_high", "ticket_kind": "complaint",
    }  # fmt: skip


@pytest.fixture
def mailbox(values: dict[str, Any], categories: dict[str, Category], complaint_process: None) -> Mailbox:
    return mailboxes.create_mailbox(values=values, password="geheim", by=None)


def acting(cast: Cast, code: str, *more: str) -> User:
    role = Role.objects.get(code=code)
    role.permissions += [one for one in more if one not in role.permissions]
    role.save()
    return User.objects.get(pk=getattr(cast, code).pk)


HTML = (
    b"From: Wang <wang@example.com>\r\nSubject: Hallo 13912345678\r\nMessage-ID: <h1@example.com>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n'
    b'<p>Call <b>13912345678</b><script>alert(1)</script><img src="cid:p1"><img src="http://evil.example/x.png"></p>\r\n'
    b"--b\r\nContent-Type: image/png; name=p.png\r\nContent-ID: <p1>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgoAAAANSUhEUg==\r\n--b--\r\n"
)


def test_a_mailbox_is_set_up_tried_switched_and_removed(
    client_of: Any, cast: Cast, categories: dict[str, Category], values: dict[str, Any]
) -> None:
    admin = client_of(acting(cast, "admin", "mailbox.view", "mailbox.change"))
    posted = values | {
        "unit": cast.call_centre.pk, "region": "", "port": 993, "encryption": "tls", "verifies": "on", "password": "geheim",
        "folder": "INBOX", "poll_seconds": 60, "left": "untouched", "creates_tickets": "on", "closed_rule": "new",
        "purpose": "customers", "forged_rule": "quarantine", "same_matter_minutes": 10, "most_per_hour": 30, "most_tickets_per_hour": 3, "most_answers_per_day": 3,
    }  # fmt: skip
    assert admin.post("/mailboxes/new/", posted | {"category_code": ""}).status_code == 422
    assert admin.post("/mailboxes/new/", posted).status_code == 302
    mailbox = Mailbox.objects.get()
    assert (mailbox.is_active, mailbox.category_code) == (False, "bl_high")
    assert "geheim" not in mailbox.sealed_secrets
    page = admin.get(f"/mailboxes/{mailbox.pk}/").content.decode()
    assert "geheim" not in page
    changed = posted | {"name": "新名", "name_en": "New name", "password": "", "revision": mailbox.revision}
    assert admin.post(f"/mailboxes/{mailbox.pk}/", changed).status_code == 302
    sealed = mailbox.sealed_secrets
    mailbox.refresh_from_db()
    assert (mailbox.name, mailbox.sealed_secrets, mailbox.revision) == ("新名", sealed, 2)
    with override("en"):
        assert mailbox.label == "New name"
    with pytest.raises(SomebodyWasFaster):
        mailboxes.change_mailbox(mailbox, revision=1, values={}, by=None)
    assert admin.post(f"/mailboxes/{mailbox.pk}/switch/on/").status_code == 302
    assert admin.post(f"/mailboxes/{mailbox.pk}/switch/off/").status_code == 302
    assert admin.post(f"/mailboxes/{mailbox.pk}/remove/").status_code == 302
    verbs = set(AuditEntry.objects.filter(subject_type="mailbox").values_list("verb", flat=True))
    assert {
        "mailbox.created",
        "mailbox.changed",
        "mailbox.switched_on",
        "mailbox.switched_off",
        "mailbox.removed",
    } <= verbs
    assert client_of(cast.agent).get("/mailboxes/").status_code == 403


def test_the_list_costs_the_same_for_few_and_many(mailbox: Mailbox, client_of: Any, cast: Cast) -> None:
    client: Client = client_of(acting(cast, "agent", "mail.view", "mail.file"))
    arrive(mailbox, letter(number=0, sender="noreply@x.example"))
    client.get("/mails/")
    counts = []
    for first in (1, 3):
        arrive(
            mailbox, *(letter(number=n, sender="noreply@x.example", subject=f"s{n}") for n in range(first, first + 20))
        )
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/mails/").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert client.get("/mails/all/?state=quarantined").status_code == 200


def test_an_original_is_shown_harmless_and_masked_for_who_may_not_see_numbers(
    mailbox: Mailbox, client_of: Any, cast: Cast
) -> None:
    (mail,) = arrive(mailbox, HTML)
    agent = client_of(acting(cast, "agent", "mail.view", "personal_data.see_identity"))
    response = agent.get(f"/mails/{mail.pk}/shown/")
    body = response.content.decode()
    assert "<script" not in body
    assert "evil.example" not in body
    assert "13912345678" in body
    assert f'src="/mails/{mail.pk}/parts/' in body
    policy = response["Content-Security-Policy"]
    assert policy.startswith("sandbox")
    assert "script" not in policy
    part = Attachment.objects.of("incoming_mail", mail.pk).get(name="p.png")
    picture = agent.get(f"/mails/{mail.pk}/parts/{part.pk}/?inline=1")
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/png")
    handler = client_of(acting(cast, "handler", "mail.view"))
    Ticket.objects.update(audience=["U1", f"U{cast.network.pk}"])
    shown = handler.get(f"/tickets/{mail.ticket_number}/mails/{mail.pk}/shown/")
    assert shown.status_code == 200
    assert "13912345678" not in shown.content.decode()
    assert handler.get(f"/tickets/{mail.ticket_number}/mails/{mail.pk}/original/").status_code == 403
    admin = client_of(acting(cast, "admin", "mail.view", "mail.original"))
    original = admin.get(f"/mails/{mail.pk}/original/")
    assert b"".join(original.streaming_content) == HTML
    assert original["Content-Disposition"].startswith("attachment")
    assert AuditEntry.objects.filter(verb="mail.downloaded").count() == 1
    assert client_of(cast.outsider).get(f"/mails/{mail.pk}/shown/").status_code == 404
    Path(default_storage.path(mail.raw.storage_name)).unlink()
    lost = agent.get(f"/mails/{mail.pk}/shown/")
    assert lost.status_code == 503
    assert mail.subject in lost.content.decode()


def test_an_answer_is_written_from_the_ticket_once_with_a_file_and_in_its_thread(
    mailbox: Mailbox, client_of: Any, cast: Cast
) -> None:
    arrive(mailbox, letter(files=(("a.png", PNG, "image/png"),)))
    ticket = Ticket.objects.get()
    Ticket.objects.update(owner=cast.agent)
    client = client_of(cast.agent)
    page = client.get(f"/tickets/{ticket.number}/mails/write/")
    assert page.status_code == 200
    file = Attachment.objects.of("ticket", ticket.pk).get()
    posted = {
        "to": "wang@example.com", "copies_to": "li@example.com，chen@example.com", "subject": f"Re: 话费 [{ticket.number}]",
        "text": "正在核实。", "files": [file.pk], "key": "k1",
    }  # fmt: skip
    for _ in range(2):
        assert client.post(f"/tickets/{ticket.number}/mails/write/", posted).status_code == 302
    sent = OutgoingMessage.objects.get(origin="person")
    assert (sent.answers, sent.copies_to, sent.attachments, sent.reply_to) == (
        "<m1@example.com>", ["li@example.com", "chen@example.com"], [file.pk], "service@onepoint.example"
    )  # fmt: skip
    assert AuditEntry.objects.filter(verb="ticket.customer_told").count() == 1
    assert (
        client.post(f"/tickets/{ticket.number}/mails/write/", posted | {"to": "nobody", "key": "k2"}).status_code == 422
    )
    with pytest.raises(InvalidInput):
        services.write_mail(
            ticket, services.Answer(to="a@b.example", subject="x", text="y", key="z", files=[999_999]), by=None
        )
    panel = client.get(f"/tickets/{ticket.number}/mails/").content.decode()
    assert "正在核实。" in panel
    assert client_of(cast.outsider).get(f"/tickets/{ticket.number}/mails/").status_code == 404


def test_a_mail_is_filed_by_hand_on_its_page(mailbox: Mailbox, client_of: Any, cast: Cast) -> None:
    client = client_of(acting(cast, "agent", "mail.view", "mail.file"))
    one, two = arrive(
        mailbox, letter(sender="noreply@x.example"), letter(sender="noreply@x.example", number=2, subject="b")
    )
    assert client.get(f"/mails/{one.pk}/").status_code == 200
    assert client.post(f"/mails/{one.pk}/file/", {"new": "1"}).status_code == 302
    ticket = Ticket.objects.get()
    assert client.post(f"/mails/{two.pk}/file/", {"ticket": ticket.number}).status_code == 302
    assert set(IncomingMail.objects.values_list("state", "ticket_number")) == {("filed", ticket.number)}


def test_an_answer_bears_one_mark_of_an_answer(mailbox: Mailbox, client_of: Any, cast: Cast) -> None:
    arrive(mailbox, letter(subject="回复：RE: 话费"))
    ticket = Ticket.objects.get()
    Ticket.objects.update(owner=cast.agent)
    page = client_of(cast.agent).get(f"/tickets/{ticket.number}/mails/write/").content.decode()
    assert f'value="Re: 话费 [{ticket.number}]"' in page


def test_the_lists_say_in_words_what_becomes_of_a_mail(mailbox: Mailbox, client_of: Any, cast: Cast) -> None:
    admin = client_of(acting(cast, "admin", "mailbox.view", "mail.view"))
    Mailbox.objects.update(purpose="fax", creates_tickets=False)
    assert "传真服务器转来的传真" in admin.get("/mailboxes/").content.decode()
    Mailbox.objects.update(purpose="customers")
    (robot,) = arrive(mailbox, letter(Auto_Submitted="auto-replied"))
    assert robot.detail == "auto_submitted"
    page = admin.get(f"/mails/{robot.pk}/").content.decode()
    assert "邮件自称由系统自动发送" in page
    assert "auto_submitted" not in page

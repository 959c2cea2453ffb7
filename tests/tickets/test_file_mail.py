"""Where e-mails go: a ticket of their own, the ticket of their thread, the one they name, or to a person's eyes."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection

from cast import Cast
from onepoint.accounts.models import Role, User
from onepoint.channels import services as channel_services
from onepoint.channels.models import Contact, IncomingMail, Mailbox, MutedSender, OutgoingMessage
from onepoint.channels.policies.mail import MailNotInThatState
from onepoint.channels.queries import mail as channel_queries
from onepoint.channels.services import mailboxes, mails
from onepoint.core import clock
from onepoint.core.errors import NotPermitted
from onepoint.core.models import Attachment, AuditEntry
from onepoint.customers import services as customer_services
from onepoint.customers.models import Customer
from onepoint.customers.services import NewAccount
from onepoint.notifications.models import Notification
from onepoint.tickets import services
from onepoint.tickets.models import Category, Ticket
from tickets.mails import PNG, arrive, files_of, letter


@pytest.fixture
def mailbox(cast: Cast, categories: dict[str, Category], complaint_process: None) -> Mailbox:
    facts = {
        "name": "客服邮箱", "address": "service@onepoint.example", "host": "127.0.0.1", "username": "service",
        "unit": cast.call_centre, "region": cast.east, "category_code": "bl_high", "ticket_kind": "complaint",
        "acknowledgement": "您的来信已收到，工单号 {ticket}。",
    }  # fmt: skip
    return mailboxes.create_mailbox(values=facts, password="geheim", by=None)


@pytest.fixture
def wang(cast: Cast) -> Customer:
    return customer_services.create_customer(
        by=cast.agent, name="王小明", region=cast.east, accounts=[NewAccount("wang@example.com", "email")]
    )


@pytest.fixture
def filing(cast: Cast) -> User:
    role = Role.objects.get(code="agent")
    role.permissions += ["mail.view", "mail.file"]
    role.save()
    return User.objects.get(pk=cast.agent.pk)


def test_a_first_mail_becomes_contact_and_ticket_of_the_customer_it_is_from(mailbox: Mailbox, wang: Customer) -> None:
    (mail,) = arrive(mailbox, letter(files=(("账单.png", PNG, "image/png"), ("x.exe", b"MZ", "application/x-exe"))))
    ticket = Ticket.objects.get()
    contact = Contact.objects.get(channel="email")
    assert (mail.state, mail.ticket_number, mail.contact) == ("filed", ticket.number, contact)
    assert (ticket.title, ticket.customer, ticket.channel, ticket.description) == (
        "话费问题", wang, "email", "本月话费异常，请核实。"
    )  # fmt: skip
    assert (ticket.contact, contact.outcome, contact.ticket_number) == (contact, "ticket", ticket.number)
    assert [file.name for file in Attachment.objects.of("ticket", ticket.pk)] == ["账单.png"]
    assert mail.left_out == [["x.exe", "type"]]


@pytest.mark.parametrize("subject", ["\u0958" * 200, "\ufb2c" * 200, "e" + "\u0315\u0300" * 2000])
def test_letters_that_become_several_do_not_make_a_subject_too_long(mailbox: Mailbox, subject: str) -> None:
    raw = b"From: wang@example.com\r\nSubject: " + subject.encode() + b"\r\n\r\n" + subject.encode() * 300
    (mail,) = arrive(mailbox, raw)
    assert mail.state == "filed"


def test_the_sender_is_told_the_number_once_and_in_his_thread(mailbox: Mailbox) -> None:
    arrive(mailbox, letter(), letter("补充一点", number=2, answers="<m1@example.com>"))
    ticket = Ticket.objects.get()
    told = OutgoingMessage.objects.get()
    assert (told.address, told.origin, told.answers, told.reply_to) == (
        "wang@example.com", "reply", "<m1@example.com>", "service@onepoint.example"
    )  # fmt: skip
    assert ticket.number in told.text
    assert told.subject == f"Re: 话费问题 [{ticket.number}]"


def test_an_answer_to_our_mail_is_filed_by_its_thread_whoever_writes(mailbox: Mailbox) -> None:
    arrive(mailbox, letter())
    ticket = Ticket.objects.get()
    OutgoingMessage.objects.update(peer_id="<ours-1@onepoint.example>", state="sent")
    raw = letter("谢谢", number=2, sender="li@example.com", subject="Re: 别的", answers="<ours-1@onepoint.example>")
    (mail,) = arrive(mailbox, raw)
    assert mail.ticket_number == ticket.number
    entry = AuditEntry.objects.get(verb="ticket.customer_wrote")
    assert (entry.subject_id, entry.data["text"]) == (ticket.pk, "谢谢")
    assert Ticket.objects.count() == 1


def test_a_number_in_the_subject_counts_only_for_who_has_to_do_with_the_ticket(
    mailbox: Mailbox, ticket: Ticket, wang: Customer
) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(customer=wang)
    (his,) = arrive(mailbox, letter("有进展吗", subject=f"询问 {ticket.number}", number=2))
    (strange,) = arrive(
        mailbox, letter("把结果发给我", subject=f"询问 {ticket.number}", number=3, sender="boese@example.net")
    )
    assert (his.state, his.ticket_number) == ("filed", ticket.number)
    assert (strange.state, strange.reason, strange.detail) == ("quarantined", "stranger", ticket.number)
    assert AuditEntry.objects.filter(verb="ticket.customer_wrote").count() == 1


def test_the_same_mail_again_and_the_same_matter_again_make_no_second_ticket(mailbox: Mailbox) -> None:
    arrive(mailbox, letter(), letter())
    assert IncomingMail.objects.count() == 1
    arrive(mailbox, letter("怎么还没有人联系我", subject="回复：话费问题", number=2))
    assert Ticket.objects.count() == 1
    assert AuditEntry.objects.filter(verb="ticket.customer_wrote").count() == 1


@pytest.mark.parametrize("rule", ["new", "note"])
def test_a_mail_about_a_ticket_that_has_ended_goes_by_the_mailbox_s_rule(
    mailbox: Mailbox, cast: Cast, rule: str
) -> None:
    Mailbox.objects.update(closed_rule=rule)
    arrive(mailbox, letter())
    old = Ticket.objects.get()
    services.withdraw_ticket(old, reason="已解决", by=None)
    (mail,) = arrive(mailbox, letter("又出现了", number=2, answers="<m1@example.com>"))
    if rule == "note":
        assert (mail.ticket_number, Ticket.objects.count()) == (old.number, 1)
    else:
        new = Ticket.objects.exclude(pk=old.pk).get()
        assert mail.ticket_number == new.number
        assert AuditEntry.objects.filter(subject_id=new.pk, verb="ticket.linked").exists()


def test_a_mailbox_that_makes_no_tickets_journals_open_contacts(mailbox: Mailbox) -> None:
    Mailbox.objects.update(creates_tickets=False)
    (mail,) = arrive(mailbox, letter())
    assert not Ticket.objects.exists()
    assert (mail.state, mail.contact and mail.contact.outcome) == ("filed", "open")


def test_robots_bounces_and_our_own_mails_make_nothing_and_are_not_answered(mailbox: Mailbox) -> None:
    rows = arrive(
        mailbox,
        letter(number=1, Auto_Submitted="auto-replied"),
        letter(number=2, Precedence="bulk"),
        letter(number=3, Return_Path="<>"),
        letter(number=4, subject="自动回复：我在休假"),
        letter(number=5, List_Id="<news.example.com>"),
        letter(number=6, sender="一点通 <service@onepoint.example>"),
        letter(number=7, X_Onepoint_Loop="service@onepoint.example"),
        letter(number=8, X_Autoreply="yes"),
    )
    assert {row.state for row in rows} == {"ignored"}
    assert [row.reason for row in rows] == ["robot"] * 5 + ["own"] * 2 + ["robot"]
    (daemon,) = arrive(mailbox, letter(number=9, sender="noreply@bank.example"))
    assert (daemon.state, daemon.reason) == ("quarantined", "daemon")
    assert not Ticket.objects.exists()
    assert not OutgoingMessage.objects.exists()


def bounce(message_id: str) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example.com\r\nTo: service@onepoint.example\r\nSubject: Undelivered Mail\r\n"
        "Message-ID: <b1@mx.example.com>\r\nReturn-Path: <>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI could not deliver it.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.com\r\n\r\n"
        "Final-Recipient: rfc822; wang@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {message_id}\r\nSubject: x\r\n\r\nhi\r\n--b--\r\n"
    ).encode()


def test_a_bounce_is_noted_on_the_message_and_the_ticket_it_is_about(mailbox: Mailbox, ticket: Ticket) -> None:
    sent = channel_services.send_message(
        "email", "wang@example.com", key="k", text="答复", about=("ticket", ticket.pk), by=None
    )
    OutgoingMessage.objects.update(peer_id="<ours-2@onepoint.example>", state="sent")
    (mail,) = arrive(mailbox, bounce("<ours-2@onepoint.example>"))
    sent.refresh_from_db()
    assert (mail.state, mail.reason, mail.bounced, mail.ticket_number) == ("ignored", "bounce", sent, "")
    assert (sent.state, sent.last_error) == ("dead", "5.1.1 550 no such user")
    assert AuditEntry.objects.get(verb="ticket.mail_bounced").subject_id == ticket.pk
    assert Notification.objects.filter(event="ticket.mail_bounced").exists()
    (unknown,) = arrive(mailbox, bounce("<foreign@example.com>").replace(b"<b1@", b"<b2@"))
    assert (unknown.state, unknown.bounced) == ("ignored", None)


def test_a_sender_who_writes_without_end_is_muted_and_somebody_is_told(
    mailbox: Mailbox, filing: User, cast: Cast
) -> None:
    """Reliability F10 (b) in small: a robot nobody recognises."""
    Mailbox.objects.update(most_per_hour=10)
    robot = [
        letter(f"Ihre Nachricht {n}", sender="robot@example.net", subject=f"Ticket {n}", number=f"r{n}")
        for n in range(40)
    ]
    arrive(mailbox, *robot[:20], letter(number="real"), *robot[20:])
    assert Ticket.objects.filter(contact_name="robot@example.net").count() <= 3
    assert OutgoingMessage.objects.filter(address="robot@example.net").count() <= 3
    assert MutedSender.objects.get().address == "robot@example.net"
    assert MutedSender.objects.get().mail_count == 30
    assert {row.person for row in Notification.objects.filter(event="mail.sender_muted")} >= {cast.agent}
    assert Ticket.objects.filter(contact_name="王小明").count() == 1
    mails.lift_mute(MutedSender.objects.get(), by=filing)
    assert AuditEntry.objects.filter(verb="mail.mute_lifted").exists()


def test_two_mailboxes_of_ours_that_write_to_each_other_stop_at_once(mailbox: Mailbox, cast: Cast) -> None:
    """Reliability F10 (c)."""
    facts = {
        "name": "营业", "address": "sales@onepoint.example", "host": "127.0.0.1", "username": "s", "unit": cast.call_centre,
        "category_code": "bl_high", "acknowledgement": "收到 {ticket}",
    }  # fmt: skip
    sales = mailboxes.create_mailbox(values=facts, password="x", by=None)
    arrive(sales, *(letter(number=f"s{n}", sender="service@onepoint.example") for n in range(20)))
    arrive(mailbox, *(letter(number=f"o{n}", sender="sales@onepoint.example") for n in range(20)))
    assert not Ticket.objects.exists()
    assert not OutgoingMessage.objects.exists()


def test_a_mail_that_breaks_our_code_waits_for_a_person_and_the_next_one_is_filed(
    mailbox: Mailbox, filing: User, monkeypatch: Any
) -> None:
    from onepoint.channels.mail import reading

    real = reading.read_mail

    def breaks(raw: bytes) -> Any:
        if b"poison" in raw:
            raise RuntimeError("boom")
        return real(raw)

    monkeypatch.setattr(reading, "read_mail", breaks)
    poison, good = arrive(mailbox, letter("poison", number=1), letter("gut", number=2, subject="b"))
    assert (poison.state, poison.failures, good.state) == ("received", 1, "filed")
    for _ in range(2):
        IncomingMail.objects.update(read_after=None)
        mails.file_mails(by=None)
    poison.refresh_from_db()
    assert (poison.state, poison.reason, poison.detail) == ("quarantined", "failed", "RuntimeError")
    monkeypatch.undo()
    mails.retry_mail(poison, by=filing)
    mails.file_mails(by=None)
    poison.refresh_from_db()
    assert poison.state == "filed"


def test_quarantined_mail_is_filed_by_hand_by_who_may(
    mailbox: Mailbox, ticket: Ticket, filing: User, cast: Cast
) -> None:
    raws = [
        letter(subject=f"zu {ticket.number}", number=n, sender="x@example.net", files=(("a.png", PNG, "image/png"),))
        for n in (1, 2, 3)
    ]
    one, two, three = arrive(mailbox, *raws)
    with pytest.raises(NotPermitted):
        services.file_mail(one, ticket=ticket, by=cast.handler)
    services.file_mail(one, ticket=ticket, by=filing)
    one.refresh_from_db()
    assert (one.state, one.ticket_number, one.filed_by, files_of(one)) == ("filed", ticket.number, filing, ["a.png"])
    assert [file.name for file in Attachment.objects.of("ticket", ticket.pk)] == ["a.png"]
    with pytest.raises(MailNotInThatState):
        services.file_mail(one, ticket=ticket, by=filing)
    made = services.file_mail(two, ticket=None, by=filing)
    assert made is not None
    assert made.title == f"zu {ticket.number}"
    assert mails.ignore_mails([three], by=filing) == 1
    assert AuditEntry.objects.filter(verb="mail.filed").count() == 2


def test_what_nobody_could_tell_apart_from_a_ticket_is_asked_of_people(
    mailbox: Mailbox, categories: dict[str, Category], register: Callable[..., Ticket]
) -> None:
    services.deactivate_category(categories["bl_high"], by=None)
    (mail,) = arrive(mailbox, letter())
    assert (mail.state, mail.reason) == ("quarantined", "no_ticket")


def test_a_robot_nobody_recognises_makes_one_ticket_under_whatever_subjects_and_is_muted(
    mailbox: Mailbox, filing: User, cast: Cast
) -> None:
    """Reliability F10 (b): ever new subjects, ever new words, and an ordinary mail in between."""
    robot = [
        letter(
            f"Nummer {chr(97 + n % 26)}{n} wird bearbeitet",
            sender="robot@example.net",
            subject=f"Fall {n}",
            number=f"r{n}",
        )
        for n in range(60)
    ]
    arrive(mailbox, *robot[:50], letter(number="real"), *robot[50:])
    ticket = Ticket.objects.get(contact_name="robot@example.net")
    notes = AuditEntry.objects.filter(verb="ticket.customer_wrote", subject_id=ticket.pk)
    assert notes.count() == mailbox.most_per_hour - 1
    assert OutgoingMessage.objects.filter(address="robot@example.net").count() == 1
    muted = MutedSender.objects.get()
    assert (muted.address, muted.mail_count) == ("robot@example.net", 60 - mailbox.most_per_hour)
    told = {row.person for row in Notification.objects.filter(event="mail.sender_muted")}
    assert cast.agent in told
    assert Ticket.objects.filter(contact_name="王小明").count() == 1
    # Whoever floods us is read last.
    ranks = dict(IncomingMail.objects.order_by("pk").values_list("message_id", "rank"))
    assert (ranks["<mr9@example.com>"], ranks["<mr10@example.com>"], ranks["<mreal@example.com>"]) == (1, 2, 1)


def test_a_robot_that_writes_slowly_is_known_by_its_words(mailbox: Mailbox) -> None:
    (first,) = arrive(
        mailbox, letter("Ihr Anliegen 17 wird bearbeitet.", sender="r@example.net", subject="A", number="1")
    )
    IncomingMail.objects.update(received_at=first.received_at - timedelta(hours=2))
    (later,) = arrive(
        mailbox, letter("Ihr Anliegen 18  wird bearbeitet!", sender="r@example.net", subject="B", number="2")
    )
    assert later.ticket_number == first.ticket_number
    (other,) = arrive(mailbox, letter("Etwas ganz anderes.", sender="x@example.net", subject="C", number="3"))
    IncomingMail.objects.update(received_at=first.received_at - timedelta(hours=2))
    (second,) = arrive(mailbox, letter("Noch etwas anderes.", sender="x@example.net", subject="D", number="4"))
    assert second.ticket_number != other.ticket_number


TRUSTED = "mx.onepoint.example"


def test_a_forged_sender_is_nobody_we_know(mailbox: Mailbox, wang: Customer, ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(customer=wang)
    Mailbox.objects.update(trusted_server=TRUSTED)
    forged = {"Authentication_Results": f"{TRUSTED}; dmarc=fail header.from=example.com"}
    (mail,) = arrive(mailbox, letter(subject=f"询问 {ticket.number}", number=1, **forged))
    assert (mail.state, mail.reason, mail.trust) == ("quarantined", "forged", "failed")
    Mailbox.objects.update(forged_rule="stranger")
    mailbox.refresh_from_db()
    (named,) = arrive(mailbox, letter(subject=f"询问 {ticket.number}", number=2, **forged))
    assert (named.state, named.reason) == ("quarantined", "stranger")
    (filed,) = arrive(mailbox, letter(subject="别的", number=3, **forged))
    assert Ticket.objects.get(number=filed.ticket_number).customer is None
    assert not OutgoingMessage.objects.exists()
    passed = {"Authentication_Results": f"{TRUSTED}; dmarc=pass"}
    (honest,) = arrive(mailbox, letter("真的", subject=f"询问 {ticket.number}", number=4, **passed))
    assert (honest.ticket_number, honest.trust) == (ticket.number, "passed")


def test_a_mail_about_a_closed_ticket_opens_it_again_where_the_mailbox_wants_that(mailbox: Mailbox) -> None:
    Mailbox.objects.update(closed_rule="reopen")
    arrive(mailbox, letter())
    old = Ticket.objects.get()
    services.resolve_ticket(old, reason="已解决", by=None)
    services.close_ticket(old, reason="已解决", by=None)
    (mail,) = arrive(mailbox, letter("又出现了", number=2, answers="<m1@example.com>"))
    old.refresh_from_db()
    assert (mail.ticket_number, old.reopen_count, Ticket.objects.count()) == (old.number, 1, 1)
    assert AuditEntry.objects.filter(verb="ticket.customer_wrote", subject_id=old.pk, data__text="又出现了").exists()
    services.withdraw_ticket(old, reason="客户撤回", by=None)
    (again,) = arrive(mailbox, letter("还是不行", number=3, answers="<m1@example.com>"))
    assert again.ticket_number != old.number


def test_a_mail_whose_head_cannot_be_read_is_kept_once(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(raw: bytes) -> tuple[str, str]:
        raise RecursionError

    monkeypatch.setattr(mails.reading, "identity_of", fail)
    raw = letter("Satz a")
    (mail,) = arrive(mailbox, raw)
    assert bytes(channel_queries.content_of(mail)) == raw
    assert mails.take_in_mail(mailbox, raw, by=None) is None


@pytest.mark.parametrize(
    ("says", "ends"), [("SELECT 'x'::integer", False), ("SELECT 1 / 0", False), ("SELECT nothing", True)]
)
def test_a_mail_the_database_refuses_keeps_no_other_waiting(
    mailbox: Mailbox, wang: Customer, monkeypatch: pytest.MonkeyPatch, says: str, ends: bool
) -> None:
    """Its own trouble is counted; trouble of the database itself ends the job, which is tried again."""
    file = mails._file

    def refuse(mail: IncomingMail) -> None:
        if mail.sender == "bad@example.net":
            with connection.cursor() as cursor:
                cursor.execute(says)
        file(mail)

    monkeypatch.setattr(mails, "_file", refuse)
    raws = letter("Satz a", sender="bad@example.net", number="b1"), letter("Satz b", number="b2")
    if ends:
        with pytest.raises(DatabaseError):
            arrive(mailbox, *raws)
        return
    bad, good = arrive(mailbox, *raws)
    assert (bad.state, bad.failures, good.state) == ("received", 1, "filed")
    for minutes in (5, 10):
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            mails.file_mails(by=None)
    bad.refresh_from_db()
    assert (bad.state, bad.reason, bad.detail) == ("quarantined", "failed", "DataError")


@pytest.mark.django_db(transaction=True)
def test_workers_that_file_one_sender_s_mails_at_once_make_one_ticket(mailbox: Mailbox) -> None:
    for number in range(6):
        raw = letter(f"Satz {chr(97 + number)}", sender="r@example.net", subject=f"Fall {number}", number=f"p{number}")
        mails.take_in_mail(mailbox, raw, by=None)

    def work() -> None:
        try:
            mails.file_mails(by=None)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert Ticket.objects.count() == 1
    assert set(IncomingMail.objects.values_list("state", "ticket_number")) == {("filed", Ticket.objects.get().number)}

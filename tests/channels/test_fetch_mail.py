"""Mail is fetched from a real IMAP server: everything once, by one worker at a time, and nothing is lost on the way."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from cast import Cast
from channels.peers.imap import PASSWORD, Dovecot, needs_dovecot
from channels.test_take_in_scan import fax
from onepoint.channels.fetcher import Visit
from onepoint.channels.imap import Folder, MailServerError, utf7
from onepoint.channels.models import Contact, IncomingMail, IncomingScan, Mailbox
from onepoint.channels.queries import mail as queries
from onepoint.channels.services import mailboxes as services
from onepoint.channels.services import mails
from onepoint.core import clock, ending
from onepoint.core.verifying import run_checks

ADDRESS = "service@onepoint.example"


def letter(number: int, **headers: str) -> bytes:
    fields = {
        "From": f"客户 <c{number}@example.com>", "To": ADDRESS, "Subject": f"Betreff {number}",
        "Message-ID": f"<m{number}@example.com>", "Date": "Mon, 23 Nov 2026 10:00:00 +0800",
    } | headers  # fmt: skip
    return ("".join(f"{name}: {value}\r\n" for name, value in fields.items()) + f"\r\nText {number}\r\n").encode()


@pytest.fixture(autouse=True)
def files_of_this_test(settings: Any, tmp_path: Path) -> None:
    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": tmp_path / "files", "base_url": None}}
    settings.STORAGES = storages


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    needs_dovecot()
    with Dovecot() as server:
        yield server


@pytest.fixture
def mailbox_at(cast: Cast) -> Any:
    def make(server: Dovecot, **values: Any) -> Mailbox:
        facts = {
            "name": "客服邮箱", "address": ADDRESS, "host": "127.0.0.1", "port": server.port, "encryption": "none",
            "username": ADDRESS, "unit": cast.call_centre, "creates_tickets": False,
        } | values  # fmt: skip
        return services.create_mailbox(values=facts, password=PASSWORD, by=None)

    return make


def fetch() -> int:
    """One visit of every mailbox that is due."""
    count = 0
    while (hold := services.claim_mailbox()) is not None:
        folder = Folder(services.place_of(hold.mailbox))
        try:
            count += services.fetch_mails(hold, folder)
        finally:
            folder.close()
            services.let_go(hold)
    return count


def due_again() -> None:
    Mailbox.objects.update(next_fetch_at=None)


def test_every_mail_is_kept_byte_for_byte_and_fetched_once(db: None, dovecot: Dovecot, mailbox_at: Any) -> None:
    mailbox = mailbox_at(dovecot)
    for number in range(5):
        dovecot.put(letter(number))
    assert fetch() == 5
    assert fetch() == 0
    due_again()
    dovecot.put(letter(9))
    assert fetch() == 1
    mailbox.refresh_from_db()
    assert (mailbox.last_uid, mailbox.last_error, IncomingMail.objects.count()) == (6, "", 6)
    assert queries.content_of(IncomingMail.objects.order_by("pk")[0]) == letter(0)


def test_a_folder_numbered_anew_brings_nothing_twice(db: None, dovecot: Dovecot, mailbox_at: Any) -> None:
    mailbox_at(dovecot)
    dovecot.put(letter(1))
    dovecot.put(letter(2))
    assert fetch() == 2
    dovecot.number_anew()
    dovecot.put(letter(3))
    due_again()
    assert fetch() == 1
    assert IncomingMail.objects.count() == 3


def test_one_mail_in_two_mailboxes_is_one(db: None, mailbox_at: Any) -> None:
    needs_dovecot()
    with Dovecot((ADDRESS, "sales@onepoint.example")) as server:
        mailbox_at(server)
        mailbox_at(server, name="营业", address="sales@onepoint.example", username="sales@onepoint.example")
        server.put(letter(1, Received="from a by b"))
        server.put(letter(1, Received="from c by d"), user="sales@onepoint.example")
        assert fetch() == 1


def test_while_one_worker_has_the_mailbox_no_other_gets_it(db: None, dovecot: Dovecot, mailbox_at: Any) -> None:
    mailbox = mailbox_at(dovecot)
    dovecot.put(letter(1))
    hold = services.claim_mailbox()
    assert hold is not None
    assert services.claim_mailbox() is None
    Mailbox.objects.filter(pk=mailbox.pk).update(lease="00000000-0000-0000-0000-000000000001")  # it ran out meanwhile
    folder = Folder(services.place_of(mailbox))
    with pytest.raises(services.HoldLost):
        services.fetch_mails(hold, folder)
    folder.close()
    assert not IncomingMail.objects.exists()


def test_mail_is_marked_or_deleted_at_the_server_only_once_it_is_here(
    db: None, dovecot: Dovecot, mailbox_at: Any
) -> None:
    mailbox_at(dovecot, left="deleted")
    dovecot.put(letter(1))
    assert fetch() == 1
    assert [path for part in ("new", "cur") for path in (dovecot.box() / part).iterdir()] == []


def test_a_wrong_password_and_a_missing_folder_are_told(db: None, dovecot: Dovecot, mailbox_at: Any) -> None:
    mailbox = mailbox_at(dovecot)
    services.change_mailbox(mailbox, revision=1, values={}, password="falsch", by=None)
    mailbox.refresh_from_db()
    assert services.try_mailbox(mailbox, by=None).problem
    hold = services.claim_mailbox()
    assert hold is not None
    visit = Visit(hold)
    problem = visit.visit()
    services.let_go(hold, problem=problem)
    mailbox.refresh_from_db()
    assert problem
    assert mailbox.last_error == problem
    assert mailbox.failing_since is not None
    assert mailbox.next_fetch_at is not None
    with pytest.raises(MailServerError):
        Folder(services.place_of(mailbox_at(dovecot, name="b", address="b@onepoint.example", folder="Nirgends")))


def test_a_folder_with_a_chinese_name_is_found(db: None, dovecot: Dovecot, mailbox_at: Any) -> None:
    assert utf7("投诉") == "&YpWLyQ-"
    mailbox_at(dovecot, folder="投诉")
    dovecot.put(letter(1), folder="&YpWLyQ-")
    assert fetch() == 1


def test_the_server_tells_of_new_mail_by_itself(db: None, dovecot: Dovecot, mailbox_at: Any) -> None:
    mailbox = mailbox_at(dovecot)
    dovecot.put(letter(1))
    folder = Folder(services.place_of(mailbox))
    try:
        assert folder.can_wait
        assert folder.wait(0.3) is False
        later = threading.Timer(0.5, lambda: dovecot.put(letter(2)))
        later.start()
        assert folder.wait(20.0) is True
        assert folder.uids_after(0) == [1, 2]
    finally:
        folder.close()


def test_a_worker_that_is_to_end_leaves_after_the_mail_it_is_at_and_the_next_goes_on_at_once(
    db: None, dovecot: Dovecot, mailbox_at: Any
) -> None:
    mailbox = mailbox_at(dovecot)
    for number in range(3):
        dovecot.put(letter(number))
    hold = services.claim_mailbox()
    assert hold is not None
    folder = Folder(services.place_of(mailbox))
    asked = iter((False, True))
    assert services.fetch_mails(hold, folder, is_stopped=lambda: next(asked)) == 1
    assert folder.wait(600.0, lambda: True) is False  # nor does it wait for news any longer
    folder.close()
    services.let_go(hold, at_once=True)
    assert fetch() == 2


def test_mails_wait_for_another_worker_where_this_one_is_to_end(
    db: None,
    mailbox_at: Any,
    dovecot: Dovecot,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    mails.take_in_mail(mailbox_at(dovecot), letter(1), by=None)
    with monkeypatch.context() as ended:
        ended.setattr(ending._ending, "is_set", lambda: True)
        with django_capture_on_commit_callbacks(execute=True):
            assert mails.file_mails(by=None) == 0
    queued = ProcrastinateJob.objects.filter(task_name="channels.file_mails", status="todo")
    assert (queued.count(), IncomingMail.objects.get().state) == (1, "received")
    assert mails.file_mails(by=None) == 1


def test_only_mail_since_the_mailbox_was_set_up_is_wanted(db: None, dovecot: Dovecot, mailbox_at: Any) -> None:
    dovecot.put(letter(1))
    mailbox_at(dovecot, begins_at=clock.now() + timedelta(days=5))
    assert fetch() == 0
    assert Mailbox.objects.get().last_uid == 1


def fax_mail(number: int, *files: tuple[str, bytes], sender: str = "fax@fax.example") -> bytes:
    """As a fax server writes it: a robot, the number in its subject, the pages attached."""
    mail = EmailMessage()
    mail["From"], mail["To"] = f'"HylaFAX" <{sender}>', ADDRESS
    mail["Subject"], mail["Message-ID"] = "Fax von 0571 8765 4321 (3 Seiten)", f"<fax{number}@fax.example>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("A fax was received.")
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def test_mails_of_a_fax_server_become_faxes(db: None, dovecot: Dovecot, mailbox_at: Any, cast: Cast) -> None:
    mailbox = mailbox_at(dovecot, purpose="fax", only_from="@fax.example\nscanner@onepoint.example")
    dovecot.put(fax_mail(1, ("fax.tif", fax()), ("sign.exe", b"MZ")))
    dovecot.put(fax_mail(2))
    dovecot.put(fax_mail(3, ("fax.tif", fax(mark="3")), sender="x@evil.example"))
    dovecot.put(fax_mail(1, ("fax.tif", fax()), ("sign.exe", b"MZ")))
    dovecot.put(fax_mail(4, ("fax.pdf", b"MZ no fax at all")))
    assert fetch() == 4
    mails.file_mails(by=None)
    taken, refused = IncomingScan.objects.order_by("pk")
    assert (taken.channel, taken.unit, taken.page_count, taken.state) == ("fax", mailbox.unit, 3, "waiting")
    assert (taken.sender_name, taken.sender_number) == ("HylaFAX", "0571 8765 4321")
    assert refused.state == "refused"
    states = list(IncomingMail.objects.order_by("pk").values_list("state", "reason"))
    assert states == [
        ("taken_apart", ""), ("quarantined", "no_scan"), ("quarantined", "unwanted"), ("taken_apart", ""),
    ]  # fmt: skip
    assert not Contact.objects.exists()
    assert [fault for report in run_checks(["channels.incoming"]) for fault in report.faults] == []

"""Files are kept as long as the house says, and not a night less; what must be kept stays, whatever the house says."""

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cast import Cast
from onepoint.accounts.models import Role, User
from onepoint.channels.models import ChatSession, Contact, IncomingMail, IncomingScan, Mailbox
from onepoint.channels.services import mailboxes, mails
from onepoint.channels.states import Channel, ContactOutcome, MailState, ScanState
from onepoint.core import attachments, audit, clock, months, storage_cleaning
from onepoint.core.attachments import FileRemoved
from onepoint.core.errors import InvalidInput, NotPermitted, SomebodyWasFaster
from onepoint.core.models import Attachment, AuditEntry
from onepoint.core.timeline import told
from onepoint.core.verifying import Report, run_checks
from onepoint.customers import retention
from onepoint.customers import services as customers
from onepoint.customers.models import Customer, RetentionRule
from onepoint.customers.services.retention import ShorteningNotConfirmed
from onepoint.tickets import queries
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import TicketStatus
from tickets.conftest import fresh, verbs_of
from tickets.mails import PNG, arrive, letter

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)  # in China
LONG_AGO = datetime(2026, 1, 5, 4, tzinfo=UTC)


def in_china(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def keep(code: str = "ticket", count: int | None = 6) -> RetentionRule:
    kind = retention.find_kind(code)
    assert kind is not None
    rule = RetentionRule.objects.filter(code=code).first() or RetentionRule()
    return customers.change_retention(kind, months=count, version=rule.version, is_confirmed=True, by=None)


def put(subject: str, pk: int, name: str = "账单.txt", content: str = "", at: datetime = LONG_AGO) -> Attachment:
    with clock.at(at):
        upload = SimpleUploadedFile(name, (content or f"{subject} {pk} {name}").encode())
        return attachments.store_file(upload, subject_type=subject, subject_id=pk, by=None)


def close(ticket: Ticket, at: datetime = LONG_AGO) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(status=TicketStatus.CLOSED, closed_at=at)


def run(at: datetime = NOON) -> int:
    with clock.at(at):
        return customers.remove_past_files(by=None)


def is_gone(file: Attachment) -> bool:
    return Attachment.objects.get(pk=file.pk).removed_at is not None


def allow(code: str, *permissions: str) -> None:
    role = Role.objects.get(code=code)
    role.permissions = sorted({*role.permissions, *permissions})
    role.save(update_fields=["permissions"])


@pytest.fixture
def closed(ticket: Ticket) -> Ticket:
    close(ticket)
    return Ticket.objects.get(pk=ticket.pk)


@pytest.fixture
def file(closed: Ticket) -> Attachment:
    return put("ticket", closed.pk)


def hold(customer: Customer, reason: str = "诉讼保全") -> None:
    Customer.objects.filter(pk=customer.pk).update(legal_hold=reason)


def test_without_a_rule_everything_is_kept_for_ever(file: Attachment) -> None:
    assert run(NOON + timedelta(days=36500)) == 0
    keep()
    keep(count=None)
    assert run() == 0


def test_what_goes_leaves_its_row_the_timeline_and_one_entry_a_batch(closed: Ticket, file: Attachment) -> None:
    other = put("ticket", closed.pk, "合同.txt")
    before = verbs_of(closed)
    keep()
    assert run() == 2
    gone = Attachment.objects.get(pk=file.pk)
    assert (gone.name, gone.size, gone.sha256, gone.kept_months) == (file.name, file.size, "", 6)
    assert (gone.removed_at, gone.removed_sha256, gone.deleted_at) == (NOON, file.sha256, None)
    assert verbs_of(closed) == before
    entry = AuditEntry.objects.get(verb="retention.removed")
    assert entry.data == {"kind": "ticket", "months": 6, "files": 2, "size": file.size + other.size}
    with translation.override("en"):
        assert [sentence for _entry, sentence in told([entry])] == ["removed 2 files kept for 6 months"]
    assert run() == 0
    assert AuditEntry.objects.filter(verb="retention.removed").count() == 1


def age_stored_files() -> None:
    for path in Path(default_storage.path("")).rglob("*"):
        if path.is_file():
            os.utime(path, (time.time() - 2 * 86400,) * 2)


def test_the_content_goes_with_the_clean_up_unless_another_row_shares_it(
    register: Callable[..., Ticket], closed: Ticket
) -> None:
    shared = put("ticket", closed.pk, "甲.txt", "同样的内容")
    alone = put("ticket", closed.pk, "乙.txt", "只此一份")
    kept = put("ticket", register().pk, "丙.txt", "同样的内容")
    stored = {file.pk: Path(default_storage.path(file.storage_name)) for file in (shared, alone)}
    keep()
    assert run() == 2
    age_stored_files()
    assert storage_cleaning.remove_unowned_files() == 1
    assert not stored[alone.pk].exists()
    assert attachments.open_file(Attachment.objects.get(pk=kept.pk)).read() == "同样的内容".encode()


def test_the_last_day_is_kept_in_full(register: Callable[..., Ticket]) -> None:
    just_over, last_day = register(), register()
    close(just_over, in_china(2026, 5, 22, 23, 59))
    close(last_day, in_china(2026, 5, 23))
    files = [put("ticket", one.pk) for one in (just_over, last_day)]
    keep()
    run(in_china(2026, 11, 23, 2))
    assert [is_gone(file) for file in files] == [True, False]
    run(in_china(2026, 11, 23, 23, 59))
    assert not is_gone(files[1])
    run(in_china(2026, 11, 24, 2))
    assert is_gone(files[1])


@pytest.mark.parametrize(
    ("day", "count", "earlier"),
    [
        (date(2026, 8, 31), 6, date(2026, 2, 28)), (date(2024, 8, 31), 6, date(2024, 2, 29)),
        (date(2026, 1, 15), 13, date(2024, 12, 15)), (date(2026, 12, 31), 12, date(2025, 12, 31)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
    ],
)  # fmt: skip
def test_months_back_never_shorten(day: date, count: int, earlier: date) -> None:
    assert months.day_before(day, count) == earlier


def test_what_was_added_after_the_closing_counts_from_then(closed: Ticket) -> None:
    late = put("ticket", closed.pk, at=in_china(2026, 10, 1))
    keep()
    assert run() == 0
    assert run(in_china(2027, 4, 2, 3)) == 1
    assert is_gone(late)


def test_a_deleted_file_does_not_outlive_the_others(closed: Ticket, file: Attachment) -> None:
    attachments.delete_file(file, by=None)
    keep()
    assert run() == 1


# --- what stays -------------------------------------------------------------------------------------------------


def test_a_legal_hold_wins_until_it_is_lifted(customer: Customer, file: Attachment) -> None:
    keep()
    hold(customer)
    assert run() == 0
    hold(customer, "")
    assert run() == 1


def test_a_hold_of_a_record_that_was_merged_counts_both_ways(
    cast: Cast, customer: Customer, file: Attachment, register: Callable[..., Ticket]
) -> None:
    other = customers.create_customer(by=cast.agent, name="王晓明", region=cast.east)
    theirs = register(customer=other)
    close(theirs)
    second = put("ticket", theirs.pk)
    Customer.objects.filter(pk=other.pk).update(merged_into=customer)
    keep()
    for held in (customer, other):
        hold(held)
        assert run() == 0
        hold(held, "")
    assert run() == 2
    assert is_gone(second)


def test_the_hold_of_another_customer_keeps_nothing(cast: Cast, file: Attachment) -> None:
    hold(customers.create_customer(by=cast.agent, name="李四", region=cast.east))
    keep()
    assert run() == 1


@pytest.mark.parametrize(
    "status", [status for status in TicketStatus if status not in ("closed", "aborted", "withdrawn")]
)
def test_an_open_ticket_keeps_its_files(closed: Ticket, file: Attachment, status: str) -> None:
    """Merged without a trace of closing counts as open too: nobody could say from when."""
    Ticket.objects.filter(pk=closed.pk).update(status=status, closed_at=None)
    keep()
    assert run() == 0


def test_a_ticket_waits_for_what_it_is_part_of(
    register: Callable[..., Ticket], closed: Ticket, file: Attachment
) -> None:
    above = register()
    for link in ("parent", "merged_into"):
        Ticket.objects.filter(pk=closed.pk).update(**{link: above})
        keep()
        assert run() == 0
        close(above, in_china(2026, 10, 1))
        assert run() == 0
        Ticket.objects.filter(pk=above.pk).update(status=TicketStatus.OPEN, closed_at=None)
        Ticket.objects.filter(pk=closed.pk).update(parent=None, merged_into=None)
    Ticket.objects.filter(pk=above.pk).update(parent=closed)  # a part that is still open
    assert run() == 0
    close(above)
    assert run() == 1


def test_contact_mail_and_chat_wait_for_their_ticket(cast: Cast, customer: Customer, ticket: Ticket) -> None:
    contact = Contact.objects.create(
        number="C1", channel=Channel.EMAIL, customer=customer, subject="话费", started_at=LONG_AGO,
        ticket_number=ticket.number, outcome=ContactOutcome.TICKET,
    )  # fmt: skip
    mail = IncomingMail.objects.create(fingerprint="f", state=MailState.FILED, contact=contact, received_at=LONG_AGO)
    scan = IncomingScan.objects.create(
        channel=Channel.FAX, name="传真", state=ScanState.TAKEN_IN, contact=contact, received_at=LONG_AGO
    )
    files = [put("contact", contact.pk), put("incoming_mail", mail.pk), put("incoming_scan", scan.pk)]
    for code in ("contact", "mail", "scan", "chat"):
        keep(code)
    assert run() == 0
    close(ticket, in_china(2026, 10, 1))
    assert run() == 0
    close(ticket)
    hold(customer)
    assert run() == 0
    hold(customer, "")
    assert run() == 3
    assert all(is_gone(file) for file in files)


@pytest.mark.parametrize(("state", "goes"), [("received", 0), ("quarantined", 0), ("ignored", 1), ("filed", 1)])
def test_a_mail_nobody_has_settled_stays(db: None, state: str, goes: int) -> None:
    mail = IncomingMail.objects.create(fingerprint="f", state=state, received_at=LONG_AGO, sender="x@example.com")
    put("incoming_mail", mail.pk)
    keep("mail")
    assert run() == goes


def test_a_mail_nobody_was_named_for_stays_while_its_sender_is_under_a_hold(cast: Cast) -> None:
    wang = customers.create_customer(
        by=cast.agent, name="王小明", region=cast.east, accounts=[customers.NewAccount("wang@example.com", "email")]
    )
    customers.add_contact_person(wang, by=cast.agent, name="王大明", email="Daming@Example.com", phone="13700001111")
    senders = ["wang@example.com", "daming@example.com", "somebody@example.com"]
    made = [
        IncomingMail.objects.create(fingerprint=one, state=MailState.IGNORED, received_at=LONG_AGO, sender=one)
        for one in senders
    ]
    files = [put("incoming_mail", mail.pk) for mail in made]
    hold(wang)
    keep("mail")
    assert run() == 1
    assert [is_gone(file) for file in files] == [False, False, True]


def test_a_chat_that_goes_on_stays(cast: Cast) -> None:
    from onepoint.assignment import services as assignment

    queue = assignment.create_queue(
        code="general", name="一般咨询", name_en="General", units=[cast.call_centre], by=None
    )
    session = ChatSession.objects.create(
        token_hash="x", queue=queue, state="active", visitor_seen_at=LONG_AGO, spoken_at=LONG_AGO, started_at=LONG_AGO
    )
    put("chat", session.pk)
    keep("chat")
    assert run() == 0
    ChatSession.objects.filter(pk=session.pk).update(state="ended", ended_at=LONG_AGO)
    assert run() == 1


# --- killed, and at once -----------------------------------------------------------------------------------------


def test_killed_between_batches_it_goes_on(closed: Ticket, monkeypatch: Any) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    files = [put("ticket", closed.pk, f"{number}.txt") for number in range(5)]
    keep()
    with clock.at(NOON):
        assert customers.remove_past_files(by=None, most_batches=1) == 2
    assert [is_gone(file) for file in files] == [True, True, False, False, False]
    assert run() == 3
    assert sum(entry.data["files"] for entry in AuditEntry.objects.filter(verb="retention.removed")) == 5


def test_killed_inside_a_batch_nothing_of_it_happened(file: Attachment, monkeypatch: Any) -> None:
    keep()
    record = audit.record
    monkeypatch.setattr(audit, "record", lambda *args, **data: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        run()
    monkeypatch.setattr(audit, "record", record)
    assert not is_gone(file)
    assert run() == 1


def test_files_that_stay_do_not_stand_in_the_way_of_the_others(
    cast: Cast, customer: Customer, register: Callable[..., Ticket], monkeypatch: Any
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    hold(customer)
    held, free = register(customer=customer), register()
    close(held)
    close(free)
    for number in range(5):
        put("ticket", held.pk, f"{number}.txt")
    file = put("ticket", free.pk)
    keep()
    assert run() == 1
    assert is_gone(file)


def in_thread(work: Callable[[], None]) -> threading.Thread:
    def act() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=act)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_of_two_jobs_at_once_each_file_goes_by_one(closed: Ticket, monkeypatch: Any) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    for number in range(30):
        put("ticket", closed.pk, f"{number}.txt")
    keep()
    counts: list[int] = []
    begin = threading.Barrier(2)

    def work() -> None:
        begin.wait()
        counts.append(run())

    for thread in [in_thread(work), in_thread(work)]:
        thread.join(60)
    counts.append(run())  # what one of them left because the other had its ticket in hand
    assert sum(counts) == 30
    assert Attachment.objects.filter(removed_at=None).count() == 0
    assert sum(entry.data["files"] for entry in AuditEntry.objects.filter(verb="retention.removed")) == 30


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["hold", "reopening"])
def test_a_hold_or_a_reopening_that_is_just_being_written_wins(
    customer: Customer, closed: Ticket, file: Attachment, what: str
) -> None:
    keep()
    counts: list[int] = []
    with transaction.atomic():
        if what == "hold":
            hold(customer)
        else:
            Ticket.objects.filter(pk=closed.pk).update(status=TicketStatus.OPEN, closed_at=None)
        in_thread(lambda: counts.append(run())).join(60)
    assert counts == [0]
    assert run() == 0


# --- what people see ---------------------------------------------------------------------------------------------


def test_the_page_shows_what_was_there_and_the_address_says_it_is_gone(
    cast: Cast, closed: Ticket, file: Attachment, client_of: Callable[[User], Client]
) -> None:
    agent, address = client_of(cast.agent), reverse("ticket-file", args=[closed.number, file.pk])
    page = agent.get(reverse("ticket-detail", args=[closed.number])).content.decode()
    assert f'href="{address}"' in page
    keep()
    run()
    page = agent.get(reverse("ticket-detail", args=[closed.number]), headers={"accept-language": "en"}).content.decode()
    assert file.name in page
    assert "2026-11-23" in page
    assert f'href="{address}"' not in page
    answer = agent.get(address)
    assert answer.status_code == 410
    assert file.name in answer.content.decode()
    assert client_of(cast.outsider).get(address).status_code == 404


def test_the_api_says_so_too(cast: Cast, closed: Ticket, file: Attachment, api_of: Callable[..., Any]) -> None:
    keep()
    run()
    api = api_of(cast.agent)
    address = f"/api/v1/tickets/{closed.number}/attachments"
    (shown,) = api.get(address).json()
    assert (shown["name"], shown["sha256"], shown["removed_at"][:10]) == (file.name, "", "2026-11-23")
    answer = api.get(f"{address}/{file.pk}")
    assert (answer.status_code, answer.json()["code"]) == (410, "file_removed")


def test_a_copy_of_a_removed_file_is_one_too(closed: Ticket, file: Attachment, register: Callable[..., Ticket]) -> None:
    keep()
    run()
    copy = attachments.copy_file(Attachment.objects.get(pk=file.pk), subject_type="ticket", subject_id=register().pk)
    with pytest.raises(FileRemoved):
        attachments.open_file(copy)


def test_a_mail_without_its_original_is_still_shown_and_not_read_again(
    cast: Cast, categories: dict[str, Any], complaint_process: None, client_of: Callable[[User], Client]
) -> None:
    facts = {
        "name": "客服邮箱", "address": "service@onepoint.example", "host": "127.0.0.1", "username": "service",
        "unit": cast.call_centre, "region": cast.east, "category_code": "bl_high", "ticket_kind": "complaint",
    }  # fmt: skip
    mailbox: Mailbox = mailboxes.create_mailbox(values=facts, password="geheim", by=None)
    (mail,) = arrive(mailbox, letter(files=(("账单.png", PNG, "image/png"),)))
    Ticket.objects.update(status=TicketStatus.CLOSED, closed_at=LONG_AGO)
    Contact.objects.update(started_at=LONG_AGO, ended_at=LONG_AGO)
    Attachment.objects.update(uploaded_at=LONG_AGO)
    IncomingMail.objects.update(received_at=LONG_AGO, filed_at=LONG_AGO)
    allow("agent", "mail.view", "mail.file", "mail.original")
    keep("mail")
    assert run() == 2
    agent = client_of(fresh(cast.agent))
    page = agent.get(reverse("mail-detail", args=[mail.pk]))
    assert "账单.png" in page.content.decode()
    assert reverse("mail-original", args=[mail.pk]) not in page.content.decode()
    shown = agent.get(reverse("mail-shown", args=[mail.pk]))
    assert (shown.status_code, "2026-11-23" in shown.content.decode()) == (410, True)
    assert agent.get(reverse("mail-original", args=[mail.pk])).status_code == 410
    assert not AuditEntry.objects.filter(verb="mail.downloaded").exists()
    ticket = Ticket.objects.get()
    of_ticket = agent.get(reverse("ticket-mails", args=[ticket.number])).content.decode()
    assert reverse("ticket-mail-original", args=[ticket.number, mail.pk]) not in of_ticket
    assert queries.files_of(ticket)[0].removed_at is None  # the ticket's own copy has a time of its own
    IncomingMail.objects.update(state=MailState.IGNORED)
    with pytest.raises(FileRemoved):
        mails.retry_mail(IncomingMail.objects.get(), by=fresh(cast.agent))


def test_erasing_the_customer_takes_the_names_of_removed_files_too(file: Attachment) -> None:
    keep()
    run()
    attachments.erase_files("ticket", [file.subject_id])
    erased = Attachment.objects.get(pk=file.pk)
    assert (erased.name, erased.removed_sha256, erased.removed_at) == (attachments.ERASED, "", None)
    assert attachments.erase_files("ticket", [file.subject_id]) == 0


# --- the rules ---------------------------------------------------------------------------------------------------


@pytest.fixture
def administrator(cast: Cast) -> User:
    allow("admin", "retention.manage")
    return fresh(cast.admin)


def test_a_shorter_time_is_confirmed_seeing_what_goes(
    administrator: User, file: Attachment, client_of: Callable[[User], Client], monkeypatch: Any
) -> None:
    client, address = client_of(administrator), reverse("retention-change", args=["ticket"])
    asked = client.post(address, {"months": "12", "version": "0"})
    assert asked.status_code == 200
    assert asked.context["count"] == 0  # closed in January, not a year ago
    assert not RetentionRule.objects.filter(months=12).exists()
    asked = client.post(address, {"months": "6", "version": "0", "confirmed": "12"})
    assert (asked.context["count"], asked.context["is_more"]) == (1, False)
    assert client.post(address, {"months": "6", "version": "0", "confirmed": "6"}).status_code == 302
    entry = AuditEntry.objects.get(verb="retention.changed")
    assert (entry.data["kind"], entry.data["changes"]) == ("ticket", {"months": [None, 6]})
    assert client.post(address, {"months": "", "version": "1"}).status_code == 302  # longer needs no word
    with translation.override("en"):
        sentences = [sentence for _entry, sentence in told(AuditEntry.objects.filter(verb="retention.changed"))]
    assert "for ever" in " ".join(sentences)
    assert reverse("retention-change", args=["scan"]) in client.get(reverse("retention-list")).content.decode()


def test_the_count_stops_at_a_thousand(closed: Ticket, monkeypatch: Any) -> None:
    monkeypatch.setattr(retention, "MOST_COUNTED", 3)
    kind = retention.find_kind("ticket")
    assert kind is not None
    for counted in ((1, False), (2, False), (3, False), (3, True), (3, True)):
        put("ticket", closed.pk)
        with clock.at(NOON):
            assert retention.count_past(kind, 6) == counted


@pytest.mark.parametrize("count", [0, 5, 1201])
def test_nothing_is_kept_for_less_than_half_a_year(db: None, count: int) -> None:
    with pytest.raises(InvalidInput):
        keep(count=count)


def test_who_may_and_with_what_was_read(cast: Cast, administrator: User, client_of: Callable[[User], Client]) -> None:
    kind = retention.find_kind("chat")
    assert kind is not None
    with pytest.raises(NotPermitted):
        customers.change_retention(kind, months=12, version=0, is_confirmed=True, by=cast.coordinator)
    with pytest.raises(ShorteningNotConfirmed):
        customers.change_retention(kind, months=12, version=0, by=administrator)
    customers.change_retention(kind, months=12, version=0, is_confirmed=True, by=administrator)
    with pytest.raises(SomebodyWasFaster):
        customers.change_retention(kind, months=24, version=0, by=administrator)
    other = client_of(cast.coordinator)
    assert other.get(reverse("retention-list")).status_code == 403
    assert other.post(reverse("retention-change", args=["chat"]), {"months": "6", "version": "1"}).status_code == 403
    admin = client_of(administrator)
    assert admin.get(reverse("retention-change", args=["nothing"])).status_code == 404
    assert admin.post(reverse("retention-change", args=["chat"]), {"months": "3", "version": "1"}).status_code == 422


# --- what it costs -----------------------------------------------------------------------------------------------


def queries_of(work: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        work()
    return len(seen)


def test_a_batch_costs_the_same_however_many_files(register: Callable[..., Ticket], customer: Customer) -> None:
    keep()
    costs = []
    for size in (2, 12):
        for _number in range(size):
            one = register(customer=customer)
            close(one)
            put("ticket", one.pk)
        costs.append(queries_of(run))
    assert costs[0] == costs[1] <= 30


def test_the_page_costs_the_same_with_rules(
    administrator: User, client_of: Callable[[User], Client], django_assert_max_num_queries: Any
) -> None:
    client = client_of(administrator)
    client.get(reverse("retention-list"))
    for code in ("ticket", "contact", "mail", "scan", "chat"):
        keep(code)
    with django_assert_max_num_queries(12):
        assert client.get(reverse("retention-list")).status_code == 200


def test_files_are_found_by_an_index_and_not_by_looking_at_all(db: None) -> None:
    now = clock.now()
    Attachment.objects.bulk_create(
        Attachment(
            subject_type="ticket" if number % 2 else "contact", subject_id=number, series=f"{number:032x}", name="x",
            content_type="text/plain", size=1, sha256="" if number % 10 else f"{number:064x}",
            uploaded_at=now - timedelta(hours=number),
        )
        for number in range(20_000)
    )  # fmt: skip
    kind = retention.find_kind("ticket")
    assert kind is not None
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE core_attachment")
    place = (now - timedelta(hours=15_000), 1)
    for after in (None, place):
        plan = retention.stored_files(kind, now - timedelta(days=180), after)[: retention.BATCH].explain()
        assert "attachment_stored" in plan
        assert "Seq Scan" not in plan
        assert "Sort" not in plan.replace("Incremental Sort", "Sort")


# --- proved afterwards -------------------------------------------------------------------------------------------


def verified() -> Report:
    (report,) = run_checks(["customers.retention"])
    return report


def test_verify_proves_that_what_was_removed_is_gone_and_was_due(file: Attachment) -> None:
    stored = Path(default_storage.path(file.storage_name))
    keep()
    run()
    assert (verified().looked_at, verified().faults) == (1, [])
    Attachment.objects.update(removed_at=clock.now() - timedelta(days=4))
    assert [fault.text for fault in verified().faults] == ["was removed, but its content is still stored"]
    stored.unlink()
    assert verified().faults == []
    Attachment.objects.update(uploaded_at=clock.now() - timedelta(days=90))
    assert [fault.text for fault in verified().faults] == ["was removed before its months were over"]
    Attachment.objects.update(removed_sha256="")
    assert len(verified().faults) == 1

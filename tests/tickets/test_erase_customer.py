"""A customer is erased by two people and a job: nothing of it is found anywhere afterwards, however often the job dies."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.urls import reverse

from cast import Cast
from onepoint.accounts.models import Role, User
from onepoint.accounts.policies import OutsideYourScope
from onepoint.channels.models import Contact, IncomingMail, IncomingText, OutgoingMessage
from onepoint.channels.states import Channel, Medium, MessageState
from onepoint.core import attachments, audit, audit_seals, clock
from onepoint.core.errors import NotPermitted
from onepoint.core.models import Attachment, AuditEntry
from onepoint.core.timeline import told
from onepoint.core.verifying import run_checks
from onepoint.customers import erasing, policies, services
from onepoint.customers.known_values import KnownValues, marked, pattern_of
from onepoint.customers.models import Customer, Erasure
from onepoint.customers.services import NewAccount
from onepoint.customers.states import ErasureState
from onepoint.follow_ups.models import ReplyAttempt
from onepoint.notifications.models import Notification
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import TicketStatus
from onepoint.workflow.models import Opinion, Reminder
from sealing import seal_everything
from tickets.conftest import fresh

PLANTED = "机主王小明（Wang Xiaoming）电话138-0013 8000或+86 13800138000，固话(0571)8888 8888，证件330106 19800101 1234，住东市解放路12号，邮箱XM.Wang@example.com。"
LEFT = ["王小明", "Wang Xiaoming", "0013 8000", "13800138000", "8888 8888", "19800101", "解放路12号", "XM.Wang"]


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_ANCHORS = tmp_path / "anchors.txt"


def allow(code: str, *permissions: str) -> None:
    role = Role.objects.get(code=code)
    role.permissions = sorted({*role.permissions, *permissions})
    role.save(update_fields=["permissions"])


@pytest.fixture
def asker(cast: Cast) -> User:
    allow("coordinator", "customer.erase", "customer.confirm_erasure", "customer.hold")
    return fresh(cast.coordinator)


@pytest.fixture
def confirmer(cast: Cast) -> User:
    allow("supervisor", "customer.confirm_erasure")
    return fresh(cast.supervisor)


@pytest.fixture
def known(cast: Cast) -> Customer:
    """A customer with one value of every kind."""
    customer = services.create_customer(
        by=cast.agent, name="王小明", name_en="Wang Xiaoming", region=cast.east, id_number="330106198001011234",
        address="东市解放路12号", note=PLANTED,
        accounts=[NewAccount("0571-88888888", "landline"), NewAccount("13800138000"), NewAccount("xm.wang@example.com", "email")],
    )  # fmt: skip
    services.add_contact_person(customer, by=cast.agent, name="王大明", phone="13700001111")
    return Customer.objects.get(pk=customer.pk)


@pytest.fixture
def closed(known: Customer, register: Callable[..., Ticket]) -> Ticket:
    """A ticket of the customer that has ended, with the values wherever people write."""
    made = register(
        customer=known, title="王小明来电", description=PLANTED, contact_name="王小明", contact_phone="138 0013 8000"
    )
    Ticket.objects.filter(pk=made.pk).update(status=TicketStatus.CLOSED, external_items={"原文": [PLANTED]})
    return Ticket.objects.get(pk=made.pk)


def plant(cast: Cast, customer: Customer, ticket: Ticket) -> None:
    """A row with the customer's values of every kind that is made apart from ticket and record."""
    now = clock.now()
    contact = Contact.objects.create(
        number="C1", channel=Channel.EMAIL, customer=customer, caller_number="13800138000", caller_key="+8613800138000",
        caller_name="王小明", subject="王小明", content=PLANTED, result_text=PLANTED, started_at=now,
        search_keys=["王小明", "+8613800138000"],
    )  # fmt: skip
    mail = IncomingMail.objects.create(
        fingerprint="f", sender="xm.wang@example.com", sender_name="王小明", reply_to="xm.wang@example.com",
        recipients=["XM.Wang@example.com"], subject="王小明", quoted=PLANTED, contact=contact, received_at=now,
    )  # fmt: skip
    mail.raw = attachments.store_original(
        PLANTED.encode(), "mail.eml", "message/rfc822", subject_type="incoming_mail", subject_id=mail.pk
    )
    mail.save()
    IncomingText.objects.create(
        sender="13800138000", sender_key="+8613800138000", text=PLANTED, contact=contact, received_at=now
    )
    for number, (address, about) in enumerate([("+8613800138000", ""), ("colleague@example.com", "ticket")]):
        OutgoingMessage.objects.create(
            key=f"m{number}", medium=Medium.SMS, address=address, subject="王小明", text=PLANTED, html="", about_type=about,
            about_id=ticket.pk if about else None, next_attempt_at=now, expires_at=now + timedelta(1), created_at=now,
        )  # fmt: skip
    Opinion.objects.create(
        task=ticket.process_instance.tasks.first(), instance=ticket.process_instance, step="核实", text=PLANTED, at=now
    )
    Reminder.objects.create(
        subject_type="ticket", subject_id=ticket.pk, kind="person", text=PLANTED, answer=PLANTED, made_at=now
    )
    ReplyAttempt.objects.create(
        ticket=ticket,
        task_id=1,
        at=now,
        way="phone",
        outcome="told",
        result=PLANTED,
        reason=PLANTED,
        note=PLANTED,
        key="r",
    )
    attachments.store_received(b"%PDF-1.4 king", "王小明.pdf", subject_type="ticket", subject_id=ticket.pk)


def everything_stored(leaving: frozenset[str] = frozenset({"core_auditentry"})) -> Iterator[tuple[str, str]]:
    """Every row of every table of ours as text, but for the sealed journal."""
    for model in apps.get_models():
        table = model._meta.db_table
        if model.__module__.startswith("onepoint.") and table not in leaving:
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')
                for (row,) in cursor.fetchall():
                    yield table, row


def found_anywhere() -> set[str]:
    return {
        f"{table}: {value}"
        for table, row in everything_stored()
        for value in [*LEFT, "王大明", "13700001111"]
        if value.lower() in row.lower()
    }


def erase(customer: Customer, asker: User, confirmer: User) -> Erasure:
    asked = services.ask_for_erasure(customer, reason="王小明本人来信要求删除", by=asker)
    services.confirm_erasure(asked, by=confirmer)
    services.run_erasure(asked.pk, by=None)
    return Erasure.objects.get(pk=asked.pk)


def test_nothing_is_left_anywhere(
    cast: Cast, known: Customer, closed: Ticket, asker: User, confirmer: User, django_capture_on_commit_callbacks: Any
) -> None:
    plant(cast, known, closed)
    opened, measures = closed.opened_at, (closed.region_id, closed.category_id, closed.customer_id)
    stored = [Path(default_storage.path(file.storage_name)) for file in Attachment.objects.all()]
    with django_capture_on_commit_callbacks(execute=True):
        done = erase(known, asker, confirmer)
    assert done.state == ErasureState.DONE
    assert found_anywhere() == set()
    assert not any(path.exists() for path in stored)
    assert {file.name for file in Attachment.objects.all()} == {"erased"}
    after = Ticket.objects.get(pk=closed.pk)
    assert after.opened_at == opened
    assert (after.region_id, after.category_id, after.customer_id) == measures
    gone = Customer.objects.get(pk=known.pk)
    assert gone.name == f"已删除的客户 {known.number}"
    assert gone.erased_at is not None
    assert OutgoingMessage.objects.get(key="m0").state == MessageState.CANCELLED
    assert done.known == ""


def test_the_journal_still_verifies_and_tells_no_details(
    cast: Cast, known: Customer, closed: Ticket, asker: User, confirmer: User
) -> None:
    audit.record("ticket.customer_told", by=None, subject_type="ticket", subject_id=closed.pk, text=PLANTED)
    seal_everything()
    before = AuditEntry.objects.filter(subject_type="ticket", subject_id=closed.pk).count()
    erase(known, asker, confirmer)
    assert AuditEntry.objects.filter(subject_type="ticket", subject_id=closed.pk).count() == before
    assert not list(audit_seals.find_breaches())
    entries = [*audit.entries_of("ticket", closed.pk), *audit.entries_of("customer", known.pk)]
    sentences = " ".join(sentence for _entry, sentence in told(entries))
    assert not any(value in sentences for value in LEFT)
    audit.record(
        "customer.changed", by=None, subject_type="customer", subject_id=known.pk, changes={"note": ["", "新"]}
    )
    assert not list(audit.entries_of("customer", known.pk))[-1].is_withheld


@pytest.mark.parametrize("batches", [1, 7])
def test_killed_at_any_moment_it_goes_on(
    cast: Cast, known: Customer, closed: Ticket, asker: User, confirmer: User, monkeypatch: Any, batches: int
) -> None:
    plant(cast, known, closed)
    asked = services.ask_for_erasure(known, reason="来信", by=asker)
    services.confirm_erasure(asked, by=confirmer)
    real, calls = erasing.erase_batch, iter(range(10_000))

    def dying(*arguments: Any) -> Any:
        batch = real(*arguments)
        if next(calls) % 3 == 2:
            raise KeyboardInterrupt  # after the work of a batch, before it is committed
        return batch

    monkeypatch.setattr(erasing, "erase_batch", dying)
    for _try in range(1000):
        try:
            services.run_erasure(asked.pk, by=None, most_batches=batches)
        except KeyboardInterrupt:
            continue
        if Erasure.objects.get(pk=asked.pk).state == ErasureState.DONE:
            break
    assert Erasure.objects.get(pk=asked.pk).state == ErasureState.DONE
    assert found_anywhere() == set()
    services.run_erasure(asked.pk, by=None)  # once more changes nothing
    assert services.resume_erasures(by=None) == 0


def test_who_may_confirm_is_told_and_then_who_asked(cast: Cast, known: Customer, asker: User, confirmer: User) -> None:
    refused = services.ask_for_erasure(known, reason="来信", by=asker)
    told = Notification.objects.get(event="erasure.asked")
    assert (told.person_id, told.facts["customer"]) == (confirmer.pk, known.number)
    services.refuse_erasure(refused, by=confirmer)
    assert Notification.objects.get(event="erasure.decided").person_id == asker.pk
    taken_back = services.ask_for_erasure(known, reason="来信", by=asker)
    services.refuse_erasure(taken_back, by=asker)
    assert Notification.objects.filter(event="erasure.decided").count() == 1


def test_two_people(cast: Cast, known: Customer, asker: User, confirmer: User) -> None:
    asked = services.ask_for_erasure(known, reason="来信", by=asker)
    with pytest.raises(policies.NotYourOwnErasure):
        services.confirm_erasure(asked, by=asker)
    with pytest.raises(policies.ErasureUnderWay):
        services.ask_for_erasure(known, reason="来信", by=asker)
    with pytest.raises(NotPermitted):
        services.confirm_erasure(asked, by=cast.agent)
    services.refuse_erasure(asked, by=confirmer)
    with pytest.raises(policies.ErasureNotWaiting):
        services.confirm_erasure(Erasure.objects.get(pk=asked.pk), by=confirmer)
    assert Customer.objects.get(pk=known.pk).name == "王小明"
    with pytest.raises(OutsideYourScope):
        allow("agent", "customer.erase")
        services.ask_for_erasure(known, reason="来信", by=fresh(cast.outsider))


def test_what_stands_against_it(
    cast: Cast, known: Customer, asker: User, confirmer: User, register: Callable[..., Ticket]
) -> None:
    ticket = register(customer=known)
    with pytest.raises(policies.NotErasable, match=ticket.number):
        services.ask_for_erasure(known, reason="来信", by=asker)
    Ticket.objects.filter(pk=ticket.pk).update(status=TicketStatus.CLOSED)
    asked = services.ask_for_erasure(known, reason="来信", by=asker)
    services.set_legal_hold(known, reason="诉讼中", version=known.version, by=asker)
    with pytest.raises(policies.NotErasable, match="诉讼中"):
        services.confirm_erasure(Erasure.objects.get(pk=asked.pk), by=confirmer)
    services.set_legal_hold(known, reason="", version=known.version, by=asker)
    services.confirm_erasure(Erasure.objects.get(pk=asked.pk), by=confirmer)


def test_an_erased_customer_stays_erased(known: Customer, asker: User, confirmer: User, cast: Cast) -> None:
    erase(known, asker, confirmer)
    gone = Customer.objects.get(pk=known.pk)
    with pytest.raises(policies.CustomerErased):
        services.reactivate_customer(gone, by=cast.agent, version=gone.version)
    with pytest.raises(policies.CustomerErased):
        services.ask_for_erasure(gone, reason="再次", by=asker)


def test_verify_looks_at_what_is_left(known: Customer, closed: Ticket, asker: User, confirmer: User) -> None:
    erase(known, asker, confirmer)
    (report,) = run_checks(["customers.erased"])
    assert (report.faults, report.looked_at > 2) == ([], True)
    Ticket.objects.filter(pk=closed.pk).update(contact_name="王小明")
    (report,) = run_checks(["customers.erased"])
    assert [fault.subject for fault in report.faults] == [f"ticket {closed.pk}"]


@pytest.mark.parametrize(
    "written",
    ["13800138000", "138 0013 8000", "138-0013-8000", "+86 138 0013 8000", "008613800138000", "１３８００１３８０００",
     "8613800138000", "0571-88888888", "(0571) 8888 8888", "+86 571 8888 8888", "8888-8888", "xm.wang@EXAMPLE.com",
     "330106-19800101-123x", "330106 19800101 123X", "王小明", "wang  xiaoming"],
)  # fmt: skip
def test_every_spelling_is_found(written: str) -> None:
    known = KnownValues(
        phones=["13800138000", "+8657188888888"], emails=["xm.wang@example.com"], others=["33010619800101123X"],
        names=["王小明", "Wang Xiaoming"],
    )  # fmt: skip
    pattern = pattern_of(known)
    assert pattern is not None
    shown = marked({"a": [f"请联系{written}，谢谢"]}, pattern)["a"][0]
    assert written not in shown
    assert not any(char.isdigit() for char in shown)
    assert shown.endswith("，谢谢")


@pytest.mark.parametrize("other", ["13800138001", "9913800138000", "138001380005", "王小明1"[-1:], "2026-11-23 10:00"])
def test_other_numbers_stay(other: str) -> None:
    pattern = pattern_of(KnownValues(phones=["13800138000"]))
    assert pattern is not None
    assert marked(other, pattern) == other


def test_pages(client: Client, known: Customer, asker: User, confirmer: User) -> None:
    address = reverse("customer-erasure", args=[known.number])
    client.force_login(asker)
    assert address in client.get(reverse("customer-detail", args=[known.number])).content.decode()
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "本人来信"}).status_code == 302
    version = Customer.objects.get(pk=known.pk).version
    assert (
        client.post(reverse("customer-hold", args=[known.number]), {"reason": "诉讼", "version": version}).status_code
        == 302
    )
    assert "诉讼" in client.get(address).content.decode()
    client.post(reverse("customer-hold", args=[known.number]), {"reason": "", "version": version + 1})
    client.force_login(confirmer)
    waiting = client.get(reverse("customer-erasure-list")).content.decode()
    assert f'data-href="{address}"' in waiting
    assert "本人来信" in waiting
    assert client.post(reverse("customer-erasure-confirm", args=[known.number])).status_code == 302
    assert Erasure.objects.get().state == ErasureState.RUNNING
    services.run_erasure(Erasure.objects.get().pk, by=None)
    assert "王小明" not in client.get(reverse("customer-detail", args=[known.number])).content.decode()

"""Everything about one customer in one archive: all of it, nobody else's, and never without a second person."""

import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cast import Cast
from onepoint.accounts.models import Role, User
from onepoint.accounts.policies import OutsideYourScope
from onepoint.channels.models import Contact, OutgoingMessage
from onepoint.channels.states import Channel, Medium
from onepoint.core import attachments, clock, export_approval, exporting
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.export_approval import NotYourOwnExport
from onepoint.core.models import AuditEntry, Export, ExportStatus
from onepoint.customers import policies, services
from onepoint.customers.models import Customer
from onepoint.customers.services import NewAccount
from onepoint.tickets.models import Ticket
from tickets.conftest import fresh

NEEDED = ("customer.copy_data", "personal_data.see_phone", "personal_data.see_identity", "personal_data.see_address")


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def allow(code: str, *permissions: str) -> None:
    role = Role.objects.get(code=code)
    role.permissions = sorted({*role.permissions, *permissions})
    role.save(update_fields=["permissions"])


@pytest.fixture
def officer(cast: Cast) -> User:
    allow("coordinator", *NEEDED)
    return fresh(cast.coordinator)


@pytest.fixture
def stranger(cast: Cast) -> Customer:
    return services.create_customer(
        by=cast.agent, name="赵陌生", region=cast.east, accounts=[NewAccount("13911112222")], note="另一位客户"
    )


def write(customer: Customer, by: User) -> Export:
    made = services.ask_for_copy(customer, reason="本人到营业厅提出", by=by)
    exporting.write_export(made.pk)
    made.refresh_from_db()
    return made


def read(export: Export) -> tuple[dict[str, Any], zipfile.ZipFile]:
    archive = zipfile.ZipFile(exporting.file_of(export))
    return json.loads(archive.read("data.json")), archive


def send(address: str, text: str) -> None:
    now = clock.now()
    OutgoingMessage.objects.create(
        key=text, medium=Medium.SMS, address=address, text=text, next_attempt_at=now, expires_at=now + timedelta(1),
        created_at=now,
    )  # fmt: skip


def test_the_copy_holds_what_is_the_customers_and_nothing_else(
    cast: Cast, officer: User, customer: Customer, stranger: Customer, ticket: Ticket, register: Callable[..., Ticket]
) -> None:
    register(customer=stranger, title="别人的工单", contact_phone="13911112222")
    for whose, words in ((customer, "请回电 13800138000"), (stranger, "别人的话")):
        Contact.objects.create(
            number=f"C-{whose.pk}", channel=Channel.HOTLINE, customer=whose, caller_number="13800138000",
            subject=words, content=words, started_at=clock.now(), agent=cast.agent,
        )  # fmt: skip
    send("+8613800138000", "您的工单已受理")
    send("+8613911112222", "给别人的短信")
    attachments.store_received(b"%PDF-1.4 bill", "账单.pdf", subject_type="ticket", subject_id=ticket.pk)
    attachments.store_file(
        SimpleUploadedFile("内部.txt", b"internal"), subject_type="ticket", subject_id=ticket.pk, by=cast.agent
    )
    whole, archive = read(write(customer, officer))
    told = whole["sections"]
    assert [row["name"] for row in told["customer"]] == ["王小明"]
    assert {row["value"] for row in told["accounts"]} == {"0571-8888 8888", "13800138000"}
    assert [row["number"] for row in told["tickets"]] == [ticket.number]
    assert told["tickets"][0]["description"] == "本月话费异常"
    assert [row["content"] for row in told["contacts"]] == ["请回电 13800138000"]
    assert [row["text"] for row in told["messages"]] == ["您的工单已受理"]
    assert [row["ticket"] for row in told["ticket_timeline"]] == [ticket.number]
    assert [file["name"] for file in whole["files"]] == ["账单.pdf"]
    assert archive.read(whole["files"][0]["file"]) == b"%PDF-1.4 bill"
    page = archive.read("index.html").decode()
    everything = page + archive.read("data.json").decode()
    assert ticket.number in page
    assert "13800138000" in page
    for foreign in ("赵陌生", "13911112222", "别人的", "另一位客户", cast.agent.name, cast.agent.username):
        assert foreign not in everything


def test_a_merged_record_is_part_of_the_copy(cast: Cast, officer: User, customer: Customer, stranger: Customer) -> None:
    services.merge_customers(customer, stranger, by=None, reason="", versions=(customer.version, stranger.version))
    whole, _archive = read(write(customer, officer))
    assert {row["name"] for row in whole["sections"]["customer"]} == {"王小明", "赵陌生"}
    with pytest.raises(policies.AlreadyMerged):
        services.ask_for_copy(Customer.objects.get(pk=stranger.pk), reason="本人", by=officer)


@pytest.mark.parametrize("is_on", [True, False])
def test_a_second_person_approves_it_whatever_the_limits_say(
    cast: Cast, officer: User, customer: Customer, is_on: bool
) -> None:
    export_approval.change_export_policy(is_on=is_on, most_rows=1000, most_personal_values=1000, by=None)
    allow("coordinator", "export.approve")
    made = write(customer, officer)
    assert made.status == ExportStatus.AWAITING
    assert made.personal_count > 0
    with pytest.raises(exporting.ExportNotThere):
        exporting.open_export(made, by=officer)
    with pytest.raises(NotYourOwnExport):
        export_approval.approve_export(made, by=fresh(officer))
    export_approval.approve_export(made, by=cast.supervisor)
    assert exporting.open_export(Export.objects.get(pk=made.pk), by=officer).exists()


def test_it_stands_in_the_journal_with_its_reason(officer: User, customer: Customer) -> None:
    made = write(customer, officer)
    entry = AuditEntry.objects.get(verb="customer.copy_asked")
    assert (entry.subject_id, entry.actor_id) == (customer.pk, officer.pk)
    assert entry.data == {"export": made.pk, "reason": "本人到营业厅提出"}
    assert AuditEntry.objects.filter(verb="export.held", subject_id=made.pk).exists()


def test_who_may_not_have_it(cast: Cast, customer: Customer) -> None:
    with pytest.raises(NotPermitted):
        services.ask_for_copy(customer, reason="本人", by=cast.coordinator)
    allow("coordinator", "customer.copy_data")
    with pytest.raises(policies.NotSeenInFull):
        services.ask_for_copy(customer, reason="本人", by=fresh(cast.coordinator))
    allow("agent", *NEEDED)
    with pytest.raises(OutsideYourScope):
        services.ask_for_copy(customer, reason="本人", by=fresh(cast.outsider))
    with pytest.raises(InvalidInput):
        services.ask_for_copy(customer, reason=" ", by=fresh(cast.agent))


def test_the_right_is_asked_for_again_when_it_is_written(cast: Cast, officer: User, customer: Customer) -> None:
    made = services.ask_for_copy(customer, reason="本人", by=officer)
    role = Role.objects.get(code="coordinator")
    role.permissions = [code for code in role.permissions if code != "customer.copy_data"]
    role.save(update_fields=["permissions"])
    exporting.write_export(made.pk)
    made.refresh_from_db()
    assert made.status == ExportStatus.FAILED


def test_the_way_of_lists_leads_to_no_bundle(officer: User, customer: Customer) -> None:
    query = f"customer={customer.number}"
    for file_format in ("zip", "csv"):
        with pytest.raises(InvalidInput):
            exporting.start_export("customer_copy", query=query, columns=[], file_format=file_format, by=officer)


def test_asking_on_the_page(client: Client, officer: User, customer: Customer) -> None:
    client.force_login(officer)
    address = reverse("customer-copy", args=[customer.number])
    assert address in client.get(reverse("customer-detail", args=[customer.number])).content.decode()
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": ""}).status_code == 422
    answer = client.post(address, {"reason": "本人来信"})
    assert answer.status_code == 302
    export = Export.objects.get(list_code="customer_copy")
    exporting.write_export(export.pk)
    assert client.get(answer["Location"]).status_code == 200


def test_the_approver_reads_whose_copy_it_is(client: Client, cast: Cast, officer: User, customer: Customer) -> None:
    write(customer, officer)
    client.force_login(cast.supervisor)
    page = client.get(reverse("export-approvals")).content.decode()
    assert f"customer={customer.number}" in page

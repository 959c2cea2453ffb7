"""The intake by how the customer came: counter, outlet, account manager, paper, an authority; and a grant with it."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from onepoint.accounts.models import Role
from onepoint.channels import services as channel_services
from onepoint.channels.models import Contact, ContactOrigin
from onepoint.channels.origins import Origin
from onepoint.core.errors import InvalidInput
from onepoint.core.models import AuditEntry
from onepoint.grants.models import Authority, Grant, GrantKind
from onepoint.notifications.models import Notification
from onepoint.regulators.models import Regulator, RegulatorCase
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Ticket


@pytest.mark.parametrize(
    ("channel", "asked"),
    [
        ("hotline", set()), ("hall", {"document_number"}), ("outlet", {"outlet", "clerk_number", "document_number"}),
        ("account_manager", {"account_manager", "document_number"}), ("letter", {"document_number"}),
    ],
)  # fmt: skip
def test_each_channel_asks_for_its_own(cast, client_of, typed, channel, asked):
    page = client_of(cast.agent).post("/intake/origin/", typed(channel=channel)).content.decode()
    assert {part for part in ("outlet", "clerk_number", "document_number", "account_manager") if f'name="{part}"' in page} == asked  # fmt: skip


def test_what_an_outlet_took_in_says_which(cast, client_of, typed):
    client = client_of(cast.agent)
    refused = client.post("/intake/", typed(channel="outlet", clerk_number="0417"))
    assert refused.status_code == 422
    assert "id_outlet_errors" in refused.content.decode()
    assert 'value="0417"' in refused.content.decode()
    assert not Contact.objects.exists()
    client.post(
        "/intake/", typed(channel="outlet", outlet=cast.billing.pk, clerk_number="0417", document_number="A-77")
    )
    origin, ticket = ContactOrigin.objects.get(), Ticket.objects.get()
    assert (origin.contact, origin.outlet, origin.clerk_number) == (ticket.contact, cast.billing, "0417")
    assert AuditEntry.objects.filter(verb="contact.origin_kept", subject_id=origin.contact_id).exists()
    for address in (f"/tickets/{ticket.number}/", f"/contacts/{ticket.contact.number}/"):
        page = client.get(address).content.decode()
        assert cast.billing.name in page
        assert "0417" in page


def test_what_was_typed_for_another_channel_is_not_kept(cast, client_of, typed):
    client_of(cast.agent).post("/intake/", typed(channel="hall", outlet=cast.billing.pk, document_number="B-1"))
    origin = ContactOrigin.objects.get()
    assert (origin.outlet, origin.document_number) == (None, "B-1")
    client_of(cast.agent).post("/intake/", typed(channel="hotline", outlet=cast.billing.pk, document_number="B-2"))
    assert ContactOrigin.objects.count() == 1


def test_the_account_manager_follows_the_ticket_and_hears_every_answer(
    cast, customer, client_of, typed, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        client_of(cast.agent).post(
            "/intake/",
            typed(channel="account_manager", account_manager=cast.billing_handler.pk, customer=customer.number),
        )
        ticket = Ticket.objects.get()
        assert client_of(cast.billing_handler).get(f"/tickets/{ticket.number}/").status_code == 200
        for _twice in range(2):
            ticket_services.tell_customer(ticket, text="已退还多收的两百元。", way="sms", key="one", by=cast.agent)
    told = Notification.objects.filter(person=cast.billing_handler, event="ticket.customer_answered")
    assert told.count() == 1


def test_only_who_may_settle_a_contact_says_how_its_customer_came(cast, customer):
    contact = channel_services.journal_contact(by=cast.agent, channel="outlet", subject="网点来访", customer=customer)
    with pytest.raises(InvalidInput):
        channel_services.keep_origin(contact, Origin(clerk_number="1"), by=cast.agent)
    with pytest.raises(Exception, match=".") as refused:
        channel_services.keep_origin(contact, Origin(outlet=cast.billing), by=cast.outsider)
    assert refused.value.status == 403
    first = channel_services.keep_origin(contact, Origin(outlet=cast.billing), by=cast.agent)
    again = channel_services.keep_origin(contact, Origin(outlet=cast.network), by=cast.agent)
    assert first == again
    assert again.outlet == cast.billing


@pytest.fixture
def fee(cast):
    """Agents refund up to 50 yuan; coordinators up to 1000."""
    kind = GrantKind.objects.create(code="refund", name="退费", name_en="Refund", unit="money")
    for code, amount in (("agent", 50), ("coordinator", 1000)):
        Authority.objects.create(role=Role.objects.get(code=code), kind=kind, amount=Decimal(amount))
    return kind


def test_a_request_is_solved_at_once_with_a_grant_kept_with_the_contact(cast, customer, fee, client_of, typed):
    client = client_of(cast.agent)
    piece = client.post("/intake/grant/", typed(customer=customer.number)).content.decode()
    assert 'name="grant_kind"' in piece
    assert "50" in piece
    form = typed(customer=customer.number, do="solve", grant_kind=fee.pk, grant_amount="20")
    client.post("/intake/", form)
    client.post("/intake/", form)
    grant = Grant.objects.get()
    assert (grant.contact, grant.ticket, grant.amount, grant.state) == (
        Contact.objects.get(),
        None,
        Decimal(20),
        "granted",
    )
    assert grant.reason == form["description"]
    assert grant.contact.outcome == "solved"


def test_above_the_own_limit_nothing_is_solved_and_nothing_is_lost(cast, customer, fee, client_of, typed):
    form = typed(customer=customer.number, do="solve", grant_kind=fee.pk, grant_amount="200")
    refused = client_of(cast.agent).post("/intake/", form)
    assert refused.status_code == 422
    assert (Contact.objects.count(), Grant.objects.count()) == (0, 0)
    page = refused.content.decode()
    assert 'name="grant_amount" value="200"' in page or 'value="200"' in page
    assert form["description"] in page
    client_of(cast.agent).post("/intake/", {**form, "do": "ticket"})
    grant = Grant.objects.get()
    assert (grant.ticket, grant.needs_approval) == (Ticket.objects.get(), True)


def test_a_grant_needs_an_amount_and_the_right(cast, customer, fee, client_of, typed):
    form = typed(customer=customer.number, do="solve", grant_kind=fee.pk)
    assert "id_grant_amount_errors" in client_of(cast.agent).post("/intake/", form).content.decode()
    assert client_of(cast.visitor).post("/intake/grant/", form).status_code == 403
    assert client_of(cast.visitor).post("/intake/", {**form, "grant_amount": "5"}).status_code in (403, 404, 422)
    assert not Grant.objects.exists()


def test_a_request_from_an_authority_goes_on_to_its_case_with_all_that_was_typed(
    cast, customer, categories, client_of, typed
):
    regulator = Regulator.objects.create(code="ca", name="通信管理局", name_en="Authority", answer_days=10)
    client = client_of(cast.coordinator)
    form = typed(
        customer=customer.number, title="转办：话费争议", channel="letter", do="regulator",
        attachments=[SimpleUploadedFile("转办函.txt", b"letter")],
    )  # fmt: skip
    answer = client.post("/intake/", form)
    assert answer.headers["Location"] == "/regulator-cases/new/?handed_on=1"
    page = client.get(answer.headers["Location"])
    html = page.content.decode()
    for text in ("转办：话费争议", form["description"], customer.number, "转办函.txt"):
        assert text in html
    token = page.context["kept"][0].token
    client.post(
        "/regulator-cases/new/",
        {
            "request_key": form["request_key"], "regulator": regulator.pk, "case_number": "2026-118",
            "received_at": "2026-01-05T09:00", "subject": "转办：话费争议", "content": form["description"],
            "customer": customer.number, "category": categories["billing"].pk, "kept": [str(token)],
        },
    )  # fmt: skip
    case = RegulatorCase.objects.get()
    assert case.ticket == Ticket.objects.get()
    assert client.get("/regulator-cases/new/?handed_on=1").context["kept"] == []
    assert client_of(cast.agent).post("/intake/", form).status_code == 403

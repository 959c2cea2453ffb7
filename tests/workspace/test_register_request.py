"""One screen, one submit: contact, customer, ticket and files stand or fall together (issue: nothing typed twice)."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from onepoint.channels.models import Contact
from onepoint.core import clock
from onepoint.core.models import Attachment, AuditEntry, Draft, StagedFile
from onepoint.customers.models import Customer
from onepoint.tickets.models import Ticket, TicketLink


def test_a_known_customer_gets_a_contact_and_a_ticket_from_one_form(cast, customer, client_of, typed):
    account = customer.accounts.get(kind="mobile")
    answer = client_of(cast.agent).post(
        "/intake/",
        typed(customer=customer.number, q="057188888888", account=account.pk, promised_reply_channel="phone"),
    )
    ticket, contact = Ticket.objects.get(), Contact.objects.get()
    assert answer.headers["Location"] == f"/tickets/{ticket.number}/"
    assert ticket.title == "本月话费突然多了两百元，要求核查。"
    assert (ticket.customer, ticket.account, ticket.contact, ticket.region) == (customer, account, contact, cast.east)
    assert (ticket.contact_phone, ticket.contact_name) == ("057188888888", "王小明")
    assert (contact.ticket_number, contact.outcome, contact.category_code) == (ticket.number, "ticket", "billing")
    assert contact.caller_key == "+8657188888888"
    verbs = AuditEntry.objects.order_by("id").values_list("verb", flat=True)
    assert {"contact.journaled", "ticket.created", "contact.became_ticket"} <= set(verbs)


def test_a_new_customer_is_registered_on_the_way(cast, client_of, typed):
    client_of(cast.agent).post(
        "/intake/", typed(q="139 1111 2222", new_name="赵六", new_kind="person", new_region=cast.east.pk)
    )
    customer = Customer.objects.get()
    assert [row.value_key for row in customer.accounts.all()] == ["+8613911112222"]
    assert Ticket.objects.get().customer == customer
    assert Contact.objects.get().customer == customer


def test_a_request_without_a_customer_keeps_who_called(cast, client_of, typed):
    client_of(cast.agent).post("/intake/", typed(q="139 1111 2222", contact_name="过路人"))
    ticket = Ticket.objects.get()
    assert (ticket.customer, ticket.contact_name, ticket.contact_phone) == (None, "过路人", "139 1111 2222")
    assert ticket.region == cast.east


def test_solved_now_is_journaled_only(cast, customer, client_of, typed):
    answer = client_of(cast.agent).post("/intake/", typed(customer=customer.number, do="solve", category=""))
    contact = Contact.objects.get()
    assert answer.headers["Location"] == "/intake/"
    assert (contact.outcome, contact.customer, contact.ticket_number) == ("solved", customer, "")
    assert contact.ended_at is not None
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("step", ["ticket", "solve"])
def test_sent_twice_it_acts_once(cast, client_of, typed, step):
    client = client_of(cast.agent)
    form = typed(do=step, q="13911112222", new_name="赵六", new_region=cast.east.pk)
    first, second = client.post("/intake/", form), client.post("/intake/", form)
    assert first.headers["Location"] == second.headers["Location"]
    assert (Contact.objects.count(), Customer.objects.count()) == (1, 1)
    assert Ticket.objects.count() == (1 if step == "ticket" else 0)


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_the_same_moment_it_acts_once(cast, client_of, typed):
    form = typed(q="13911112222", new_name="赵六", new_region=cast.east.pk)
    clients = [client_of(cast.agent), client_of(cast.agent)]
    answers = []

    def send(client):
        try:
            answers.append(client.post("/intake/", form).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [302, 302]
    assert (Ticket.objects.count(), Contact.objects.count(), Customer.objects.count()) == (1, 1, 1)


def test_files_come_along(cast, client_of, typed):
    files = [SimpleUploadedFile("账单.txt", "本月 299 元".encode()), SimpleUploadedFile("b.txt", b"more")]
    client_of(cast.agent).post("/intake/", typed(attachments=files))
    ticket = Ticket.objects.get()
    names = Attachment.objects.filter(subject_type="ticket", subject_id=ticket.pk).values_list("name", flat=True)
    assert sorted(names) == ["b.txt", "账单.txt"]


def test_a_refused_file_leaves_nothing_behind(cast, client_of, typed):
    answer = client_of(cast.agent).post(
        "/intake/",
        typed(
            q="13911112222", new_name="赵六", new_region=cast.east.pk, attachments=[SimpleUploadedFile("a.exe", b"MZ")]
        ),
    )
    assert answer.status_code == 422
    assert "id_attachments_errors" in answer.content.decode()
    assert [model.objects.count() for model in (Ticket, Contact, Customer)] == [0, 0, 0]


def test_special_items_are_judged_and_kept(cast, categories, client_of, typed):
    client = client_of(cast.agent)
    form = typed(category=categories["broadband"].pk, **{"items-speed": "37"})
    refused = client.post("/intake/", form)
    assert refused.status_code == 422
    assert 'value="37"' in refused.content.decode()
    assert client.post("/intake/", {**form, "items-account": "HZ-1"}).status_code == 302
    assert Ticket.objects.get().special_items == {"account": "HZ-1", "speed": 37}


def test_special_items_are_not_asked_for_when_solved_now(cast, categories, client_of, typed):
    client_of(cast.agent).post("/intake/", typed(category=categories["broadband"].pk, do="solve"))
    assert Contact.objects.get().outcome == "solved"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"category": ""}, "category"), ({"contact_phone": "abc"}, "contact_phone"), ({"channel": "pigeon"}, "channel"),
        ({"new_name": "赵六", "new_region": ""}, "new_region"), ({"promised_reply_at": "2001-01-01T10:00"}, "promised_reply_at"),
        ({"do": "solve", "title": "", "description": "", "category": ""}, "description"), ({"kind": "praise"}, "category"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field_and_everything_typed_is_kept(
    cast, customer, client_of, typed, wrong, field
):
    form = typed(**{"title": "我写的标题", "contact_name": "张老师", **wrong})
    answer = client_of(cast.agent).post("/intake/", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"id_{field}_errors" in page
    assert form["title"] in page
    assert "张老师" in page
    assert not Contact.objects.exists()


def test_a_number_already_known_is_shown_before_a_second_customer_is_made(cast, customer, client_of, typed):
    client = client_of(cast.agent)
    form = typed(q="0571 88888888", new_name="另一个", new_region=cast.east.pk)
    answer = client.post("/intake/", form)
    assert answer.status_code == 422
    assert f"choose:{customer.number}" in answer.content.decode()
    assert not Contact.objects.exists()
    assert client.post("/intake/", {**form, "despite_duplicates": "on"}).status_code == 302
    assert Customer.objects.count() == 2


def test_an_open_contact_becomes_a_ticket_without_a_second_contact(cast, customer, client_of, typed):
    from onepoint.channels import services

    contact = services.journal_contact(
        by=cast.agent, channel="email", subject="账单问题", content="请核查", customer=customer
    )
    client = client_of(cast.agent)
    page = client.get(f"/intake/?contact={contact.number}").content.decode()
    assert "请核查" in page
    assert customer.number in page
    client.post("/intake/", typed(contact=contact.number, customer=customer.number, channel="email"))
    assert Contact.objects.get().ticket_number == Ticket.objects.get().number
    assert Ticket.objects.get().contact == contact


def test_the_conversation_began_when_the_form_was_opened(cast, client_of, typed):
    began = clock.now() - timedelta(minutes=7)
    client_of(cast.agent).post("/intake/", typed(began_at=began.isoformat()))
    client_of(cast.agent).post("/intake/", typed(began_at="2001-01-01T00:00:00+00:00"))
    first, second = Contact.objects.order_by("pk")
    assert abs(first.started_at - began) < timedelta(seconds=1)
    assert clock.now() - second.started_at < timedelta(minutes=5)


@pytest.mark.parametrize("who", ["handler", "supervisor", "admin"])
def test_others_take_in_nothing(cast, client_of, typed, who):
    client = client_of(getattr(cast, who))
    assert client.get("/intake/").status_code == 403
    client.post("/intake/", typed())
    assert not Ticket.objects.exists()
    assert client.get("/intake/candidates/?q=1").status_code == 403
    assert client.post("/intake/items/").status_code == 403


def test_a_coordinator_may_register_but_journals_nothing(cast, client_of, typed):
    client = client_of(cast.coordinator)
    assert 'value="solve"' not in client.get("/intake/").content.decode()
    assert client.post("/intake/", typed()).status_code == 302
    assert Ticket.objects.get().contact is None
    client.post("/intake/", typed(do="solve"))
    assert not Contact.objects.exists()


def test_a_return_visitor_journals_but_registers_no_ticket(cast, client_of, typed):
    client = client_of(cast.visitor)
    assert 'value="ticket"' not in client.get("/intake/").content.decode()
    form = typed()
    form.pop("do")
    assert client.post("/intake/", form).status_code == 302
    assert Contact.objects.get().outcome == "solved"
    client.post("/intake/", typed())
    assert not Ticket.objects.exists()


def test_a_customer_of_another_city_cannot_be_slipped_in(cast, customer, client_of, typed):
    client_of(cast.outsider).post("/intake/", typed(customer=customer.number))
    assert Ticket.objects.get().customer is None


def test_the_browser_is_told_which_forms_are_done_with(cast, client_of, typed):
    client = client_of(cast.agent)
    keys = []
    for _ in range(9):
        form = typed(do="solve")
        keys.insert(0, form["request_key"])
        client.post("/intake/", form)
    assert client.cookies["onepoint_intake_ended"].value.split(".") == keys[:8]
    refused = client.post("/intake/", typed(category=""))
    assert "onepoint_intake_ended" not in refused.cookies


def test_files_of_a_refused_form_need_not_be_chosen_again(cast, client_of, typed):
    client = client_of(cast.agent)
    files = [SimpleUploadedFile("账单.txt", "本月 299 元".encode()), SimpleUploadedFile("合同.txt", b"contract")]
    refused = client.post("/intake/", typed(category="", attachments=files))
    assert refused.status_code == 422
    assert "账单.txt" in refused.content.decode()
    kept = {file.name: str(file.token) for file in StagedFile.objects.all()}
    sent = typed(kept=[kept["账单.txt"]], attachments=[SimpleUploadedFile("新.txt", b"new")])
    assert client_of(cast.second_agent).post("/intake/", {**sent, "request_key": str(uuid.uuid4())}).status_code == 302
    assert not Attachment.objects.filter(name="账单.txt").exists()
    assert client.post("/intake/", {**sent, "attachments": [SimpleUploadedFile("新.txt", b"new")]}).status_code == 302
    ticket = Ticket.objects.order_by("-pk")[0]
    attached = Attachment.objects.filter(subject_type="ticket", subject_id=ticket.pk)
    assert set(attached.values_list("name", flat=True)) == {"账单.txt", "新.txt"}
    assert [file.name for file in StagedFile.objects.all()] == ["合同.txt"]


def test_a_sent_form_leaves_no_draft(cast, client_of, typed):
    client = client_of(cast.agent)
    client.post("/drafts/intake/", {"values": [["title", "半句", ""]]}, content_type="application/json")
    assert Draft.objects.count() == 1
    client.post("/intake/", typed())
    assert Draft.objects.count() == 0


@pytest.mark.parametrize("do", ["ticket", "solve"])
def test_what_is_kept_after_its_form_arrived_does_not_come_back(cast, client_of, typed, do):
    client = client_of(cast.agent)
    sent = typed(do=do)
    values = [["request_key", sent["request_key"], ""], ["description", "半句", ""]]

    def keep() -> None:
        client.post("/drafts/intake/", {"values": values}, content_type="application/json")

    keep()
    assert client.get("/drafts/intake/").json()["values"] == values
    assert client.post("/intake/", sent).status_code == 302
    keep()
    assert client.get("/drafts/intake/").status_code == 204
    assert Draft.objects.count() == 0


def test_a_further_ticket_of_a_conversation_that_arrived_does_not_come_back(cast, customer, client_of, typed):
    client = client_of(cast.agent)
    client.post("/intake/", typed(customer=customer.number, do="another"))
    second = typed(customer=customer.number, bundle=Ticket.objects.get().number, description="电话也有杂音")
    assert client.post("/intake/", second).status_code == 302
    values = [["request_key", second["request_key"], ""]]
    client.post("/drafts/intake/", {"values": values}, content_type="application/json")
    assert client.get("/drafts/intake/").status_code == 204


def test_one_conversation_yields_several_linked_tickets_with_one_promise(cast, customer, client_of, typed):
    client = client_of(cast.agent)
    promised = (clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    promise = {"promised_reply_channel": "phone", "promised_reply_at": promised}
    answer = client.post("/intake/", typed(customer=customer.number, **promise, do="another"))
    first = Ticket.objects.get()
    assert answer.headers["Location"] == f"/intake/?bundle={first.number}"
    page = client.get(answer.headers["Location"]).content.decode()
    assert customer.number in page
    assert promised in page
    second = typed(customer=customer.number, bundle=first.number, description="电话也有杂音", **promise)
    for _time in range(2):
        assert client.post("/intake/", second).status_code == 302
    made = Ticket.objects.exclude(pk=first.pk).get()
    assert (made.customer, made.contact, made.promised_reply_at) == (customer, first.contact, first.promised_reply_at)
    assert Contact.objects.count() == 1
    assert [(link.ticket, link.other) for link in TicketLink.objects.all()] == [(made, first)]


def test_nobody_bundles_with_a_ticket_he_cannot_see(cast, ticket, client_of, typed):
    client = client_of(cast.outsider)
    assert client.get(f"/intake/?bundle={ticket.number}").status_code == 404
    assert client.post("/intake/", typed(bundle=ticket.number)).status_code == 404
    assert Ticket.objects.count() == 1

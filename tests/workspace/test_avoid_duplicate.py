import pytest

from onepoint.channels import services as channel_services
from onepoint.channels.models import Contact
from onepoint.core.models import AuditEntry
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Ticket, TicketLink


@pytest.fixture
def seek(client_of, cast, typed):
    """What the agent is shown beside the form."""

    def post(by=None, **more) -> str:
        return client_of(by or cast.agent).post("/intake/similar/", typed(**more)).content.decode()

    return post


def test_the_open_ticket_is_shown_with_what_can_be_done(customer, ticket, seek):
    page = seek(customer=customer.number, description="话费突增，要求退费")
    for text in (ticket.number, f"add:{ticket.number}", f'name="related" value="{ticket.number}"'):
        assert text in page


def test_an_unknown_caller_is_known_by_the_number_of_an_open_ticket(cast, categories, seek):
    new = ticket_services.NewTicket(
        kind="complaint",
        category=categories["billing"],
        title="话费突增",
        channel="hotline",
        contact_phone="13900139000",
    )
    ticket = ticket_services.create_ticket(new, by=cast.agent)
    assert ticket.number in seek(q="+86 139 0013 9000")


def test_nobody_is_shown_tickets_of_another_city(cast, customer, ticket, seek):
    assert ticket.number not in seek(by=cast.outsider, q="13800138000")


def test_the_same_matter_is_added_to_the_ticket_there_is(cast, customer, ticket, typed, client_of):
    client, form = client_of(cast.agent), typed(customer=customer.number, do=f"add:{ticket.number}", category="")
    answers = [client.post("/intake/", form) for _again in range(2)]
    assert [answer["Location"] for answer in answers] == [f"/tickets/{ticket.number}/"] * 2
    assert Ticket.objects.count() == 1
    contact = Contact.objects.get(ticket_number=ticket.number)
    assert contact.customer == customer
    heard = AuditEntry.objects.filter(verb="ticket.customer_wrote", subject_id=ticket.pk)
    assert [entry.data["contact"] for entry in heard] == [contact.number]


def test_a_contact_that_is_carried_on_joins_the_ticket(cast, customer, ticket, typed, client_of):
    contact = channel_services.journal_contact(by=cast.agent, channel="chat", subject="又来问话费", customer=customer)
    form = typed(customer=customer.number, contact=contact.number, do=f"add:{ticket.number}")
    client_of(cast.agent).post("/intake/", form)
    contact.refresh_from_db()
    assert contact.ticket_numbers == [ticket.number]
    assert Contact.objects.count() == 1


def test_asking_again_urges(cast, customer, ticket, typed, client_of, monkeypatch):
    monkeypatch.setattr("onepoint.tickets.urging_rights.why_not_urge", lambda by: None)
    client_of(cast.agent).post("/intake/", typed(customer=customer.number, do=f"urge:{ticket.number}"))
    ticket.refresh_from_db()
    assert ticket.reminder_count == 1
    assert Contact.objects.get(ticket_number=ticket.number).customer == customer


def test_a_new_ticket_is_linked_to_the_one_it_resembles(cast, customer, ticket, typed, client_of):
    client_of(cast.agent).post("/intake/", typed(customer=customer.number, related=ticket.number))
    made = Ticket.objects.exclude(pk=ticket.pk).get()
    assert TicketLink.objects.get().other == ticket
    assert TicketLink.objects.get().ticket == made


def test_nothing_is_added_without_words_and_nothing_typed_is_lost(cast, customer, ticket, typed, client_of):
    form = typed(customer=customer.number, do=f"add:{ticket.number}", description="", contact_name="王太太")
    answer = client_of(cast.agent).post("/intake/", form)
    assert answer.status_code == 422
    assert "王太太" in answer.content.decode()
    assert not Contact.objects.filter(ticket_number=ticket.number).exists()


def test_the_outsider_adds_nothing(cast, ticket, typed, client_of):
    for verb in ("add", "urge"):
        assert client_of(cast.outsider).post("/intake/", typed(do=f"{verb}:{ticket.number}")).status_code == 404
    client_of(cast.outsider).post("/intake/", typed(related=ticket.number))
    assert not TicketLink.objects.exists()


def test_a_finished_ticket_takes_nothing_more(cast, customer, ticket, typed, client_of):
    ticket_services.withdraw_ticket(ticket, reason="客户撤诉", by=cast.coordinator)
    answer = client_of(cast.agent).post("/intake/", typed(customer=customer.number, do=f"add:{ticket.number}"))
    assert answer.status_code == 422


def test_what_is_solved_at_once_carries_its_result(cast, customer, typed, client_of, categories):
    result = channel_services.create_contact_result(code="explained", name="已解释", by=None)
    client_of(cast.agent).post(
        "/intake/", typed(customer=customer.number, do="solve", result=result.pk, result_text="解释了账单")
    )
    contact = Contact.objects.get()
    assert (contact.result, contact.result_text, contact.category_code) == (result, "解释了账单", "billing")


def test_looking_costs_a_fixed_number_of_queries(
    cast, customer, ticket, typed, client_of, django_assert_max_num_queries
):
    client = client_of(cast.agent)
    client.post("/intake/similar/", typed(customer=customer.number))
    with django_assert_max_num_queries(14):
        client.post("/intake/similar/", typed(customer=customer.number))

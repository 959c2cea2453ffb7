import pytest

from onepoint.channels import services as channel_services
from onepoint.tickets import services as ticket_services


@pytest.fixture
def contact(cast, customer):
    return channel_services.journal_contact(by=cast.agent, channel="hotline", subject="咨询套餐", customer=customer)


@pytest.mark.parametrize("text", ["王小明", "0571-88888888", "wangxiaoming"])
def test_one_box_finds_tickets_customers_and_contacts(cast, ticket, customer, contact, client_of, text):
    page = client_of(cast.agent).get("/search/", {"q": text}).content.decode()
    assert customer.number in page


def test_the_name_finds_all_three(cast, ticket, customer, contact, client_of):
    ticket_services.index_changes()
    page = client_of(cast.agent).get("/search/", {"q": "王小明"}).content.decode()
    for number in (ticket.number, customer.number, contact.number):
        assert number in page


def test_a_whole_ticket_number_leads_to_the_ticket(cast, ticket, client_of):
    answer = client_of(cast.agent).get("/search/", {"q": ticket.number.lower()})
    assert answer.headers["Location"] == f"/tickets/{ticket.number}/"


@pytest.mark.parametrize("text", ["王小明", "话费", "13800138000", "TS2"])
def test_an_outsider_finds_nothing(cast, ticket, customer, contact, client_of, text):
    page = client_of(cast.outsider).get("/search/", {"q": text}).content.decode()
    for number in (ticket.number, customer.number, contact.number):
        assert number not in page


def test_an_outsider_is_not_led_to_a_ticket_by_its_number(cast, ticket, client_of):
    assert client_of(cast.outsider).get("/search/", {"q": ticket.number}).status_code == 200


@pytest.mark.parametrize("text", ["", "   ", "\x00", "找不到的东西", "'; --", "%", "🙂" * 300])
def test_odd_searches_find_nothing_and_harm_nothing(cast, ticket, client_of, text):
    answer = client_of(cast.agent).get("/search/", {"q": text})
    assert answer.status_code == 200
    assert ticket.number not in answer.content.decode()


def test_a_search_costs_a_fixed_number_of_queries(
    cast, ticket, customer, contact, client_of, django_assert_num_queries
):
    ticket_services.index_changes()
    client = client_of(cast.agent)
    client.get("/search/", {"q": "王小明"})
    with django_assert_num_queries(12):
        client.get("/search/", {"q": "王小明"})

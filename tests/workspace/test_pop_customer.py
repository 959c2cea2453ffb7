from datetime import timedelta

import pytest

from onepoint.channels import services as channel_services
from onepoint.channels.models import Contact
from onepoint.channels.signals import customer_arrived
from onepoint.core import clock, live
from onepoint.customers import services as customer_services
from onepoint.customers.services import NewAccount
from onepoint.workspace import arrivals, services
from onepoint.workspace.models import Arrival


@pytest.fixture
def told(monkeypatch):
    """What open pages are told: (keys, event)."""
    heard = []
    monkeypatch.setattr(live, "publish", lambda keys, event, **more: heard.append((set(keys), event)))
    return heard


@pytest.fixture
def call(cast):
    def journal(number="138 0013 8000", customer=None, agent=None) -> Contact:
        return channel_services.journal_contact(
            by=agent or cast.agent, channel="hotline", subject="来电", caller_number=number, customer=customer
        )

    return journal


def test_only_the_agents_own_desk_hears_of_it(cast, customer, call, told):
    customer_arrived.send(Contact, contact=call(customer=customer), agent=cast.agent)
    assert told == [({f"P{cast.agent.pk}"}, "arrival")]
    assert arrivals.newest_arrival(cast.agent) == Arrival.objects.get()
    assert arrivals.newest_arrival(cast.second_agent) is None


def test_the_same_contact_arrives_once_at_one_agent(cast, customer, call, told):
    contact = call(customer=customer)
    for agent in (cast.agent, cast.agent, cast.second_agent):
        services.pop_customer(agent, contact=contact, by=agent)
    assert len(told) == 2
    assert Arrival.objects.count() == 2


def test_a_known_customer_opens_the_whole_picture(cast, customer, call, client_of):
    arrival = services.pop_customer(cast.agent, contact=call(customer=customer), by=cast.agent)
    answer = client_of(cast.agent).get(f"/arrivals/{arrival.pk}/")
    assert answer["Location"] == f"/customers/{customer.number}/360/?contact={arrival.contact.number}"


@pytest.mark.parametrize("typed", ["0571-8888 8888", "+86 571 88888888", "0086-571-8888-8888", "(0571)88888888"])
def test_the_number_finds_the_customer_however_it_is_written(cast, customer, typed, client_of):
    arrival = services.pop_customer(cast.agent, number=typed, by=None)
    answer = client_of(cast.agent).get(f"/arrivals/{arrival.pk}/")
    assert answer["Location"] == f"/customers/{customer.number}/360/"


def test_an_unknown_number_opens_the_intake_with_the_number_filled_in(cast, call, client_of):
    client = client_of(cast.agent)
    arrival = services.pop_customer(cast.agent, number="139 0013 9000", by=None)
    address = client.get(f"/arrivals/{arrival.pk}/")["Location"]
    assert 'value="139 0013 9000"' in client.get(address).content.decode()
    contact = call(number="13700137000")
    arrival = services.pop_customer(cast.agent, contact=contact, by=None)
    assert client.get(f"/arrivals/{arrival.pk}/")["Location"] == f"/intake/?contact={contact.number}"


def test_of_several_with_one_number_the_agent_chooses(cast, customer, call, client_of):
    other = customer_services.create_customer(
        by=cast.agent, name="王大明", region=cast.east, accounts=[NewAccount("13800138000")], despite_duplicates=True
    )
    client, contact = client_of(cast.agent), call()
    arrival = services.pop_customer(cast.agent, contact=contact, by=None)
    address = client.get(f"/arrivals/{arrival.pk}/")["Location"]
    page = client.get(address).content.decode()
    assert customer.name in page
    assert other.name in page
    answer = client.post(f"/arrivals/{arrival.pk}/{other.number}/")
    assert answer["Location"] == f"/customers/{other.number}/360/?contact={contact.number}"
    assert Contact.objects.get(pk=contact.pk).customer == other


def test_an_open_page_learns_who_it_is_and_only_one_tab_goes(cast, customer, call, client_of):
    client = client_of(cast.agent)
    assert client.get("/arrivals/latest/").status_code == 204
    services.pop_customer(cast.agent, contact=call(customer=customer), by=None)
    told = client.get("/arrivals/latest/").json()
    assert customer.name in told["text"]
    assert [client.post(told["open"]).json()["first"] for _tab in range(2)] == [True, False]
    assert client.get("/arrivals/latest/").status_code == 204


def test_who_arrived_long_ago_is_not_popped_up_any_more(cast, customer, call):
    services.pop_customer(cast.agent, contact=call(customer=customer), by=None)
    with clock.at(clock.now() + timedelta(minutes=4)):
        assert arrivals.newest_arrival(cast.agent) is None


def test_old_arrivals_are_swept_with_the_next(cast, customer):
    services.pop_customer(cast.agent, customer=customer, by=None)
    with clock.at(clock.now() + timedelta(days=2)):
        services.pop_customer(cast.agent, customer=customer, by=None)
    assert Arrival.objects.count() == 1


def test_nobody_opens_what_arrived_at_somebody_else(cast, customer, call, client_of):
    arrival = services.pop_customer(cast.agent, contact=call(customer=customer), by=None)
    for person in (cast.second_agent, cast.outsider):
        client = client_of(person)
        assert client.get(f"/arrivals/{arrival.pk}/").status_code == 404
        assert client.get(f"/arrivals/{arrival.pk}/choose/").status_code == 404
        assert client.post(f"/arrivals/{arrival.pk}/{customer.number}/").status_code == 404
    assert Arrival.objects.get().opened_at is None


def test_nothing_pops_up_where_nobody_is_named(cast):
    assert services.pop_customer(cast.agent, by=None) is None

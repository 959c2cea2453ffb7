from datetime import timedelta

import pytest

from onepoint.channels import services as channel_services
from onepoint.core import clock
from onepoint.customers import services as customer_services
from onepoint.customers.services import NewAsset
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Ticket

PANELS = [
    "hints", "contacts", "history", "relations",
]  # fmt: skip


@pytest.fixture
def complain(cast, categories, customer):
    def register(title="话费突增", **more) -> Ticket:
        new = ticket_services.NewTicket(
            kind="complaint", category=categories["billing"], title=title, channel="hotline", customer=customer, **more
        )
        return ticket_services.create_ticket(new, by=cast.agent)

    return register


def test_the_head_stands_at_once_and_the_panels_are_fetched(cast, customer, client_of):
    page = client_of(cast.agent).get(f"/customers/{customer.number}/360/").content.decode()
    for text in (customer.name, f"/customers/{customer.number}/hints/", f"/tickets/of-customer/{customer.number}/open/",
                 f"/tickets/of-customer/{customer.number}/repeats/", f"/intake/?customer={customer.number}"):  # fmt: skip
        assert text in page


def test_the_conversation_that_goes_on_stands_above(cast, customer, client_of):
    contact = channel_services.journal_contact(
        by=cast.agent, channel="chat", subject="在线咨询", caller_number="13800138000"
    )
    client = client_of(cast.agent)
    page = client.get(f"/customers/{customer.number}/360/?contact={contact.number}").content.decode()
    assert contact.number in page
    answer = client.post(f"/customers/{customer.number}/360/contact/", {"contact": contact.number})
    assert answer["Location"].endswith(f"?contact={contact.number}")
    contact.refresh_from_db()
    assert contact.customer == customer


def test_the_outsider_meets_nobody(cast, customer, client_of):
    client = client_of(cast.outsider)
    for path in ("360/", "hints/", "relations/", "history/", "contacts/"):
        assert client.get(f"/customers/{customer.number}/{path}").status_code == 404, path
    assert client.get(f"/tickets/of-customer/{customer.number}/repeats/").status_code == 404
    assert client.post(f"/customers/{customer.number}/360/contact/", {"contact": "CT1"}).status_code == 404


def test_each_part_costs_a_fixed_number_of_queries(cast, customer, complain, client_of, django_assert_max_num_queries):
    for _ in range(3):
        complain()
    client = client_of(cast.agent)
    limits = {"360/": 7, "hints/": 7, "contacts/": 3, "history/": 8, "relations/": 6}
    for path in limits:
        client.get(f"/customers/{customer.number}/{path}")
    for path, most in limits.items():
        with django_assert_max_num_queries(most):
            client.get(f"/customers/{customer.number}/{path}")
    for path in ("open", "closed", "repeats"):
        client.get(f"/tickets/of-customer/{customer.number}/{path}/")
        with django_assert_max_num_queries(6):
            client.get(f"/tickets/of-customer/{customer.number}/{path}/")


def test_complaints_about_the_same_thing_are_flagged_by_rule(cast, customer, complain, client_of):
    client, address = client_of(cast.agent), f"/tickets/of-customer/{customer.number}/repeats/"
    complain()
    assert "hidden" in client.get(address).content.decode()
    complain()
    assert "费用突增" in client.get(address).content.decode()
    with clock.at(clock.now() + timedelta(days=31)):
        assert "费用突增" not in client.get(address).content.decode()
    channel_services.change_journal_rule(repeat_count=3, by=None)
    assert "费用突增" not in client.get(address).content.decode()


def test_what_presses_is_said_first(cast, customer, complain, client_of):
    today = clock.today()
    customer_services.add_asset(customer, by=cast.agent, product="数控车床", warranty_until=today + timedelta(days=10))
    complain(promised_reply_channel="phone", promised_reply_at=clock.now() + timedelta(hours=2))
    late_one = complain(title="话费突增，再次投诉")
    Ticket.objects.filter(pk=late_one.pk).update(due_at=clock.now() - timedelta(hours=1))
    page = client_of(cast.agent).get(f"/customers/{customer.number}/hints/").content.decode()
    late, promise, warranty = (page.index(text) for text in ("已超时", "承诺", "质保"))
    assert late < promise < warranty


def test_nothing_presses_nothing_is_shown(cast, customer, client_of):
    page = client_of(cast.agent).get(f"/customers/{customer.number}/hints/").content.decode()
    assert "panel" not in page


def test_a_warranty_that_ended_long_ago_is_no_hint(cast, client_of):
    customer = customer_services.create_customer(
        by=cast.agent, name="某厂", region=cast.east,
        assets=[NewAsset("车床", warranty_until=clock.today() - timedelta(days=400))],
    )  # fmt: skip
    assert "panel" not in client_of(cast.agent).get(f"/customers/{customer.number}/hints/").content.decode()

"""Tickets follow their customer through a merge, come back when it is undone, and stand in the customer's timeline."""

import pytest
from django.urls import reverse

from cast import Cast
from onepoint.core.errors import NotPermitted
from onepoint.customers import history
from onepoint.customers import services as customers
from onepoint.customers.models import Customer
from onepoint.customers.services import NewAccount
from onepoint.tickets.models import Ticket
from onepoint.tickets.services.customers import follow_customer, return_to_customer
from tickets.conftest import again


@pytest.fixture
def survivor(cast: Cast, customer: Customer) -> Customer:
    """The same customer again: its first number is the other's too."""
    numbers = [NewAccount(row.value, row.kind) for row in customer.accounts.all()[:1]]
    return customers.create_customer(
        by=cast.agent, name="王同名", region=cast.east, accounts=numbers, despite_duplicates=True
    )


def merge(survivor: Customer, customer: Customer):
    survivor, customer = (Customer.objects.get(pk=row.pk) for row in (survivor, customer))
    return customers.merge_customers(survivor, customer, by=None, versions=(survivor.version, customer.version))


def test_the_tickets_follow_and_come_back_with_number_and_machine(ticket, customer, survivor):
    account = customer.accounts.first()
    Ticket.objects.filter(pk=ticket.pk).update(account=account)
    made = merge(survivor, customer)
    moved = again(ticket)
    assert moved.customer == survivor
    assert survivor.number.lower() in moved.search_keys
    if account is not None:
        assert moved.account.customer == survivor
    assert customers.undo_merge(made, by=None) == {}
    back = again(ticket)
    assert (back.customer, back.account) == (customer, account)
    assert customer.number.lower() in back.search_keys


def test_a_ticket_opened_since_stays_with_the_kept_record(cast, ticket, customer, survivor, register):
    made = merge(survivor, customer)
    later = register(customer=survivor)
    customers.undo_merge(made, by=None)
    assert again(later).customer == survivor
    assert again(ticket).customer == customer


def test_only_who_may_merge_moves_tickets(cast, ticket, customer, survivor):
    with pytest.raises(NotPermitted):
        follow_customer(customer, survivor, replaced={}, by=cast.agent)
    with pytest.raises(NotPermitted):
        return_to_customer(customer, survivor, moved=[], by=cast.agent)


def test_the_tickets_stand_in_the_timeline_within_the_scope(cast, ticket, customer):
    page = history.read_history(customer, [customer.pk], visible_to=cast.agent, kind="ticket")
    assert [one.url for one in page.happenings] == [ticket.get_absolute_url()]
    outside = history.read_history(customer, [customer.pk], visible_to=cast.outsider, kind="ticket")
    assert outside.happenings == []


def test_the_open_tickets_of_the_whole_company_are_shown_on_each_of_its_pages(cast, ticket, customer, client_of):
    group = customers.create_customer(by=cast.agent, name="某集团", region=cast.east)
    path = reverse("ticket-open-of-customer", args=[group.number])
    assert ticket.number not in client_of(cast.agent).get(path).content.decode()
    row = Customer.objects.get(pk=customer.pk)
    customers.place_customer(row, by=cast.agent, version=row.version, parent=group, member_kind="branch")
    page = client_of(cast.agent).get(path).content.decode()
    assert ticket.number in page
    assert customer.label in page

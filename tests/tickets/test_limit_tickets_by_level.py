"""Who serves customers of some levels only sees their tickets only, wherever one looks; the level follows the customer."""

import pytest

from onepoint.accounts import services as accounts
from onepoint.accounts.models import BusinessLine, Role, RoleGrant, User
from onepoint.accounts.states import DataScope
from onepoint.customers import services as customer_services
from onepoint.customers.models import CustomerLevel
from onepoint.tickets.models import Ticket
from onepoint.workflow import candidates
from onepoint.workflow import queries as workflow_queries


@pytest.fixture
def levels(db):
    rows = (("gold", 2), ("platinum", 3))
    return {code: CustomerLevel.objects.create(code=code, name=code, rank=rank) for code, rank in rows}


@pytest.fixture
def important(cast, levels, register):
    """A ticket of a platinum customer."""
    customer = customer_services.create_customer(by=None, name="大客户", region=cast.east, level=levels["platinum"])
    return register(customer=customer)


def limit(person, lowest="", highest=""):
    RoleGrant.objects.filter(user=person).update(lowest_level=lowest, highest_level=highest)
    return User.objects.get(pk=person.pk)


def test_the_database_keeps_the_level_of_the_customer(important, levels, cast, register):
    important.refresh_from_db()
    assert important.customer_level == levels["platinum"]
    customer = important.customer
    customer_services.change_customer(customer, by=None, version=customer.version, level=levels["gold"])
    important.refresh_from_db()
    assert important.customer_level == levels["gold"]
    Ticket.objects.filter(pk=important.pk).update(customer=None)
    important.refresh_from_db()
    assert important.customer_level is None


def test_list_page_and_search_show_only_tickets_of_the_levels(important, register, cast, client_of):
    other = register()
    for bounds, seen in ((("", "gold"), other), (("platinum", ""), important)):
        hidden = important if seen is other else other
        person = limit(cast.second_agent, *bounds)
        assert list(Ticket.objects.visible_to(person)) == [seen]
        client = client_of(person)
        assert client.get(seen.get_absolute_url()).status_code == 200
        assert client.get(hidden.get_absolute_url()).status_code == 404
        page = client.get("/tickets/").content.decode()
        assert seen.number in page
        assert hidden.number not in page


def test_a_ticket_one_took_in_oneself_stays_visible(important, cast):
    assert Ticket.objects.visible_to(limit(cast.agent, "", "gold")).filter(pk=important.pk).exists()


def test_tasks_reach_the_coordinator_of_the_level(levels, cast, register):
    candidates._held_until.clear()
    limit(cast.coordinator, "", "gold")
    accounts.grant_role(
        cast.visitor, role=Role.objects.get(code="coordinator"), unit=cast.call_centre, lowest_level="platinum", by=None
    )
    customer = customer_services.create_customer(by=None, name="大客户", region=cast.east, level=levels["platinum"])
    important, plain = register(customer=customer), register()
    for person, ticket in ((cast.visitor, important), (cast.coordinator, plain)):
        todo = workflow_queries.open_tasks_for(User.objects.get(pk=person.pk))
        assert [task.subject_id for task in todo] == [ticket.pk]
    candidates._held_until.clear()


def test_a_scope_by_business_line_shows_the_tickets_of_the_line(cast, register, categories):
    line = BusinessLine.objects.create(code="lathes", name="车床")
    category = categories["bl_high"]
    type(category).objects.filter(pk=category.parent_id).update(business_line=line)
    ticket = register()
    assert ticket.business_line == line
    RoleGrant.objects.filter(user=cast.outsider).delete()
    accounts.grant_role(
        cast.outsider, role=Role.objects.get(code="agent"), unit=cast.west_branch, by=None,
        data_scope=DataScope.BUSINESS_LINES, business_lines=[line],
    )  # fmt: skip
    assert list(Ticket.objects.visible_to(User.objects.get(pk=cast.outsider.pk))) == [ticket]

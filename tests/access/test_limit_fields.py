"""Rights per field: of the roles, on customers and tickets, and of the step somebody holds."""

from pathlib import Path

import pytest

from access.house import ADDRESS, IDENTITY, House
from onepoint.accounts import field_rights
from onepoint.accounts.models import Role, User
from onepoint.accounts.services import privacy as services
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.customers import services as customer_services
from onepoint.customers.policies import FieldsNotYours
from onepoint.tickets import services as ticket_services
from onepoint.tickets.item_rights import ItemsNotYours
from onepoint.tickets.services import Correction
from onepoint.workflow import kernel
from onepoint.workflow import services as workflow_services
from onepoint.workflow.steps import StepProblem
from tickets.conftest import do, fresh, task_at

COMPLAINT = Path(kernel.__file__).parent / "delivered" / "complaint.bpmn"


def limit(role: str, **rights: str) -> None:
    """``limit("agent", customer__address="hidden")``."""
    codes = {name.replace("__", "."): right for name, right in rights.items()}
    services.change_field_rights(Role.objects.get(code=role), codes, by=None)


def page(client_of, person: User, path: str) -> str:
    return client_of(person).get(path).content.decode()


def test_a_hidden_field_is_nowhere_and_cannot_be_changed(house: House, client_of) -> None:
    limit("agent", customer__address="hidden", customer__id_number="hidden", customer__assets="hidden")
    agent, customer = house.cast.agent, house.east.customer
    for path in (f"/customers/{customer.number}/", f"/customers/{customer.number}/edit/", "/customers/"):
        text = page(client_of, agent, path)
        for piece in (ADDRESS, "杭州市西湖区****", "330***********1234", IDENTITY):
            assert piece not in text, path
    asked = client_of(agent).get(f"/personal-data/show/customer/{customer.number}/id_number/")
    assert asked.status_code == 404
    with pytest.raises(FieldsNotYours):
        customer_services.change_customer(customer, by=fresh(agent), version=customer.version, address="别处")


def test_saving_a_form_with_hidden_and_fixed_fields_leaves_them(house: House, client_of) -> None:
    limit("agent", customer__address="hidden", customer__level="read", customer__id_number="read")
    client, customer = client_of(house.cast.agent), house.east.customer
    form = client.get(f"/customers/{customer.number}/edit/").context["form"]
    data = {bound.name: bound.value() for bound in form if bound.value() not in (None, False)}
    data |= {name: value.pk for name, value in data.items() if hasattr(value, "pk")}
    data |= {"address": "别处", "level": house.level.pk, "id_number": "110101199003077777", "name": "王大明"}
    assert client.post(f"/customers/{customer.number}/edit/", data).status_code == 302
    customer.refresh_from_db()
    assert (customer.name, customer.address, customer.level, customer.id_number) == (
        "王大明", f"杭州市西湖区{ADDRESS}", None, IDENTITY,
    )  # fmt: skip


def test_what_belongs_to_a_customer_follows_its_field(house: House, client_of) -> None:
    limit("agent", customer__accounts="read")
    with pytest.raises(FieldsNotYours):
        customer_services.close_account(house.east.account, by=fresh(house.cast.agent), version=1)
    house.east.account.refresh_from_db()
    assert house.east.account.is_open


def test_fields_of_tickets_are_hidden_and_fixed_too(house: House, client_of) -> None:
    limit("agent", ticket__description="hidden", ticket__contact_phone="hidden", ticket__severity="read")
    agent, ticket = fresh(house.cast.agent), house.east.ticket
    text = page(client_of, agent, ticket.get_absolute_url())
    assert "请回电" not in text
    assert "139****5678" not in text
    assert "contact_phone" not in text
    form = page(client_of, agent, f"/tickets/{ticket.number}/correct/")
    assert "请回电" not in form
    with pytest.raises(ItemsNotYours):
        ticket_services.correct_ticket(ticket, Correction(contact_phone="1"), version=ticket.version, by=agent)
    ticket_services.correct_ticket(ticket, Correction(title="新标题"), version=ticket.version, by=agent)


def test_the_most_generous_role_that_opens_the_thing_counts(house: House) -> None:
    limit("agent", customer__address="hidden")
    limit("coordinator", customer__address="read")
    both = fresh(house.cast.outsider)
    assert field_rights.right_of(both, "customer.address") == "read"
    assert field_rights.right_of(fresh(house.cast.agent), "customer.address") == "hidden"
    assert field_rights.right_of(fresh(house.cast.handler), "customer.address") == "hidden"  # opens no customer at all
    assert field_rights.right_of(None, "customer.address") == "write"


def test_the_rights_stand_on_the_screen_of_the_role(house: House, client_of) -> None:
    client = client_of(house.cast.admin)
    form = client.get("/roles/agent/fields/").context["form"]
    data = {bound.name: bound.value() for bound in form} | {"ticket.contact_phone": "hidden"}
    assert client.post("/roles/agent/fields/", data).status_code == 302
    assert Role.objects.get(code="agent").field_rights == {"ticket.contact_phone": "hidden"}
    entry = AuditEntry.objects.get(verb="role.field_rights_changed")
    assert entry.data["fields"] == {"ticket.contact_phone": ["write", "hidden"]}
    assert client.post("/roles/agent/fields/", data | {"ticket.title": "hidden"}).status_code == 422
    assert client_of(house.cast.supervisor).post("/roles/agent/fields/", data).status_code == 403


def test_only_known_fields_and_rights_are_taken(house: House) -> None:
    role = Role.objects.get(code="agent")
    for rights in ({"ticket.nothing": "hidden"}, {"ticket.title": "hidden"}, {"ticket.description": "maybe"}):
        with pytest.raises(InvalidInput):
            services.change_field_rights(role, rights, by=None)
    with pytest.raises(NotPermitted):
        services.change_field_rights(role, {}, by=fresh(house.cast.agent))


# -- rules of a step ----------------------------------------------------------------------------------------------


def drawn(rules: str) -> bytes:
    """The delivered complaint process with rules for items at the coordinator's step."""
    source = COMPLAINT.read_text()
    place = source.index("<op:edits>", source.index('id="coordinate"'))
    return (source[:place] + f"<op:items>{rules}</op:items>" + source[place:]).encode()


@pytest.fixture
def at_step(house: House, categories):
    """A function giving a ticket at the coordinator's step, drawn with rules for its items."""

    def begin(rules: str, **items):
        version = workflow_services.deploy_version(drawn(rules), by=None)
        workflow_services.publish_version(version, by=None)
        new = ticket_services.NewTicket(
            **({"kind": "complaint", "category": categories["bl_high"], "title": "新单", "channel": "hotline"} | items)
        )
        ticket = ticket_services.create_ticket(new, by=fresh(house.cast.agent))
        workflow_services.claim_task(task_at(ticket, "coordinate"), by=fresh(house.cast.coordinator))
        return ticket

    return begin


def test_a_step_ends_only_with_the_items_it_requires(house: House, at_step) -> None:
    ticket = at_step('<op:item name="contact_phone" rule="required"/>')
    coordinator = house.cast.coordinator
    with pytest.raises(InvalidInput) as refused:
        do(ticket, "coordinate", coordinator, "departments_in_sequence", departments=[house.cast.network.pk])
    assert "outcome" in refused.value.errors
    ticket_services.correct_ticket(ticket, Correction(contact_phone="13800000000"), version=1, by=fresh(coordinator))
    do(ticket, "coordinate", coordinator, "departments_in_sequence", departments=[house.cast.network.pk])


def test_a_step_fixes_and_hides_items_for_who_holds_it(house: House, at_step, client_of) -> None:
    ticket = at_step(
        '<op:item name="title" rule="read-only"/><op:item name="description" rule="hidden"/>', description="秘密的话"
    )
    coordinator = fresh(house.cast.coordinator)
    assert "秘密的话" not in page(client_of, coordinator, ticket.get_absolute_url())
    assert "秘密的话" not in page(client_of, coordinator, f"/tickets/{ticket.number}/correct/")
    assert "秘密的话" in page(client_of, house.cast.agent, ticket.get_absolute_url())
    for correction in (Correction(title="另一个"), Correction(description="另一个")):
        with pytest.raises(ItemsNotYours):
            ticket_services.correct_ticket(ticket, correction, version=1, by=coordinator)


def test_the_correction_page_keeps_what_the_step_fixes(house: House, at_step, client_of) -> None:
    ticket = at_step('<op:item name="title" rule="read-only"/>', contact_name="王小明")
    client = client_of(house.cast.coordinator)
    form = client.get(f"/tickets/{ticket.number}/correct/").context["form"]
    data = {bound.name: bound.value() for bound in form if bound.value() not in (None, False)}
    data |= {name: value.pk for name, value in data.items() if hasattr(value, "pk")}
    answer = client.post(f"/tickets/{ticket.number}/correct/", data | {"title": "另一个", "contact_name": "李四"})
    assert answer.status_code == 302
    ticket.refresh_from_db()
    assert (ticket.title, ticket.contact_name) == ("新单", "李四")


def test_an_unknown_rule_is_refused_where_it_is_drawn(house: House) -> None:
    from onepoint.core.errors import BusinessError

    with pytest.raises((StepProblem, BusinessError)):
        workflow_services.deploy_version(drawn('<op:item name="title" rule="sometimes"/>'), by=None)

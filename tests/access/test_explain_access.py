"""“Why can or can't this person see or do this?”: the answer agrees with what really happens."""

from urllib.parse import urlencode

import pytest
from django.utils import translation

from access.addresses import CUSTOMER, TICKET
from access.house import House
from access.test_walk_every_address import ROLES, person_of
from onepoint.accounts.explaining import Reason, explainers
from onepoint.accounts.models import User
from onepoint.accounts.queries.explaining import explanation
from onepoint.core.masking import GROUPS
from onepoint.customers import policies as customer_policies
from onepoint.tickets import policies as ticket_policies
from onepoint.workflow import policies as workflow_policies
from tickets.conftest import fresh


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def ask(house: House, about: str, person: User):
    return explanation(about, fresh(person), asker=fresh(house.cast.admin))


def said(reasons: list[Reason]) -> dict[str, bool | None]:
    return {reason.text: reason.holds for reason in reasons}


def words(reasons) -> str:
    return " / ".join(f"{reason.text} {words(reason.parts)}" for reason in reasons)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("side", ["east", "west"])
def test_what_is_said_about_a_ticket_is_what_happens(house: House, client_of, role: str, side: str) -> None:
    person, ticket = person_of(house, role), house.sides[side].ticket
    answer = ask(house, ticket.number, person)
    seeing = answer.reasons[0]
    assert seeing.holds == (side in TICKET.seen_by.get(role, "").split())
    assert seeing.holds == all(part.holds for part in seeing.parts)
    verdicts = said(answer.reasons)
    task = house.sides[side].task
    for label, refusal in (
        ("Correct items", ticket_policies.why_not_correct(ticket, fresh(person))),
        ("Withdraw", ticket_policies.why_not_withdraw(ticket, fresh(person))),
        ("Add files", ticket_policies.why_not_attach(ticket, fresh(person))),
        (f"{task.label}: Claim", workflow_policies.why_not_claim(task, fresh(person))),
        (f"{task.label}: Finish this step", workflow_policies.why_not_complete(task, fresh(person))),
    ):
        assert verdicts[label] == (seeing.holds and refusal is None), label
    assert seeing.holds == (client_of(person).get(ticket.get_absolute_url()).status_code == 200)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("side", ["east", "west"])
def test_what_is_said_about_a_customer_is_what_happens(house: House, client_of, role: str, side: str) -> None:
    person, customer = person_of(house, role), house.sides[side].customer
    answer = ask(house, customer.number, person)
    seeing = answer.reasons[0]
    assert seeing.holds == (side in CUSTOMER.seen_by.get(role, "").split())
    assert seeing.holds == (client_of(person).get(f"/customers/{customer.number}/").status_code == 200)
    refusal = customer_policies.why_not_add_to_customer(customer, fresh(person))
    assert said(answer.reasons)["Change the record and what belongs to it"] == (seeing.holds and refusal is None)
    masked = [group for group in GROUPS if not fresh(person).may(f"personal_data.see_{group}")]
    assert words(answer.reasons[-1:]).count("sees masked") == (len(masked) if seeing.holds else 0)


def test_the_answer_names_role_reach_and_what_is_missing(house: House) -> None:
    inside = words(ask(house, house.east.ticket.number, house.cast.agent).reasons)
    assert "as agent in East-Calls: reaches region East" in inside
    assert "within the scope by East" in inside
    outside = words(ask(house, house.west.ticket.number, house.cast.agent).reasons)
    assert "It belongs to:" in outside
    assert "The scope reaches: East" in outside
    lacking = words(ask(house, house.east.customer.number, house.cast.handler).reasons)
    assert "Roles that would give it:" in lacking
    assert "agent" in lacking


def test_an_address_is_answered_as_the_thing_on_it(house: House) -> None:
    by_page = ask(house, f"https://house/tickets/{house.east.ticket.number}/files/3/", house.cast.agent)
    assert by_page.title.startswith(house.east.ticket.number)
    policy = ask(house, "/login-policy/", house.cast.agent)
    assert [reason.holds for reason in policy.reasons] == [False]
    assert ask(house, "/login-policy/", house.cast.admin).reasons[0].holds
    assert ask(house, "/nowhere/", house.cast.agent) is None


def test_one_learns_nothing_about_what_one_does_not_see_oneself(house: House) -> None:
    asker = fresh(house.cast.supervisor)
    assert explanation(house.west.ticket.number, fresh(house.cast.outsider), asker=asker) is None
    assert explanation(f"/customers/{house.west.customer.number}/", fresh(house.cast.outsider), asker=asker) is None


def test_the_page_answers_for_those_who_may_ask(house: House, client_of) -> None:
    client = client_of(house.cast.admin)
    query = urlencode({"staff": "agent", "about": house.east.ticket.number})
    page = client.get(f"/access/?{query}")
    assert page.status_code == 200
    assert page.context["answer"].reasons[0].holds
    assert "/access/?about=" in client.get(house.east.ticket.get_absolute_url()).content.decode()
    assert client_of(house.cast.agent).get(f"/access/?{query}").status_code == 403
    assert "/access/" not in client_of(house.cast.agent).get(house.east.ticket.get_absolute_url()).content.decode()


def test_every_kind_of_thing_can_be_asked_about(house: House) -> None:
    assert {one.kind for one in explainers()} >= {"ticket", "customer", "contact"}
    asker = fresh(house.cast.supervisor)
    for person, sees in ((house.cast.agent, True), (house.cast.handler, False)):
        answer = explanation(house.east.contact.number, fresh(person), asker=asker)
        assert answer.reasons[0].holds == sees

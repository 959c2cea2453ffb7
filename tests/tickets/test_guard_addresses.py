"""Every role × every address of tickets × a ticket inside and outside its scope."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, reverse

from cast import Cast
from onepoint.tickets import queries, services, urls
from onepoint.tickets.queries import TicketFilter
from tickets.conftest import fresh, task_at

PEOPLE = (
    "agent", "second_agent", "coordinator", "interface_person", "deputy", "handler", "billing_interface", "visitor",
    "supervisor", "admin", "outsider",
)  # fmt: skip
#: Addresses about one ticket; a new one without an entry here fails the first test below.
OF_A_TICKET = {
    "ticket-detail", "ticket-picture", "ticket-correct", "ticket-withdraw", "ticket-reopen", "ticket-terminate",
    "ticket-watch", "ticket-unwatch", "ticket-task-claim", "ticket-task-release", "ticket-task-complete",
    "ticket-task-send-back", "ticket-task-reassign", "ticket-task-recall", "ticket-file-add", "ticket-file",
    "ticket-file-replace", "ticket-file-delete", "ticket-relations", "ticket-print", "ticket-presence", "ticket-hold",
    "ticket-resume", "ticket-resolve", "ticket-relate", "ticket-child-create", "ticket-child-detach",
    "ticket-link-remove", "ticket-merge", "ticket-split", "ticket-tag-add", "ticket-tag-remove", "ticket-task-add-signers",
    "ticket-task-delegate", "ticket-task-copy", "ticket-urging", "ticket-remind",
}  # fmt: skip
READ = {"ticket-detail", "ticket-picture", "ticket-file", "ticket-relations", "ticket-print", "ticket-urging"}
OF_A_CUSTOMER = {"ticket-open-of-customer", "ticket-closed-of-customer"}
OF_CATEGORIES = {
    "category-list",
    "category-create",
    "category-detail",
    "category-deactivate",
    "severity-create",
    "severity-detail",
}
FOR_EVERYBODY = {"category-options", "severity-list", "ticket-options"}
LISTS = {"ticket-list"}
#: Not about one ticket, or about a part of one; ``tests/access`` walks these with everything else.
ELSEWHERE = (
    "schedule-", "tag-", "supervision-", "reminder-", "late-", "ticket-promise", "ticket-clocks", "ticket-changes",
    "batch-", "contact-", "green-channel-", "mail-", "mass-incident-", "ticket-contacts", "ticket-duplicate-", "ticket-incident",
    "ticket-mail", "ticket-print-list", "ticket-repeats-", "ticket-text",
)  # fmt: skip
PATTERNS = {pattern.name: pattern for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)}


def test_every_address_is_walked() -> None:
    walked_elsewhere = {name for name in PATTERNS if name.startswith(ELSEWHERE)}
    assert set(PATTERNS) - walked_elsewhere == OF_A_TICKET | OF_A_CUSTOMER | OF_CATEGORIES | FOR_EVERYBODY | LISTS


@pytest.fixture
def tickets(cast: Cast, register, customer):
    """One of East with a customer and a file, one of West with a file."""
    made = []
    for person, more in ((cast.agent, {"customer": customer}), (cast.outsider, {})):
        ticket = register(by=person, **more)
        upload = SimpleUploadedFile("账单.txt", "内容".encode())
        made.append((ticket, services.add_attachment(ticket, upload, by=fresh(person)), task_at(ticket, "coordinate")))
    return made


def address(name: str, ticket, attachment, task) -> str:
    number = {"number": ticket.number}
    if name.startswith("ticket-task-"):
        return reverse(name, kwargs=number | {"pk": task.pk})
    if name in ("ticket-file", "ticket-file-replace", "ticket-file-delete"):
        return reverse(name, kwargs=number | {"pk": attachment.pk})
    if name == "ticket-child-detach":
        return reverse(name, kwargs=number | {"child": ticket.number})
    if name == "ticket-link-remove":
        return reverse(name, kwargs=number | {"pk": 1})
    return reverse(name, kwargs=number)


def answer(client, name: str, url: str):
    return client.get(url) if name in READ | {"ticket-correct"} else client.post(url, {})


@pytest.mark.parametrize("person", PEOPLE)
def test_a_ticket_outside_the_scope_is_404_on_every_address(cast: Cast, tickets, client_of, person: str) -> None:
    user = getattr(cast, person)
    client = client_of(user)
    seen = set(queries.find_tickets(TicketFilter(), visible_to=fresh(user)))
    for ticket, attachment, task in tickets:
        for name in sorted(OF_A_TICKET, key=lambda name: (name == "ticket-file-delete", name)):
            status = answer(client, name, address(name, ticket, attachment, task)).status_code
            if ticket not in seen:
                assert status == 404, (name, ticket.created_by)
            elif name in READ:
                assert status == 200, name
            else:
                missing = name in ("ticket-child-detach", "ticket-link-remove")  # there is no such child or link
                assert status in ((404,) if missing else (200, 302, 403, 409, 422)), (name, status)


def test_the_cast_sees_what_it_should(cast: Cast, tickets) -> None:
    east, west = (ticket for ticket, _attachment, _task in tickets)
    expected = {
        "agent": {east}, "second_agent": {east}, "coordinator": {east}, "supervisor": {east}, "visitor": {east},
        "interface_person": set(), "deputy": set(), "handler": set(), "billing_interface": set(),
        "admin": {east, west}, "outsider": {west},
    }  # fmt: skip
    for person, tickets_seen in expected.items():
        assert set(queries.find_tickets(TicketFilter(), visible_to=fresh(getattr(cast, person)))) == tickets_seen, (
            person
        )


@pytest.mark.parametrize("person", PEOPLE)
def test_administration_is_for_who_manages_categories(
    cast: Cast, tickets, categories, severities, client_of, person: str
) -> None:
    client = client_of(getattr(cast, person))
    arguments = {
        "category-detail": [categories["billing"].pk],
        "category-deactivate": [categories["billing"].pk],
        "severity-detail": ["major"],
    }
    for name in sorted(OF_CATEGORIES):
        url = reverse(name, args=arguments.get(name, []))
        response = client.post(url) if name == "category-deactivate" else client.get(url)
        assert (response.status_code in (200, 302)) == (person == "admin"), name
        assert response.status_code in (200, 302, 403)
    for name in sorted(FOR_EVERYBODY):
        assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("person", PEOPLE)
def test_the_panels_of_a_customer_follow_the_customer(cast: Cast, tickets, customer, client_of, person: str) -> None:
    user = getattr(cast, person)
    sees_customer = user.may("customer.view") and person != "outsider"
    for name in sorted(OF_A_CUSTOMER):
        status = client_of(user).get(reverse(name, args=[customer.number])).status_code
        assert status == (200 if sees_customer else 404), name


def test_what_does_not_exist_looks_like_what_may_not_be_seen(cast: Cast, tickets, client_of) -> None:
    (_east, west) = tickets
    client = client_of(cast.agent)
    hidden = client.get(west[0].get_absolute_url())
    missing = client.get(reverse("ticket-detail", args=["TS20260101999999"]))
    assert hidden.status_code == missing.status_code == 404
    assert without_tokens(hidden, west[0].number) == without_tokens(missing, "TS20260101999999")


def without_tokens(response, number: str) -> str:
    """A page without its number and the tokens that differ on every page."""
    return re.sub(r"[0-9A-Za-z]{64}", "", response.content.decode().replace(number, ""))

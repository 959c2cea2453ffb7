"""No raw telephone number, ID number, address or e-mail address reaches somebody without the right to it."""

import logging
from collections.abc import Iterator
from urllib.parse import quote, urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from lxml import html

from access.addresses import ADDRESSES
from access.house import ADDRESS, IDENTITY, MAIL, PHONE, RAW, SPOKEN_PHONE, House
from access.test_walk_every_address import visits
from onepoint.accounts.models import Role, User
from onepoint.tickets.models import Ticket

#: What somebody without any right to personal data may otherwise do: all of the agent's and the supervisor's.
READER = "supervisor"


def reader(house: House) -> User:
    role = Role.objects.get(code=READER)
    more = {"ticket.create", "ticket.edit", "customer.create", "customer.edit", "contact.create", "ticket.coordinate"}
    role.permissions = sorted({*role.permissions, *more, "customer.merge", "customer.import", "attention.view"})
    role.save(update_fields=["permissions"])
    return User.objects.get(pk=house.cast.supervisor.pk)


def leaks(text: str, values: tuple[str, ...] = RAW) -> list[str]:
    return [value for value in values if value in text]


def body_of(answer) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode(errors="replace")


def ways(path: str, page: str) -> Iterator[str]:
    if not page.strip():
        return
    tree = html.fromstring(page)
    for target in [*tree.xpath("//a/@href"), *tree.xpath("//@hx-get"), *tree.xpath("//@data-url")]:
        parts = urlsplit(urljoin(f"http://testserver{path}", target))
        if parts.netloc == "testserver" and not parts.path.startswith("/static/"):
            yield parts._replace(scheme="", netloc="", fragment="").geturl()


def crawl(client: Client, start: list[str]) -> tuple[dict[str, list[str]], int]:
    """By address: the raw values found; and how many pages were read."""
    found: dict[str, list[str]] = {}
    waiting, seen, kinds = list(start), set(), {}
    while waiting:
        path = waiting.pop(0)
        parts = urlsplit(path)
        try:
            kind = (resolve(parts.path).view_name, parts.query.partition("=")[0])
        except Resolver404:
            continue
        if path in seen or kinds.get(kind, 0) >= 3:
            continue
        seen.add(path)
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = client.get(path)
        if answer.status_code in (301, 302):
            waiting.append(urljoin(path, answer.url))
            continue
        text = body_of(answer)
        # What was typed into a search stands in its box again.
        if shown := leaks(text, tuple(value for value in RAW if quote(value) not in path)):
            found[path] = shown
        if answer.headers.get("Content-Type", "").startswith("text/html") and answer.status_code == 200:
            waiting += list(ways(path, text))
    return found, len(seen)


def test_no_page_one_can_reach_shows_a_raw_value(house: House, client_of) -> None:
    client = client_of(reader(house))
    side = house.east
    start = ["/", "/customers/", "/contacts/", "/tickets/", "/intake/", "/audit/", "/profile/"]
    start += [f"/customers/{side.customer.number}/history/", f"/intake/customer/?customer={side.customer.number}"]
    start += [f"/customers/{side.customer.number}/edit/", f"/intake/?contact={side.contact.number}"]
    found, count = crawl(client, start)
    assert found == {}
    assert count > 30


def test_no_address_of_the_table_shows_a_raw_value(house: House, client_of) -> None:
    client = client_of(reader(house))
    client.raise_request_exception = False
    found = {}
    for name, entry in ADDRESSES.items():
        for _side, arguments in visits(house, entry):
            for headers in ({}, {"HX-Request": "true"}):
                url = reverse(name, args=arguments) + entry.query
                if shown := leaks(body_of(client.get(url, headers=headers))):
                    found[url] = shown
    assert found == {}


@pytest.mark.parametrize("typed", [PHONE, SPOKEN_PHONE, IDENTITY, MAIL, "王小明"])
def test_search_by_the_full_value_finds_and_still_masks(house: House, client_of, typed: str) -> None:
    client = client_of(reader(house))
    number = house.east.customer.number
    others = tuple(value for value in RAW if value != typed)
    for path in (
        f"/search/?q={quote(typed)}", f"/customers/?text={quote(typed)}", f"/customers/options/?q={quote(typed)}",
        f"/intake/candidates/?q={quote(typed)}",
    ):  # fmt: skip
        text = body_of(client.get(path))
        assert number in text, path
        assert leaks(text, others) == [], path


def test_those_with_the_right_see_the_whole(house: House, client_of) -> None:
    page = body_of(client_of(house.cast.agent).get(f"/customers/{house.east.customer.number}/"))
    assert leaks(page) == [PHONE, SPOKEN_PHONE, ADDRESS, MAIL]


def test_the_logs_hold_no_raw_value(house: House, client_of, caplog, capsys) -> None:
    client = client_of(house.cast.agent)
    with caplog.at_level(logging.DEBUG):
        client.get(f"/customers/{house.east.customer.number}/")
        client.get(f"/search/?q={PHONE}")
        client.post("/customers/new/", {"phone": PHONE, "id_number": IDENTITY})
        client.post(
            f"/personal-data/show/customer/{house.east.customer.number}/id_number/",
            {"reason": "verify", "note": "核对身份"},
        )
    printed = capsys.readouterr()
    assert leaks(caplog.text + printed.out + printed.err) == []


def test_saving_a_form_that_hides_a_value_keeps_it(house: House, client_of) -> None:
    """Somebody who may edit but not see saves the page as it came: nothing is wiped, nothing masked is stored."""
    client = client_of(reader(house))
    customer = house.east.customer
    for path in (
        f"/customers/{customer.number}/edit/",
        f"/customers/{customer.number}/accounts/{house.east.account.pk}/edit/",
        f"/customers/{customer.number}/contact-persons/{house.east.contact_person.pk}/edit/",
        f"/customers/{customer.number}/assets/{house.east.asset.pk}/edit/",
    ):
        form = client.get(path).context["form"]
        data = {bound.name: bound.value() for bound in form if bound.value() not in (None, False)}
        data |= {name: value.pk for name, value in data.items() if hasattr(value, "pk")}
        assert leaks(str(data)) == []
        assert client.post(path, data).status_code == 302, path
    customer.refresh_from_db()
    assert (customer.id_number, customer.address) == (IDENTITY, f"杭州市西湖区{ADDRESS}")
    assert PHONE in customer.note
    for row, name, value in (
        (house.east.account, "value", PHONE), (house.east.contact_person, "phone", SPOKEN_PHONE),
        (house.east.contact_person, "email", MAIL), (house.east.asset, "address", ADDRESS),
    ):  # fmt: skip
        row.refresh_from_db()
        assert getattr(row, name) == value


def test_a_value_one_does_not_see_can_still_be_replaced(house: House, client_of) -> None:
    client = client_of(reader(house))
    customer = house.east.customer
    form = client.get(f"/customers/{customer.number}/edit/").context["form"]
    data = {bound.name: bound.value() for bound in form if bound.value() not in (None, False)}
    data |= {name: value.pk for name, value in data.items() if hasattr(value, "pk")}
    client.post(f"/customers/{customer.number}/edit/", data | {"id_number": "110101199003077777"})
    customer.refresh_from_db()
    assert customer.id_number == "110101199003077777"


def test_an_open_contact_carried_on_unseen_becomes_a_ticket_with_the_whole_text(house: House, client_of) -> None:
    client = client_of(reader(house))
    page = client.get(f"/intake/?contact={house.east.contact.number}")
    form = page.context["form"]
    data = {bound.name: bound.value() for bound in form if bound.value() not in (None, False)}
    data |= {name: value.pk for name, value in data.items() if hasattr(value, "pk")}
    assert leaks(str(data)) == []
    answer = client.post("/intake/", data | {"category": house.category.pk, "do": "ticket"})
    assert answer.status_code == 302, body_of(answer)
    ticket = Ticket.objects.latest("pk")
    assert (ticket.title, ticket.description) == (house.east.contact.subject, house.east.contact.content)
    assert ticket.contact_phone == PHONE

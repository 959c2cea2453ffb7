"""The person of another city: for them there is no such ticket, whatever they send (issue 2, demand 11)."""

from collections.abc import Callable, Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from journeys.house import PHONE, PHONE_AS_SPOKEN, House
from journeys.screen import Screen
from onepoint.channels.models import Contact
from onepoint.core.models import Attachment, AuditEntry
from onepoint.tickets import services
from onepoint.tickets.models import Ticket


@pytest.fixture
def ticket(house: House, at_screen: Callable[..., Screen]) -> Ticket:
    """A complaint of East with a file and a step sent to a department."""
    number = at_screen(house.cast.agent).register(PHONE_AS_SPOKEN, "退订套餐", "不能退订。")
    ticket = Ticket.objects.get(number=number)
    upload = SimpleUploadedFile("说明.txt", "客户说明".encode(), "text/plain")
    services.add_attachment(ticket, upload, by=house.cast.agent)
    at_screen(house.cast.coordinator).act(
        number, "工单协调", "departments_in_sequence", "请处理", departments=[house.cast.network.pk]
    )
    return ticket


def patterns(node: URLResolver | URLPattern, route: str = "") -> Iterator[tuple[str, set[str], str]]:
    """(name, arguments, module of the view) of every address."""
    if isinstance(node, URLResolver):
        for inner in node.url_patterns:
            yield from patterns(inner)
    elif node.name and callable(node.callback):
        yield node.name, set(node.pattern.converters), node.callback.__module__


def addresses(ticket: Ticket) -> dict[str, str]:
    """Every address of the house that leads to this ticket, its process, its customer or its contact."""
    assert ticket.customer is not None
    task = ticket.process_instance.tasks.order_by("-pk").first()
    attachment = Attachment.objects.get()
    found = {}
    arguments = {
        "onepoint.tickets": {"number": ticket.number, "pk": task.pk},
        "onepoint.customers": {"number": ticket.customer.number, "part_key": "accounts", "row_id": 1},
        "onepoint.channels": {"number": Contact.objects.get().number},
        "onepoint.workflow": {"pk": ticket.process_instance_id},
    }
    for name, wanted, module in patterns(get_resolver()):
        known = next((values for package, values in arguments.items() if module.startswith(package)), {})
        if name.startswith("ticket-file"):
            known = {"number": ticket.number, "pk": attachment.pk}
        about_it = "number" in wanted or name in ("instance-bpmn", "instance-picture")
        if about_it and wanted <= set(known) and "key" not in wanted:
            found[name] = reverse(name, kwargs={key: known[key] for key in wanted})
    return found


def test_no_address_of_the_ticket_exists_for_a_person_of_another_city(
    house: House, ticket: Ticket, at_screen: Callable[..., Screen]
) -> None:
    stranger = at_screen(house.cast.outsider)
    found = addresses(ticket)
    assert {"ticket-detail", "ticket-file", "ticket-task-complete", "instance-picture", "customer-detail"} <= set(found)
    before = AuditEntry.objects.count(), list(Ticket.objects.values())
    for name, path in found.items():
        for status in (stranger.client.get(path).status_code, stranger.client.post(path, {"opinion": "x"}).status_code):
            assert status in (404, 405), f"{name} {path}: {status}"
        assert 404 in (stranger.client.get(path).status_code, stranger.client.post(path).status_code), name
    assert (AuditEntry.objects.count(), list(Ticket.objects.values())) == before


def test_no_list_search_picker_or_panel_names_it_for_a_person_of_another_city(
    house: House, ticket: Ticket, at_screen: Callable[..., Screen]
) -> None:
    stranger, agent = at_screen(house.cast.outsider), at_screen(house.cast.agent)
    customer = ticket.customer
    assert customer is not None
    for path in (
        "/", "/?kind=mine", "/?kind=pool", "/?kind=started", "/tickets/", f"/tickets/?text={ticket.number}",
        f"/search/?q={ticket.number}", f"/search/?q={PHONE}", "/search/?q=wangxiaoming", "/customers/",
        f"/customers/?text={PHONE}", f"/customers/options/?q={PHONE}", f"/intake/candidates/?q={PHONE}",
        "/contacts/", f"/customers/duplicates/?phone={PHONE}",
    ):  # fmt: skip
        answer = stranger.client.get(path)
        assert answer.status_code in (200, 404), path
        page = answer.content.decode()
        assert customer.number not in page, path
        assert customer.name not in page, path
        assert f"/tickets/{ticket.number}/" not in page, path
    assert customer.name in agent.client.get("/search/?q=wangxiaoming").content.decode()
    assert f"/tickets/{ticket.number}/" in agent.client.get("/tickets/").content.decode()


def test_the_departments_see_it_only_once_it_was_sent_to_them(
    house: House, ticket: Ticket, at_screen: Callable[..., Screen]
) -> None:
    path = f"/tickets/{ticket.number}/"
    assert at_screen(house.cast.handler).status_of(path) == 200
    billing = at_screen(house.cast.billing_interface)
    assert billing.status_of(path) == 404
    at_screen(house.cast.interface_person).act(
        ticket.number, "部门接收", "pass_on", "请计费部处理", department=house.cast.billing.pk
    )
    assert billing.status_of(path) == 200

"""I10: whether somebody sees a ticket has one answer, wherever it is asked: pages, lists, search, API, export, files, news.

No fault is done here. People with every usual role in three cities, tickets in each, some passed on across their borders;
every pair of a person and a ticket is asked about in every way there is.
"""

import logging
import uuid
from collections import Counter
from typing import Any

from fault_trials.house import House
from fault_trials.trials import Outcome, Scale, register_trial

CITIES = ("甲市", "乙市", "丙市")
ROLES = ("agent", "coordinator", "handler", "supervisor", "visitor", "auditor", "inspector")


@register_trial("I10", "A person sees a ticket on every page, list, search, file and interface, or on none of them")
def ask_everywhere(house: House, scale: Scale, outcome: Outcome) -> None:
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["*"]
    mark = "".join("abcdefghijklmnop"[int(digit, 16)] for digit in uuid.uuid4().hex[:12])
    units = [city(name, number, mark) for number, name in enumerate(CITIES)]
    people = settle(units, scale.of(3, len(ROLES)))
    tickets = register(mark, units, people, scale.of(2, 16), scale)
    answers: Counter[bool] = Counter()
    logging.disable(logging.WARNING)  # thousands of addresses that are not there, as it should be
    try:
        for person in people:
            ask_person(person, tickets, answers, outcome)
    finally:
        logging.disable(logging.NOTSET)
    pairs = len(people) * len(tickets)
    outcome.figures |= {"people": len(people), "tickets": len(tickets), "pairs": pairs, "of them seen": answers[True]}
    outcome.demand(sum(answers.values()) == pairs, f"{sum(answers.values())} of {pairs} pairs have one answer")
    outcome.demand(
        0.05 < answers[True] / pairs < 0.95, "nearly everybody sees everything, or nothing: that proves little"
    )


# -- who and what ---------------------------------------------------------------------------------------------------


def city(name: str, number: int, mark: str) -> Any:
    """A region with the unit that works for it."""
    from onepoint.accounts.models import OrgUnit, Region

    region = Region.objects.create(code=f"{mark}{number}", name=name, name_en=f"City {number}", kind="city")
    Region.objects.filter(pk=region.pk).update(path=f"/{region.pk}/")
    unit = OrgUnit.objects.create(code=f"{mark}{number}", name=f"{name}客服", name_en=f"Calls {number}",
                                  kind="call_centre", region=region)  # fmt: skip
    OrgUnit.objects.filter(pk=unit.pk).update(path=f"/{unit.pk}/")
    return OrgUnit.objects.select_related("region").get(pk=unit.pk)


def settle(units: list[Any], count: int) -> list[Any]:
    """Somebody with each of the first ``count`` roles in every city, the first of them being its agent."""
    from onepoint.accounts.models import Role, RoleGrant, User

    known = [role for role in ROLES if Role.objects.filter(code=role).exists()][:count]
    people = []
    for unit in units:
        for code in known:
            person = User(username=f"{unit.code}{code}", name=f"{unit.region.name}{code}", unit=unit, name_key="j")
            person.set_unusable_password()
            person.save()
            RoleGrant.objects.create(user=person, role=Role.objects.get(code=code), unit=unit)
            people.append(User.objects.select_related("unit__region").get(pk=person.pk))
    return people


def register(mark: str, units: list[Any], people: list[Any], count: int, scale: Scale) -> list[Any]:
    """So many tickets in each city with a file each; every third one is passed on to somebody, wherever he is."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from onepoint.core.errors import BusinessError
    from onepoint.customers import services as customer_services
    from onepoint.tickets import services
    from onepoint.tickets.models import Category, Ticket
    from onepoint.tickets.queries import inherited
    from onepoint.workflow import services as workflow
    from onepoint.workflow.models import UserTask

    usable = Category.objects.active().for_kind("complaint").order_by("path")
    category = next(
        one for one in usable if not inherited(one, "form_key") and inherited(one, "process_key") == "complaint"
    )
    tickets = []
    for unit in units:
        agent = next(person for person in people if person.unit_id == unit.pk)
        coordinator = next(person for person in people if person.username == f"{unit.code}coordinator")
        customer = customer_services.create_customer(by=None, name="王小明", name_en="", region=unit.region)
        for number in range(count):
            new = services.NewTicket(
                kind="complaint", category=category, title=f"{mark} {number}", channel="hotline", customer=customer
            )
            ticket = services.create_ticket(new, by=agent)
            task = UserTask.objects.live().get(subject_type="ticket", subject_id=ticket.pk)
            workflow.claim_task(task, by=coordinator)
            file = SimpleUploadedFile("a.txt", f"{mark} {ticket.number}".encode(), "text/plain")
            services.add_attachment(Ticket.objects.get(pk=ticket.pk), file, by=coordinator)
            if number % 3 == 0:
                try:
                    workflow.reassign_task(task, to=scale.dice.choice(people), reason="转办", by=coordinator)
                except BusinessError:  # who may not be given it is not
                    pass
            tickets.append(Ticket.objects.get(pk=ticket.pk))
    return tickets


# -- asking ---------------------------------------------------------------------------------------------------------


def ask_person(person: Any, tickets: list[Any], answers: Counter[bool], outcome: Outcome) -> None:
    client, api = browser_of(person), interface_of(person)
    in_lists = lists_of(person, client, api, tickets)
    for ticket in tickets:
        told = {name: ticket.number in found for name, found in in_lists.items()}
        told |= alone(person, client, api, ticket)
        news = told.pop("news")
        if len(set(told.values())) == 1:
            answers[told["page"]] += 1
            outcome.demand(told["page"] or not news, f"{person.username} is told of {ticket.number} and cannot open it")
        else:
            seen, unseen = ([name for name, is_so in told.items() if is_so is wanted] for wanted in (True, False))
            outcome.faults.append(f"{person.username} sees {ticket.number} in {seen} but not in {unseen}")


def browser_of(person: Any) -> Any:
    from allauth.usersessions.models import UserSession
    from django.test import Client

    client = Client()
    client.force_login(person, backend="onepoint.accounts.login.PersonBackend")
    UserSession.objects.create(user=person, session_key=client.session.session_key, ip="127.0.0.1")
    return client


def interface_of(person: Any) -> Any:
    from django.test import Client

    from onepoint.core import rest
    from onepoint.integrations import services

    _key, secret = services.create_api_key(
        name="i10", person=person, scopes=rest.scopes(), requests_per_minute=100_000, by=None
    )
    return Client(headers={"authorization": f"Bearer {secret}"})


def lists_of(person: Any, client: Any, api: Any, tickets: list[Any]) -> dict[str, set[str]]:
    """What everything that shows many at once shows: numbers of tickets, by where."""
    from django.http import QueryDict

    from onepoint.core import exporting

    exported = exporting.find_list("tickets")
    assert exported is not None
    query = "kind=complaint"  # newest first, and ours are the newest
    page = client.get(f"/tickets/?{query}&size=100").content.decode()
    printed = client.get("/tickets/print/", {"ticket": [ticket.pk for ticket in tickets]}).content.decode()
    listed = api.get(f"/api/v1/tickets?{query}&limit=100").json()
    news = "".join(client.get(f"/notifications/{part}").content.decode() for part in ("", "newest/"))
    return {
        "list": {ticket.number for ticket in tickets if f"/tickets/{ticket.number}/" in page},
        "printed list": {ticket.number for ticket in tickets if ticket.number in printed},
        "list of the API": {row["number"] for row in listed["items"]},
        "export": {row.number for row in exported.rows(person, QueryDict(query))},
        "news": {ticket.number for ticket in tickets if ticket.number in news},
    }


def alone(person: Any, client: Any, api: Any, ticket: Any) -> dict[str, bool]:
    """Whether each address of the one ticket answers. Anything but yes and "there is no such thing" is an error."""
    from onepoint.core.models import Attachment
    from onepoint.tickets import queries

    file = Attachment.objects.get(subject_type="ticket", subject_id=ticket.pk)
    page, interface = f"/tickets/{ticket.number}/", f"/api/v1/tickets/{ticket.number}"
    asked = {
        "page": client.get(page), "print": client.get(f"{page}print/"), "file": client.get(f"{page}files/{file.pk}/"),
        "picture": client.get(f"{page}picture/"), "API": api.get(interface), "timeline": api.get(f"{interface}/timeline"),
        "file of the API": api.get(f"{interface}/attachments/{file.pk}"),
    }  # fmt: skip
    told = {}
    for name, answer in asked.items():
        if answer.status_code not in (200, 404):
            raise RuntimeError(f"{name} of {ticket.number} answers {answer.status_code} to {person.username}")
        told[name] = answer.status_code == 200
        answer.close()
    found = client.get("/search/", {"q": ticket.number})
    told["search"] = found.status_code == 302 and ticket.number in found.headers["Location"]
    told["right"] = queries.may_see(person, ticket.pk)
    return told

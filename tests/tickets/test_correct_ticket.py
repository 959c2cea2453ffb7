"""Correcting the items of a ticket."""

import pytest
from django.urls import reverse

from cast import Cast
from onepoint.core.errors import InvalidInput, NotPermitted, SomebodyWasFaster
from onepoint.core.models import AuditEntry
from onepoint.customers import services as customer_services
from onepoint.tickets import policies, services, signals
from onepoint.tickets.forms import CorrectionForm
from onepoint.tickets.models import Ticket
from onepoint.tickets.services import Correction
from onepoint.workflow import services as workflow_services
from tickets.conftest import again, do, fresh, task_at


def posted(ticket, **changes):
    """What the page would send."""
    items = {name: value for name, value in CorrectionForm.items_of(ticket).items() if value not in (None, "")}
    references = {name: getattr(ticket, f"{name}_id") or "" for name in ("category", "severity", "customer")}
    return {**items, **references, **changes}


def test_the_creator_corrects_it_before_anybody_took_it_on(cast: Cast, ticket) -> None:
    told = []

    def listen(**news) -> None:
        told.append(news["changes"])

    signals.ticket_corrected.connect(listen)
    services.correct_ticket(ticket, Correction(title="话费多了三百元"), version=1, by=fresh(cast.agent))
    now = again(ticket)
    assert (now.title, now.version) == ("话费多了三百元", 2)
    entry = AuditEntry.objects.get(verb="ticket.corrected", subject_id=ticket.pk)
    assert entry.data["changes"] == {"title": ["话费突然多了两百元", "话费多了三百元"]}
    assert told == [entry.data["changes"]]


def test_once_the_coordinator_holds_it_only_he_corrects_it(cast: Cast, ticket, severities) -> None:
    workflow_services.claim_task(task_at(ticket, "coordinate"), by=fresh(cast.coordinator))
    with pytest.raises(policies.StepDoesNotAllow):
        services.correct_ticket(ticket, Correction(title="x"), version=1, by=fresh(cast.agent))
    correction = Correction(severity=severities["critical"], contact_phone="0571-88888888")
    services.correct_ticket(ticket, correction, version=1, by=fresh(cast.coordinator))
    now = again(ticket)
    assert now.severity == severities["critical"]
    assert now.due_at == now.opened_at + (again(ticket).due_at - now.opened_at)
    assert (now.due_at - now.opened_at).total_seconds() == 4 * 3600
    assert now.contact_phone_key == "+8657188888888"


def test_at_a_step_without_leave_nobody_corrects_it(cast: Cast, ticket) -> None:
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    for person in (cast.agent, cast.coordinator):
        with pytest.raises(policies.StepDoesNotAllow):
            services.correct_ticket(ticket, Correction(title="x"), version=1, by=fresh(person))
    with pytest.raises(NotPermitted):
        services.correct_ticket(ticket, Correction(title="x"), version=1, by=fresh(cast.interface_person))


def test_a_finished_ticket_is_not_corrected(cast: Cast, ticket) -> None:
    do(ticket, "coordinate", cast.coordinator, "finish", "已解决")
    with pytest.raises(policies.TicketFinished):
        services.correct_ticket(ticket, Correction(title="x"), version=1, by=fresh(cast.coordinator))


def test_the_second_of_two_savings_is_told(cast: Cast, ticket) -> None:
    services.correct_ticket(ticket, Correction(title="第一个"), version=1, by=fresh(cast.agent))
    with pytest.raises(SomebodyWasFaster):
        services.correct_ticket(ticket, Correction(title="第二个"), version=1, by=fresh(cast.agent))
    assert again(ticket).title == "第一个"


def test_another_category_asks_for_its_own_special_items(cast: Cast, ticket, categories) -> None:
    change = Correction(category=categories["bb_slow"])
    with pytest.raises(InvalidInput) as refusal:
        services.correct_ticket(ticket, change, version=1, by=fresh(cast.agent))
    assert set(refusal.value.errors) == {"items-account"}
    complete = Correction(category=categories["bb_slow"], special_items={"account": "kd7"})
    services.correct_ticket(ticket, complete, version=1, by=fresh(cast.agent))
    assert again(ticket).special_items == {"account": "kd7"}


def test_nothing_changed_leaves_no_trace(cast: Cast, ticket) -> None:
    services.correct_ticket(ticket, Correction(title=ticket.title), version=1, by=fresh(cast.agent))
    assert again(ticket).version == 1


def test_the_page_saves_and_leads_back(cast: Cast, ticket, client_of) -> None:
    url = reverse("ticket-correct", args=[ticket.number])
    client = client_of(cast.agent)
    assert client.get(url).status_code == 200
    response = client.post(url, posted(ticket, title="改过的标题"))
    assert response.headers["Location"] == ticket.get_absolute_url()
    assert again(ticket).title == "改过的标题"


def test_the_page_keeps_what_was_typed_when_somebody_was_faster(cast: Cast, ticket, client_of) -> None:
    services.correct_ticket(ticket, Correction(urgency="high"), version=1, by=fresh(cast.agent))
    response = client_of(cast.agent).post(
        reverse("ticket-correct", args=[ticket.number]), posted(ticket, version=1, title="辛苦写下的标题")
    )
    assert response.status_code == 409
    assert "辛苦写下的标题" in response.content.decode()
    assert again(ticket).title == "话费突然多了两百元"


def test_the_page_shows_the_special_items_of_another_category_before_saving(
    cast: Cast, ticket, categories, client_of
) -> None:
    url = reverse("ticket-correct", args=[ticket.number])
    client = client_of(cast.agent)
    switched = client.post(url, posted(ticket, category=categories["bb_slow"].pk, switch="1"))
    assert "宽带账号" in switched.content.decode()
    assert again(ticket).category.code == "bl_high"
    refused = client.post(
        url, posted(ticket, category=categories["bb_slow"].pk, **{"items-account": "", "items-speed": "abc"})
    )
    assert refused.status_code == 422
    assert 'value="abc"' in refused.content.decode()
    client.post(url, posted(ticket, category=categories["bb_slow"].pk, **{"items-account": "kd1", "items-speed": "90"}))
    assert again(ticket).special_items == {"account": "kd1", "speed": 90}


def test_another_customer_takes_the_number_of_the_former_one_away(cast: Cast, ticket, customer) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(account=customer.accounts.first())
    other = customer_services.create_customer(by=cast.agent, name="李雷", region=cast.east)
    services.correct_ticket(ticket, Correction(customer=other), version=1, by=fresh(cast.agent))
    now = again(ticket)
    assert (now.customer, now.account) == (other, None)
    assert "李" in now.search_keys
    assert customer.number.lower() not in now.search_keys


def test_a_customer_out_of_reach_is_not_accepted(cast: Cast, ticket, client_of) -> None:
    hidden = customer_services.create_customer(by=cast.outsider, name="西市客户", region=cast.west)
    response = client_of(cast.agent).post(
        reverse("ticket-correct", args=[ticket.number]), posted(ticket, customer=hidden.pk)
    )
    assert response.status_code == 422
    assert again(ticket).customer_id == ticket.customer_id


def test_a_ticket_that_came_without_special_items_is_corrected_without_them(
    cast: Cast, register, categories, client_of
) -> None:
    ticket = register(category=categories["bb_slow"])
    assert ticket.form_version is None
    client = client_of(cast.agent)
    url = reverse("ticket-correct", args=[ticket.number])
    empty = {"items-account": "", "items-speed": ""}
    client.post(url, posted(ticket, title="只改标题", **empty))
    assert (again(ticket).title, again(ticket).form_version) == ("只改标题", None)
    client.post(url, posted(again(ticket), **{"items-account": "kd1", "items-speed": ""}))
    assert again(ticket).special_items == {"account": "kd1"}

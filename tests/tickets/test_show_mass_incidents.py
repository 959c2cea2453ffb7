"""The pages of mass incidents, and what a ticket's page says of them."""

from datetime import timedelta
from uuid import uuid4

import pytest

from onepoint.core import clock
from onepoint.tickets import services
from onepoint.tickets.batch_states import AttachmentState, IncidentState
from onepoint.tickets.models import AttachedTicket, BatchRun, MassIncident
from tickets.conftest import again, fresh


@pytest.fixture
def incident(cast, categories):
    items = services.IncidentItems(
        title="东市计费系统重复扣费", regions=[cast.east], since=clock.now() - timedelta(hours=1),
        category=categories["billing"], public_words="预计今晚修复", public_words_en="Mended tonight",
    )  # fmt: skip
    return services.declare_incident(items, by=fresh(cast.coordinator))


@pytest.fixture
def pages(cast, client_of):
    return client_of(cast.coordinator)


def test_it_is_declared_from_a_ticket_in_one_form(cast, register, pages):
    ticket = register()
    assert ticket.number in pages.get("/mass-incidents/new/", {"lead": ticket.number}).content.decode()
    answer = pages.post("/mass-incidents/new/", {
        "lead": ticket.number, "title": "重复扣费", "regions": [cast.east.pk], "keywords": "重复扣费，双倍",
        "since": "2026-01-01 08:00", "clocks_stand_still": "on",
    })  # fmt: skip
    incident = MassIncident.objects.get()
    assert answer.url == incident.get_absolute_url()
    assert (incident.lead_ticket, incident.keywords) == (ticket, ["重复扣费", "双倍"])


def test_tickets_ticked_in_the_list_are_attached_with_the_declaration(cast, register, pages):
    tickets = [register(), register()]
    pages.post("/mass-incidents/new/", {
        "ticket": [ticket.pk for ticket in tickets], "title": "重复扣费", "regions": [cast.east.pk],
        "keywords": "重复扣费", "since": "2026-01-01 08:00",
    })  # fmt: skip
    services.run_batch(BatchRun.objects.get().pk, by=None)
    assert AttachedTicket.objects.filter(state=AttachmentState.ATTACHED).count() == 2


def test_a_refused_form_comes_back_with_what_was_typed(cast, pages):
    answer = pages.post(
        "/mass-incidents/new/", {"title": "重复扣费", "regions": [cast.east.pk], "since": "2026-01-01 08:00"}
    )
    assert answer.status_code == 422
    assert "重复扣费" in answer.content.decode()
    assert not MassIncident.objects.exists()


def test_list_and_page_show_it_to_its_place_only(cast, incident, client_of):
    for person in (cast.agent, cast.coordinator):
        assert incident.number in client_of(person).get("/mass-incidents/").content.decode()
        assert client_of(person).get(incident.get_absolute_url()).status_code == 200
    assert incident.number not in client_of(cast.outsider).get("/mass-incidents/").content.decode()
    assert client_of(cast.outsider).get(incident.get_absolute_url()).status_code == 404
    assert client_of(cast.outsider).post(f"{incident.get_absolute_url()}resolve/", {"reason": "x"}).status_code == 404


def test_an_agent_reads_the_words_but_changes_nothing(cast, incident, client_of):
    agent = client_of(cast.agent)
    page = agent.get(incident.get_absolute_url()).content.decode()
    assert "预计今晚修复" in page
    assert "/resolve/" not in page
    for way in ("change/", "attach/", "tell/"):
        assert agent.get(f"{incident.get_absolute_url()}{way}").status_code == 403


def test_a_ticket_offers_the_incident_with_its_words_and_is_attached_in_one_click(cast, incident, register, client_of):
    ticket, agent = register(), client_of(cast.agent)
    panel = agent.get(f"/tickets/{ticket.number}/mass-incidents/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in panel
    assert incident.number in panel
    assert "预计今晚修复" in panel
    answer = agent.post(f"/tickets/{ticket.number}/mass-incidents/attach/", {"incident": incident.number})
    assert answer.url == ticket.get_absolute_url()
    assert again(ticket).status == "on_hold"
    assert agent.post(f"/tickets/{ticket.number}/mass-incidents/detach/").status_code in (302, 403)
    assert again(ticket).status == "on_hold"


def test_the_intake_is_offered_what_it_may_be_about(cast, incident, categories, client_of):
    agent = client_of(cast.agent)
    asked = {"category": categories["bl_high"].pk, "region": cast.east.pk}
    assert incident.number in agent.get("/mass-incidents/offer/", asked).content.decode()
    asked["category"] = categories["bb_drops"].pk
    assert incident.number not in agent.get("/mass-incidents/offer/", asked).content.decode()
    assert agent.get("/mass-incidents/offer/", {"category": "x", "region": "9" * 40}).status_code == 200


def test_the_answer_is_written_once_it_is_resolved(cast, incident, register, pages):
    services.attach_ticket(incident, register(contact_phone="13900000001"), by=fresh(cast.coordinator))
    words = {"text": "已修复", "request_key": uuid4(), "closes": "on"}
    assert pages.post(f"{incident.get_absolute_url()}answer/", words).status_code in (302, 409)
    assert not BatchRun.objects.exists()
    pages.post(f"{incident.get_absolute_url()}resolve/", {"reason": "修正了规则"})
    incident.refresh_from_db()
    assert incident.state == IncidentState.RESOLVED
    for _twice in range(2):
        answer = pages.post(f"{incident.get_absolute_url()}answer/", words)
    run = BatchRun.objects.get()
    assert answer.url == run.get_absolute_url()
    services.run_batch(run.pk, by=None)
    assert AttachedTicket.objects.get().state == AttachmentState.SETTLED
    pages.post(f"{incident.get_absolute_url()}close/")
    incident.refresh_from_db()
    assert incident.state == IncidentState.CLOSED


def test_preview_counts_what_would_be_attached(cast, incident, register, pages):
    ticket = register()
    page = pages.get(f"{incident.get_absolute_url()}attach/").content.decode()
    assert ticket.number in page
    pages.post(f"{incident.get_absolute_url()}attach/")
    services.run_batch(BatchRun.objects.get().pk, by=None)
    assert again(ticket).status == "on_hold"


def test_pages_cost_the_same_for_few_and_many(cast, incident, register, pages, django_assert_num_queries):
    for count in (1, 6):
        for _number in range(count):
            services.attach_ticket(incident, register(), by=fresh(cast.coordinator))
        pages.get(incident.get_absolute_url())
        with django_assert_num_queries(11):
            pages.get(incident.get_absolute_url())
        with django_assert_num_queries(3):
            pages.get("/mass-incidents/")


def test_somebody_to_be_called_who_is_no_customer_is_shown_by_his_name(cast, incident, register, pages):
    ticket = register(contact_name="路人甲", contact_phone="13800138000")
    AttachedTicket.objects.filter(ticket=ticket).update(state=AttachmentState.ATTACHED, answer="to_call")
    page = pages.get(incident.get_absolute_url()).content.decode()
    assert "<span>路人甲</span>" in page.split("待致电客户")[1]


def test_resolving_asks_for_the_result_and_taking_up_again_for_the_reason(cast, incident, pages):
    assert (
        '<label class="field__label" for="resolve-reason">结果<'
        in pages.get(incident.get_absolute_url()).content.decode()
    )
    services.resolve_incident(incident, conclusion="已修复", by=fresh(cast.coordinator))
    assert (
        '<label class="field__label" for="again-reason">原因<'
        in pages.get(incident.get_absolute_url()).content.decode()
    )

"""The ticket page: what it shows, to whom, and with how many queries."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cast import Cast
from onepoint.tickets import services
from onepoint.workflow import services as workflow_services
from tickets.conftest import do, fresh, task_at


def test_the_page_shows_all_that_is_known(cast: Cast, ticket, client_of) -> None:
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", "请网络部核查", departments=[cast.network.pk])
    text = client_of(cast.interface_person).get(ticket.get_absolute_url()).content.decode()
    for piece in (
        ticket.number,
        ticket.title,
        "王小明",
        "138****8000",
        "请网络部核查",
        "部门接收",
        "费用突增",
        "计费与账单",
    ):
        assert piece in text, piece


def test_special_items_are_shown_with_their_labels(cast: Cast, register, categories, client_of) -> None:
    ticket = register(category=categories["bb_slow"], special_items={"account": "kd1001", "speed": "80"})
    text = client_of(cast.agent).get(ticket.get_absolute_url()).content.decode()
    assert "宽带账号" in text
    assert "kd1001" in text


def test_it_reads_in_english(cast: Cast, ticket, client_of) -> None:
    client = client_of(cast.coordinator)
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", "check", departments=[cast.network.pk])
    cast.coordinator.language = "en"
    cast.coordinator.save()
    text = client.get(ticket.get_absolute_url(), headers={"accept-language": "en"}).content.decode()
    for piece in ("Department receives", "Joint opinions", "Sudden high charge", "Status: Open → Being handled"):
        assert piece in text, piece


def test_only_the_holder_or_a_candidate_is_offered_the_outcomes(cast: Cast, ticket, client_of) -> None:
    offered = "ticket-task-complete"
    assert "departments_at_once" in client_of(cast.coordinator).get(ticket.get_absolute_url()).content.decode(), offered
    assert "departments_at_once" not in client_of(cast.agent).get(ticket.get_absolute_url()).content.decode()


def test_an_action_that_is_not_allowed_is_explained(cast: Cast, ticket, client_of) -> None:
    workflow_services.claim_task(task_at(ticket, "coordinate"), by=fresh(cast.coordinator))
    text = client_of(cast.agent).get(ticket.get_absolute_url()).content.decode()
    assert "只有正在办理允许修改环节的人员可以修改工单数据" in text


def test_hostile_text_is_shown_as_text(cast: Cast, register, client_of) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    ticket = register(
        title=attack, description=attack, contact_name=attack, external_items={"k": {"label": attack, "value": attack}}
    )
    services.add_attachment(ticket, SimpleUploadedFile(f"{attack}.txt", b"x"), by=fresh(cast.agent))
    do(ticket, "coordinate", cast.coordinator, "answer_original", attack)
    client = client_of(cast.agent)
    for url in (
        ticket.get_absolute_url(),
        f"{ticket.get_absolute_url()}picture/",
        f"{ticket.get_absolute_url()}correct/",
        "/tickets/",
    ):
        text = client.get(url).content.decode()
        assert "<script>alert" not in text, url
        assert "<img src=x" not in text, url


@pytest.mark.parametrize("part", ["", "picture/", "correct/"])
def test_the_outsider_gets_404(cast: Cast, ticket, client_of, part: str) -> None:
    assert client_of(cast.outsider).get(ticket.get_absolute_url() + part).status_code == 404


def test_the_picture_page_tells_step_person_and_times(cast: Cast, ticket, client_of) -> None:
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", "请核查", departments=[cast.network.pk])
    response = client_of(cast.agent).get(f"{ticket.get_absolute_url()}picture/", headers={"hx-request": "true"})
    text = response.content.decode()
    assert "<html" not in text
    for piece in (
        "工单协调",
        "程协调",
        "部门接收",
        "东市网络部",
        f"/instances/{ticket.process_instance_id}/picture.json",
    ):
        assert piece in text, piece


def test_it_costs_a_fixed_number_of_queries(cast: Cast, ticket, client_of, django_assert_num_queries) -> None:
    """One says who is asking, seven make the page, one of them a note of who read personal data; the past costs more where a step may be sent back."""
    agent, coordinator = client_of(cast.agent), client_of(cast.coordinator)
    agent.get(ticket.get_absolute_url())
    coordinator.get(ticket.get_absolute_url())
    with django_assert_num_queries(8):
        agent.get(ticket.get_absolute_url())
    with django_assert_num_queries(10):
        coordinator.get(ticket.get_absolute_url())

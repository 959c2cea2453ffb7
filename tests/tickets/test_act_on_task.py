"""Acting on the steps of a ticket from its page."""

import re

import pytest
from django.urls import reverse

from cast import Cast
from onepoint.tickets.states import TicketStatus
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import Opinion, UserTask
from tickets.conftest import again, do, fresh, task_at


def url_of(ticket, task: UserTask, verb: str) -> str:
    return reverse(f"ticket-task-{verb}", args=[ticket.number, task.pk])


def key_on(page: str) -> str:
    return re.search(r'name="key" value="([0-9a-f]+)"', page)[1]


def test_claim_complete_and_release_are_plain_posts(cast: Cast, ticket, client_of) -> None:
    client, task = client_of(cast.coordinator), task_at(ticket, "coordinate")
    assert client.post(url_of(ticket, task, "claim")).headers["Location"] == ticket.get_absolute_url()
    assert task_at(ticket, "coordinate").assignee == cast.coordinator
    client.post(url_of(ticket, task, "release"))
    assert task_at(ticket, "coordinate").assignee is None
    departments = {"departments_in_sequence-departments": [cast.network.pk]}
    client.post(
        url_of(ticket, task, "complete"), {"outcome": "departments_in_sequence", "opinion": "请核查", **departments}
    )
    assert task_at(ticket, "receive").unit == cast.network
    assert Opinion.objects.get().text == "请核查"


def test_several_departments_at_once(cast: Cast, ticket, client_of) -> None:
    client, task = client_of(cast.coordinator), task_at(ticket, "coordinate")
    both = {"outcome": "departments_at_once", "departments_at_once-departments": [cast.network.pk, cast.billing.pk]}
    client.post(url_of(ticket, task, "complete"), both)
    assert {task.unit for task in UserTask.objects.live().select_related("unit")} == {cast.network, cast.billing}


def test_a_refusal_keeps_the_opinion_and_what_was_chosen(cast: Cast, ticket, client_of) -> None:
    client, task = client_of(cast.coordinator), task_at(ticket, "coordinate")
    one = {
        "outcome": "departments_at_once",
        "departments_at_once-departments": [cast.network.pk],
        "opinion": "写了很久的意见",
    }
    response = client.post(url_of(ticket, task, "complete"), one)
    text = response.content.decode()
    assert response.status_code == 422
    assert "写了很久的意见" in text
    assert re.search(rf'<option value="{cast.network.pk}"[^>]* selected', text)
    assert 'value="departments_at_once" required checked' in text


def test_a_missing_choice_or_opinion_is_told(cast: Cast, ticket, client_of) -> None:
    client, task = client_of(cast.coordinator), task_at(ticket, "coordinate")
    assert client.post(url_of(ticket, task, "complete"), {"opinion": "无选择"}).status_code == 422
    response = client.post(url_of(ticket, task, "complete"), {"outcome": "finish", "opinion": " "})
    assert response.status_code == 422
    assert again(ticket).status == TicketStatus.OPEN


def test_who_comes_second_learns_who_was_faster_and_keeps_his_text(cast: Cast, ticket, client_of) -> None:
    task = task_at(ticket, "coordinate")
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    received = task_at(ticket, "receive")
    workflow_services.claim_task(received, by=fresh(cast.interface_person))
    response = client_of(cast.deputy).post(
        url_of(ticket, received, "complete"), {"outcome": "done", "opinion": "副手的结论"}
    )
    text = response.content.decode()
    assert response.status_code == 409
    assert "丁接口" in text
    assert "副手的结论" in text
    late = client_of(cast.coordinator).post(
        url_of(ticket, task, "complete"), {"outcome": "finish", "opinion": "迟到的意见"}
    )
    assert late.status_code == 409
    assert "迟到的意见" in late.content.decode()


def test_sending_the_same_form_twice_acts_once(cast: Cast, ticket, client_of) -> None:
    client, task = client_of(cast.coordinator), task_at(ticket, "coordinate")
    form = {
        "outcome": "answer_original",
        "opinion": "请答复",
        "key": key_on(client.get(ticket.get_absolute_url()).content.decode()),
    }
    for _attempt in range(2):
        assert client.post(url_of(ticket, task, "complete"), form).status_code == 302
    assert Opinion.objects.count() == 1
    assert again(ticket).status == TicketStatus.REPLYING


@pytest.mark.parametrize("resume", ["flow", "straight"])
def test_the_second_department_sends_back_to_the_first(cast: Cast, ticket, client_of, resume: str) -> None:
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    do(ticket, "receive", cast.interface_person, "pass_on", "请计费核查", department=cast.billing.pk)
    second = task_at(ticket, "receive")
    client = client_of(cast.billing_interface)
    page = client.get(ticket.get_absolute_url()).content.decode()
    target = re.search(r'<option value="(\d+)"[^>]*>[^<]*丁接口', page)[1]
    refused = client.post(url_of(ticket, second, "send-back"), {"to_visit": target, "resume": resume, "opinion": ""})
    assert refused.status_code == 422
    client.post(url_of(ticket, second, "send-back"), {"to_visit": target, "resume": resume, "opinion": "缺少网络日志"})
    returned = task_at(ticket, "receive")
    assert (returned.unit, returned.assignee) == (cast.network, cast.interface_person)
    assert "缺少网络日志" in client_of(cast.interface_person).get(ticket.get_absolute_url()).content.decode()


def test_a_step_is_passed_on_with_a_reason(cast: Cast, ticket, client_of) -> None:
    client, task = client_of(cast.supervisor), task_at(ticket, "coordinate")
    assert client.post(url_of(ticket, task, "reassign"), {"to": "", "reason": "换人"}).status_code == 422
    client.post(url_of(ticket, task, "reassign"), {"to": cast.coordinator.pk, "reason": "换人"})
    assert task_at(ticket, "coordinate").assignee == cast.coordinator
    assert (
        client_of(cast.agent).post(url_of(ticket, task, "reassign"), {"to": cast.agent.pk, "reason": "x"}).status_code
        == 403
    )


def test_what_was_just_sent_is_recalled_while_nobody_touched_it(cast: Cast, ticket, client_of) -> None:
    client, task = client_of(cast.coordinator), task_at(ticket, "coordinate")
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    assert url_of(ticket, task, "recall") in client.get(ticket.get_absolute_url()).content.decode()
    client.post(url_of(ticket, task, "recall"))
    assert task_at(ticket, "coordinate").assignee == cast.coordinator
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    workflow_services.claim_task(task_at(ticket, "receive"), by=fresh(cast.interface_person))
    assert "/recall/" not in client.get(ticket.get_absolute_url()).content.decode()


def test_the_process_is_terminated_by_a_supervisor_only(cast: Cast, ticket, client_of) -> None:
    url = reverse("ticket-terminate", args=[ticket.number])
    assert client_of(cast.agent).post(url, {"reason": "x"}).status_code == 403
    assert again(ticket).status == TicketStatus.OPEN
    client_of(cast.supervisor).post(url, {"reason": "重复受理"})
    assert again(ticket).status == TicketStatus.ABORTED


def test_a_task_of_another_ticket_is_404(cast: Cast, ticket, register, client_of) -> None:
    other = register()
    url = reverse("ticket-task-claim", args=[ticket.number, task_at(other, "coordinate").pk])
    assert client_of(cast.coordinator).post(url).status_code == 404


def test_watching_is_a_toggle(cast: Cast, ticket, client_of) -> None:
    client = client_of(cast.coordinator)
    for _attempt in range(2):
        client.post(reverse("ticket-watch", args=[ticket.number]))
    assert ticket.watchers.count() == 1
    client.post(reverse("ticket-unwatch", args=[ticket.number]))
    assert ticket.watchers.count() == 0

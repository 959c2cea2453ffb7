"""Delegating, adding signers and copying from the ticket page."""

from django.urls import reverse

from cast import Cast
from onepoint.tickets.models import Watcher
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import UserTask
from tickets.conftest import fresh, task_at


def url_of(ticket, task: UserTask, verb: str) -> str:
    return reverse(f"ticket-task-{verb}", args=[ticket.number, task.pk])


def claimed(cast: Cast, ticket) -> UserTask:
    task = task_at(ticket, "coordinate")
    workflow_services.claim_task(task, by=cast.coordinator)
    return task_at(ticket, "coordinate")


def test_the_page_offers_what_the_step_allows_under_more(cast: Cast, ticket, client_of) -> None:
    task = claimed(cast, ticket)
    page = client_of(cast.coordinator).get(ticket.get_absolute_url()).content.decode()
    for verb in ("delegate", "add-signers", "copy"):
        assert url_of(ticket, task, verb) in page
    page = client_of(cast.agent).get(ticket.get_absolute_url()).content.decode()
    assert url_of(ticket, task, "delegate") not in page


def test_a_delegated_step_is_handed_back_on_the_same_page(cast: Cast, ticket, client_of) -> None:
    task = claimed(cast, ticket)
    client = client_of(cast.coordinator)
    refused = client.post(url_of(ticket, task, "delegate"), {"to": cast.handler.pk, "reason": ""})
    assert refused.status_code == 422
    client.post(url_of(ticket, task, "delegate"), {"to": cast.handler.pk, "reason": "你更熟悉"})
    other = client_of(fresh(cast.handler))
    page = other.get(ticket.get_absolute_url()).content.decode()
    assert 'value="handed_back"' in page
    other.post(url_of(ticket, task, "complete"), {"outcome": "handed_back", "opinion": "已核实"})
    task.refresh_from_db()
    assert (task.assignee, task.delegators) == (cast.coordinator, [])
    assert "已核实" in client.get(ticket.get_absolute_url()).content.decode()


def test_signers_get_the_ticket_and_the_page_says_who_is_still_to_sign(cast: Cast, ticket, client_of) -> None:
    task = claimed(cast, ticket)
    client = client_of(cast.coordinator)
    asked = {"people": [cast.handler.pk, cast.deputy.pk], "position": "before", "reason": "请会签"}
    client.post(url_of(ticket, task, "add-signers"), asked)
    page = client.get(ticket.get_absolute_url()).content.decode()
    assert cast.handler.name in page
    assert "完成本环节" not in page or 'name="outcome"' not in page
    signer = UserTask.objects.get(parent=task, assignee=cast.handler)
    other = client_of(fresh(cast.handler))
    assert 'value="disagree"' in other.get(ticket.get_absolute_url()).content.decode()
    other.post(url_of(ticket, signer, "complete"), {"outcome": "disagree", "opinion": ""})
    signer.refresh_from_db()
    assert signer.is_live
    other.post(url_of(ticket, signer, "complete"), {"outcome": "disagree", "opinion": "证据不足"})
    signer.refresh_from_db()
    assert signer.outcome == "disagree"


def test_nobody_chosen_is_told_and_what_was_written_stays(cast: Cast, ticket, client_of) -> None:
    task = claimed(cast, ticket)
    answer = client_of(cast.coordinator).post(
        url_of(ticket, task, "add-signers"), {"position": "before", "reason": "写了很久的说明"}
    )
    assert answer.status_code == 422
    assert "写了很久的说明" in answer.content.decode()


def test_whoever_was_sent_a_copy_reads_along_and_watches_it(cast: Cast, ticket, client_of) -> None:
    task = claimed(cast, ticket)
    stranger = client_of(cast.billing_handler)
    assert stranger.get(ticket.get_absolute_url()).status_code == 404
    client_of(cast.coordinator).post(
        url_of(ticket, task, "copy"), {"people": [cast.billing_handler.pk], "reason": "知悉"}
    )
    assert client_of(fresh(cast.billing_handler)).get(ticket.get_absolute_url()).status_code == 200
    assert Watcher.objects.get(ticket=ticket).user == cast.billing_handler


def test_an_outsider_can_do_none_of_it(cast: Cast, ticket, client_of) -> None:
    task = claimed(cast, ticket)
    client = client_of(cast.outsider)
    for verb in ("delegate", "add-signers", "copy"):
        answer = client.post(url_of(ticket, task, verb), {"to": cast.outsider.pk, "people": [cast.outsider.pk]})
        assert answer.status_code == 404

"""The panel of reminders and supervision, the list of supervised tickets."""

from typing import Any

import pytest

from cast import Cast
from onepoint.accounts.models import Role
from onepoint.tickets import services
from onepoint.tickets.models import Supervision, Ticket
from onepoint.workflow.models import Reminder


@pytest.fixture(autouse=True)
def rights(cast: Cast) -> None:
    for code, more in {"agent": ["ticket.remind"], "supervisor": ["ticket.remind", "ticket.supervise"]}.items():
        role = Role.objects.get(code=code)
        role.permissions += more
        role.save()


def test_an_agent_urges_from_the_page_and_too_soon_keeps_what_was_typed(
    ticket: Ticket, cast: Cast, client_of: Any
) -> None:
    client = client_of(cast.agent)
    url = f"/tickets/{ticket.number}/remind/"
    assert client.post(url, {"text": "请加快", "key": "one"}).status_code == 302
    again = client.post(url, {"text": "再催一次", "key": "two"})
    assert again.status_code == 409
    assert "再催一次" in again.content.decode()
    panel = client.get(f"/tickets/{ticket.number}/urging/", headers={"hx-request": "true"}).content.decode()
    assert "请加快" in panel
    assert "<html" not in panel
    assert Reminder.objects.count() == 1


def test_an_agent_notes_that_the_customer_urges(ticket: Ticket, cast: Cast, client_of: Any) -> None:
    client = client_of(cast.agent)
    url = f"/tickets/{ticket.number}/remind/"
    assert client.post(url, {"text": "一直没人联系", "channel": "hotline"}).status_code == 302
    assert client.post(url, {"text": "一直没人联系", "channel": "pigeon"}).status_code == 422
    assert Reminder.objects.get().kind == "customer"


def test_the_handler_answers_and_reports_where_the_superior_supervises(
    ticket: Ticket, cast: Cast, client_of: Any
) -> None:
    reminder = services.remind_ticket(ticket, text="请加快", by=cast.agent)
    superior, handler = client_of(cast.supervisor), client_of(cast.coordinator)
    base = f"/tickets/{ticket.number}"
    begun = superior.post(f"{base}/supervise/", {"text": "媒体关注", "interval_hours": 4, "receivers": []})
    assert begun.status_code == 302
    supervision = Supervision.objects.get()
    assert handler.post(f"{base}/reminders/{reminder.pk}/answer/", {"text": "今天派单"}).status_code == 302
    assert handler.post(f"{base}/supervisions/{supervision.pk}/report/", {"text": "已派网络部"}).status_code == 302
    assert handler.post(f"{base}/supervisions/{supervision.pk}/end/", {"text": "好了"}).status_code == 403
    shown = superior.get(f"{base}/urging/").content.decode()
    assert "今天派单" in shown
    assert "已派网络部" in shown
    assert superior.post(f"{base}/supervisions/{supervision.pk}/end/", {"text": "客户认可"}).status_code == 302
    assert superior.post(f"{base}/supervise/", {"text": "", "interval_hours": 0}).status_code == 422


def test_the_panel_and_the_list_cost_few_statements(
    ticket: Ticket, cast: Cast, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    services.remind_ticket(ticket, text="请加快", by=cast.agent)
    services.start_supervision(ticket, reason="媒体关注", interval_hours=4, by=cast.supervisor)
    client = client_of(cast.supervisor)
    client.get("/supervisions/")
    with django_assert_max_num_queries(12):
        listed = client.get("/supervisions/")
    assert ticket.number in listed.content.decode()
    with django_assert_max_num_queries(30):
        client.get(f"/tickets/{ticket.number}/urging/", headers={"hx-request": "true"})
    assert client_of(cast.agent).get("/supervisions/").status_code == 403
    assert client_of(cast.outsider).get(f"/tickets/{ticket.number}/urging/").status_code == 404

"""Who else has a ticket open: told at once, within scope, gone after half a minute."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.urls import reverse

from cast import Cast
from listening import announcements
from onepoint.core import clock, presence
from onepoint.core.models import Presence
from onepoint.tickets import services
from tickets.conftest import fresh

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def real_transactions(transactional_db: None) -> None:
    """What is told is told at the commit; this goes before the fixtures that write."""


@pytest.fixture
def told(cast: Cast) -> Iterator[Callable[[], list[set[str]]]]:
    """A function giving the keys of each announcement since it was last asked."""
    with announcements() as heard:
        yield lambda: [set(keys) for event, _ids, keys in heard() if event == "presence"]


def names(others: list[Presence]) -> list[tuple[str, bool]]:
    return [(one.actor_name, one.is_editing) for one in others]


def test_each_sees_the_others_and_hears_of_news_only(cast: Cast, ticket, told) -> None:
    agent, coordinator = fresh(cast.agent), fresh(cast.coordinator)
    assert services.report_presence(ticket, is_editing=False, by=agent) == []
    others = services.report_presence(ticket, is_editing=False, by=coordinator)
    assert names(others) == [("安坐席", False)]
    assert told() == [{f"P{agent.pk}"}]
    services.report_presence(ticket, is_editing=False, by=coordinator)
    assert told() == []
    services.report_presence(ticket, is_editing=True, by=coordinator)
    assert told() == [{f"P{agent.pk}"}]
    assert names(services.report_presence(ticket, is_editing=False, by=agent)) == [("程协调", True)]


def test_who_leaves_or_falls_silent_is_gone(cast: Cast, ticket, told) -> None:
    agent, coordinator = fresh(cast.agent), fresh(cast.coordinator)
    services.report_presence(ticket, is_editing=False, by=agent)
    services.report_presence(ticket, is_editing=False, by=coordinator)
    told()
    services.leave_ticket(ticket, by=coordinator)
    assert told() == [{f"P{agent.pk}"}]
    assert services.report_presence(ticket, is_editing=False, by=agent) == []
    services.report_presence(ticket, is_editing=False, by=coordinator)
    with clock.at(clock.now() + timedelta(seconds=31)):
        assert services.report_presence(ticket, is_editing=False, by=agent) == []
    with clock.at(clock.now() + timedelta(minutes=5)):
        presence.forget_the_gone()
    assert not Presence.objects.exists()


def test_another_ticket_is_another_place(cast: Cast, ticket, register) -> None:
    services.report_presence(ticket, is_editing=False, by=fresh(cast.agent))
    assert services.report_presence(register(), is_editing=False, by=fresh(cast.coordinator)) == []


def test_the_page_reports_and_the_outsider_hears_nothing(cast: Cast, ticket, client_of) -> None:
    address = reverse("ticket-presence", args=[ticket.number])
    assert client_of(cast.agent).post(address, {"state": "editing"}).status_code == 200
    answer = client_of(cast.coordinator).post(address, {"state": "looking"})
    assert "安坐席" in answer.content.decode()
    assert client_of(cast.outsider).post(address).status_code == 404
    assert client_of(cast.agent).post(address, {"state": "left"}).status_code == 204
    assert "安坐席" not in client_of(cast.coordinator).post(address, {"state": "looking"}).content.decode()

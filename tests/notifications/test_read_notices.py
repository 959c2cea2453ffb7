"""The bell, its drop-down, the list: each person's own, and nobody else's."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cast import Cast
from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.notifications import services
from onepoint.notifications.models import Notification, NotificationPolicy


def tell(person: User, *keys: str, event: str = "sample.happened", **facts: Any) -> list[Notification]:
    for key in keys:
        services.notify(
            event, [person.pk], key=key, facts={"number": key, "step": "受理"} | facts, subject=None,
            url=f"/tickets/{key}/", by=None,
        )  # fmt: skip
    return list(Notification.objects.filter(person=person).order_by("pk"))


@pytest.fixture
def agent(cast: Cast, client_of: Any) -> Client:
    return client_of(cast.agent)


def test_the_bell_counts_what_is_unread(cast: Cast, agent: Client) -> None:
    assert "bell__count" not in agent.get("/notifications/bell/").content.decode()
    first, _second = tell(cast.agent, "TS1", "TS2")
    assert ">2<" in agent.get("/notifications/bell/").content.decode()
    services.mark_read(first, by=cast.agent)
    assert ">1<" in agent.get("/notifications/bell/").content.decode()


def test_the_bell_stops_counting_at_a_hundred(cast: Cast, agent: Client) -> None:
    tell(cast.agent, *[f"TS{number}" for number in range(101)])
    assert "99+" in agent.get("/notifications/bell/").content.decode()


def test_the_bell_asks_one_question_of_an_index(cast: Cast, agent: Client, django_assert_num_queries: Any) -> None:
    tell(cast.agent, "TS1")
    agent.get("/notifications/bell/")
    with django_assert_num_queries(3):  # session with its person, unread notifications, unread conversations
        agent.get("/notifications/bell/")


def test_the_list_costs_the_same_however_long_it_is(cast: Cast, agent: Client, django_assert_num_queries: Any) -> None:
    tell(cast.agent, *[f"TS{number}" for number in range(30)])
    agent.get("/notifications/")
    with django_assert_num_queries(3):  # session with its person, rows, the house's texts
        agent.get("/notifications/")


def test_the_drop_down_shows_the_newest_first(cast: Cast, agent: Client) -> None:
    tell(cast.agent, "TS1", "TS2")
    page = agent.get("/notifications/newest/").content.decode()
    assert page.index("工单 TS2 请处理") < page.index("工单 TS1 请处理")


def test_opening_one_marks_it_read_and_leads_to_the_item(cast: Cast, agent: Client) -> None:
    (notice,) = tell(cast.agent, "TS1")
    answer = agent.get(f"/notifications/{notice.pk}/")
    assert answer.status_code == 302
    assert answer["Location"] == "/tickets/TS1/"
    notice.refresh_from_db()
    assert notice.read_at


def test_nobody_sees_opens_or_marks_anothers(cast: Cast, client_of: Any) -> None:
    (notice,) = tell(cast.agent, "TS1")
    for other in (cast.outsider, cast.admin):
        client = client_of(other)
        assert "TS1" not in client.get("/notifications/").content.decode()
        assert "TS1" not in client.get("/notifications/newest/").content.decode()
        assert client.get(f"/notifications/{notice.pk}/").status_code == 404
        assert client.post(f"/notifications/{notice.pk}/read/").status_code == 404
        client.post("/notifications/read/", {"until": notice.pk})
    assert not services.mark_read(notice, by=cast.outsider)
    notice.refresh_from_db()
    assert notice.read_at is None


def test_all_are_marked_up_to_the_one_the_person_saw(cast: Cast, agent: Client) -> None:
    first, second, third = tell(cast.agent, "TS1", "TS2", "TS3")
    agent.post("/notifications/read/", {"until": second.pk})
    assert list(Notification.objects.unread()) == [third]
    agent.post("/notifications/read/", {"until": "nonsense"})
    assert list(Notification.objects.unread()) == [third]
    assert first.pk < second.pk


def test_the_list_is_narrowed_to_unread_ones_and_groups(cast: Cast, agent: Client) -> None:
    first, _second = tell(cast.agent, "TS1", "TS2")
    tell(cast.agent, "TS3", event="sample.burnt")
    services.mark_read(first, by=cast.agent)
    unread = agent.get("/notifications/?state=unread").content.decode()
    assert "TS1" not in unread
    assert "TS2" in unread
    fires = agent.get("/notifications/?group=fires").content.decode()
    assert "TS3" in fires
    assert "TS2" not in fires
    assert agent.get("/notifications/?group=%00&state=x&page=9999").status_code == 200


def test_one_who_switches_the_language_reads_old_ones_in_it_too(cast: Cast, agent: Client) -> None:
    tell(cast.agent, "TS1", step_en="Intake")
    assert "工单 TS1 请处理" in agent.get("/notifications/").content.decode()
    agent.post("/language/", {"language": "en"})
    page = agent.get("/notifications/").content.decode()
    assert "Ticket TS1 asks for you" in page
    assert "“Intake”" in page


def test_markup_in_a_fact_is_shown_not_run(cast: Cast, agent: Client) -> None:
    tell(cast.agent, "TS1", step="<img src=x onerror=alert(1)>")
    for path in ("/notifications/", "/notifications/newest/"):
        page = agent.get(path).content.decode()
        assert "<img" not in page
        assert "&lt;img" in page


def test_numbers_are_masked_for_who_may_not_see_them(cast: Cast, agent: Client, client_of: Any) -> None:
    tell(cast.agent, "TS1", step="13912345678")
    tell(cast.handler, "TS1", step="13912345678")
    assert "13912345678" in agent.get("/notifications/").content.decode()
    handler = client_of(cast.handler).get("/notifications/").content.decode()
    assert "13912345678" not in handler
    assert "139****5678" in handler


def test_an_event_whose_capability_is_gone_does_no_harm(cast: Cast, agent: Client) -> None:
    tell(cast.agent, "TS1")
    Notification.objects.update(event="gone.away")
    assert "gone.away" in agent.get("/notifications/").content.decode()


def test_old_ones_are_removed_and_those_that_wait_for_a_digest_stay(cast: Cast) -> None:
    NotificationPolicy.objects.create(pk=1, keep_read_days=10, keep_unread_days=20)
    old, unread, fresh = tell(cast.agent, "TS1", "TS2", "TS3")
    services.mark_read(old, by=cast.agent)
    _age(old, 11)
    _age(unread, 11)
    assert services.remove_old_notifications(by=None) == 1
    _age(unread, 21)
    assert services.remove_old_notifications(by=None) == 1
    assert list(Notification.objects.all()) == [fresh]


def _age(notice: Notification, days: int) -> None:
    Notification.objects.filter(pk=notice.pk).update(created_at=clock.now() - timedelta(days=days))


def test_the_list_says_what_became_of_a_letter(cast: Cast, agent: Client) -> None:
    (notice,) = tell(cast.agent, "TS1")
    assert "没有地址" in agent.get("/notifications/").content.decode()
    Notification.objects.filter(pk=notice.pk).update(ways={"email": "failed", "letter": "digest/1/2", "pigeon": "lost"})
    page = agent.get("/notifications/").content.decode()
    assert "发送失败" in page
    assert "digest/1/2" not in page

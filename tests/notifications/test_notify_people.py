"""Telling people something: once each, in the transaction of what happened."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from cast import Cast
from listening import announcements
from onepoint.notifications.models import Notification
from onepoint.notifications.registry import UnknownEvent
from onepoint.notifications.services import notify


def tell(*people: Any, key: str = "sample/1", **more: Any) -> int:
    values: dict[str, Any] = {
        "event": "sample.happened", "facts": {"number": "TS1", "step": "受理", "step_en": "Intake"},
        "subject": ("ticket", 1), "url": "/tickets/TS1/", "by": None,
    } | more  # fmt: skip
    return notify(values.pop("event"), [person.pk for person in people], key=key, **values)


def test_each_person_gets_one_row_however_often_it_is_told(cast: Cast) -> None:
    assert tell(cast.agent, cast.handler) == 2
    assert tell(cast.agent, cast.handler, cast.coordinator) == 1
    assert Notification.objects.count() == 3
    assert set(Notification.objects.values_list("subject_type", "subject_id")) == {("ticket", 1)}


def test_many_people_cost_no_more_statements_than_one(cast: Cast, django_assert_num_queries: Any) -> None:
    people = [cast.agent, cast.second_agent, cast.coordinator, cast.supervisor, cast.handler]
    with django_assert_num_queries(7):  # savepoint twice, people, house rules, role defaults, rows, webhooks
        tell(*people, key="many")


def test_nobody_is_told_of_what_rolls_back(cast: Cast) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        tell(cast.agent)
        raise RuntimeError
    assert not Notification.objects.exists()


def test_those_who_may_not_log_in_are_left_out(cast: Cast) -> None:
    cast.handler.is_active = False
    cast.handler.save()
    assert tell(cast.handler, cast.agent) == 1


@pytest.mark.django_db(transaction=True)
def test_open_pages_of_those_told_hear_of_it_and_no_others(cast: Cast) -> None:
    with announcements() as heard:
        tell(cast.agent, cast.handler)
        tell(cast.agent)
        told = heard()
    assert told == [["notice", {}, sorted([f"P{cast.agent.pk}", f"P{cast.handler.pk}"])]]


def test_an_event_nobody_registered_is_a_mistake(cast: Cast) -> None:
    with pytest.raises(UnknownEvent):
        tell(cast.agent, event="nobody.knows")


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_a_link_never_leads_out_of_the_house(cast: Cast, url: str) -> None:
    with pytest.raises(ValueError):
        tell(cast.agent, url=url)


@pytest.mark.django_db(transaction=True)
def test_two_who_tell_the_same_at_once_tell_it_once(cast: Cast) -> None:
    people, told = [cast.agent, cast.handler, cast.coordinator], []
    begin = threading.Barrier(2)

    def work(order: list[Any]) -> None:
        try:
            with transaction.atomic():
                begin.wait()
                told.append(tell(*order))
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[order]) for order in (people, people[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [0, 3]
    assert Notification.objects.count() == 3

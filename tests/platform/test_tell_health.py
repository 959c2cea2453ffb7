"""``/healthz`` and ``/readyz``: what a load balancer and a watcher are told, without a login."""

import pytest
from django.db import connection
from django.test import Client

from onepoint.core import jobs, wellbeing

pytestmark = pytest.mark.django_db


def beat(age: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s))", [age]
        )


def test_a_house_with_a_living_worker_is_well(client: Client) -> None:
    beat(age=3)
    answer = client.get("/healthz")
    assert answer.status_code == 200
    state = answer.json()
    assert (state["ok"], state["database"], state["queue"]) == (True, "ok", {"length": 0, "oldest_age": None})
    assert 3 <= state["worker"]["heartbeat_age"] < wellbeing.DEAD_AFTER_SECONDS


@pytest.mark.parametrize("ages", [[], [wellbeing.DEAD_AFTER_SECONDS + 1]])
def test_a_house_without_a_living_worker_is_not_well(client: Client, ages: list[int]) -> None:
    for age in ages:
        beat(age)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["worker"]["ok"]) == (503, False)


def test_one_living_worker_among_dead_ones_is_enough(client: Client) -> None:
    beat(age=9999)
    beat(age=1)
    assert client.get("/healthz").status_code == 200


def test_the_queue_tells_how_many_wait_and_how_long_the_oldest_has(client: Client) -> None:
    beat(age=1)
    for _ in range(3):
        jobs.defer("core.unknown")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '40 seconds'")
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 day' WHERE id = ("
                       "SELECT max(id) FROM procrastinate_jobs)")  # fmt: skip
    queue = client.get("/healthz").json()["queue"]
    assert queue["length"] == 2
    assert queue["oldest_age"] >= 40


def test_a_web_process_that_reaches_the_database_is_ready_even_without_a_worker(client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_without_a_database_the_answer_is_503_and_not_a_crash(client: Client, address: str) -> None:
    known = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = "there_is_no_such_database"
    try:
        answer = client.get(address)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = known
    assert (answer.status_code, answer.json()["ok"]) == (503, False)


def test_a_health_check_costs_few_queries(client: Client, django_assert_num_queries) -> None:
    beat(age=1)
    with django_assert_num_queries(4):
        client.get("/healthz")

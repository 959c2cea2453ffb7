"""What a process keeps holds until the database says that it changed, and nothing half done is ever kept."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from onepoint.core import clock, stamped
from onepoint.core.models import ChosenColumns
from onepoint.core.stamped import as_of, kept, stamps_now
from onepoint.core.tables import choose_columns, chosen_keys

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget_all():
    stamped._kept.clear()
    yield
    stamped._kept.clear()


def _counted(answers: list[str]):
    left = iter(answers)
    return lambda: next(left)


def test_without_stamps_everything_is_computed() -> None:
    compute = _counted(["first", "second"])
    assert [kept("lists", "x", compute), kept("lists", "x", compute)] == ["first", "second"]


def test_under_one_stamp_it_is_computed_once() -> None:
    compute = _counted(["first", "second"])
    with as_of(stamps_now()):
        assert [kept("lists", "x", compute), kept("lists", "x", compute)] == ["first", "first"]


def test_a_write_to_a_watched_table_ends_it() -> None:
    compute = _counted(["first", "second"])
    with as_of(stamps_now()):
        kept("lists", "x", compute)
    choose_columns("tickets", ["number"], actor_id=1)
    with as_of(stamps_now()):
        assert kept("lists", "x", compute) == "second"


def test_other_topics_stay() -> None:
    compute = _counted(["first", "second"])
    with as_of(stamps_now()):
        kept("terms", "x", compute)
    choose_columns("tickets", ["number"], actor_id=1)
    with as_of(stamps_now()):
        assert kept("terms", "x", compute) == "first"


def test_one_of_several_topics_is_enough_to_end_it() -> None:
    compute = _counted(["first", "second"])
    with as_of(stamps_now()):
        kept("lists terms", "x", compute)
    choose_columns("tickets", ["number"], actor_id=1)
    with as_of(stamps_now()):
        assert kept("lists terms", "x", compute) == "second"


def test_what_changed_while_it_was_computed_is_not_kept() -> None:
    def compute() -> str:
        choose_columns("tickets", [f"column {ChosenColumns.objects.count()}"], actor_id=1)
        return "half"

    before = stamps_now()
    with as_of(before):
        kept("lists", "x", compute)
        assert kept("lists", "x", lambda: "whole") == "whole"


def test_what_a_transaction_that_was_rolled_back_had_seen_is_not_kept() -> None:
    before = stamps_now()
    with transaction.atomic():
        choose_columns("tickets", ["number"], actor_id=1)
        with as_of(before):
            assert chosen_keys("tickets", actor_id=1) == {"tickets": ["number"]}
        transaction.set_rollback(True)
    assert stamps_now() == before
    with as_of(before):
        assert chosen_keys("tickets", actor_id=1) == {}


def test_a_stamp_of_a_write_rolled_back_never_comes_again() -> None:
    seen = set()
    for _ in range(2):
        with transaction.atomic():
            choose_columns("tickets", ["number"], actor_id=1)
            seen.add(stamps_now()["lists"])
            transaction.set_rollback(True)
    assert len(seen) == 2


def test_what_depends_on_the_time_ends_with_its_time() -> None:
    compute = _counted(["morning", "evening", "morning again"])
    now = clock.now()

    def until() -> datetime:
        return now + timedelta(hours=1)

    with as_of(stamps_now()):
        with clock.at(now):
            kept("lists", "x", compute, until=until)
            assert kept("lists", "x", compute, until=until) == "morning"
        with clock.at(now + timedelta(hours=1)):
            assert kept("lists", "x", compute) == "evening"
        with clock.at(now - timedelta(minutes=1)):
            assert kept("lists", "x", compute) == "morning again"


@pytest.mark.django_db(transaction=True)
def test_two_writers_do_not_wait_for_each_other() -> None:
    import threading

    from django.db import connection

    wrote, go_on = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with transaction.atomic():
            choose_columns("tickets", ["number"], actor_id=1)
            wrote.set()
            go_on.wait(60)
        connection.close()

    writer = threading.Thread(target=write_slowly)
    writer.start()
    assert wrote.wait(60)
    before = stamps_now()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
    try:
        choose_columns("tickets", ["title"], actor_id=2)
        between = stamps_now()
    finally:
        go_on.set()
        writer.join()
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
    assert len({before.get("lists"), between["lists"], stamps_now()["lists"]}) == 3

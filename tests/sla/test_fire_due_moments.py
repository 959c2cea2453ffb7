"""Due moments happen once in effect: whoever dies, however often they are scheduled, wherever the clock jumps."""

import os
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection

from cast import Cast
from database_url import database_url
from onepoint.accounts.models import Role
from onepoint.core import clock
from onepoint.core.errors import NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.sla import moments, services
from onepoint.sla.models import DueMoment
from onepoint.sla.moments import FiredMoment, fire_due, register_moment
from onepoint.sla.policies import MomentNotParked
from onepoint.sla.services.moments import (
    KEPT,
    PlannedMoment,
    cancel_moments,
    cancel_moments_of,
    hold_moments,
    let_moments_go,
    schedule_moment,
    schedule_moments,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
HOUR = timedelta(hours=1)


@pytest.fixture
def seen(db: None, monkeypatch: pytest.MonkeyPatch) -> list[FiredMoment]:
    """What happened, of the kind ``test.seen``; its effect in the database is an entry of the journal."""
    monkeypatch.setattr(moments, "_functions", dict(moments._functions))
    happened: list[FiredMoment] = []

    def happen(moment: FiredMoment) -> None:
        AuditEntry.objects.create(
            at=clock.now(), verb="test.happened", subject_type=moment.subject[0], subject_id=moment.subject[1]
        )
        happened.append(moment)

    register_moment("test.seen", happen)
    return happened


def at_noon(key: str, after: timedelta = timedelta(), subject: int = 1, kind: str = "test.seen") -> None:
    schedule_moment(kind, NOON + after, key=key, subject=("thing", subject), facts={"key": key})


def row(key: str) -> DueMoment:
    return DueMoment.objects.get(key=key)


def test_a_moment_happens_when_it_is_due_and_once(seen: list[FiredMoment]) -> None:
    at_noon("a", HOUR, subject=7)
    assert fire_due(NOON) == 0
    assert fire_due(NOON + HOUR) == 1
    assert fire_due(NOON + 2 * HOUR) == 0
    (moment,) = seen
    assert (moment.key, moment.subject, moment.facts, moment.due_at) == ("a", ("thing", 7), {"key": "a"}, NOON + HOUR)
    assert (row("a").status, row("a").settled_at) == ("fired", NOON + HOUR)


def test_the_same_key_moves_a_waiting_moment_wakes_a_cancelled_one_and_leaves_a_fired_one(
    seen: list[FiredMoment],
) -> None:
    at_noon("a", HOUR)
    at_noon("a", 3 * HOUR)
    assert fire_due(NOON + HOUR) == 0
    assert cancel_moments(("thing", 1)) == 1
    assert fire_due(NOON + 3 * HOUR) == 0
    at_noon("a", 4 * HOUR)
    assert fire_due(NOON + 4 * HOUR) == 1
    at_noon("a", 5 * HOUR)
    assert fire_due(NOON + 6 * HOUR) == 0
    assert len(seen) == 1


def test_many_are_scheduled_and_cancelled_in_one_statement_each(
    seen: list[FiredMoment], django_assert_num_queries
) -> None:
    with django_assert_num_queries(1):
        schedule_moments([PlannedMoment("test.seen", NOON, f"k{n}", ("thing", n)) for n in range(50)])
    with django_assert_num_queries(1):
        assert cancel_moments_of("thing", range(20), kinds=["test.seen"]) == 20
    assert cancel_moments_of("thing", range(40), kinds=["test.other"]) == 0
    assert fire_due(NOON) == 30
    assert sorted(moment.subject[1] for moment in seen) == list(range(20, 50))


def test_what_was_missed_while_no_worker_ran_happens_once_in_order(seen: list[FiredMoment]) -> None:
    for hour in (3, 1, 2):
        at_noon(f"a{hour}", hour * HOUR)
    assert fire_due(NOON + timedelta(days=3)) == 3
    assert [moment.key for moment in seen] == ["a1", "a2", "a3"]


def test_a_clock_that_jumps_ahead_and_back_neither_loses_nor_repeats(seen: list[FiredMoment]) -> None:
    at_noon("a", HOUR)
    at_noon("failing", kind="test.nobody")
    assert fire_due(NOON + timedelta(days=3)) == 1  # the clock was three days ahead; one failed and rests
    assert row("failing").not_before > NOON + timedelta(days=3)
    assert fire_due(NOON + 2 * HOUR) == 0  # and was set right
    assert (row("failing").attempts, len(seen)) == (2, 1)  # the rest of a false tomorrow does not bind


def test_one_that_fails_keeps_nobody_else_rests_and_is_parked_the_third_time(seen: list[FiredMoment]) -> None:
    def fail(moment: FiredMoment) -> None:
        seen.append(moment)
        AuditEntry.objects.create(at=clock.now(), verb="test.half", subject_type="thing", subject_id=1)
        raise IntegrityError("kaputt")

    register_moment("test.failing", fail)
    at_noon("bad", kind="test.failing")
    at_noon("good", HOUR)
    assert fire_due(NOON + HOUR) == 1
    assert (row("bad").status, row("good").status) == ("waiting", "fired")
    assert fire_due(NOON + HOUR + timedelta(seconds=9)) == 0
    assert row("bad").attempts == 1
    fire_due(NOON + HOUR + timedelta(seconds=10))
    assert (row("bad").attempts, row("bad").status) == (2, "waiting")
    fire_due(NOON + 2 * HOUR)
    assert (row("bad").status, row("bad").last_error) == ("parked", "IntegrityError: kaputt")
    assert fire_due(NOON + 9 * HOUR) == 0
    assert not AuditEntry.objects.filter(verb="test.half").exists()
    assert len([moment for moment in seen if moment.key == "bad"]) == 3


def test_an_unknown_kind_is_parked_with_its_name(seen: list[FiredMoment]) -> None:
    at_noon("x", kind="test.nobody")
    for hours in range(3):
        fire_due(NOON + hours * HOUR)
    assert (row("x").status, row("x").last_error) == ("parked", "UnknownKind: test.nobody")


def test_a_parked_moment_is_tried_again_or_given_up_by_who_may(seen: list[FiredMoment], cast: Cast) -> None:
    for key in ("again", "never"):
        at_noon(key, kind="test.nobody")
    for hours in range(3):
        fire_due(NOON + hours * HOUR)
    register_moment("test.nobody", moments._functions["test.seen"])
    Role.objects.filter(code="admin").update(permissions=["moment.manage"])
    with pytest.raises(NotPermitted):
        services.retry_moment(row("again"), by=cast.handler)
    stale = row("again")
    services.retry_moment(row("again"), by=cast.admin)
    with pytest.raises(MomentNotParked):
        services.retry_moment(stale, by=cast.admin)
    services.skip_moment(row("never"), by=cast.admin)
    assert fire_due(NOON + 5 * HOUR) == 1
    assert (row("again").status, row("never").status) == ("fired", "cancelled")
    verbs = AuditEntry.objects.filter(subject_type="moment", actor_id=cast.admin.pk).values_list("verb", flat=True)
    assert sorted(verbs) == ["moment.retried", "moment.skipped"]


def test_one_cancelled_while_it_happens_leaves_nothing(seen: list[FiredMoment]) -> None:
    def happen(moment: FiredMoment) -> None:
        AuditEntry.objects.create(at=clock.now(), verb="test.half", subject_type="thing", subject_id=1)
        cancel_moments(moment.subject)

    register_moment("test.cancelling", happen)
    at_noon("a", kind="test.cancelling")
    assert fire_due(NOON) == 0
    assert row("a").status == "waiting"  # its cancelling was rolled back with the rest, as nobody else's would be
    assert not AuditEntry.objects.filter(verb="test.half").exists()


def test_settled_moments_are_forgotten_after_a_month_and_waiting_or_parked_ones_never(seen: list[FiredMoment]) -> None:
    for key in ("fired", "cancelled", "waiting"):
        at_noon(key, subject=len(key))
    cancel_moments(("thing", len("cancelled")))
    DueMoment.objects.filter(key="cancelled").update(settled_at=NOON)
    DueMoment.objects.filter(key="waiting").update(due_at=NOON + 365 * 24 * HOUR)
    at_noon("parked", kind="test.nobody")
    for hours in range(3):
        fire_due(NOON + hours * HOUR)
    with clock.at(NOON + KEPT - HOUR):
        assert services.remove_settled_moments(by=None) == 0
    with clock.at(NOON + KEPT + 9 * HOUR):
        assert services.remove_settled_moments(by=None) == 2
    assert sorted(DueMoment.objects.values_list("key", flat=True)) == ["parked", "waiting"]


def test_what_is_due_is_found_by_the_index_of_the_waiting(seen: list[FiredMoment]) -> None:
    schedule_moments([PlannedMoment("test.seen", NOON + n * HOUR, f"k{n}", ("thing", n)) for n in range(3000)])
    DueMoment.objects.filter(subject_id__lt=2900).update(status="fired", settled_at=NOON)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE sla_duemoment")
        told = {"now": NOON + 2950 * HOUR, "lease": NOON, "most": 10}
        cursor.execute("EXPLAIN " + moments._TAKE_FRESH, told)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "moment_due" in plan


@pytest.mark.django_db(transaction=True)
def test_several_workers_share_what_is_due_and_each_thing_happens_once(seen: list[FiredMoment]) -> None:
    schedule_moments([PlannedMoment("test.seen", NOON, f"k{n}", ("thing", n)) for n in range(200)])
    fired: list[int] = []

    def work() -> None:
        try:
            fired.append(fire_due(NOON))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(fired) == 200
    assert sorted(moment.subject[1] for moment in seen) == list(range(200))
    assert AuditEntry.objects.filter(verb="test.happened").count() == 200


@pytest.mark.django_db(transaction=True)
def test_a_stale_worker_that_wakes_up_late_changes_nothing(seen: list[FiredMoment]) -> None:
    at_noon("a")
    with clock.at(NOON):
        stale = moments._take(10)
    assert fire_due(NOON + moments.LEASE - timedelta(seconds=1)) == 0
    assert fire_due(NOON + moments.LEASE) == 1
    with clock.at(NOON + HOUR):
        assert moments._fire_taken(stale) == 0
    assert AuditEntry.objects.filter(verb="test.happened").count() == 1


WORKER = """
import os, sys, django
django.setup()
from datetime import datetime
from onepoint.core import clock
from onepoint.core.models import AuditEntry
from onepoint.sla.moments import fire_due, register_moment

def happen(moment):
    AuditEntry.objects.create(at=clock.now(), verb="test.happened", subject_type="thing", subject_id=moment.subject[1])
    if moment.facts.get("kills"):
        os._exit(9)

register_moment("test.kill", happen)
fire_due(datetime.fromisoformat(sys.argv[1]))
"""


def run_worker(moment: datetime) -> int:
    environment = {
        **os.environ,
        "ONEPOINT_DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "onepoint.config.settings",
    }
    command = [sys.executable, "-c", WORKER, moment.isoformat()]
    return subprocess.run(command, env=environment, timeout=120, check=False, capture_output=True).returncode


@pytest.mark.django_db(transaction=True)
def test_what_kills_its_workers_is_parked_and_its_neighbours_happen_once() -> None:
    planned = [PlannedMoment("test.kill", NOON, f"k{n}", ("thing", n), {"kills": n == 4}) for n in range(8)]
    schedule_moments(planned)
    deaths = [run_worker(NOON + hours * HOUR) for hours in range(4)]
    assert deaths == [9, 9, 9, 0]
    assert row("k4").status == "parked"
    assert "worker was lost" in row("k4").last_error
    assert DueMoment.objects.filter(status="fired").count() == 7
    happened = AuditEntry.objects.filter(verb="test.happened").values_list("subject_id", flat=True)
    assert sorted(happened) == [0, 1, 2, 3, 5, 6, 7]


def test_what_stands_still_comes_later_by_as_long_as_it_stood(seen: list[FiredMoment]) -> None:
    at_noon("moved", 2 * HOUR, subject=1)
    at_noon("kept", 2 * HOUR, subject=2)
    at_noon("cancelled", 2 * HOUR, subject=3)
    with clock.at(NOON + HOUR):
        assert hold_moments("thing", [1, 2, 3]) == 3
    assert fire_due(NOON + 3 * HOUR) == 0
    with clock.at(NOON + 4 * HOUR):
        assert let_moments_go("thing", [1], kinds=["test.seen"]) == 1
        assert let_moments_go("thing", [2], moved=False) == 1
        assert cancel_moments(("thing", 3)) == 1
    assert fire_due(NOON + 4 * HOUR) == 1
    assert row("moved").due_at == NOON + 5 * HOUR
    assert fire_due(NOON + 5 * HOUR) == 1
    assert [moment.key for moment in seen] == ["kept", "moved"]


def test_a_moment_may_put_itself_off(seen: list[FiredMoment]) -> None:
    def put_off(moment: FiredMoment) -> None:
        seen.append(moment)
        if len(seen) < 3:
            schedule_moment("test.later", clock.now() + HOUR, key=moment.key, subject=moment.subject)

    register_moment("test.later", put_off)
    at_noon("a", timedelta(microseconds=7), kind="test.later")
    assert row("a").due_at == NOON + timedelta(microseconds=7)
    for hours in range(6):
        fire_due(NOON + hours * HOUR + timedelta(seconds=1))
    assert [moment.due_at - NOON for moment in seen[1:]] == [
        HOUR + timedelta(seconds=1),
        2 * HOUR + timedelta(seconds=1),
    ]
    assert (len(seen), row("a").status) == (3, "fired")

"""Four eyes: whom the drawing keeps from a step, whatever role, pool or colleague would let him in (``op:barred``)."""

from datetime import timedelta

import pytest

from cast import Cast, make_user
from onepoint.accounts import services as accounts
from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.workflow import services
from onepoint.workflow.errors import BarredFromStep
from workflow.conftest import DELIVERED, Running, fresh_user, publish, start


@pytest.fixture
def second_supervisor(cast: Cast) -> User:
    return make_user("second_supervisor", cast.call_centre, ["supervisor"], "卢值班")


def begin(cast: Cast, *barred: User) -> Running:
    publish((DELIVERED / "appeal.bpmn").read_bytes())
    variables = {"barred": [person.pk for person in barred], "appellant": cast.agent.pk}
    return start("appeal", cast.agent, region=cast.east, unit=cast.call_centre, variables=variables)


def test_whoever_is_concerned_neither_claims_nor_finishes_the_step(cast: Cast, second_supervisor: User) -> None:
    running = begin(cast, cast.supervisor)
    task = running.task("review")
    for refused in (
        lambda: services.claim_task(task, by=cast.supervisor),
        lambda: services.complete_task(task, outcome="uphold", opinion="维持", by=cast.supervisor),
    ):
        with pytest.raises(BarredFromStep):
            refused()
    task.refresh_from_db()
    assert (task.status, task.assignee_id) == ("open", None)
    services.claim_task(task, by=second_supervisor)


def test_nobody_gives_the_step_to_who_is_barred(cast: Cast, second_supervisor: User) -> None:
    running = begin(cast, cast.supervisor)
    task = running.task("review")
    services.claim_task(task, by=second_supervisor)
    for refused in (
        lambda: services.reassign_task(task, to=cast.supervisor, reason="你来", by=second_supervisor),
        lambda: services.delegate_task(task, to=cast.supervisor, reason="你来", by=second_supervisor),
        lambda: services.add_signers(
            task, people=[cast.supervisor], position="beside", reason="", by=second_supervisor
        ),
    ):
        with pytest.raises(BarredFromStep):
            refused()


def test_a_rule_that_finds_only_barred_people_gives_way_to_its_fallback(cast: Cast) -> None:
    running = begin(cast, cast.supervisor)
    services.claim_task(running.task("review"), by=cast.coordinator)


def test_whoever_has_judged_before_does_not_judge_finally(cast: Cast, second_supervisor: User) -> None:
    running = begin(cast)
    running.do("review", cast.supervisor, "uphold")
    running.do("inform", cast.agent, "second")
    with pytest.raises(BarredFromStep):
        services.claim_task(running.task("final"), by=cast.supervisor)
    running.do("final", second_supervisor, "uphold")
    assert running.row.variables["verdict"] == "upheld"


def stands_in(deputy: User, absentee: User, days: int = 5) -> None:
    now = clock.now()
    accounts.delegate_work(absentee, deputy=deputy, starts_at=now, ends_at=now + timedelta(days=days), by=absentee)


def test_who_stands_in_for_somebody_barred_does_not_judge_either(cast: Cast, second_supervisor: User) -> None:
    running = begin(cast, cast.supervisor)
    stands_in(second_supervisor, cast.supervisor)
    stands_in(cast.visitor, second_supervisor)
    task = running.task("review")
    for deputy in (second_supervisor, cast.visitor):
        for refused in (
            lambda deputy=deputy: services.claim_task(task, by=fresh_user(deputy)),
            lambda deputy=deputy: services.complete_task(task, outcome="uphold", opinion="维持", by=fresh_user(deputy)),
        ):
            with pytest.raises(BarredFromStep):
                refused()
    with clock.at(clock.now() + timedelta(days=6)):
        services.claim_task(task, by=fresh_user(second_supervisor))


def test_a_rule_that_finds_only_a_stand_in_gives_way_to_its_fallback(cast: Cast, second_supervisor: User) -> None:
    stands_in(second_supervisor, cast.supervisor)
    running = begin(cast, cast.supervisor)
    services.claim_task(running.task("review"), by=cast.coordinator)


def test_in_whose_name_was_judged_before_does_not_judge_finally(cast: Cast, second_supervisor: User) -> None:
    running = begin(cast)
    stands_in(cast.visitor, cast.supervisor, days=1)
    running.do("review", fresh_user(cast.visitor), "uphold")
    running.do("inform", cast.agent, "second")
    final = running.task("final")
    with clock.at(clock.now() + timedelta(days=2)):
        with pytest.raises(BarredFromStep):
            services.claim_task(final, by=fresh_user(cast.supervisor))
        services.claim_task(final, by=fresh_user(second_supervisor))

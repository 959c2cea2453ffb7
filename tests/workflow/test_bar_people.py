"""Four eyes: whom the drawing keeps from a step, whatever role, pool or colleague would let him in (``op:barred``)."""

import pytest

from cast import Cast, make_user
from onepoint.accounts.models import User
from onepoint.workflow import services
from onepoint.workflow.errors import BarredFromStep
from workflow.conftest import DELIVERED, Running, publish, start


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

"""Rules for the limits of steps: before the drawing, by facts of the subject and by who has the step; nothing where none is."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cast import Cast
from onepoint.accounts.models import OrgUnit
from onepoint.accounts.states import UnitKind
from onepoint.core import clock
from onepoint.core.errors import InvalidInput
from onepoint.core.models import AuditEntry
from onepoint.core.timeline import sentence_of
from onepoint.sla import registry
from onepoint.sla.clock_explaining import explain
from onepoint.sla.clock_verification import find_wrong_clocks
from onepoint.sla.models import Clock, ClockPolicy
from onepoint.sla.queries import clocks as clock_queries
from onepoint.sla.services import clock_policies
from onepoint.sla.states import ClockKind, ClockState
from onepoint.workflow import limits, queries, services
from workflow.conftest import Running, chain, drawing, publish, start, user_task
from workflow.test_limit_steps import HOUR, LIMIT, MONDAY, clock_of, limited

FACTS: dict[str, Any] = {"severity": "critical"}


@pytest.fixture(autouse=True)
def things_have_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._facts, "thing", lambda pk: dict(FACTS))


def rule(
    hours: float, *, steps: tuple[str, ...] = ("first",), made_before: timedelta = HOUR, **values: Any
) -> ClockPolicy:
    with clock.at(MONDAY - made_before):
        return clock_policies.create_clock_policy(
            name=f"{hours}小时", kind=ClockKind.STEP, steps=list(steps), limit=hours * HOUR,
            **{"in_working_time": False, **values}, by=None,
        )  # fmt: skip


def begin(cast: Cast, bpmn: str = "") -> Running:
    publish(bpmn or limited())
    with clock.at(MONDAY):
        return start("limited", cast.agent, region=cast.east, unit=cast.call_centre)


def told(running: Running, node: str) -> Any:
    one = clock_of(running, node)
    segments = clock_queries.segments_of([one])
    return explain(one, segments[one.pk], list(clock_queries.clock_policies(active=True)))


def test_a_rule_goes_before_the_drawing_and_the_explanation_says_both(cast: Cast) -> None:
    chosen = rule(6, severities=["critical"])
    other = rule(1, severities=["normal"])
    rule(2, steps=("third",), severities=["normal"])
    running = begin(cast)
    assert running.task("first").due_at == MONDAY + 6 * HOUR
    explanation = told(running, "first")
    assert (explanation.is_drawn, explanation.drawn) == (False, 4 * HOUR)
    assert [(verdict.policy, verdict.is_chosen) for verdict in explanation.verdicts] == [(chosen, True), (other, False)]
    assert not list(find_wrong_clocks())


def test_where_no_rule_fits_the_drawing_counts(cast: Cast) -> None:
    other = rule(1, severities=["normal"])
    running = begin(cast)
    assert running.task("first").due_at == MONDAY + 4 * HOUR
    explanation = told(running, "first")
    assert (explanation.is_drawn, explanation.drawn) == (True, None)
    assert [verdict.policy for verdict in explanation.verdicts] == [other]


def test_a_step_without_a_drawn_limit_gets_one_that_ends_with_it(cast: Cast) -> None:
    rule(3, steps=("third",))
    running = begin(cast)
    for node in ("first", "second"):
        running.do(node, cast.agent, "done")
    assert clock_of(running, "third").limit == 3 * HOUR
    running.do("third", cast.agent, "done")
    assert clock_of(running, "third").state == ClockState.SETTLED


def test_the_clock_of_a_rule_taken_out_of_use_ends_with_its_step_too(cast: Cast) -> None:
    one = rule(3, steps=("third",))
    running = begin(cast)
    for node in ("first", "second"):
        running.do(node, cast.agent, "done")
    clock_policies.change_clock_policy(one, version=1, is_active=False, by=None)
    services.terminate_process(running.id, reason="不再需要", by=None)
    assert clock_of(running, "third").state == ClockState.CANCELLED


def test_the_most_specific_rule_counts_and_a_kind_of_unit_is_a_condition(cast: Cast) -> None:
    county = UnitKind.COUNTY.value
    rule(8)
    rule(5, steps=(), unit_kinds=[county])
    rule(2, unit_kinds=[county], severities=["critical"])
    bpmn = drawing(
        '<bpmn:startEvent id="s"/>' + user_task("first", '<op:assignment rule="interface" unit="where"/>') + chain("s", "first"),
        "limited",
    )  # fmt: skip
    publish(bpmn)
    OrgUnit.objects.filter(pk=cast.network.pk).update(kind=county)
    dues = []
    with clock.at(MONDAY):
        for unit in (cast.network, cast.billing):
            running = start("limited", cast.agent, region=cast.east, variables={"where": unit.pk})
            dues.append(running.task("first").due_at)
    assert dues == [MONDAY + 2 * HOUR, MONDAY + 8 * HOUR]


def test_a_rule_may_be_about_one_process_only(cast: Cast) -> None:
    rule(6, process="another")
    assert begin(cast).task("first").due_at == MONDAY + 4 * HOUR


def test_a_rule_counts_when_every_process_has_learned_of_it(cast: Cast) -> None:
    rule(6, made_before=timedelta(seconds=30))
    running = begin(cast)
    assert running.task("first").due_at == MONDAY + 4 * HOUR
    with clock.at(MONDAY + HOUR):
        assert start("limited", cast.agent, region=cast.east).task("first").due_at == MONDAY + 7 * HOUR


def test_a_step_no_rule_is_about_asks_nothing(cast: Cast) -> None:
    plain = drawing(
        '<bpmn:startEvent id="s"/>' + user_task("one") + user_task("two") + user_task("first", more=LIMIT)
        + chain("s", "one", "two", "first"), "limited",
    )  # fmt: skip
    rule(6)
    running = begin(cast, plain)
    task = running.task("one").pk
    with CaptureQueriesContext(connection) as captured:
        services.complete_task(task, outcome="done", by=cast.agent)
    assert not [query["sql"] for query in captured if "sla_clock" in query["sql"]]


def test_what_a_rule_for_steps_is_about_is_needed_and_stays(cast: Cast) -> None:
    with pytest.raises(InvalidInput) as refused:
        rule(6, steps=())
    assert set(refused.value.errors) == {"steps"}
    one = rule(6)
    with pytest.raises(InvalidInput):
        clock_policies.change_clock_policy(one, version=1, steps=["second"], by=None)
    other = clock_policies.create_clock_policy(name="全程", kind=ClockKind.TOTAL, steps=["first"], limit=HOUR, by=None)
    assert other.steps == []
    with pytest.raises(InvalidInput):
        clock_policies.change_clock_policy(other, version=1, kind=ClockKind.STEP, steps=["first"], by=None)
    changed = clock_policies.change_clock_policy(one, version=1, steps=["first"], limit=2 * HOUR, by=None)
    assert (changed.limit, changed.version) == (2 * HOUR, 2)
    assert Clock.objects.count() == 0


def test_the_timeline_of_the_subject_tells_of_a_limit_that_begins_changes_or_is_lifted(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(3, steps=("third",), severities=["critical"])
    rule(9, steps=("third",), severities=["major"])
    monkeypatch.setitem(FACTS, "severity", "normal")
    running = begin(cast)
    for node in ("first", "second"):
        running.do(node, cast.agent, "done")
    for severity in ("critical", "critical", "major", "normal"):
        monkeypatch.setitem(FACTS, "severity", severity)
        limits.retarget_limits(queries.live_tasks_of("thing", running.row.subject_id), by=cast.agent)
    told = AuditEntry.objects.filter(subject_type="thing", subject_id=running.row.subject_id, verb__startswith="clock.")
    assert [entry.verb for entry in told.order_by("pk")] == ["clock.started", "clock.retargeted", "clock.lifted"]
    changed = told.get(verb="clock.retargeted").data["clocks"]
    assert [(one["name"], one["was"], one["limit"]) for one in changed] == [("third", 3 * 3600, 9 * 3600)]
    assert "third" in sentence_of(told.get(verb="clock.lifted"))
    assert clock_of(running, "third").state == ClockState.CANCELLED
    assert running.task("third").due_at is None
    assert not list(find_wrong_clocks())

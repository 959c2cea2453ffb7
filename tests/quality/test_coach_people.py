"""Cases without names, meetings with attendance, training with proof, and levels that really keep work."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cast import Cast
from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted, SomebodyWasFaster
from onepoint.core.models import AuditEntry
from onepoint.notifications.models import Notification
from onepoint.quality import coaching_rights as rights
from onepoint.quality import level_demands
from onepoint.quality.models import ExpertLevel, Inspection, LevelHeld
from onepoint.quality.queries import coaching as queries
from onepoint.quality.services import coaching, drawing, inspecting, ladder
from onepoint.tickets.models import Category, Ticket
from onepoint.workflow import services as workflow
from onepoint.workflow.models import UserTask
from quality.samples import add_tickets, inspector_of, make_plan, week

pytestmark = pytest.mark.django_db


@pytest.fixture
def inspection(cast: Cast, categories: dict[str, Category]) -> Inspection:
    """An inspection with a result, about a text full of names."""
    add_tickets(
        cast.agent, categories["bl_high"], 1, contact_name="王小明",
        description="王小明来电 13912345678，坐席安坐席称已转网络部，客户王小明不满。",
    )  # fmt: skip
    drawing.draw_plan(make_plan(size=1), week(), by=None)
    inspector = inspector_of(cast, "inspector1")
    scoring = inspecting.claim_next(by=inspector)
    assert scoring is not None
    return inspecting.submit_scoring(
        scoring, answers={"i1": "2", "i2": "0"}, notes={"i1": "安坐席未写时间"}, words="王小明未得到回复", by=inspector
    )


@pytest.fixture
def level(db: None) -> Iterator[Callable[[str, int], ExpertLevel]]:
    """A function that makes rungs; what asks for them is forgotten afterwards."""
    yield lambda code, rank: ladder.create_level(
        code=code, name=code, rank=rank, days_below=1, inspections=1, average=20, by=None
    )
    level_demands.forget_demands()


def test_an_inspection_becomes_a_case_without_names_in_one_click(
    inspection: Inspection, cast: Cast, client_of: Callable[[User], Client]
) -> None:
    answer = client_of(cast.supervisor).post(f"/inspections/{inspection.pk}/case/")
    assert answer.status_code == 302
    (case,) = queries.find_cases()
    told = f"{case.title}{case.story}{case.lesson}"
    assert "13912345678" not in told
    assert not any(name in told for name in ("王小明", "安坐席"))
    assert "未得到回复" in case.lesson
    assert coaching.take_into_library(inspection, by=cast.supervisor) == case
    assert list(queries.find_cases(text="不满")) == [case]
    assert not queries.find_cases(text="光缆")
    with pytest.raises(NotPermitted):
        coaching.take_into_library(inspection, by=cast.agent)


def test_a_case_is_not_written_over_the_head_of_another(cast: Cast) -> None:
    items = coaching.CaseItems(title="案例", story="经过", tags=["录入", "录入"])
    case = coaching.create_case(items, by=cast.supervisor)
    coaching.change_case(case, items, is_active=False, lock_version=1, by=cast.supervisor)
    assert case.tags == ["录入"]
    with pytest.raises(SomebodyWasFaster):
        coaching.change_case(case, items, is_active=True, lock_version=1, by=cast.supervisor)
    assert queries.find_case(case.pk, with_retired=False) is None


def test_a_meeting_keeps_who_came_and_what_was_concluded(cast: Cast, client_of: Callable[[User], Client]) -> None:
    items = coaching.MeetingItems(
        "录入", cast.call_centre, clock.now(), cast.supervisor, people=[cast.agent, cast.second_agent]
    )
    with pytest.raises(NotPermitted):
        coaching.plan_meeting(items, by=cast.agent)
    meeting = coaching.plan_meeting(items, by=cast.supervisor)
    assert Notification.objects.filter(person=cast.agent, event="case_meeting.planned").count() == 1
    address = meeting.get_absolute_url()
    assert client_of(cast.agent).get(address).status_code == 200
    assert client_of(cast.outsider).get(address).status_code == 404
    assert client_of(cast.agent).post(address, {"conclusions": "x"}).status_code == 403
    with pytest.raises(InvalidInput):
        coaching.conclude_meeting(meeting, present=[], conclusions=" ", by=cast.supervisor)
    client_of(cast.supervisor).post(address, {"present": [cast.agent.pk], "conclusions": "写清诉求"})
    assert [one.was_there for one in queries.attendances_of(meeting)] == [True, False]
    with pytest.raises(rights.MeetingHeld):
        coaching.conclude_meeting(meeting, present=[], conclusions="再改", by=cast.supervisor)


def test_training_is_planned_once_and_done_with_proof(cast: Cast) -> None:
    items = coaching.TrainingItems(person=cast.agent, topic="录入规范", due_on=clock.today())
    training = coaching.plan_training(items, by=cast.supervisor)
    with pytest.raises(InvalidInput):
        coaching.plan_training(items, by=cast.supervisor)
    with pytest.raises(InvalidInput):
        late = coaching.TrainingItems(person=cast.agent, topic="别的", due_on=clock.today() - timedelta(days=1))
        coaching.plan_training(late, by=cast.supervisor)
    with pytest.raises(NotPermitted):
        coaching.finish_training(training, proof="考试 95 分", by=cast.second_agent)
    done = coaching.finish_training(training, proof="考试 95 分", by=cast.agent)
    assert (done.state, done.proof) == ("done", "考试 95 分")
    with pytest.raises(rights.TrainingOver):
        coaching.drop_training(done, by=cast.supervisor)
    west = coaching.TrainingItems(person=cast.outsider, topic="录入规范", due_on=clock.today())
    with pytest.raises(NotPermitted):
        coaching.plan_training(west, by=cast.supervisor)


def test_a_person_climbs_by_proposal_and_confirmation(inspection: Inspection, cast: Cast, level: Any) -> None:
    novice, junior = level("novice", 1), level("junior", 2)
    with clock.at(clock.now() - timedelta(days=5)):
        ladder.give_level(cast.agent, level=novice, by=None)
        ladder.give_level(cast.second_agent, level=novice, by=None)
    found = {one.held.person: one for one in queries.standings(visible_to=cast.supervisor)}
    assert found[cast.agent].proposed == junior  # one inspection with 24 points, 20 asked for
    assert found[cast.second_agent].proposed is None
    ladder.give_level(cast.agent, level=junior, reason="达标", by=cast.supervisor)
    assert [held.level for held in LevelHeld.objects.filter(person=cast.agent, until=None)] == [junior]
    assert AuditEntry.objects.filter(verb="expert_level.given").count() == 3
    with pytest.raises(rights.OwnLevel):
        ladder.give_level(cast.supervisor, level=junior, by=cast.supervisor)
    assert queries.standings(visible_to=cast.outsider) == []


def _step(ticket: Ticket) -> UserTask:
    return UserTask.objects.live().get(subject_type="ticket", subject_id=ticket.pk)


def test_work_that_asks_for_a_level_refuses_whoever_does_not_have_it(
    ticket: Ticket, cast: Cast, level: Any, client_of: Callable[[User], Client]
) -> None:
    senior = level("senior", 4)
    assert ticket.category.parent is not None
    ladder.create_demand(level=senior, category=ticket.category.parent, severity=None, effect="refuse", by=None)
    task = _step(ticket)
    with pytest.raises(rights.LevelMissing):
        workflow.claim_task(task, by=cast.coordinator)
    with pytest.raises(rights.LevelMissing):
        workflow.complete_task(task, outcome="finish", inputs={}, opinion="已答复", by=cast.coordinator)
    page = client_of(cast.coordinator).get(ticket.get_absolute_url()).content.decode()
    assert "senior" in page  # the page says why
    ladder.give_level(cast.coordinator, level=senior, by=None)
    workflow.claim_task(_step(ticket), by=cast.coordinator)
    assert _step(ticket).assignee == cast.coordinator


def test_where_the_house_only_warns_the_work_is_taken_and_noted(ticket: Ticket, cast: Cast, level: Any) -> None:
    senior = level("senior", 4)
    demand = ladder.create_demand(level=senior, category=None, severity=ticket.severity, effect="warn", by=None)
    workflow.claim_task(_step(ticket), by=cast.coordinator)
    assert AuditEntry.objects.filter(verb="ticket.below_level", subject_id=ticket.pk).count() == 1
    assert Notification.objects.filter(person=cast.coordinator, event="expert_level.missing").count() == 1
    ladder.remove_demand(demand, by=None)
    assert queries.demands() == []


def test_no_demand_costs_no_query(ticket: Ticket, cast: Cast, django_assert_num_queries: Any) -> None:
    level_demands.forget_demands()
    level_demands.why_unfit("ticket", ticket.pk, cast.coordinator)
    with django_assert_num_queries(0):
        assert level_demands.why_unfit("ticket", ticket.pk, cast.coordinator) is None

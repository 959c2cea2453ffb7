"""A step left alone: its people are told, reminded, and it is carried upwards, in the time the drawing names."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cast import Cast, make_user
from onepoint.accounts.models import Delegation, Group, Role, RoleGrant
from onepoint.core import clock
from onepoint.core.models import AuditEntry
from onepoint.notifications.models import Notification
from onepoint.sla.clock_verification import find_wrong_clocks
from onepoint.sla.models import DueMoment
from onepoint.sla.moments import fire_due
from onepoint.workflow import services
from onepoint.workflow.definitions import compiled
from onepoint.workflow.models import Escalation, Reminder, ReminderRule, UserTask
from onepoint.workflow.urging.plans import plan_urging
from onepoint.workflow.urging.rules import forget_rules
from workflow.conftest import Running, chain, check_instance, drawing, heard, publish, sees, start, user_task
from workflow.test_deliver_message import catch, send, with_messages

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
HOUR = timedelta(hours=1)
COORDINATORS = '<op:assignment rule="role" role="coordinator" within="region"/>'
TOLD = {"notice": "task.arrived", "reminder": "task.reminded", "escalation": "task.escalated"}


def urged(*said: str, assignment: str = '<op:assignment rule="initiator"/>') -> str:
    body = '<bpmn:startEvent id="s"/>' + user_task("work", assignment, "".join(said)) + '<bpmn:endEvent id="e"/>'
    return drawing(body + chain("s", "work", "e"), "urged")


def begun(cast: Cast, *said: str, **more: str) -> Running:
    publish(urged(*said, **more))
    with clock.at(NOON):
        return start("urged", cast.agent, region=cast.east, unit=cast.call_centre)


def pass_time(hours: float) -> int:
    return fire_due(NOON + hours * HOUR)


def told(event: str) -> list[str]:
    found = Notification.objects.filter(event=TOLD.get(event, event)).order_by("pk")
    return [notification.person.username for notification in found.select_related("person")]


@pytest.fixture(autouse=True)
def superior(cast: Cast) -> None:
    Role.objects.filter(code="supervisor").update(permissions=["desk.use", "ticket.view", "task.take_over"])
    forget_rules()


def test_who_handles_a_step_is_told_of_its_arrival_where_the_drawing_wants_it(cast: Cast) -> None:
    begun(cast, '<op:notify to="handler" by="app"/>')
    assert told("notice") == []  # the page does not wait for it
    pass_time(0)
    assert told("notice") == ["agent"]


def test_reminders_come_at_their_interval_as_often_as_drawn(cast: Cast) -> None:
    running = begun(cast, '<op:reminder after="PT4H" every="PT2H" times="3" to="handler" by="app sms"/>')
    for hours in (3.9, 4, 5.9, 6, 8, 10, 12):
        pass_time(hours)
    rows = list(Reminder.objects.order_by("pk"))
    assert [(row.number, row.made_at - NOON) for row in rows] == [(1, 4 * HOUR), (2, 6 * HOUR), (3, 8 * HOUR)]
    assert [row.people for row in rows] == [[cast.agent.pk]] * 3
    assert told("reminder") == ["agent"] * 3
    assert AuditEntry.objects.filter(verb="task.reminded", subject_id=running.row.subject_id).count() == 3


def test_a_night_without_worker_brings_one_reminder_not_all_that_were_missed(cast: Cast) -> None:
    begun(cast, '<op:reminder after="PT1H" every="PT1H" times="9" to="handler"/>')
    pass_time(5.5)
    pass_time(5.5)
    assert Reminder.objects.count() == 1
    assert DueMoment.objects.get(status="waiting").due_at == NOON + 6 * HOUR


def test_a_step_that_is_done_reminds_nobody_and_one_without_urging_costs_no_statement(cast: Cast) -> None:
    running = begun(cast, '<op:reminder after="PT1H"/>', '<op:escalation after="PT2H"/>')
    assert DueMoment.objects.filter(status="waiting").count() == 2
    running.do("work", cast.agent, "done")
    assert set(DueMoment.objects.values_list("status", flat=True)) == {"cancelled"}
    pass_time(9)
    assert not Reminder.objects.exists()
    publish(drawing('<bpmn:startEvent id="s"/>' + user_task("work") + chain("s", "work"), "silent"))
    start("silent", cast.agent)
    assert DueMoment.objects.count() == 2


def test_whoever_has_the_step_by_then_is_reminded_and_who_stands_in_for_him(cast: Cast) -> None:
    running = begun(cast, '<op:reminder after="PT1H"/>', assignment=COORDINATORS)
    services.claim_task(running.task(), by=cast.coordinator)
    Delegation.objects.create(
        absentee=cast.coordinator, deputy=cast.second_agent, starts_at=NOON, ends_at=NOON + 9 * HOUR, created_at=NOON
    )
    pass_time(1)
    assert told("reminder") == ["second_agent", "coordinator"] or told("reminder") == ["coordinator", "second_agent"]


def test_while_a_process_is_suspended_the_reminders_stand_still(cast: Cast) -> None:
    running = begun(cast, '<op:reminder after="PT4H"/>')
    with clock.at(NOON + HOUR):
        services.suspend_process(running.id, reason="等客户", by=None)
    pass_time(5)
    assert not Reminder.objects.exists()
    with clock.at(NOON + 10 * HOUR):
        services.resume_process(running.id, by=None)
    pass_time(12.9)
    assert not Reminder.objects.exists()
    pass_time(13)
    assert Reminder.objects.count() == 1


@pytest.mark.parametrize("clocks", ["stop", "run"])
def test_what_arrives_while_a_process_is_suspended_is_not_reminded_of_until_it_goes_on(cast: Cast, clocks: str) -> None:
    said = (
        '<op:limit duration="PT6H" clock="clock"/><op:notify to="handler" by="app"/>'
        '<op:reminder after="PT4H"/><op:escalation after="PT5H" to="handler" do="release"/>'
    )
    body = '<bpmn:startEvent id="s"/>' + catch("wait") + user_task("ship", more=said) + chain("s", "wait", "ship")
    publish(with_messages(body, "paying"))
    with clock.at(NOON):
        running = start("paying", cast.agent, region=cast.east, unit=cast.call_centre, variables={"order": 7})
        services.suspend_process(running.id, reason="等客户", clocks=clocks, by=None)
    with clock.at(NOON + HOUR):
        assert send(correlation=7) == 1
    assert running.nodes() == ["ship"]
    assert set(DueMoment.objects.filter(subject_type="task").values_list("status", flat=True)) == {"held"}
    pass_time(8)
    assert (Reminder.objects.count(), Escalation.objects.count(), told("notice")) == (0, 0, [])
    with clock.at(NOON + 10 * HOUR):
        services.resume_process(running.id, by=None)
        check_instance(running.id)
    stood = 9 if clocks == "stop" else 0  # since it arrived
    assert running.task("ship").due_at == NOON + (7 + stood) * HOUR
    nudge = DueMoment.objects.get(kind="task.reminder")
    assert (nudge.status, nudge.due_at) == ("waiting", NOON + (5 + stood) * HOUR)
    pass_time(10)
    assert told("notice") == ["agent"]
    pass_time(14)
    assert Reminder.objects.count() == 1
    assert not list(find_wrong_clocks())


def test_the_ladder_gives_back_to_the_group_then_hands_to_the_superior_who_takes_over(cast: Cast) -> None:
    running = begun(
        cast, '<op:escalation after="PT2H" to="handler" do="release"/>',
        '<op:escalation after="PT4H" to="superior" by="app email" do="hand_over"/>', assignment=COORDINATORS,
    )  # fmt: skip
    with clock.at(NOON):
        services.claim_task(running.task(), by=cast.coordinator)
    pass_time(2)
    assert running.task().status == "open"
    assert sees(cast.supervisor, running) == []
    with clock.at(NOON + 2 * HOUR):
        services.claim_task(running.task(), by=cast.coordinator)
    with heard("task_escalated", "task_released") as news:
        pass_time(4)
    assert [name for name, _facts in news] == ["task_released", "task_escalated"]
    assert told("escalation")[-1] == "supervisor"
    assert sees(cast.supervisor, running) == ["work"]
    check_instance(running.id)
    services.claim_task(running.task(), by=cast.supervisor)
    running.do("work", cast.supervisor, "done")
    first, second = Escalation.objects.order_by("pk")
    assert (first.deeds, first.held_by, second.deeds) == (["release"], cast.coordinator, ["hand_over"])
    said = AuditEntry.objects.filter(verb="task.escalated").order_by("pk")
    assert [entry.data["to"] for entry in said] == ["程协调", "李值班"]


def test_the_superior_is_the_nearest_and_his_own_superior_stands_further_up(cast: Cast) -> None:
    Role.objects.create(code="head", name="领导", permissions=["task.take_over"], data_scope="all")
    head = make_user("head", cast.head_office, [])
    RoleGrant.objects.create(user=head, role=Role.objects.get(code="head"), unit=cast.head_office)
    begun(cast, '<op:escalation after="PT1H" to="superior"/>', '<op:escalation after="PT2H" to="upper"/>')
    pass_time(1)
    assert told("escalation") == ["supervisor"]
    pass_time(2)
    assert told("escalation") == ["supervisor", "head"]


def test_a_crisis_group_can_take_a_step_over(cast: Cast) -> None:
    group = Group.objects.create(code="crisis", name="危机专席")
    group.members.add(cast.visitor)
    running = begun(cast, '<op:escalation after="PT1H" to="group" group="crisis" do="hand_over raise_severity"/>')
    pass_time(1)
    assert sees(cast.visitor, running) == ["work"]
    assert Escalation.objects.get().deeds == ["raise_severity", "hand_over"]
    group.members.add(cast.second_agent)  # who joins later sees it too
    assert sees(cast.second_agent, running) == ["work"]


def test_what_cannot_be_read_is_left_out_and_keeps_nothing_from_running(cast: Cast) -> None:
    begun(cast, '<op:reminder after="soon" to="everybody"/>', '<op:escalation to="superior"/>')
    assert not DueMoment.objects.exists()


def test_house_rules_count_where_the_drawing_is_silent_and_the_most_specific_one_wins(cast: Cast) -> None:
    ReminderRule.objects.create(after="PT5H", remind_to="handler", remind_ways=["app"])
    ReminderRule.objects.create(unit=cast.call_centre, after="PT3H", remind_ways=["app"])
    ReminderRule.objects.create(process_key="urged", severity="severe", after="PT1H", remind_ways=["app"])
    forget_rules()
    publish(urged())
    with clock.at(NOON):
        plain = start("urged", cast.agent, region=cast.east, unit=cast.call_centre)
        severe = start("urged", cast.agent, region=cast.east, unit=cast.call_centre, variables={"severity": "severe"})
        elsewhere = start("urged", cast.handler, region=cast.east)
    due = {
        UserTask.objects.get(pk=moment.subject_id).instance_id: moment.due_at - NOON
        for moment in DueMoment.objects.all()
    }
    assert due == {plain.id: 3 * HOUR, severe.id: HOUR, elsewhere.id: 5 * HOUR}
    severe.do("work", cast.agent, "done")
    assert DueMoment.objects.filter(status="cancelled").count() == 1


def test_planning_many_tasks_costs_two_statements(cast: Cast, django_assert_max_num_queries) -> None:
    running = begun(cast, '<op:reminder after="PT1H"/>', '<op:escalation after="PT2H"/>')
    version = compiled(running.row.version_id)
    with heard("task_created") as news, clock.at(NOON):
        start("urged", cast.agent, region=cast.east, unit=cast.call_centre)
    facts = news[0][1]
    with django_assert_max_num_queries(2):
        plan_urging(facts["instance"], version, facts["tasks"] * 5, {})

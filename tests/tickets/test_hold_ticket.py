"""What people say about a ticket beside its process: on hold, on again, resolved."""

from datetime import UTC, datetime, timedelta

import pytest

from cast import Cast
from onepoint.accounts.models import RoleGrant
from onepoint.core import clock, verifying
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.sla.models import Clock, ClockSegment
from onepoint.tickets import policies, services, tasks
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import TicketStatus
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import ProcessInstance, Timer
from tickets.conftest import again, do, fresh, task_at, verbs_of
from workflow.conftest import chain, drawing, publish, user_task
from workflow.test_fire_timer import timer


def test_a_ticket_rests_for_a_reason_and_goes_on(cast: Cast, ticket) -> None:
    services.put_on_hold(ticket, reason="等客户回家", until=None, by=fresh(cast.agent))
    held = again(ticket)
    assert (held.status, held.hold_reason) == (TicketStatus.ON_HOLD, "等客户回家")
    assert AuditEntry.objects.get(verb="ticket.put_on_hold").data["reason"] == "等客户回家"
    services.resume_ticket(held, by=fresh(cast.agent))
    assert (again(ticket).status, again(ticket).hold_reason) == (TicketStatus.HANDLING, "")
    assert verbs_of(ticket)[-1] == "ticket.resumed"


def test_a_rest_with_a_date_ends_by_itself_once(cast: Cast, ticket) -> None:
    until = clock.now() + timedelta(hours=2)
    services.put_on_hold(ticket, reason="等配件", until=until, by=fresh(cast.agent))
    tasks.resume_held_tickets(0)
    assert again(ticket).status == TicketStatus.ON_HOLD
    with clock.at(until + timedelta(seconds=1)):
        tasks.resume_held_tickets(0)
        tasks.resume_held_tickets(0)
    assert (again(ticket).status, again(ticket).on_hold_until) == (TicketStatus.HANDLING, None)
    assert verbs_of(ticket).count("ticket.resumed") == 1


def test_work_that_goes_on_ends_the_rest(cast: Cast, ticket) -> None:
    services.put_on_hold(ticket, reason="等", until=clock.now() + timedelta(days=1), by=fresh(cast.agent))
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    assert (again(ticket).status, again(ticket).on_hold_until) == (TicketStatus.HANDLING, None)


def test_a_reason_is_needed_and_the_past_is_refused(cast: Cast, ticket) -> None:
    for reason, until in ((" ", None), ("等", clock.now() - timedelta(minutes=1))):
        with pytest.raises(InvalidInput):
            services.put_on_hold(ticket, reason=reason, until=until, by=fresh(cast.agent))
    assert again(ticket).status == TicketStatus.OPEN


def test_a_ticket_on_hold_is_not_put_on_hold_and_a_moving_one_not_resumed(cast: Cast, ticket) -> None:
    with pytest.raises(policies.StatusDoesNotAllow):
        services.resume_ticket(ticket, by=fresh(cast.agent))
    services.put_on_hold(ticket, reason="等", until=None, by=fresh(cast.agent))
    with pytest.raises(policies.StatusDoesNotAllow):
        services.put_on_hold(ticket, reason="等", until=None, by=fresh(cast.agent))


def test_only_who_has_to_do_with_it_says_so(cast: Cast, ticket) -> None:
    with pytest.raises(policies.NothingToDoWithIt):
        services.put_on_hold(ticket, reason="等", until=None, by=fresh(cast.handler))
    with pytest.raises(NotPermitted):
        services.resolve_ticket(ticket, reason="好了", by=_without_roles(cast))
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    workflow_services.claim_task(task_at(ticket, "receive"), by=fresh(cast.interface_person))
    services.put_on_hold(ticket, reason="等配件", until=None, by=fresh(cast.interface_person))
    assert again(ticket).status == TicketStatus.ON_HOLD


def _without_roles(cast: Cast):
    RoleGrant.objects.filter(user=cast.deputy).delete()
    return fresh(cast.deputy)


def test_resolving_keeps_the_process_going(cast: Cast, ticket) -> None:
    services.resolve_ticket(ticket, reason="线路已修好", by=fresh(cast.coordinator))
    assert again(ticket).status == TicketStatus.RESOLVED
    assert again(ticket).resolved_at is not None
    assert task_at(ticket, "coordinate")
    assert verbs_of(ticket)[-1] == "ticket.resolved"


def test_withdrawing_needs_a_reason(cast: Cast, ticket) -> None:
    with pytest.raises(InvalidInput):
        services.withdraw_ticket(ticket, reason="  ", by=fresh(cast.agent))
    assert again(ticket).status == TicketStatus.OPEN


# --- the timers drawn in its process --------------------------------------------------------------------------------

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
LIMIT = '<op:limit duration="PT4H" clock="clock"/>'


def at_handling(step: str) -> str:
    return step.replace("<bpmn:userTask ", '<bpmn:userTask op:status="handling" ')


@pytest.fixture
def watched(register, cast: Cast) -> Ticket:
    """A complaint whose first two steps are each escalated by a drawn timer after two hours."""
    publish(
        drawing(
            '<bpmn:startEvent id="s"/>'
            + user_task("quiet", more=LIMIT)
            + at_handling(user_task("work", more=LIMIT))
            + user_task("late")
            + '<bpmn:boundaryEvent id="one" attachedToRef="quiet" cancelActivity="false">'
            + timer("timeDuration", "PT2H")
            + '</bpmn:boundaryEvent><bpmn:boundaryEvent id="two" attachedToRef="work">'
            + timer("timeDuration", "PT2H")
            + '</bpmn:boundaryEvent><bpmn:endEvent id="e"/>'
            + chain("s", "quiet", "work", "e")
            + chain("one", "late")
            + chain("two", "late"),
            "complaint",
        )  # fmt: skip
    )
    with clock.at(MONDAY):
        return register()


def steps_of(ticket: Ticket) -> list[str]:
    live = ticket.process_instance.tasks.live().order_by("node_id")
    return list(live.values_list("node_id", flat=True))


def fire(at: datetime) -> int:
    with clock.at(at):
        return workflow_services.fire_due_timers()


def faults() -> list[str]:
    return [fault.text for report in verifying.run_checks() for fault in report.faults]


def hold(cast: Cast, ticket: Ticket, at: datetime, until: datetime | None = None) -> None:
    with clock.at(at):
        services.put_on_hold(again(ticket), reason="等客户", until=until, waits_for_customer=True, by=fresh(cast.agent))
        assert faults() == []


def test_a_week_of_waiting_for_the_customer_escalates_nothing(cast: Cast, watched: Ticket) -> None:
    hold(cast, watched, MONDAY + HOUR)
    assert fire(MONDAY + WEEK) == 0
    with clock.at(MONDAY + WEEK):
        services.resume_ticket(again(watched), by=fresh(cast.agent))
        assert faults() == []
    assert task_at(watched, "quiet").due_at == MONDAY + WEEK + 3 * HOUR
    assert fire(MONDAY + WEEK + HOUR - timedelta(seconds=1)) == 0
    assert fire(MONDAY + WEEK + HOUR) == 1
    assert steps_of(watched) == ["late", "quiet"]


def test_a_rest_with_a_date_lets_the_timers_go_on_from_that_date(cast: Cast, watched: Ticket) -> None:
    hold(cast, watched, MONDAY + HOUR, until=MONDAY + WEEK)
    assert fire(MONDAY + WEEK) == 0
    with clock.at(MONDAY + WEEK):
        tasks.resume_held_tickets(0)
    assert fire(MONDAY + WEEK + HOUR) == 1


def test_a_finished_step_that_ends_the_rest_lets_the_timers_run(cast: Cast, watched: Ticket) -> None:
    hold(cast, watched, MONDAY + HOUR)
    with clock.at(MONDAY + WEEK):
        do(watched, "quiet", cast.agent, "done")
        assert faults() == []
    assert again(watched).status == TicketStatus.HANDLING
    assert ProcessInstance.objects.get(pk=watched.process_instance_id).rests_since is None
    one = Clock.objects.get(subject_type="task", subject_id=task_at(watched, "work").pk)
    assert ClockSegment.objects.filter(clock=one).count() == 1  # it has never stood still
    assert fire(MONDAY + WEEK + 2 * HOUR) == 1
    assert steps_of(watched) == ["late"]


def test_what_a_date_brings_about_meanwhile_rests_with_the_ticket(cast: Cast, register) -> None:
    publish(
        drawing(
            '<bpmn:startEvent id="s"/>'
            + user_task("work")
            + user_task("late", more=LIMIT)
            + '<bpmn:boundaryEvent id="day" attachedToRef="work" cancelActivity="false">'
            + timer("timeDate", "2026-03-03T09:00:00")
            + '</bpmn:boundaryEvent><bpmn:boundaryEvent id="two"'
            + f' attachedToRef="late">{timer("timeDuration", "PT2H")}</bpmn:boundaryEvent>'
            + chain("s", "work")
            + chain("day", "late"),
            "complaint",
        )  # fmt: skip
    )
    with clock.at(MONDAY):
        ticket = register()
    hold(cast, ticket, MONDAY + HOUR)
    assert fire(MONDAY + 24 * HOUR) == 1
    assert steps_of(ticket) == ["late", "work"]
    assert again(ticket).status == TicketStatus.ON_HOLD
    assert task_at(ticket, "late").due_at is None
    assert fire(MONDAY + WEEK) == 0
    with clock.at(MONDAY + WEEK):
        assert faults() == []
        services.resume_ticket(again(ticket), by=fresh(cast.agent))
        assert faults() == []
    assert task_at(ticket, "late").due_at == MONDAY + WEEK + 4 * HOUR
    assert fire(MONDAY + WEEK + 2 * HOUR) == 1
    assert steps_of(ticket) == ["work"]


def test_a_ticket_withdrawn_in_its_rest_leaves_nothing_standing_still(cast: Cast, watched: Ticket) -> None:
    hold(cast, watched, MONDAY + HOUR)
    with clock.at(MONDAY + WEEK):
        services.withdraw_ticket(again(watched), reason="客户撤诉", by=fresh(cast.agent))
        assert faults() == []
    assert ProcessInstance.objects.get(pk=watched.process_instance_id).rests_since is None
    assert set(Timer.objects.filter(instance=watched.process_instance).values_list("status", flat=True)) == {
        "cancelled"
    }


def test_a_suspension_of_a_ticket_on_hold_moves_its_timers_once(cast: Cast, watched: Ticket) -> None:
    hold(cast, watched, MONDAY + HOUR)
    instance = watched.process_instance_id
    with clock.at(MONDAY + 2 * HOUR):
        workflow_services.suspend_process(instance, reason="等上级", by=fresh(cast.supervisor))
        assert faults() == []
    with clock.at(MONDAY + 10 * HOUR):
        workflow_services.resume_process(instance, by=fresh(cast.supervisor))
        assert faults() == []
    assert again(watched).status == TicketStatus.HANDLING
    assert fire(MONDAY + 11 * HOUR) == 1


def test_verify_names_a_ticket_on_hold_whose_time_runs_and_a_moving_one_whose_time_stands_still(
    cast: Cast, watched: Ticket
) -> None:
    hold(cast, watched, MONDAY + HOUR)
    ProcessInstance.objects.filter(pk=watched.process_instance_id).update(rests_since=None)
    with clock.at(MONDAY + HOUR):
        assert set(faults()) == {"is on hold, yet the timers of its process run", "running, but a timer stands still"}
    Ticket.objects.filter(pk=watched.pk).update(status=TicketStatus.HANDLING)
    Timer.objects.filter(instance=watched.process_instance_id).update(status="waiting", remaining=None)
    with clock.at(MONDAY + HOUR):
        assert faults() == ["goes on, yet the clock of a step stands still"]

"""Who hears what of a ticket: a step given or sent back, a copy, its end; never somebody who may not see it."""

from collections.abc import Callable
from datetime import timedelta

from procrastinate.contrib.django.models import ProcrastinateJob

from cast import Cast
from onepoint.accounts.models import Appointment, RoleGrant
from onepoint.core import clock
from onepoint.notifications.models import Notification
from onepoint.sla.moments import fire_due
from onepoint.tickets import services
from onepoint.tickets.models import Ticket
from onepoint.tickets.services import telling
from onepoint.tickets.ticket_events import ASSIGNED, BREACHED, CLOSED, COPIED, REOPENED, RETURNED
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import UserTask
from tickets.conftest import do, fresh, task_at


def told(event: str) -> set[str]:
    return set(Notification.objects.filter(event=event).values_list("person__username", flat=True))


def test_who_is_given_a_step_hears_of_it_and_who_takes_one_does_not(cast: Cast, ticket: Ticket) -> None:
    task = task_at(ticket, "coordinate")
    workflow_services.claim_task(task, by=fresh(cast.coordinator))
    assert told(ASSIGNED) == set()
    workflow_services.reassign_task(task, to=cast.second_agent, reason="代班", by=fresh(cast.supervisor))
    assert told(ASSIGNED) == {"second_agent"}
    notice = Notification.objects.get(event=ASSIGNED)
    assert notice.url == f"/tickets/{ticket.number}/"
    assert (notice.subject_type, notice.subject_id) == ("ticket", ticket.pk)
    assert notice.facts["by"] == cast.supervisor.name


def test_a_step_given_a_second_time_is_news_again(cast: Cast, ticket: Ticket) -> None:
    task = task_at(ticket, "coordinate")
    for person in (cast.second_agent, cast.agent, cast.second_agent):
        workflow_services.reassign_task(task, to=person, reason="代班", by=fresh(cast.supervisor))
    assert Notification.objects.filter(event=ASSIGNED, person=cast.second_agent).count() == 2


def test_who_gets_a_step_back_hears_of_it(cast: Cast, ticket: Ticket) -> None:
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    task = task_at(ticket, "receive")
    visit = UserTask.objects.get(subject_id=ticket.pk, node_id="coordinate").visit_seq
    workflow_services.send_back_task(task, to_visit=visit, opinion="不属于我部门", by=fresh(cast.interface_person))
    assert "coordinator" in told(RETURNED)
    assert "interface_person" not in told(RETURNED)


def test_who_is_sent_a_copy_hears_of_it_with_the_message(cast: Cast, ticket: Ticket) -> None:
    task = task_at(ticket, "coordinate")
    workflow_services.claim_task(task, by=fresh(cast.coordinator))
    workflow_services.copy_task(task, people=[cast.supervisor], text="请知悉", by=fresh(cast.coordinator))
    assert told(COPIED) == {"supervisor"}
    assert Notification.objects.get(event=COPIED).facts["text"] == "请知悉"


def test_who_watches_hears_that_it_ended_unless_it_is_out_of_sight(cast: Cast, ticket: Ticket) -> None:
    for person in (cast.second_agent, cast.handler):
        services.watch_ticket(ticket, by=person)
    RoleGrant.objects.filter(user=cast.handler).delete()  # has left the department since
    Appointment.objects.filter(user=cast.handler).delete()
    services.withdraw_ticket(ticket, reason="客户撤诉", by=fresh(cast.agent))
    for _twice in range(2):
        telling.tell_followers(ticket.pk, CLOSED, key="once", reason="", by=cast.agent)
    assert told(CLOSED) == {"second_agent"}


def test_its_end_leaves_a_job_only_where_somebody_watches(cast: Cast, register: Callable[..., Ticket]) -> None:
    alone, watched = register(), register()
    services.watch_ticket(watched, by=cast.second_agent)
    for ticket in (alone, watched):
        services.withdraw_ticket(ticket, reason="客户撤诉", by=fresh(cast.agent))
    assert jobs_waiting() == [watched.pk]


def test_who_ended_it_is_not_told_of_the_own_deed(cast: Cast, ticket: Ticket) -> None:
    services.watch_ticket(ticket, by=cast.agent)
    telling.tell_followers(ticket.pk, REOPENED, key="once", reason="又断了", by=cast.agent)
    assert told(REOPENED) == set()


def jobs_waiting() -> list[int]:
    waiting = ProcrastinateJob.objects.filter(task_name="tickets.tell_followers", status="todo").order_by("id")
    return [job.args["ticket_id"] for job in waiting]


def test_who_has_the_work_hears_that_a_limit_is_at_risk_and_over(cast: Cast, ticket: Ticket) -> None:
    workflow_services.claim_task(task_at(ticket, "coordinate"), by=fresh(cast.coordinator))
    with clock.at(ticket.opened_at + timedelta(days=30)):
        for _batch in range(10):
            fire_due()
    assert told(BREACHED) >= {"coordinator", "agent"}  # who works on it, and who was asked first and answers for it
    notice = Notification.objects.filter(event=BREACHED, person=cast.coordinator).first()
    assert notice is not None
    assert notice.facts["number"] == ticket.number
    assert notice.facts["clock"] != notice.facts["clock_en"]
    assert "moment" in notice.facts["due"]

"""Urging by hand: counted, throttled, answered, carried upwards; a customer who asks again urges by himself."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cast import Cast
from onepoint.accounts.models import Role, User
from onepoint.channels.models import Contact
from onepoint.channels.services import journal_contact
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.notifications.models import Notification
from onepoint.tickets import queries, services, signals
from onepoint.tickets.models import Severity, Supervision, Ticket
from onepoint.tickets.policies import TicketFinished
from onepoint.workflow import services as workflow_services
from onepoint.workflow.errors import NothingOwed, RemindedLately, TaskNotYours
from onepoint.workflow.models import Escalation, Reminder, ReminderRule
from onepoint.workflow.urging.queries import urged
from onepoint.workflow.urging.rules import forget_rules

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def rights(cast: Cast) -> None:
    for code, more in {
        "agent": ["ticket.remind"], "supervisor": ["ticket.remind", "ticket.supervise", "task.take_over"],
    }.items():  # fmt: skip
        role = Role.objects.get(code=code)
        role.permissions += more
        role.save()


def urge(ticket: Ticket, by: User, after: float = 0, text: str = "请加快", **more: Any) -> Reminder:
    with clock.at(NOON + after * MINUTE):
        return services.remind_ticket(ticket, text=text, by=User.objects.get(pk=by.pk), **more)


def test_urging_counts_tells_whoever_has_the_work_and_owes_an_answer(ticket: Ticket, cast: Cast) -> None:
    told: list[dict[str, Any]] = []
    signals.ticket_reminded.connect(lambda sender, **facts: told.append(facts), weak=False, dispatch_uid="test")
    try:
        reminder = urge(ticket, cast.agent)
    finally:
        signals.ticket_reminded.disconnect(dispatch_uid="test")
    ticket.refresh_from_db()
    assert (ticket.reminder_count, reminder.number, reminder.kind) == (1, 1, "person")
    assert reminder.people == [cast.coordinator.pk]
    assert reminder.answer_due_at == NOON + 120 * MINUTE
    assert Notification.objects.get(event="ticket.reminded").person == cast.coordinator
    entry = AuditEntry.objects.get(verb="ticket.reminded")
    assert (entry.actor_id, entry.data["text"], entry.data["to"]) == (cast.agent.pk, "请加快", "程协调")
    assert told[0]["reminder"] == reminder


def test_one_person_urges_one_ticket_only_so_often_unless_he_leads(ticket: Ticket, cast: Cast) -> None:
    urge(ticket, cast.agent)
    with pytest.raises(RemindedLately) as refusal:
        urge(ticket, cast.agent, after=29)
    assert refusal.value.details == {"minutes": 1}
    urge(ticket, cast.agent, after=30)
    urge(ticket, cast.supervisor, after=31)
    urge(ticket, cast.supervisor, after=32)
    ticket.refresh_from_db()
    assert ticket.reminder_count == 4


def test_the_same_form_twice_urges_once(ticket: Ticket, cast: Cast) -> None:
    first = urge(ticket, cast.agent, key="form-1")
    assert urge(ticket, cast.agent, key="form-1") == first
    ticket.refresh_from_db()
    assert (ticket.reminder_count, Reminder.objects.count()) == (1, 1)


def test_without_the_right_or_after_the_end_nobody_urges(ticket: Ticket, cast: Cast) -> None:
    with pytest.raises(NotPermitted):
        urge(ticket, cast.handler)
    services.withdraw_ticket(ticket, reason="客户撤回", by=cast.agent)
    with pytest.raises(TicketFinished):
        urge(ticket, cast.agent)
    assert not Reminder.objects.exists()


def test_whoever_has_the_work_answers_once_and_who_urged_is_told(ticket: Ticket, cast: Cast) -> None:
    reminder = urge(ticket, cast.agent)
    tasks = queries.live_tasks(ticket)
    assert [task.pk for task in urged(type(tasks[0]).objects.all())] == [tasks[0].pk]
    with pytest.raises(TaskNotYours):
        services.answer_reminder(reminder, text="快了", by=cast.handler)
    with pytest.raises(InvalidInput):
        services.answer_reminder(reminder, text=" ", by=cast.coordinator)
    services.answer_reminder(reminder, text="今天派单", by=cast.coordinator)
    with pytest.raises(NothingOwed):
        services.answer_reminder(reminder, text="又答", by=cast.coordinator)
    assert Notification.objects.get(event="ticket.reminder_answered").person == cast.agent
    assert not urged(type(tasks[0]).objects.all()).exists()
    assert AuditEntry.objects.get(verb="ticket.reminder_answered").data["text"] == "今天派单"


def test_the_third_time_carries_it_to_the_superior_with_all_the_rule_says(ticket: Ticket, cast: Cast) -> None:
    ReminderRule.objects.create(
        process_key="complaint", escalate_count=3, escalate_to="superior", escalate_ways=["app"],
        deeds=["raise_severity", "supervise", "hand_over"],
    )  # fmt: skip
    forget_rules()
    was = Ticket.objects.get(pk=ticket.pk).severity
    graver = Severity.objects.filter(rank__lt=was.rank).order_by("-rank").first()
    for minutes in (0, 31):
        urge(ticket, cast.agent, after=minutes)
    assert not Escalation.objects.exists()
    urge(ticket, cast.agent, after=62)
    escalation = Escalation.objects.get()
    assert (escalation.cause, escalation.people, escalation.rung) == ("count", [cast.supervisor.pk], 3)
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert ticket.severity == (graver or was)
    supervision = Supervision.objects.get(ticket=ticket)
    assert (supervision.started_by, supervision.receivers) == (None, [cast.supervisor.pk])
    (task,) = queries.live_tasks(ticket)
    workflow_services.claim_task(task, by=User.objects.get(pk=cast.supervisor.pk))
    verbs = set(AuditEntry.objects.filter(subject_type="ticket", subject_id=ticket.pk).values_list("verb", flat=True))
    assert {"task.escalated", "ticket.supervision_started"} <= verbs


def test_a_customer_who_calls_again_is_journaled_and_urges_by_himself(ticket: Ticket, cast: Cast) -> None:
    before = Contact.objects.count()
    with clock.at(NOON):
        for number in (1, 2):  # each call counts, however soon it comes
            said = {"text": "还没有人联系我", "channel": "hotline"}
            services.remind_for_customer(ticket, key=f"call-{number}", by=cast.agent, **said)
        services.remind_for_customer(ticket, key="call-2", by=cast.agent, text="还没有人联系我", channel="hotline")
    ticket.refresh_from_db()
    assert (ticket.reminder_count, Contact.objects.count() - before) == (2, 2)
    contact = Contact.objects.order_by("-pk")[0]
    assert (contact.ticket_number, contact.outcome, contact.agent) == (ticket.number, "ticket", cast.agent)
    assert {row.kind for row in Reminder.objects.all()} == {"customer"}
    with pytest.raises(InvalidInput):
        services.remind_for_customer(ticket, text="", channel="hotline", by=cast.agent)


def test_a_call_that_is_only_answered_urges_the_open_ticket_it_is_about(ticket: Ticket, cast: Cast) -> None:
    about = {"channel": "hotline", "customer": ticket.customer, "outcome": "solved", "by": cast.agent}
    journal_contact(subject="问进度", content="还没有结果", category_code=ticket.category.code, **about)
    journal_contact(subject="问营业时间", category_code="other", **about)
    journal_contact(subject="回电告知", category_code=ticket.category.code, direction="outbound", **about)
    ticket.refresh_from_db()
    reminder = Reminder.objects.get()
    assert (ticket.reminder_count, reminder.kind, reminder.text) == (1, "customer", "问进度\n还没有结果")
    assert Contact.objects.filter(customer=ticket.customer).count() == 3

"""Urging by people: somebody, or the customer, demands that something be done; whoever has the work owes an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.notifications.services import notify
from onepoint.sla.calendars import calendar_for
from onepoint.workflow import kernel, policies, queries
from onepoint.workflow.kernel import Loaded
from onepoint.workflow.models import Reminder, ReminderRule
from onepoint.workflow.services.urging import escalate_task, tell_of_task, url_of
from onepoint.workflow.states import EscalationCause, ReminderKind
from onepoint.workflow.urging import queries as reminders
from onepoint.workflow.urging.recipients import holders_of, names_of
from onepoint.workflow.urging.rules import deeds_of, escalation_audience

LONGEST_TEXT = 500


@dataclass(frozen=True)
class Subject:
    """What is urged: its kind, id and number, and where its work belongs."""

    type: str
    id: int
    number: str
    unit_id: int | None = None
    region_id: int | None = None


@transaction.atomic
def remind_handlers(
    subject: Subject,
    *,
    text: str,
    kind: str,
    rule: ReminderRule,
    is_leader: bool = False,
    key: str = "",
    by: User | None,
) -> Reminder:
    """Urge whoever has the work of a subject: counted, and from the rule's count on carried upwards.

    Whether somebody may urge at all is asked by the subject's own capability, which holds its lock. The same ``key`` again
    gives the first reminder. Raises RemindedLately, InvalidInput.
    """  # fmt: skip
    if key and (earlier := Reminder.objects.filter(key=key).first()):
        return earlier
    if kind == ReminderKind.PERSON:
        require(
            policies.why_not_remind_again(reminders.last_reminder_of(subject.type, subject.id, by), rule, is_leader)
        )
    said = _text(text, "text")
    loaded = _work_of(subject)
    people = list(dict.fromkeys(pk for task in loaded for pk in holders_of(task)))
    now = clock.now()
    calendar = calendar_for(unit_id=subject.unit_id, region_id=subject.region_id)
    reminder = Reminder.objects.create(
        subject_type=subject.type, subject_id=subject.id, subject_number=subject.number, kind=kind, text=said, by=by,
        task_id=loaded[0].task_id if len(loaded) == 1 else None, people=people, made_at=now, key=key or None,
        number=reminders.reminders_by_people(subject.type, subject.id) + 1,
        answer_due_at=calendar.later(now, timedelta(minutes=rule.answer_minutes)) if loaded else None,
    )  # fmt: skip
    who, who_en = names_of(people)
    audit.record(
        "ticket.reminded" if subject.type == "ticket" else "task.urged", by=by, subject_type=subject.type,
        subject_id=subject.id, kind=kind, text=said, number=reminder.number, to=who, to_en=who_en,
    )  # fmt: skip
    for task in loaded[:1]:
        tell_of_task(
            "ticket.reminded", people, task, key=f"reminder-{reminder.pk}", ways=("app", "email"),
            always=kind == ReminderKind.CUSTOMER, by=by, text=said or "—", count=reminder.number,
        )  # fmt: skip
    if rule.escalate_count and reminder.number >= rule.escalate_count:
        _carry_upwards(reminder, loaded, rule, by)
    return reminder


def _text(text: str, name: str) -> str:
    cleaned = clean(text)
    if len(cleaned) > LONGEST_TEXT:
        raise InvalidInput({name: _("This text is too long.")})
    return cleaned


def _work_of(subject: Subject) -> list[Loaded]:
    """The live tasks of a subject, each locked with its process."""
    ids = [task.pk for task in queries.live_tasks_of(subject.type, subject.id) if task.parent_id is None]
    return [loaded for pk in ids if (loaded := kernel.load(task_id=pk))]


def _carry_upwards(reminder: Reminder, loaded: Sequence[Loaded], rule: ReminderRule, by: User | None) -> None:
    for task in loaded:
        escalate_task(
            task, escalation_audience(rule), deeds_of(rule), cause=EscalationCause.COUNT, rung=reminder.number,
            key=f"reminder-{reminder.pk}-task-{task.task_id}", always=rule.always, by=by,
        )  # fmt: skip


@transaction.atomic
def answer_reminder(reminder: Reminder, *, text: str, by: User | None) -> Reminder:
    """Say what is being done about it; whoever urged is told. Raises NothingOwed, TaskNotYours, InvalidInput."""
    tasks = queries.live_tasks_of(reminder.subject_type, reminder.subject_id)
    require(policies.why_not_answer(reminder, tasks, by))
    said = _text(text, "answer")
    if not said:
        raise InvalidInput({"answer": _("Please write an answer.")})
    now = clock.now()
    values = {"answered_at": now, "answered_by": by, "answer": said}
    if not Reminder.objects.filter(pk=reminder.pk, answered_at=None).update(**values):
        raise SomebodyWasFaster
    for name, value in values.items():
        setattr(reminder, name, value)
    audit.record(
        "ticket.reminder_answered" if reminder.subject_type == "ticket" else "task.urge_answered", by=by,
        subject_type=reminder.subject_type, subject_id=reminder.subject_id, text=said, number=reminder.number,
    )  # fmt: skip
    if reminder.by_id:
        loaded = kernel.load(task_id=tasks[0].pk) if tasks else None
        notify(
            "ticket.reminder_answered", [reminder.by_id], key=f"reminder-{reminder.pk}-answer",
            facts={"number": reminder.subject_number, "text": said},
            subject=(reminder.subject_type, reminder.subject_id), url=url_of(loaded) if loaded else "", by=by,
        )  # fmt: skip
    return reminder

"""Reads about reminders and escalations, named by what they return."""

from django.db.models import Exists, OuterRef, QuerySet

from onepoint.accounts.models import User
from onepoint.workflow.models import Escalation, Reminder, ReminderRule, UserTask
from onepoint.workflow.states import ReminderKind

BY_PEOPLE = (ReminderKind.PERSON, ReminderKind.CUSTOMER)


def reminders_of(subject_type: str, subject_id: int, most: int = 20) -> list[Reminder]:
    """The latest reminders of a subject, newest first, with who urged and who answered."""
    rows = Reminder.objects.filter(subject_type=subject_type, subject_id=subject_id)
    return list(rows.select_related("by", "answered_by", "task").order_by("-pk")[:most])


def reminders_by_people(subject_type: str, subject_id: int) -> int:
    """How often people and the customer have urged a subject."""
    return Reminder.objects.filter(subject_type=subject_type, subject_id=subject_id, kind__in=BY_PEOPLE).count()


def last_reminder_of(subject_type: str, subject_id: int, by: User | None) -> Reminder | None:
    """When a person urged a subject last."""
    rows = Reminder.objects.filter(subject_type=subject_type, subject_id=subject_id, kind=ReminderKind.PERSON, by=by)
    return rows.order_by("-pk").first()


def find_reminder(subject_type: str, subject_id: int, pk: int) -> Reminder | None:
    return Reminder.objects.filter(subject_type=subject_type, subject_id=subject_id, pk=pk).first()


def escalations_of(subject_type: str, subject_id: int, most: int = 20) -> list[Escalation]:
    """The latest escalations of a subject, newest first, with who had it till then."""
    rows = Escalation.objects.filter(subject_type=subject_type, subject_id=subject_id)
    return list(rows.select_related("held_by", "task").order_by("-pk")[:most])


def owes_answer() -> Exists:
    """Condition on tasks: their subject is owed an answer to a reminder."""
    owed = Reminder.objects.filter(
        subject_type=OuterRef("subject_type"), subject_id=OuterRef("subject_id"), answered_at=None,
        answer_due_at__isnull=False,
    )  # fmt: skip
    return Exists(owed)


def urged(tasks: QuerySet[UserTask]) -> QuerySet[UserTask]:
    """Those of the tasks whose subject is owed an answer to a reminder: "urged" in the to-do."""
    return tasks.filter(owes_answer())


def reminder_rules() -> QuerySet[ReminderRule]:
    """Every rule of reminders, the general ones first."""
    return ReminderRule.objects.select_related("unit").order_by("process_key", "kind", "severity", "unit__path", "pk")


def find_rule(pk: int) -> ReminderRule | None:
    return ReminderRule.objects.select_related("unit").filter(pk=pk).first()

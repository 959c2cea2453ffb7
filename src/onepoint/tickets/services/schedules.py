"""Tickets that open by themselves: what is to be opened, when, and the job that does it exactly once per occurrence."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.channels.states import Channel
from onepoint.core import audit, clock
from onepoint.core.errors import BusinessError, InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.customers.models import Customer
from onepoint.tickets import policies
from onepoint.tickets.models import Category, ScheduledOccurrence, Severity, TicketSchedule
from onepoint.tickets.recurrence import Recurrence
from onepoint.tickets.services.creation import NewTicket, create_ticket
from onepoint.tickets.states import Frequency

#: Names the tickets of a schedule, so that the same occurrence can never open two.
_NAMESPACE = uuid.UUID("6f1c3c0e-6a0f-4f57-9d0c-5a1f0c8a7b10")
LONGEST_INTERVAL = 366


@dataclass(frozen=True)
class ScheduleItems:
    """Everything a person says about a schedule."""

    name: str
    frequency: str
    at_time: time
    starts_on: date
    kind: str
    category: Category
    title: str
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    month_day: int | None = None
    ends_on: date | None = None
    severity: Severity | None = None
    description: str = ""
    customer: Customer | None = None
    region: Region | None = None
    unit: OrgUnit | None = None
    owner: User | None = None

    def recurrence(self) -> Recurrence:
        """The rule of the dates."""
        return Recurrence(
            self.frequency, self.starts_on, self.at_time, timezone.get_default_timezone(), self.interval,
            self.weekdays, self.month_day, self.ends_on,
        )  # fmt: skip


def recurrence_of(schedule: TicketSchedule) -> Recurrence:
    """The rule of a stored schedule."""
    return Recurrence(
        schedule.frequency, schedule.starts_on, schedule.at_time, timezone.get_default_timezone(), schedule.interval,
        tuple(schedule.weekdays), schedule.month_day, schedule.ends_on,
    )  # fmt: skip


def _check(items: ScheduleItems) -> None:
    errors = {}
    for name in ("name", "title"):
        if not clean(getattr(items, name)):
            errors[name] = _("This is needed.")
    if items.frequency not in Frequency.values:
        errors["frequency"] = _("Please choose from the list.")
    if not 1 <= items.interval <= LONGEST_INTERVAL:
        errors["interval"] = _("Between 1 and %(most)s.") % {"most": LONGEST_INTERVAL}
    if any(day not in range(7) for day in items.weekdays):
        errors["weekdays"] = _("Please choose from the list.")
    if items.month_day is not None and not 1 <= items.month_day <= 31:
        errors["month_day"] = _("Between 1 and %(most)s.") % {"most": 31}
    if items.ends_on and items.ends_on < items.starts_on:
        errors["ends_on"] = _("It would end before it begins.")
    if errors:
        raise InvalidInput(errors)
    require(policies.why_not_use_category(items.category, items.kind))
    if items.recurrence().next_moment(after=clock.now()) is None:
        raise InvalidInput({"starts_on": _("With these dates no ticket would ever be opened.")})


def _fill(schedule: TicketSchedule, items: ScheduleItems) -> None:
    for name, value in vars(items).items():
        setattr(
            schedule, name, list(value) if name == "weekdays" else clean(value) if isinstance(value, str) else value
        )
    schedule.next_at = items.recurrence().next_moment(after=clock.now())


@transaction.atomic
def create_schedule(items: ScheduleItems, *, by: User | None) -> TicketSchedule:
    """Plan a ticket that opens by itself. Raises NotPermitted, InvalidInput, CategoryNotUsable."""
    require(policies.why_not_manage_schedules(by))
    _check(items)
    schedule = TicketSchedule(created_by=by)
    _fill(schedule, items)
    schedule.save(force_insert=True)
    audit.record("schedule.created", by=by, subject_type="schedule", subject_id=schedule.pk, name=schedule.name)
    return schedule


@transaction.atomic
def change_schedule(schedule: TicketSchedule, items: ScheduleItems, *, version: int, by: User | None) -> TicketSchedule:
    """Change a schedule as read at ``version``; it goes on from now. Raises SomebodyWasFaster and what creating raises."""
    require(policies.why_not_manage_schedules(by))
    schedule = TicketSchedule.objects.select_for_update(of=("self",)).get(pk=schedule.pk)
    if schedule.version != version:
        raise SomebodyWasFaster
    _check(items)
    _fill(schedule, items)
    schedule.version += 1
    schedule.save()
    audit.record("schedule.changed", by=by, subject_type="schedule", subject_id=schedule.pk, name=schedule.name)
    return schedule


@transaction.atomic
def pause_schedule(schedule: TicketSchedule, *, by: User | None) -> None:
    """Let a schedule rest; nothing when it does already. Raises NotPermitted."""
    require(policies.why_not_manage_schedules(by))
    if TicketSchedule.objects.filter(pk=schedule.pk, is_active=True).update(is_active=False):
        audit.record("schedule.paused", by=by, subject_type="schedule", subject_id=schedule.pk, name=schedule.name)


@transaction.atomic
def resume_schedule(schedule: TicketSchedule, *, by: User | None) -> None:
    """Let a paused schedule go on from now; what fell into the pause is left out. Raises NotPermitted."""
    require(policies.why_not_manage_schedules(by))
    schedule = TicketSchedule.objects.select_for_update(of=("self",)).get(pk=schedule.pk)
    if schedule.is_active:
        return
    schedule.is_active = True
    schedule.next_at = recurrence_of(schedule).next_moment(after=clock.now())
    schedule.save(update_fields=["is_active", "next_at"])
    audit.record("schedule.resumed", by=by, subject_type="schedule", subject_id=schedule.pk, name=schedule.name)


def open_scheduled_tickets(*, by: User | None, most: int = 200) -> int:
    """Open the tickets that are due, each occurrence once; returns how many.

    What was missed while nobody worked is made up for, occurrence by occurrence. Several workers share the work; what one
    that dies had not committed is left to the next.
    """
    count = 0
    while count < most and _open_next(by):
        count += 1
    return count


@transaction.atomic
def _open_next(by: User | None) -> bool:
    """Open the ticket of one due occurrence and move its schedule on, both or neither; False when nothing is due."""
    due = TicketSchedule.objects.filter(is_active=True, next_at__lte=clock.now()).order_by("next_at")
    schedule = due.select_for_update(of=("self",), skip_locked=True).first()
    if schedule is None or schedule.next_at is None:
        return False
    moment = schedule.next_at
    occurrence, is_new = ScheduledOccurrence.objects.get_or_create(schedule=schedule, due_at=moment)
    if is_new:
        _open_ticket(schedule, occurrence, by)
    schedule.next_at = recurrence_of(schedule).next_moment(after=moment)
    schedule.save(update_fields=["next_at"])
    return True


def _open_ticket(schedule: TicketSchedule, occurrence: ScheduledOccurrence, by: User | None) -> None:
    new = NewTicket(
        kind=schedule.kind, category=schedule.category, severity=schedule.severity, title=schedule.title,
        channel=Channel.API, description=schedule.description, customer=schedule.customer,
        contact_name=schedule.customer.name if schedule.customer else "",
        region=schedule.region or (schedule.customer.region if schedule.customer else None),
        unit=schedule.unit, owner=schedule.owner, request_key=_key_of(schedule, occurrence.due_at),
    )  # fmt: skip
    try:
        with transaction.atomic():
            occurrence.ticket = create_ticket(new, by=by)
            occurrence.save(update_fields=["ticket"])
            audit.record(
                "ticket.opened_by_schedule", by=by, subject_type="ticket", subject_id=occurrence.ticket.pk,
                name=schedule.name,
            )  # fmt: skip
    except BusinessError as refusal:  # the category went out of use, say: noted where the schedule is looked after
        occurrence.ticket = None
        occurrence.failure = str(refusal)[:300]
        occurrence.save(update_fields=["ticket", "failure"])
        audit.record(
            "schedule.failed", by=by, subject_type="schedule", subject_id=schedule.pk, name=schedule.name,
            reason=occurrence.failure,
        )  # fmt: skip


def _key_of(schedule: TicketSchedule, moment: datetime) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, f"{schedule.pk}:{moment.astimezone(timezone.get_default_timezone()).isoformat()}")

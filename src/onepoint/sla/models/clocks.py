"""Clocks, and what happened to each of them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named, OrgUnit, Region, User
from onepoint.core import clock
from onepoint.sla.models.calendars import BusinessCalendar
from onepoint.sla.models.clock_policies import ClockPolicy
from onepoint.sla.states import OPEN_CLOCK, AfterReopening, ClockKind, ClockState

_OPEN = [state.value for state in OPEN_CLOCK]


class ClockQuerySet(models.QuerySet["Clock"]):
    def of(self, subject_type: str, *subject_ids: int) -> "ClockQuerySet":
        return self.filter(subject_type=subject_type, subject_id__in=subject_ids)

    def open(self) -> "ClockQuerySet":
        """Clocks that run or will run again."""
        return self.filter(state__in=_OPEN)


class Clock(Named):
    """One limit on one subject. Everything about time in it follows from its segments; they are only kept here to sort by.

    ``name`` says which step, stage or promise is meant, where its kind alone does not.
    """

    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    kind = models.CharField(_("Clock"), max_length=20, choices=ClockKind.choices)
    stage = models.CharField(max_length=40, blank=True, default="", db_default="")
    state = models.CharField(
        _("State"), max_length=10, choices=ClockState.choices, default=ClockState.RUNNING, db_default="running"
    )
    limit = models.DurationField(_("Limit"))
    in_working_time = models.BooleanField(default=False)
    calendar = models.ForeignKey(BusinessCalendar, models.PROTECT, null=True, related_name="+", db_index=False)
    # Whose calendar counts; asked again when calendars are assigned anew.
    unit = models.ForeignKey(OrgUnit, models.PROTECT, null=True, related_name="+", db_index=False)
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+", db_index=False)
    policy = models.ForeignKey(ClockPolicy, models.SET_NULL, null=True, related_name="+", db_index=False)
    facts = models.JSONField(default=dict, db_default={})  # what the policies were asked with
    warnings = ArrayField(models.BigIntegerField(), default=list, db_default=[])  # seconds counted at each
    pauses_on_hold = models.BooleanField(default=True, db_default=True)
    pauses_on_waiting = models.BooleanField(default=True, db_default=True)
    after_reopening = models.CharField(max_length=10, default=AfterReopening.CONTINUE, db_default="continue")
    reopened_limit = models.DurationField(null=True)
    started_at = models.DateTimeField(_("Started"))
    warn_at = models.DateTimeField(_("At risk from"), null=True)  # the first warning; null while paused
    due_at = models.DateTimeField(_("Due"), null=True)  # null while paused
    warned_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    breached_at = models.DateTimeField(_("Breached"), null=True)
    settled_at = models.DateTimeField(_("Settled"), null=True)  # settled or cancelled
    revision = models.PositiveIntegerField(default=1, db_default=1)  # its number of segments

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = _("Clock")
        verbose_name_plural = _("Clocks")
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="clock_of_subject"),
            models.Index(fields=["calendar"], condition=Q(state__in=_OPEN), name="clock_open_by_calendar"),
            models.Index(fields=["id"], condition=Q(state__in=_OPEN), name="clock_open"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(state="paused") | Q(due_at=None), name="clock_paused_not_due"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}: {self.kind}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_CLOCK

    @property
    def is_paused(self) -> bool:
        return self.state == ClockState.PAUSED

    @property
    def is_breached(self) -> bool:
        """Whether the limit is, or was, exceeded."""
        if self.breached_at is not None:
            return True
        end = self.settled_at if not self.is_open else clock.now()
        return self.due_at is not None and end is not None and end > self.due_at

    @property
    def light(self) -> str:
        """``green``, ``amber``, ``red``, ``paused``; ``kept``, ``missed`` or ``cancelled`` once it is over."""
        if self.state == ClockState.CANCELLED:
            return "cancelled"
        if self.state == ClockState.SETTLED:
            return "missed" if self.is_breached else "kept"
        if self.is_breached:
            return "red"
        if self.is_paused:
            return "paused"
        return "amber" if self.warn_at is not None and self.warn_at <= clock.now() else "green"

    @property
    def title(self) -> str:
        """What it measures, in the language being shown."""
        return self.label or str(self.get_kind_display())


class ClockSegment(models.Model):
    """One stretch of a clock, from ``from_at`` until the next one begins; written once, a trigger refuses changes."""

    clock = models.ForeignKey(Clock, models.CASCADE, related_name="segments", db_index=False)
    number = models.PositiveIntegerField()  # counted per clock
    state = models.CharField(max_length=10, choices=ClockState.choices)
    what = models.CharField(max_length=20)  # started, paused, resumed, retargeted, moved, settled, cancelled, reopened
    reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    from_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    limit = models.DurationField()
    calendar = models.ForeignKey(BusinessCalendar, models.PROTECT, null=True, related_name="+", db_index=False)
    carried = models.DurationField(null=True)  # what is counted at its beginning; null: what was before

    class Meta:
        verbose_name = _("Segment of a clock")
        ordering = ["clock", "number"]
        constraints = [models.UniqueConstraint(fields=["clock", "number"], name="clock_segment_once")]

    def __str__(self) -> str:
        return f"{self.clock_id}.{self.number} {self.what}"

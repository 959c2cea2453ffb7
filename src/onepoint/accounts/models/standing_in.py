"""Who acts for whom: delegations, duty rosters, hand-overs."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models.people import Group, Role, User
from onepoint.accounts.models.trees import Named, OrgUnit
from onepoint.accounts.states import WorkKind
from onepoint.core import clock


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def in_force(self, moment: datetime) -> "DelegationQuerySet":
        """Those that let the deputy act at that moment."""
        return self.filter(
            starts_at__lte=moment, ends_at__gt=moment, ended_at=None, absentee__is_active=True, deputy__is_active=True
        )

    def standing(self, moment: datetime) -> "DelegationQuerySet":
        """In force or still to come."""
        return self.filter(ends_at__gt=moment, ended_at=None)


class Delegation(models.Model):
    """While somebody is away a deputy does his work in his name; of several kinds or roles, or all of it."""

    absentee = models.ForeignKey(User, models.CASCADE, related_name="delegations", verbose_name=_("Away"))
    deputy = models.ForeignKey(User, models.CASCADE, related_name="deputyships", verbose_name=_("Deputy"))
    starts_at = models.DateTimeField(_("From"))
    ends_at = models.DateTimeField(_("Until"))
    work = ArrayField(  # with roles empty too: everything
        models.CharField(max_length=12, choices=WorkKind.choices), default=list, verbose_name=_("Kinds of work")
    )
    roles = models.ManyToManyField(Role, blank=True, related_name="+", verbose_name=_("Roles"))
    note = models.CharField(_("Reason"), max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(_("Ended early"), null=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = _("Delegation")
        verbose_name_plural = _("Delegations")
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="delegation_ends_after"),
            models.CheckConstraint(
                condition=~models.Q(absentee=models.F("deputy")), name="delegation_to_somebody_else"
            ),
        ]
        indexes = [
            models.Index(fields=["deputy", "ends_at"], condition=models.Q(ended_at=None), name="delegation_of_deputy"),
        ]

    @property
    def is_standing(self) -> bool:
        """In force or still to come."""
        return self.ended_at is None and clock.now() < self.ends_at

    @property
    def state(self) -> str:
        """``now``, ``coming`` or ``over``."""
        if not self.is_standing:
            return "over"
        return "now" if self.starts_at <= clock.now() else "coming"

    @property
    def covered(self) -> str:
        """What was left to the deputy, in words."""
        kinds = [str(WorkKind(kind).label) for kind in self.work]
        named = [*kinds, *(role.label for role in self.roles.all())]
        return ", ".join(named) if named else gettext("all work")


class Roster(Named):
    """Who is on duty when, in a group or a unit; its keys are answered by whoever is on duty at the moment."""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="rosters", verbose_name=_("Group")
    )
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="rosters", verbose_name=_("Unit")
    )
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Duty roster")
        verbose_name_plural = _("Duty rosters")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(group=None) ^ models.Q(unit=None), name="roster_of_a_group_or_a_unit"
            )
        ]


class Shift(Named):
    """A part of the day that is watched; one that ends before it begins ends on the next day."""

    roster = models.ForeignKey(Roster, models.CASCADE, related_name="shifts", verbose_name=_("Duty roster"))
    starts = models.TimeField(_("From"))  # in the house's time zone
    ends = models.TimeField(_("Until"))

    class Meta:
        verbose_name = _("Shift")
        verbose_name_plural = _("Shifts")
        ordering = ["starts", "pk"]
        constraints = [models.UniqueConstraint(fields=["roster", "name"], name="shift_name_once_per_roster")]

    @property
    def crosses_midnight(self) -> bool:
        return self.ends <= self.starts


class Duty(models.Model):
    """Who has a shift: on one weekday every week, or on one date, which then counts instead of the week's."""

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="duties", verbose_name=_("Shift"))
    weekday = models.PositiveSmallIntegerField(null=True)  # Monday is 0
    date = models.DateField(null=True)
    people = models.ManyToManyField(User, related_name="duties", verbose_name=_("People"))

    class Meta:
        verbose_name = _("Duty")
        verbose_name_plural = _("Duties")
        constraints = [
            models.UniqueConstraint(
                fields=["shift", "weekday"], condition=models.Q(date=None), name="duty_weekday_once"
            ),
            models.UniqueConstraint(fields=["shift", "date"], condition=models.Q(weekday=None), name="duty_date_once"),
            models.CheckConstraint(
                condition=models.Q(weekday=None, date__isnull=False) | models.Q(weekday__range=(0, 6), date=None),
                name="duty_on_a_weekday_or_a_date",
            ),
        ]


class HandOver(models.Model):
    """All work of somebody who leaves goes to others; the rows of its items say what became of each."""

    person = models.ForeignKey(User, models.PROTECT, related_name="hand_overs", verbose_name=_("Person"))
    receivers = models.JSONField(default=dict)  # kind of holding → id of the person who receives it
    reason = models.CharField(_("Reason"), max_length=200, blank=True)
    locks_out = models.BooleanField(_("Lock the person out afterwards"), default=True)
    started_at = models.DateTimeField(_("Started"))
    started_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    finished_at = models.DateTimeField(_("Finished"), null=True)

    class Meta:
        verbose_name = _("Hand-over")
        verbose_name_plural = _("Hand-overs")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(finished_at=None), name="one_hand_over_at_a_time"
            )
        ]


class HandOverItem(models.Model):
    """One thing that was handed over, or could not be."""

    hand_over = models.ForeignKey(HandOver, models.CASCADE, related_name="items")
    kind = models.CharField(max_length=40)
    item_id = models.BigIntegerField()
    label = models.CharField(max_length=200)
    receiver = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("Item of a hand-over")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["hand_over", "kind", "item_id"], name="handed_over_once")]
        indexes = [
            models.Index(
                fields=["hand_over", "id"], condition=models.Q(done_at=None, problem=""), name="hand_over_waiting"
            )
        ]

"""Tables of coaching: the case library, case meetings, training and the ladder of expert levels."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named, OrgUnit, User
from onepoint.accounts.scope import scope_of
from onepoint.quality.inspection_states import CaseKind, DemandEffect, MeetingState, TrainingState
from onepoint.quality.models.inspections import Inspection
from onepoint.tickets.models import Category, Severity


class CoachingCase(models.Model):
    """A piece of work worth being talked about, told without names; from an inspection, or written by hand."""

    title = models.CharField(_("Title"), max_length=200)
    kind = models.CharField(_("Kind of case"), max_length=10, choices=CaseKind.choices, default=CaseKind.BAD)
    story = models.TextField(_("What happened"))
    lesson = models.TextField(_("What is to be learnt"), blank=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, verbose_name=_("Tags"))
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Category")
    )
    inspection = models.OneToOneField(Inspection, models.PROTECT, null=True, related_name="coaching_case")
    made_at = models.DateTimeField(_("Since"))
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    is_active = models.BooleanField(_("In use"), default=True)
    search_keys = ArrayField(models.TextField(), default=list)
    lock_version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("Case")
        verbose_name_plural = _("Cases")
        indexes = [
            GinIndex(fields=["search_keys"], name="coaching_case_search"),
            GinIndex(fields=["tags"], name="coaching_case_tags"),
            models.Index(fields=["-made_at", "-id"], name="coaching_case_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("coaching-case-detail", args=[self.pk])


class OfUnitQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "OfUnitQuerySet":
        """Those of units and regions in scope of ``coaching.manage``, and those that concern oneself."""
        scope = scope_of(user, "coaching.manage")
        if scope.has_permission and scope.everything:
            return self
        condition = scope.by_unit_and_region(unit="unit", region="unit__region")
        return self.filter(condition | self.concerning(user))

    @staticmethod
    def concerning(user: User) -> Q:
        raise NotImplementedError


class CaseMeetingQuerySet(OfUnitQuerySet):
    @staticmethod
    def concerning(user: User) -> Q:
        """Meetings one leads or is asked to."""
        asked = MeetingAttendance.objects.filter(person=user.pk).values("meeting")
        return Q(pk__in=asked) | Q(leader=user.pk)


class CaseMeeting(models.Model):
    """People of a unit talk about cases at an appointed time; who came and what was concluded is kept."""

    topic = models.CharField(_("Topic"), max_length=200)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("Unit"))
    held_at = models.DateTimeField(_("Date and time"))
    place = models.CharField(_("Place"), max_length=120, blank=True)
    leader = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("Led by"))
    cases = models.ManyToManyField(CoachingCase, blank=True, related_name="meetings", verbose_name=_("Cases"))
    state = models.CharField(_("State"), max_length=10, choices=MeetingState.choices, default=MeetingState.PLANNED)
    conclusions = models.TextField(_("Conclusions"), blank=True)
    lock_version = models.PositiveIntegerField(default=1)

    objects = CaseMeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("Case meeting")
        verbose_name_plural = _("Case meetings")
        indexes = [models.Index(fields=["-held_at", "-id"], name="case_meeting_newest")]

    def __str__(self) -> str:
        return self.topic

    def get_absolute_url(self) -> str:
        return reverse("case-meeting-detail", args=[self.pk])


class MeetingAttendance(models.Model):
    """A person asked to a case meeting, and whether that person came."""

    meeting = models.ForeignKey(CaseMeeting, models.CASCADE, related_name="attendances", db_index=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("Person"))
    was_there = models.BooleanField(_("Was there"), null=True)

    class Meta:
        verbose_name = _("Attendance")
        constraints = [models.UniqueConstraint(fields=["meeting", "person"], name="asked_to_meeting_once")]


class TrainingQuerySet(OfUnitQuerySet):
    @staticmethod
    def concerning(user: User) -> Q:
        """One's own training."""
        return Q(person=user.pk)


class Training(models.Model):
    """Something one person is to learn until a day, and the proof that it was done."""

    person = models.ForeignKey(User, models.PROTECT, related_name="trainings", verbose_name=_("Person"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, null=True, related_name="+", verbose_name=_("Unit"))
    topic = models.CharField(_("Topic"), max_length=200)
    reason = models.CharField(_("Why"), max_length=300, blank=True)
    code = models.CharField(max_length=40, blank=True)  # the standard's code that led to it
    case = models.ForeignKey(CoachingCase, models.PROTECT, null=True, related_name="+", verbose_name=_("Case"))
    due_on = models.DateField(_("Until"))
    state = models.CharField(_("State"), max_length=10, choices=TrainingState.choices, default=TrainingState.PLANNED)
    proof = models.TextField(_("Proof"), blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    done_at = models.DateTimeField(_("Done at"), null=True)

    objects = TrainingQuerySet.as_manager()

    class Meta:
        verbose_name = _("Training")
        verbose_name_plural = _("Training")
        indexes = [
            models.Index(fields=["due_on", "id"], name="training_due", condition=Q(state="planned")),
            models.Index(fields=["person", "-due_on"], name="training_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "topic"], condition=Q(state="planned"), name="training_planned_once"
            )
        ]


class ExpertLevel(Named):
    """One rung of the ladder from novice to expert, and what is asked of whoever is to stand on it."""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    rank = models.PositiveSmallIntegerField(_("Rank"), unique=True, help_text=_("1 is the lowest."))
    days_below = models.PositiveSmallIntegerField(_("Days on the rung below"), default=90)
    inspections = models.PositiveSmallIntegerField(_("Inspections in that time"), default=5)
    average = models.PositiveSmallIntegerField(_("Average score at least"), default=85)
    most_fatal = models.PositiveSmallIntegerField(_("Fatal inspections at most"), default=0)

    class Meta:
        verbose_name = _("Expert level")
        verbose_name_plural = _("Expert levels")
        ordering = ["rank"]


class LevelHeld(models.Model):
    """A person stands on a rung of the ladder, since when and until when."""

    person = models.ForeignKey(User, models.PROTECT, related_name="expert_levels", db_index=False)
    level = models.ForeignKey(ExpertLevel, models.PROTECT, related_name="holders", verbose_name=_("Level"))
    since = models.DateTimeField(_("Since"))
    until = models.DateTimeField(_("Until"), null=True)
    given_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(_("Why"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("Level of a person")
        verbose_name_plural = _("Levels of people")
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(until=None), name="level_one_at_a_time"),
        ]
        indexes = [models.Index(fields=["person", "-since"], name="level_history")]


class LevelDemand(models.Model):
    """What asks for a level: steps of tickets of a category (and below) or a severity, or both."""

    level = models.ForeignKey(ExpertLevel, models.PROTECT, related_name="demands", verbose_name=_("Level"))
    category = models.ForeignKey(
        Category, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("Category")
    )
    severity = models.ForeignKey(
        Severity, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("Severity")
    )
    effect = models.CharField(_("Without it, the house"), max_length=10, choices=DemandEffect.choices)

    class Meta:
        verbose_name = _("Demand of a level")
        verbose_name_plural = _("Demands of levels")
        constraints = [
            models.UniqueConstraint(fields=["category", "severity"], nulls_distinct=False, name="level_demand_once"),
            models.CheckConstraint(
                condition=Q(category__isnull=False) | Q(severity__isnull=False), name="level_demand_names_something"
            ),
        ]

"""Tables of inspections and of the scorings they consist of."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.accounts.scope import scope_of
from onepoint.channels.models import Contact
from onepoint.customers.models import CustomerLevel
from onepoint.quality.inspection_states import (
    WITH_RESULT,
    InspectionState,
    ScoringPart,
    ScoringState,
)
from onepoint.quality.models.plans import SamplingDraw, SamplingPlan
from onepoint.quality.models.scorecards import ScorecardVersion
from onepoint.tickets.models import Category, Ticket


class InspectionQuerySet(models.QuerySet["Inspection"]):
    def within(self, user: User, permission: str) -> "InspectionQuerySet":
        """Inspections of work done in the units and regions the permission reaches."""
        return self.filter(scope_of(user, permission).by_unit_and_region(level="customer_level"))

    def visible_to(self, user: User) -> "InspectionQuerySet":
        """Those in scope of ``inspection.view``, those the person scores, and results about the person's own work."""
        scope = scope_of(user, "inspection.view")
        if scope.has_permission and scope.everything:
            return self
        own = Q(person=user.pk, state__in=WITH_RESULT)
        scored = Q(pk__in=Scoring.objects.filter(inspector=user.pk).values("inspection"))
        return self.filter(scope.by_unit_and_region(level="customer_level") | own | scored)

    def with_result(self) -> "InspectionQuerySet":
        """Those whose score counts."""
        return self.filter(state__in=WITH_RESULT)


class Inspection(models.Model):
    """One piece of work drawn for inspection, whose work it was, and the result once it stands."""

    draw = models.ForeignKey(SamplingDraw, models.PROTECT, related_name="inspections", db_index=False)
    plan = models.ForeignKey(SamplingPlan, models.PROTECT, related_name="inspections", db_index=False)
    version = models.ForeignKey(ScorecardVersion, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, null=True, related_name="inspections", db_index=False)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="inspections", db_index=False)
    # As they were when it was drawn:
    person = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="inspections", db_index=False, verbose_name=_("Inspected")
    )  # fmt: skip
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Unit")
    )
    unit_path = models.TextField(default="")
    subject_path = models.TextField(default="")  # of the unit the ticket or contact belongs to
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Region")
    )
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Category")
    )
    customer_level = models.ForeignKey(CustomerLevel, models.PROTECT, null=True, related_name="+", db_index=False)
    stratum = models.CharField(max_length=40, blank=True)
    risks = ArrayField(models.CharField(max_length=30), default=list, verbose_name=_("Risks"))
    is_double = models.BooleanField(_("Scored twice"), default=False)
    drawn_at = models.DateTimeField(_("Drawn at"))

    state = models.CharField(
        _("State"), max_length=14, choices=InspectionState.choices, default=InspectionState.WAITING
    )
    score = models.DecimalField(_("Score"), max_digits=5, decimal_places=2, null=True)
    is_fatal = models.BooleanField(_("Fatal"), default=False)
    words = models.TextField(_("Words of the result"), blank=True)
    result_at = models.DateTimeField(_("Result since"), null=True)
    acknowledged_at = models.DateTimeField(_("Acknowledged at"), null=True)
    appeal_due_at = models.DateTimeField(_("Appeal until"), null=True)
    appealed_at = models.DateTimeField(_("Appealed at"), null=True)
    appeal_words = models.TextField(_("Words of the appeal"), blank=True)
    first_score = models.DecimalField(max_digits=5, decimal_places=2, null=True)  # before an appeal changed it

    objects = InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("Inspection")
        verbose_name_plural = _("Inspections")
        constraints = [
            models.UniqueConstraint(fields=["draw", "ticket"], name="inspection_ticket_once"),
            models.UniqueConstraint(fields=["draw", "contact"], name="inspection_contact_once"),
            models.CheckConstraint(
                condition=Q(ticket__isnull=False, contact__isnull=True) | Q(ticket__isnull=True, contact__isnull=False),
                name="inspection_one_subject",
            ),
        ]
        indexes = [
            models.Index(fields=["-drawn_at", "-id"], name="inspection_newest"),
            models.Index(fields=["state", "drawn_at", "id"], name="inspection_state"),
            models.Index(fields=["person", "-drawn_at"], name="inspection_person"),
            models.Index(fields=["unit", "-drawn_at"], name="inspection_unit"),
            models.Index(fields=["region", "-drawn_at"], name="inspection_region"),
            models.Index(fields=["category", "-drawn_at"], name="inspection_category"),
            models.Index(fields=["plan", "-drawn_at"], name="inspection_plan"),
            models.Index(fields=["ticket"], name="inspection_ticket"),
            models.Index(fields=["contact"], name="inspection_contact"),
            models.Index(fields=["-result_at"], name="inspection_result", condition=Q(result_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("inspection-detail", args=[self.pk])

    @property
    def has_result(self) -> bool:
        return self.state in WITH_RESULT

    @property
    def subject_number(self) -> str:
        """The number of the ticket or contact."""
        subject = self.ticket or self.contact
        return subject.number if subject else ""

    @property
    def subject_title(self) -> str:
        return self.ticket.title if self.ticket else self.contact.subject if self.contact else ""


class Scoring(models.Model):
    """One inspector's scores of one inspection; blind ones are seen by nobody else until all are in."""

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="scorings", db_index=False)
    part = models.CharField(_("Part"), max_length=12, choices=ScoringPart.choices, default=ScoringPart.FIRST)
    state = models.CharField(_("State"), max_length=10, choices=ScoringState.choices, default=ScoringState.OPEN)
    inspector = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="scorings", db_index=False, verbose_name=_("Inspector")
    )  # fmt: skip
    made_at = models.DateTimeField(_("Since"))
    claimed_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(_("Submitted at"), null=True)
    answers = models.JSONField(default=dict)  # {item key: value or "na"}
    notes = models.JSONField(default=dict)  # {item key: words}
    code_ids = ArrayField(models.BigIntegerField(), default=list)  # of the standard's codes found
    words = models.TextField(_("Comment"), blank=True)
    score = models.DecimalField(_("Score"), max_digits=5, decimal_places=2, null=True)
    is_fatal = models.BooleanField(_("Fatal"), default=False)

    class Meta:
        verbose_name = _("Scoring")
        verbose_name_plural = _("Scorings")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "part"], name="scoring_part_once"),
            models.UniqueConstraint(fields=["inspection", "inspector"], name="scoring_inspector_once"),
            models.CheckConstraint(
                condition=Q(state="open", inspector=None) | (~Q(state="open") & Q(inspector__isnull=False)),
                name="scoring_has_inspector",
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(score__isnull=False, submitted_at__isnull=False),
                name="scoring_submitted_has_score",
            ),
        ]
        indexes = [
            models.Index(fields=["made_at", "id"], name="scoring_open", condition=Q(state="open")),
            models.Index(fields=["inspector", "made_at"], name="scoring_in_hand", condition=Q(state="claimed")),
            models.Index(fields=["inspector", "-submitted_at"], name="scoring_of_inspector"),
            models.Index(F("submitted_at").desc(nulls_last=True), name="scoring_newest"),
        ]

    @property
    def is_open(self) -> bool:
        return self.state != ScoringState.SUBMITTED

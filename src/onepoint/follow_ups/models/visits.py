"""Tables of closings and of the visits that follow them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.accounts.scope import scope_of
from onepoint.channels.models import Contact
from onepoint.core import clock
from onepoint.customers.models import Customer, CustomerLevel
from onepoint.follow_ups.models.questionnaires import QuestionnaireVersion
from onepoint.follow_ups.models.rules import VisitRuleVersion
from onepoint.follow_ups.states import AttemptOutcome, Ending, VisitState, VisitWay
from onepoint.tickets.models import Ticket


class Closing(models.Model):
    """A ticket came to its end, for the nth time, with what rules ask about it as it was then. Never changed, only looked at."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="closings", db_index=False)
    number = models.PositiveSmallIntegerField()
    ending = models.CharField(max_length=12, choices=Ending.choices)
    closed_at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    category_ids = ArrayField(models.BigIntegerField())  # with all above
    severity_id_then = models.BigIntegerField()
    level_id_then = models.BigIntegerField(null=True)
    unit_ids = ArrayField(models.BigIntegerField())  # with all above
    # What the rules made of it:
    looked_at = models.DateTimeField(null=True)
    rule_version = models.ForeignKey(VisitRuleVersion, models.PROTECT, null=True, related_name="+", db_index=False)
    is_chosen = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("Closing of a ticket")
        verbose_name_plural = _("Closings of tickets")
        constraints = [models.UniqueConstraint(fields=["ticket", "number"], name="closing_once")]
        indexes = [models.Index(fields=["id"], name="closing_not_looked_at", condition=Q(looked_at=None))]


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def visible_to(self, user: User) -> "FollowUpQuerySet":
        """Visits of tickets of the person's units and regions (spec §2)."""
        return self.filter(scope_of(user, "follow_up.view").by_audience(level="customer_level"))

    def waiting(self) -> "FollowUpQuerySet":
        return self.filter(state=VisitState.WAITING)


class FollowUp(models.Model):
    """One return visit: the customer of one closed ticket is asked whether it is settled, and by what he answered."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="follow_ups", db_index=False)
    closing_number = models.PositiveSmallIntegerField(_("Closing"))
    rule_version = models.ForeignKey(VisitRuleVersion, models.PROTECT, null=True, related_name="+", db_index=False)
    questionnaire = models.ForeignKey(
        QuestionnaireVersion, models.PROTECT, null=True, related_name="+", db_index=False
    )  # fmt: skip
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="follow_ups", db_index=False)
    customer_level = models.ForeignKey(CustomerLevel, models.PROTECT, null=True, related_name="+", db_index=False)
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+", db_index=False)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, null=True, related_name="+", db_index=False)
    audience = ArrayField(models.TextField(), default=list)

    state = models.CharField(_("State"), max_length=10, choices=VisitState.choices, default=VisitState.WAITING)
    way = models.CharField(_("By"), max_length=10, choices=VisitWay.choices)
    made_at = models.DateTimeField(_("Made"))
    closed_on = models.DateField(_("Closed on"), null=True)  # in the house's time zone
    due_at = models.DateTimeField(_("From"))  # not before
    expires_at = models.DateTimeField(_("Until"))
    is_appointment = models.BooleanField(_("By appointment"), default=False)
    assignee = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="follow_ups", db_index=False, verbose_name=_("Visited by")
    )  # fmt: skip
    claimed_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)  # by telephone
    sent_at = models.DateTimeField(_("Link sent"), null=True)  # by the present way
    lead = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", verbose_name=_("Asked with"))

    answered_at = models.DateTimeField(_("Answered at"), null=True)
    answered_way = models.CharField(_("Answered by"), max_length=10, choices=VisitWay.choices, blank=True)
    answered_with = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)  # who asked
    answers = models.JSONField(_("Answers"), default=dict)
    is_satisfied = models.BooleanField(_("Satisfied"), null=True)
    stars = models.PositiveSmallIntegerField(_("Stars"), null=True)
    words = models.TextField(_("The customer's words"), blank=True)
    answer_key = models.CharField(max_length=80, blank=True)
    has_reopened = models.BooleanField(_("Reopened the ticket"), default=False)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("Return visit")
        verbose_name_plural = _("Return visits")
        constraints = [
            models.UniqueConstraint(fields=["ticket", "closing_number"], name="visit_once_per_closing"),
            models.CheckConstraint(condition=Q(stars=None) | Q(stars__range=(1, 5)), name="visit_stars"),
        ]
        indexes = [
            GinIndex(fields=["audience"], name="visit_audience"),
            models.Index(fields=["due_at", "id"], name="visit_waiting", condition=Q(state="waiting")),
            models.Index(fields=["region", "due_at", "id"], name="visit_waiting_region", condition=Q(state="waiting")),
            models.Index(fields=["assignee", "due_at"], name="visit_assignee", condition=Q(state="waiting")),
            models.Index(fields=["expires_at"], name="visit_expiring", condition=Q(state="waiting")),
            models.Index(fields=["-made_at", "-id"], name="visit_newest"),
            models.Index(fields=["customer", "-made_at"], name="visit_customer"),
            models.Index(fields=["customer", "closed_on"], name="visit_same_day", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.closing_number}"

    def get_absolute_url(self) -> str:
        return reverse("visit-detail", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        return self.state == VisitState.WAITING

    @property
    def is_due(self) -> bool:
        return self.is_waiting and self.due_at <= clock.now()


class VisitAttempt(models.Model):
    """One try to reach the customer of a visit, and what came of it."""

    follow_up = models.ForeignKey(FollowUp, models.CASCADE, related_name="attempts")
    at = models.DateTimeField(_("At"))
    way = models.CharField(_("By"), max_length=10, choices=VisitWay.choices)
    outcome = models.CharField(_("Outcome"), max_length=14, choices=AttemptOutcome.choices)
    note = models.CharField(_("Note"), max_length=500, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="+", db_index=False)
    key = models.CharField(max_length=120, unique=True)  # the same attempt is noted once

    class Meta:
        verbose_name = _("Attempt")
        verbose_name_plural = _("Attempts")
        ordering = ["-pk"]

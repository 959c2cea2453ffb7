"""Rectifications: what was marked is put right, with proof."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.accounts.scope import scope_of
from onepoint.core import clock
from onepoint.quality.models.marks import Mark, received_units
from onepoint.quality.states import OPEN_RECTIFICATIONS, RECTIFICATION_TONES, RectificationState


class RectificationQuerySet(models.QuerySet["Rectification"]):
    def visible_to(self, user: User) -> "RectificationQuerySet":
        """What one owes or asked for, that of units one receives for, and what ``mark.view`` reaches (spec §2)."""
        seen = Q(owner=user.pk) | Q(asked_by=user.pk) | Q(unit__in=received_units(user))
        if user.may("mark.view"):
            place = scope_of(user, "mark.view").without_levels().by_unit_and_region()
            # "Everything" is an empty condition, and an empty one is lost in an OR.
            if not place:
                return self.all()
            seen |= place
        return self.filter(seen)

    def with_labels(self) -> "RectificationQuerySet":
        return self.select_related("owner", "asked_by", "unit")


class Rectification(models.Model):
    """One thing a person has to put right after marks, shown by proof and accepted by who asked for it."""

    number = models.CharField(_("Number"), max_length=20, unique=True)
    key = models.UUIDField(unique=True, editable=False)  # the same form asks once
    title = models.CharField(_("What is to be put right"), max_length=200)
    words = models.TextField(_("Details"), blank=True)
    marks = models.ManyToManyField(Mark, related_name="rectifications", verbose_name=_("Marks"))
    owner = models.ForeignKey(
        User, models.PROTECT, related_name="+", db_index=False, verbose_name=_("Responsible person")
    )
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Unit")
    )
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+", db_index=False)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, verbose_name=_("Asked by"))
    asked_at = models.DateTimeField(_("Asked"))
    due_at = models.DateTimeField(_("Due"))
    state = models.CharField(
        _("State"), max_length=12, choices=RectificationState.choices, default=RectificationState.ASKED
    )
    proof = models.TextField(_("Proof"), blank=True)
    submitted_at = models.DateTimeField(_("Handed in"), null=True)
    decision = models.CharField(_("Words of the decision"), max_length=1000, blank=True)
    decided_at = models.DateTimeField(_("Decided"), null=True)
    rejected_count = models.PositiveSmallIntegerField(_("Times rejected"), default=0)

    objects = RectificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("Rectification")
        verbose_name_plural = _("Rectifications")
        indexes = [
            models.Index(fields=["-asked_at", "-id"], name="rectification_newest"),
            models.Index(fields=["unit", "-asked_at", "-id"], name="rectification_unit_newest"),
            models.Index(fields=["region", "-asked_at", "-id"], name="rectification_region_newest"),
            models.Index(
                fields=["owner", "due_at"], name="rectification_owed", condition=Q(state="asked")
            ),
            models.Index(
                fields=["asked_by", "due_at"], name="rectification_to_judge", condition=Q(state="submitted")
            ),
            # The lists stand in the order of the deadline, whatever became of them.
            models.Index(fields=["owner", "due_at", "id"], name="rectification_of_owner"),
            models.Index(fields=["asked_by", "due_at", "id"], name="rectification_of_asker"),
            models.Index(fields=["due_at", "id"], name="rectification_due"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("rectification-detail", args=[self.number])

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_RECTIFICATIONS

    @property
    def is_late(self) -> bool:
        return self.state == RectificationState.ASKED and self.due_at < clock.now()

    @property
    def tone(self) -> str:
        return RECTIFICATION_TONES[RectificationState(self.state)]

"""Tables of score cards."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named, User
from onepoint.quality.inspection_states import CardAbout, CardState


class Scorecard(Named):
    """What inspectors judge and how much each item weighs; each change is a new version, and inspections keep theirs."""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    about = models.CharField(_("Judges"), max_length=10, choices=CardAbout.choices)
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Score card")
        verbose_name_plural = _("Score cards")
        ordering = ["code"]


class ScorecardVersion(models.Model):
    """One state of a score card: its items (see ``quality.scoring``); published, it never changes."""

    scorecard = models.ForeignKey(Scorecard, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveSmallIntegerField(_("Version"))
    state = models.CharField(_("State"), max_length=10, choices=CardState.choices, default=CardState.DRAFT)
    items = models.JSONField(_("Items judged"), default=list)
    made_at = models.DateTimeField(_("Made"))
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    published_at = models.DateTimeField(_("Published at"), null=True)
    lock_version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("Version of a score card")
        verbose_name_plural = _("Versions of score cards")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["scorecard", "number"], name="scorecard_version_once"),
            models.UniqueConstraint(
                fields=["scorecard"], condition=Q(state=CardState.DRAFT.value), name="scorecard_one_draft"
            ),
        ]

    @property
    def is_draft(self) -> bool:
        return self.state == CardState.DRAFT

"""Tickets that may be about the same matter, as they were found; see ``likeness``."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.queries import candidate_keys
from onepoint.accounts.scope import scope_of
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import ALIVE


class DuplicateVerdict(models.TextChoices):
    """What became of a proposal; open while nobody has said."""

    OPEN = "", _("To be decided")
    MERGED = "merged", _("Merged")
    APART = "apart", _("Two matters")
    OVER = "over", _("One of them ended")


class LikelyDuplicateQuerySet(models.QuerySet["LikelyDuplicate"]):
    def visible_to(self, user: User) -> "LikelyDuplicateQuerySet":
        """Pairs of which the person may coordinate both tickets."""
        scope, also = scope_of(user, "ticket.coordinate"), [f"c:{key}" for key in candidate_keys(user)]
        for side in ("first", "second"):
            self = self.filter(scope.by_audience(f"{side}__audience", level=f"{side}__customer_level", also=also))
        return self

    def open(self) -> "LikelyDuplicateQuerySet":
        """Nobody has decided, and both tickets still move."""
        return self.filter(verdict=DuplicateVerdict.OPEN, first__status__in=ALIVE, second__status__in=ALIVE)


class LikelyDuplicate(models.Model):
    """Two tickets that may be one matter: ``second`` is the newer one, compared when it had been registered."""

    first = models.ForeignKey(Ticket, models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    score = models.PositiveSmallIntegerField(_("Likelihood"))
    reasons = ArrayField(models.CharField(max_length=20), default=list)
    found_at = models.DateTimeField(_("Found"))
    verdict = models.CharField(_("Decision"), max_length=10, choices=DuplicateVerdict.choices, blank=True, default="")
    decided_at = models.DateTimeField(_("Decided"), null=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)

    objects = LikelyDuplicateQuerySet.as_manager()

    class Meta:
        verbose_name = _("Likely duplicate")
        verbose_name_plural = _("Likely duplicates")
        indexes = [models.Index(fields=["-found_at", "-id"], name="likely_duplicate_open", condition=Q(verdict=""))]
        constraints = [models.UniqueConstraint(fields=["first", "second"], name="likely_duplicate_once")]

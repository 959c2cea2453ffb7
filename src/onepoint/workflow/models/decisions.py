"""Decision tables and their versions."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named
from onepoint.workflow.states import VersionStatus


class DecisionDefinition(Named):
    """One decision table, such as "routing"; what it says is in its versions."""

    key = models.SlugField(_("Key"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("Decision table")
        verbose_name_plural = _("Decision tables")
        ordering = ["key"]


class DecisionVersion(models.Model):
    """One state of a decision table as DMN. Once published it never changes (a trigger refuses it)."""

    definition = models.ForeignKey(DecisionDefinition, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("Version"))
    dmn = models.TextField()
    status = models.CharField(_("Status"), max_length=20, choices=VersionStatus.choices, default=VersionStatus.DRAFT)
    revision = models.PositiveIntegerField(default=1)  # counts saves of a draft, so that of two people one is told
    edited_at = models.DateTimeField(_("Saved at"))
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("Saved by")
    )
    published_at = models.DateTimeField(_("Published"), null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("Published by")
    )
    comment = models.CharField(_("What changed"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("Version of a decision table")
        ordering = ["definition", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["definition", "number"], name="decision_version_number_once"),
            models.UniqueConstraint(
                fields=["definition"], condition=models.Q(status="published"), name="decision_one_published_version"
            ),
            models.UniqueConstraint(
                fields=["definition"], condition=models.Q(status="draft"), name="decision_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.definition_id} v{self.number}"

    @property
    def is_published(self) -> bool:
        return self.status == VersionStatus.PUBLISHED

    @property
    def is_draft(self) -> bool:
        return self.status == VersionStatus.DRAFT

"""Forms and their versions."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named
from onepoint.dynamic_forms.states import FormStatus


class FormDefinition(Named):
    """One set of special items; categories refer to it by ``key``."""

    key = models.SlugField(_("Key"), max_length=40, unique=True)
    created_at = models.DateTimeField(_("Created"))

    class Meta:
        verbose_name = _("Form")
        verbose_name_plural = _("Forms")
        ordering = ["key"]


class FormVersion(models.Model):
    """One version of a form. From publishing on a trigger refuses any change but retiring."""

    definition = models.ForeignKey(FormDefinition, models.PROTECT, related_name="versions", verbose_name=_("Form"))
    number = models.PositiveIntegerField(_("Version"))
    schema = models.JSONField(_("Schema"), default=dict)
    status = models.CharField(_("Status"), max_length=10, choices=FormStatus.choices, default=FormStatus.DRAFT)
    changed_at = models.DateTimeField(_("Changed"))
    published_at = models.DateTimeField(_("Published"), null=True)

    class Meta:
        verbose_name = _("Version of a form")
        verbose_name_plural = _("Versions of forms")
        ordering = ["definition", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["definition", "number"], name="form_version_number_once"),
            models.UniqueConstraint(
                fields=["definition"], condition=Q(status=FormStatus.PUBLISHED), name="form_has_one_version_in_force"
            ),
            models.UniqueConstraint(
                fields=["definition"], condition=Q(status=FormStatus.DRAFT), name="form_has_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(status=FormStatus.DRAFT, published_at=None)
                | (~Q(status=FormStatus.DRAFT) & Q(published_at__isnull=False)),
                name="form_version_published_at_fits_status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.definition.label} v{self.number}"

    @property
    def fields(self) -> list[dict[str, Any]]:
        """The fields of the schema in order."""
        return list(self.schema.get("fields", []))

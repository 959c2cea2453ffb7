"""Tables of the published standard."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named, User
from onepoint.quality.states import CodeDirection, StandardState


class Standard(models.Model):
    """One version of what an unqualified ticket is; published it never changes, and the newest published is in force."""

    number = models.PositiveSmallIntegerField(_("Version"), unique=True)
    state = models.CharField(
        _("State"), max_length=10, choices=StandardState.choices, default=StandardState.DRAFT
    )  # fmt: skip
    preamble = models.TextField(_("Preamble"), blank=True)
    preamble_en = models.TextField(_("Preamble in English"), blank=True)
    appeal_days = models.PositiveSmallIntegerField(
        _("Working days to appeal"), default=3, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    rectification_days = models.PositiveSmallIntegerField(
        _("Working days to put right"), default=5, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    changes = models.CharField(_("What is new"), max_length=500, blank=True)
    made_at = models.DateTimeField(_("Made"))
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    published_at = models.DateTimeField(_("Published"), null=True)
    published_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Published by")
    )
    retired_at = models.DateTimeField(_("Replaced"), null=True)
    lock_version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("Standard of unqualified tickets")
        verbose_name_plural = _("Standards of unqualified tickets")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="draft"), name="standard_one_draft"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="in_force"), name="standard_one_in_force"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(published_at__isnull=False), name="standard_published_some_time"
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)

    @property
    def is_draft(self) -> bool:
        return self.state == StandardState.DRAFT

    @property
    def preamble_label(self) -> str:
        """The preamble in the language being shown."""
        return _english(self.preamble_en) or self.preamble


def _english(text: str) -> str:
    """The English text where English is shown."""
    return text if (get_language() or "").startswith("en") else ""


class UnqualifiedCode(Named):
    """One way to be unqualified, in one version of the standard: whose work it is about and the points it costs."""

    standard = models.ForeignKey(Standard, models.CASCADE, related_name="codes", db_index=False)
    code = models.CharField(_("Code"), max_length=20)
    direction = models.CharField(_("About"), max_length=10, choices=CodeDirection.choices)
    points = models.PositiveSmallIntegerField(_("Points"), default=1, validators=[MaxValueValidator(100)])
    is_fatal = models.BooleanField(_("Fatal"), default=False)
    examples = models.TextField(_("Examples"), blank=True)
    examples_en = models.TextField(_("Examples in English"), blank=True)
    position_order = models.PositiveSmallIntegerField(_("Order"), default=0)

    class Meta:
        verbose_name = _("Code of unqualified work")
        verbose_name_plural = _("Codes of unqualified work")
        ordering = ["position_order", "code"]
        constraints = [models.UniqueConstraint(fields=["standard", "code"], name="unqualified_code_once")]

    @property
    def full_label(self) -> str:
        """“F03 Phone number wrong”, in the language being shown."""
        return f"{self.code} {self.label}"

    @property
    def examples_label(self) -> str:
        return _english(self.examples_en) or self.examples

"""How long files are kept."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

FEWEST_MONTHS = 6
MOST_MONTHS = 1200


class RetentionRule(models.Model):
    """For how many months one kind of file is kept; without a number, and without a row, for ever."""

    code = models.SlugField(max_length=40, unique=True)  # of a kind in ``customers.retention``
    months = models.PositiveSmallIntegerField(
        _("Kept for (months)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(FEWEST_MONTHS), MaxValueValidator(MOST_MONTHS)],
    )
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("Keeping of files")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(months=None) | models.Q(months__range=(FEWEST_MONTHS, MOST_MONTHS)),
                name="retention_months",
            ),
        ]

    def __str__(self) -> str:
        return self.code

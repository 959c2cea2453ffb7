"""What a contact that was settled at once ended in, and the rules of the journal."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named


class ContactResult(Named):
    """One way a contact can end without a ticket, such as "answered" or "explained the bill"."""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    position_order = models.PositiveSmallIntegerField(_("Order"), default=0)
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Result of a contact")
        verbose_name_plural = _("Results of contacts")
        ordering = ["position_order", "code"]


class JournalRule(models.Model):
    """The house's rules of the contact journal: one row, changed on its own screen."""

    correct_hours = models.PositiveSmallIntegerField(
        _("Hours within which the agent may correct what a contact was about"),
        default=24,
        validators=[MaxValueValidator(720)],
    )
    needs_result = models.BooleanField(
        _("A contact solved at once needs a category and a result"), default=False, db_default=False
    )
    repeat_days = models.PositiveSmallIntegerField(
        _("Days within which complaints about the same thing count as repeated"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
    )
    repeat_count = models.PositiveSmallIntegerField(
        _("Complaints from which on it is flagged"),
        default=2,
        validators=[MinValueValidator(2), MaxValueValidator(50)],
    )

    class Meta:
        verbose_name = _("Rules of the contact journal")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_journal_rule")]

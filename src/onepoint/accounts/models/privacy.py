"""Who saw personal data, and how much one may."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models.people import User
from onepoint.accounts.states import UnmaskingReason


class PrivacyPolicy(models.Model):
    """The house's rules for personal data: one row, changed on its own screen."""

    unmaskings_per_day = models.PositiveSmallIntegerField(
        _("Masked values one person may uncover a day"),
        default=50,
        validators=[MaxValueValidator(1000)],
    )

    class Meta:
        verbose_name = _("Privacy policy")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_privacy_policy")]


class Unmasking(models.Model):
    """One masked value somebody asked to see, and why; written once, never changed."""

    at = models.DateTimeField(_("At"))
    user = models.ForeignKey(User, models.PROTECT, related_name="unmaskings", db_index=False, verbose_name=_("Person"))
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    subject_number = models.CharField(_("About"), max_length=40)
    field = models.CharField(_("Field"), max_length=60)
    group = models.CharField(_("Kind of personal data"), max_length=20)
    reason = models.CharField(_("Reason"), max_length=20, choices=UnmaskingReason.choices)
    note = models.CharField(_("Explanation"), max_length=500)
    ip_address = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = _("Unmasking")
        verbose_name_plural = _("Unmaskings")
        indexes = [
            models.Index(fields=["user", "-at"], name="unmasking_user"),
            models.Index(fields=["-at"], name="unmasking_at"),
            models.Index(fields=["subject_type", "subject_id"], name="unmasking_subject"),
        ]


class PersonalDataReading(models.Model):
    """One opening of a page that showed personal data in full to somebody with the right to it."""

    at = models.DateTimeField(_("At"))
    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, verbose_name=_("Person"))
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    groups = ArrayField(models.CharField(max_length=20), default=list, verbose_name=_("Kinds of personal data"))
    ip_address = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = _("Reading of personal data")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="personal_reading_subject"),
            models.Index(fields=["user", "-id"], name="personal_reading_user"),
            BrinIndex(fields=["at"], name="personal_reading_at"),
        ]

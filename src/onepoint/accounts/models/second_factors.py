"""What a person proves besides the password: an authenticator app, and codes for the day it is lost."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models.people import User


class SecondFactor(models.Model):
    """The authenticator app of one person; the secret it shares with the house is sealed."""

    user = models.OneToOneField(
        User, models.CASCADE, related_name="second_factor", primary_key=True, verbose_name=_("Person")
    )
    sealed_secret = models.TextField()
    #: Number of the half minute whose code was accepted last: no code is good twice.
    last_step = models.BigIntegerField(default=0)
    set_up_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("Second factor")


class RecoveryCode(models.Model):
    """One code that stands in for the app once; only its digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]

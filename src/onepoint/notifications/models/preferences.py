"""Who wants to be told how: the house's rules, what a role starts with, and each person's own choice."""

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Role, User
from onepoint.notifications.states import DigestMode, Weekday


def every_day() -> list[int]:
    return list(Weekday.values)


class TellingRules(models.Model):
    """Ways per group of events (``{"tasks": ["app", "email"]}``), quiet hours and digest."""

    choices = models.JSONField(default=dict)
    quiet_from = models.TimeField(_("Quiet from"), null=True, blank=True)
    quiet_to = models.TimeField(_("Quiet until"), null=True, blank=True)  # not after "from": the next morning
    quiet_days = ArrayField(  # on which the quiet time begins
        models.PositiveSmallIntegerField(choices=Weekday.choices),
        default=every_day,
        blank=True,
        verbose_name=_("Quiet hours begin on"),
    )
    digest = models.CharField(
        _("E-mails leave"), max_length=12, choices=DigestMode.choices, default=DigestMode.IMMEDIATELY
    )
    digest_at = models.TimeField(_("Daily e-mail at"), default=time(8, 30))

    class Meta:
        abstract = True


class Preference(TellingRules):
    """What one person chose; who chose nothing is told as the role and the house say."""

    person = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="notification_preference", verbose_name=_("Person")
    )

    class Meta:
        verbose_name = _("Notification preference")

    def __str__(self) -> str:
        return str(self.person_id)


class RoleDefault(models.Model):
    """How holders of a role are told unless they choose otherwise, and which ways they cannot switch off."""

    role = models.OneToOneField(
        Role, models.CASCADE, primary_key=True, related_name="notification_default", verbose_name=_("Role")
    )
    choices = models.JSONField(default=dict)
    mandatory = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("Notification default of a role")

    def __str__(self) -> str:
        return str(self.role_id)


class NotificationPolicy(TellingRules):
    """The rules of the house: one row, changed on its own screen."""

    house_address = models.URLField(
        _("Address of this house"),
        blank=True,
        help_text=_(
            "What people type to get here, such as https://onepoint.example.cn; links in e-mails begin with it."
        ),
    )
    mandatory = models.JSONField(default=dict)
    keep_read_days = models.PositiveSmallIntegerField(
        _("Days read notifications are kept"), default=30, validators=[MinValueValidator(1), MaxValueValidator(730)]
    )
    keep_unread_days = models.PositiveSmallIntegerField(
        _("Days unread notifications are kept"), default=180, validators=[MinValueValidator(1), MaxValueValidator(730)]
    )
    keep_message_days = models.PositiveSmallIntegerField(
        _("Days messages between colleagues are kept"),
        default=730,
        validators=[MinValueValidator(30), MaxValueValidator(3660)],
    )

    class Meta:
        verbose_name = _("Notification rules of the house")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_notification_policy")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

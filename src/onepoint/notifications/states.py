"""Choices of notifications."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Way(models.TextChoices):
    """How a person is told."""

    APP = "app", _("In the application")
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")


class WayState(models.TextChoices):
    """How far a notification has come on one way outside the application."""

    WAITING = "waiting", _("Waiting to be sent")
    COLLECTED = "collected", _("Waits for the digest")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Could not be sent")
    NO_ADDRESS = "no_address", _("No address")


class DigestMode(models.TextChoices):
    """When e-mails about things that are not urgent leave."""

    IMMEDIATELY = "immediately", _("Each one at once")
    HOURLY = "hourly", _("Together, every hour")
    DAILY = "daily", _("Together, once a day")


class Weekday(models.IntegerChoices):
    """Days as ISO counts them."""

    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")
    SUNDAY = 7, _("Sunday")


class ConversationKind(models.TextChoices):
    """Who writes to whom."""

    DIRECT = "direct", _("One to one")
    GROUP = "group", _("Group of colleagues")
    DUTY = "duty", _("Those on duty")


class Availability(models.TextChoices):
    """How a colleague can be reached: offline follows from having no page open, the others he chooses."""

    ONLINE = "online", _("Online")
    BUSY = "busy", _("Busy at the moment")
    AWAY = "away", _("Away from the desk")
    OFFLINE = "offline", _("Not connected")

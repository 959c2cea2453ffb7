"""Choices of the contact journal."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    HOTLINE = "hotline", _("Hotline")
    HALL = "hall", _("Business hall")
    ACCOUNT_MANAGER = "account_manager", _("Account manager")
    OUTLET = "outlet", _("Outlet")
    WEB = "web", _("Web")
    CHAT = "chat", _("Web chat")
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    FAX = "fax", _("Fax")
    LETTER = "letter", _("Letter")
    API = "api", _("Other system")


class Direction(models.TextChoices):
    INBOUND = "inbound", _("From the customer")
    OUTBOUND = "outbound", _("To the customer")


class ContactOutcome(models.TextChoices):
    SOLVED = "solved", _("Solved at once")
    TICKET = "ticket", _("Became a ticket")
    OPEN = "open", _("Not settled")

"""Choices of the customer record."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CustomerKind(models.TextChoices):
    PERSON = "person", _("Individual")
    COMPANY = "company", _("Company")


class PreferredChannel(models.TextChoices):
    """How the customer wants to be answered."""

    PHONE = "phone", _("Telephone")
    SMS = "sms", _("SMS")
    EMAIL = "email", _("E-mail")
    LETTER = "letter", _("Letter")
    NONE = "none", _("No reply wanted")


class AccountKind(models.TextChoices):
    MOBILE = "mobile", _("Mobile number")
    LANDLINE = "landline", _("Landline number")
    BROADBAND = "broadband", _("Broadband account")
    ACCOUNT = "account", _("Account number")
    EMAIL = "email", _("E-mail address")
    OTHER = "other", _("Other number")


class AccountStatus(models.TextChoices):
    ACTIVE = "active", _("In service")
    SUSPENDED = "suspended", _("Service suspended")
    CLOSED = "closed", _("Terminated")


class WarrantyState(models.TextChoices):
    IN_WARRANTY = "in_warranty", _("In warranty")
    EXPIRED = "expired", _("Out of warranty")
    UNKNOWN = "unknown", _("Warranty unknown")

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


class MemberKind(models.TextChoices):
    """What a customer is within the household or company it belongs to."""

    MEMBER = "member", _("Household member")
    SUBSIDIARY = "subsidiary", _("Subsidiary")
    BRANCH = "branch", _("Branch")
    SITE = "site", _("Site")


class Likeness(models.TextChoices):
    """Why two records may be one customer."""

    ID_NUMBER = "id_number", _("Same ID number")
    PHONE = "phone", _("Same telephone or account")
    SERIAL = "serial", _("Same serial number")
    NAME = "name", _("Similar name")
    ADDRESS = "address", _("Similar address")


class PairState(models.TextChoices):
    OPEN = "open", _("To be looked at")
    DIFFERENT = "different", _("Not the same")
    MERGED = "merged", _("Merged")


class AttentionKind(models.TextChoices):
    ATTENTION = "attention", _("Needs attention")
    CARE = "care", _("Needs special care")
    RISK = "risk", _("May escalate")
    BLACK = "black", _("Blacklisted")


class ErasureState(models.TextChoices):
    """Where the erasure of a customer stands."""

    ASKED = "asked", _("Waits for a second person")
    RUNNING = "running", _("Being erased")
    DONE = "done", _("Erased")
    REFUSED = "refused", _("Not erased")


class ImportState(models.TextChoices):
    """Where an import stands; ``CHECKING`` is the rehearsal that keeps nothing."""

    UPLOADED = "uploaded", _("Uploaded")
    READY = "ready", _("Ready to run")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    RUNNING = "running", _("Running")
    DONE = "done", _("Import ended")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


#: Verb → (from which states, to which state). A check can be repeated; a finished import stays what it is.
IMPORT_VERBS: dict[str, tuple[frozenset[str], str]] = {
    "map": (frozenset({"uploaded", "ready", "checked"}), "ready"),
    "check": (frozenset({"ready", "checked"}), "checking"),
    "finish_check": (frozenset({"checking"}), "checked"),
    "run": (frozenset({"ready", "checked"}), "running"),
    "finish": (frozenset({"running"}), "done"),
    "cancel": (frozenset({"uploaded", "ready", "checking", "checked", "running"}), "cancelled"),
    "fail": (frozenset({"checking", "running"}), "failed"),
}


class RowOutcome(models.TextChoices):
    CREATED = "created", _("Newly registered")
    UPDATED = "updated", _("Updated")
    SAME = "same", _("Unchanged")
    REFUSED = "refused", _("Refused")

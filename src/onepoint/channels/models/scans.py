"""Tables of faxes and scanned letters: the folders they are dropped into, and each of them until it is taken in."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.accounts.scope import scope_of
from onepoint.channels.models.english_names import NamedLater
from onepoint.channels.models.journal import Contact
from onepoint.channels.models.mail import IncomingMail
from onepoint.channels.states import Channel, ScanState
from onepoint.core.models import Attachment


class ScanSource(NamedLater):
    """One watched folder: a fax server or a scanner puts files there, one file a fax or letter."""

    name = models.CharField(_("Name"), max_length=80, unique=True)
    folder = models.SlugField(_("Folder"), max_length=60, unique=True)  # below "scans" in the data folder
    channel = models.CharField(
        _("Channel"), max_length=20, choices=[(one.value, one.label) for one in (Channel.FAX, Channel.LETTER)]
    )
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("Unit that takes them in"))
    is_active = models.BooleanField(_("Is watched"), default=True)
    last_taken_at = models.DateTimeField(_("Last file"), null=True)
    last_error = models.CharField(_("Last error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("Watched folder")
        verbose_name_plural = _("Watched folders")
        ordering = ["name"]


class IncomingScanQuerySet(models.QuerySet["IncomingScan"]):
    def visible_to(self, user: User) -> "IncomingScanQuerySet":
        """Faxes and letters of the person's units and regions."""
        return self.filter(scope_of(user, "scan.view").by_audience())


class IncomingScan(models.Model):
    """One fax or letter as a file; the same file counts once. A refused one has a row, but nothing of it is kept."""

    source = models.ForeignKey(ScanSource, models.SET_NULL, null=True, related_name="+", verbose_name=_("Source"))
    channel = models.CharField(_("Channel"), max_length=20, choices=Channel.choices)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, null=True, related_name="+", verbose_name=_("Unit"))
    name = models.CharField(_("File name"), max_length=200)
    sha256 = models.CharField(max_length=64, blank=True)
    file = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    page_count = models.PositiveSmallIntegerField(_("Pages"), null=True)  # null: a PDF, whose pages the browser counts
    state = models.CharField(_("State"), max_length=10, choices=ScanState.choices, default=ScanState.WAITING)
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    sender_name = models.CharField(_("Sender"), max_length=160, blank=True)
    sender_number = models.CharField(_("Sender's number"), max_length=40, blank=True)
    letter_date = models.DateField(_("Date of the letter"), null=True, blank=True)
    post_number = models.CharField(_("Post number"), max_length=60, blank=True)
    agent = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("Agent"))
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+", verbose_name=_("Contact"))
    #: It came by, where it did not come from a folder; the same fax by two mails is one.
    mails = models.ManyToManyField(IncomingMail, related_name="scans", verbose_name=_("E-mails"))
    audience = ArrayField(models.CharField(max_length=24), default=list)
    received_at = models.DateTimeField(_("Received"))
    settled_at = models.DateTimeField(_("Settled"), null=True)

    objects = IncomingScanQuerySet.as_manager()

    class Meta:
        verbose_name = _("Fax or letter")
        verbose_name_plural = _("Faxes and letters")
        constraints = [models.UniqueConstraint(fields=["sha256"], name="scan_once", condition=~Q(sha256=""))]
        indexes = [
            models.Index(fields=["state", "-received_at", "-id"], name="scan_state"),
            models.Index(fields=["-received_at", "-id"], name="scan_received"),
            models.Index(fields=["contact"], name="scan_contact", condition=Q(contact__isnull=False)),
            GinIndex(fields=["audience"], name="scan_audience"),
        ]

    def __str__(self) -> str:
        return self.name

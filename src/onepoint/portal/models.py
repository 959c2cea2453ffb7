"""Tables of the portal: codes, sessions, filings, what customers did, the words they read, who may frame the form."""

import uuid
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Region
from onepoint.channels.states import Medium
from onepoint.core import clock
from onepoint.customers.models import Customer
from onepoint.portal.addressing import Address
from onepoint.portal.states import STATUS_LABELS, NoteKind, Stage
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.states import ReplyChannel, TicketKind


class Addressed(models.Model):
    """Something that belongs to one mobile number or e-mail address."""

    medium = models.CharField(max_length=10, choices=Medium.choices)
    address = models.CharField(max_length=160)  # see addressing.Address.key

    class Meta:
        abstract = True

    @property
    def reached_by(self) -> Address:
        return Address(Medium(self.medium), self.address)


class Filing(Addressed):
    """A request as a customer wrote it; it waits for the code and then becomes a ticket. Unproved ones go after an hour."""

    token = models.UUIDField(unique=True, default=uuid.uuid4)  # also the request key of contact and ticket
    kind = models.CharField(max_length=20, choices=TicketKind.choices)
    category = models.ForeignKey(Category, models.CASCADE, related_name="+")
    text = models.TextField()
    place = models.CharField(max_length=200, blank=True)
    region = models.ForeignKey(Region, models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    reply_way = models.CharField(max_length=10, choices=ReplyChannel.choices, blank=True)
    language = models.CharField(max_length=10)
    made_at = models.DateTimeField()
    ticket = models.ForeignKey(Ticket, models.CASCADE, null=True, related_name="filings")

    class Meta:
        verbose_name = _("Filing")
        indexes = [
            models.Index(fields=["made_at"], name="filing_unproved", condition=Q(ticket=None)),
            models.Index(fields=["address", "-id"], name="filing_address", condition=Q(ticket__isnull=False)),
        ]

    def __str__(self) -> str:
        return str(self.token)


class OneTimeCode(Addressed):
    """A code that was sent to an address; only its keyed hash is kept, and it opens once, within minutes, in few tries."""

    token = models.UUIDField(unique=True, default=uuid.uuid4)  # names the page on which it is entered
    digest = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=10)
    filing = models.ForeignKey(Filing, models.CASCADE, null=True, related_name="codes")
    wanted_number = models.CharField(max_length=20, blank=True)  # the ticket somebody came for

    class Meta:
        verbose_name = _("One-time code")
        indexes = [models.Index(fields=["address", "-id"], name="code_address")]

    def __str__(self) -> str:
        return str(self.token)


class PortalSession(Addressed):
    """One browser in which somebody proved that an address is his; the cookie holds the token, this row its hash."""

    digest = models.CharField(max_length=64, unique=True)
    # Whom the address belongs to beyond doubt; else the session sees what was filed or named with the address only.
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="portal_sessions")
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)

    IDLE = timedelta(minutes=30)

    class Meta:
        verbose_name = _("Session of a customer")
        verbose_name_plural = _("Sessions of customers")

    def __str__(self) -> str:
        return self.reached_by.masked

    @property
    def is_open(self) -> bool:
        now = clock.now()
        return self.ended_at is None and now < self.expires_at and now < self.seen_at + self.IDLE


class PortalNote(models.Model):
    """One thing a customer did with a ticket on the portal: what he reads there as his own history."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="portal_notes", db_index=False)
    kind = models.CharField(max_length=10, choices=NoteKind.choices)
    text = models.TextField(blank=True)
    stars = models.PositiveSmallIntegerField(null=True)
    files = ArrayField(models.BigIntegerField(), default=list)  # ids of attachments of the ticket
    key = models.UUIDField(unique=True)  # of the form: sent twice, it acts once
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("Note of a customer")
        indexes = [models.Index(fields=["ticket", "id"], name="portal_note_ticket")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ticket_id}"


class PublicWording(models.Model):
    """How a status of tickets, or one step of one process, reads for customers; the house's own words beside the usual ones."""

    process_key = models.CharField(_("Process"), max_length=80, blank=True, help_text=_("Empty: every process."))
    status = models.CharField(
        _("Status"), max_length=12, blank=True, choices=[(code, label) for code, label in STATUS_LABELS.items()]
    )
    node_id = models.CharField(_("Step"), max_length=80, blank=True)
    stage = models.CharField(
        _("Shown as"), max_length=10, blank=True, choices=Stage.choices, help_text=_("Empty: as the status says.")
    )
    words = models.CharField(_("What customers read"), max_length=200)
    words_en = models.CharField(_("What customers read, in English"), max_length=300)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("Words for customers")
        constraints = [
            models.UniqueConstraint(fields=["process_key", "status", "node_id"], name="public_wording_once"),
            models.CheckConstraint(
                condition=(Q(node_id="") & ~Q(status="")) | (Q(status="") & ~Q(node_id="") & ~Q(process_key="")),
                name="public_wording_of_status_or_step",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return self.words_en if (get_language() or "").startswith("en") else self.words


class FramingOrigin(models.Model):
    """A web site that may show the form of the portal in a frame."""

    origin = models.CharField(_("Address of the web site"), max_length=200, unique=True)
    name = models.CharField(_("Name"), max_length=80)
    is_active = models.BooleanField(_("In use"), default=True)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("Web site that shows the form")

    def __str__(self) -> str:
        return self.origin


class PortalRules(models.Model):
    """The rules of the portal: one row, changed on its own screen."""

    is_open = models.BooleanField(_("The portal is open"), default=True)
    reopen_days = models.PositiveSmallIntegerField(
        _("Days a closed request may be taken up again"), default=15, validators=[MaxValueValidator(365)]
    )
    remind_hours = models.PositiveSmallIntegerField(
        _("Hours between two reminders of one request"), default=4,
        validators=[MinValueValidator(1), MaxValueValidator(240)],
    )  # fmt: skip
    hotline = models.CharField(
        _("Hotline"), max_length=40, blank=True, help_text=_("Named where the portal can't help, such as 10000.")
    )

    class Meta:
        verbose_name = _("Rules of the portal")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_portal_rules")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

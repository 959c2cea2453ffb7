"""Tables of e-mail that comes in: the mailboxes it is fetched from, each mail, and who is not listened to for a while."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.accounts.scope import scope_of
from onepoint.channels.models.english_names import NamedLater
from onepoint.channels.models.gateways import Gateway
from onepoint.channels.models.journal import Contact
from onepoint.channels.models.outbox import OutgoingMessage
from onepoint.channels.states import (
    ClosedRule,
    ForgedRule,
    MailEncryption,
    MailLeft,
    MailPurpose,
    MailRank,
    MailReason,
    MailState,
    MailTrust,
)
from onepoint.core import masking
from onepoint.core.models import Attachment


class Mailbox(NamedLater):
    """One mailbox at a mail server whose mail becomes contacts and tickets.

    ``last_uid`` and ``uid_validity`` say how far it has been fetched; ``lease`` is of the worker that has it now.
    """

    name = models.CharField(_("Name"), max_length=80, unique=True)
    address = models.EmailField(_("Address"), unique=True)
    host = models.CharField(_("Server"), max_length=255)
    port = models.PositiveIntegerField(_("Port"), default=993)
    encryption = models.CharField(
        _("Encryption"), max_length=10, choices=MailEncryption.choices, default=MailEncryption.TLS
    )
    verifies = models.BooleanField(_("Check the server's certificate"), default=True)
    username = models.CharField(_("User name"), max_length=254)
    sealed_secrets = models.TextField(blank=True)  # the password, encrypted (core.sealing); never shown
    folder = models.CharField(_("Folder"), max_length=200, default="INBOX")
    waits = models.BooleanField(_("Let the server tell of new mail (IDLE)"), default=True)
    poll_seconds = models.PositiveIntegerField(_("Look every … seconds"), default=60)
    left = models.CharField(
        _("At the server the mail is"), max_length=10, choices=MailLeft.choices, default=MailLeft.UNTOUCHED
    )
    begins_at = models.DateTimeField(_("Only mail since"), null=True, blank=True)  # null: all there is
    purpose = models.CharField(
        _("Used for"), max_length=12, choices=MailPurpose.choices, default=MailPurpose.CUSTOMERS,
        db_default=MailPurpose.CUSTOMERS,
    )  # fmt: skip
    only_from = models.TextField(_("Only from"), blank=True, db_default="")  # addresses or @domains, a line each
    trusted_server = models.CharField(_("Our checking mail server"), max_length=255, blank=True, db_default="")
    forged_rule = models.CharField(
        _("A mail with a forged sender"), max_length=12, choices=ForgedRule.choices, default=ForgedRule.QUARANTINE,
        db_default=ForgedRule.QUARANTINE,
    )  # fmt: skip
    same_matter_minutes = models.PositiveIntegerField(
        _("Another mail within … minutes goes on with the same ticket"), default=10, db_default=10
    )
    creates_tickets = models.BooleanField(_("Mails become tickets"), default=True)
    category_code = models.CharField(_("Category"), max_length=40, blank=True)  # tickets.Category stands above
    ticket_kind = models.CharField(_("Kind of ticket"), max_length=20, default="complaint")
    unit = models.ForeignKey(OrgUnit, models.PROTECT, null=True, related_name="+", verbose_name=_("Unit"))
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Region")
    )
    closed_rule = models.CharField(
        _("A mail about a ticket that has ended becomes"), max_length=10, choices=ClosedRule.choices,
        default=ClosedRule.NEW,
    )  # fmt: skip
    acknowledgement = models.TextField(_("Automatic answer"), blank=True)  # ``{ticket}`` is its number; empty: none
    gateway = models.ForeignKey(
        Gateway, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Answers leave by")
    )
    most_per_hour = models.PositiveIntegerField(_("Mails of one sender in an hour"), default=30)
    most_tickets_per_hour = models.PositiveIntegerField(_("Tickets of one sender in an hour"), default=3)
    most_answers_per_day = models.PositiveIntegerField(_("Automatic answers to one address in a day"), default=3)
    is_active = models.BooleanField(_("Switched on"), default=True)
    revision = models.PositiveIntegerField(default=1)  # grows with every change: connections begin anew
    uid_validity = models.BigIntegerField(null=True)
    last_uid = models.BigIntegerField(default=0)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    next_fetch_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(_("Last looked"), null=True)
    failing_since = models.DateTimeField(_("Does not answer since"), null=True)
    last_error = models.CharField(_("Last error"), max_length=400, blank=True)
    created_at = models.DateTimeField(_("Created"))

    class Meta:
        verbose_name = _("Mailbox")
        verbose_name_plural = _("Mailboxes")
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>"


class IncomingMailQuerySet(models.QuerySet["IncomingMail"]):
    def visible_to(self, user: User) -> "IncomingMailQuerySet":
        """Mails of the mailboxes of the person's units and regions."""
        return self.filter(scope_of(user, "mail.view").by_audience())


class IncomingMail(models.Model):
    """One e-mail that came in, written before anybody reads it, so that nothing is lost where reading fails.

    ``raw`` holds it byte for byte. ``fingerprint`` is the same for one mail in two mailboxes or fetched twice.
    """

    mailbox = models.ForeignKey(Mailbox, models.SET_NULL, null=True, related_name="mails", verbose_name=_("Mailbox"))
    fingerprint = models.CharField(max_length=64, unique=True)
    raw = models.OneToOneField(Attachment, models.PROTECT, null=True, related_name="+")
    state = models.CharField(_("State"), max_length=12, choices=MailState.choices, default=MailState.RECEIVED)
    reason = models.CharField(_("Reason"), max_length=20, choices=MailReason.choices, blank=True)
    detail = models.CharField(max_length=200, blank=True)  # what the reason is about: a ticket, a mark, an error
    failures = models.PositiveSmallIntegerField(default=0)
    read_after = models.DateTimeField(null=True)  # after a failure it is tried again then
    rank = models.PositiveSmallIntegerField(choices=MailRank.choices, default=MailRank.USUAL, db_default=MailRank.USUAL)
    trust = models.CharField(_("Sender checked"), max_length=10, choices=MailTrust.choices, blank=True, db_default="")
    text_key = models.CharField(max_length=64, blank=True, db_default="")  # what it says, numbers aside
    message_id = models.CharField(max_length=255, blank=True)
    sender = models.CharField(_("From"), max_length=254, blank=True)
    sender_name = models.CharField(max_length=160, blank=True)
    reply_to = models.CharField(max_length=254, blank=True)
    recipients = ArrayField(models.CharField(max_length=254), default=list)
    subject = models.CharField(_("Subject"), max_length=200, blank=True)
    references = models.TextField(blank=True)  # of the thread, for the answer
    quoted = models.TextField(blank=True)  # what was cut off below what the customer wrote
    left_out = models.JSONField(default=list)  # files that stayed in the original: [name, reason]
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="mails", verbose_name=_("Contact"))
    bounced = models.ForeignKey(OutgoingMessage, models.SET_NULL, null=True, related_name="+")
    ticket_number = models.CharField(_("Ticket"), max_length=24, blank=True)
    audience = ArrayField(models.CharField(max_length=24), default=list)
    sent_at = models.DateTimeField(_("Sent"), null=True)  # as the sender says
    received_at = models.DateTimeField(_("Received"))
    filed_at = models.DateTimeField(_("Filed"), null=True)
    filed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("Filed by"))

    objects = IncomingMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("Incoming e-mail")
        verbose_name_plural = _("Incoming e-mails")
        indexes = [
            models.Index(fields=["rank", "id"], name="mail_next_to_be_read", condition=Q(state=MailState.RECEIVED)),
            models.Index(fields=["-id"], name="mail_to_be_reviewed", condition=Q(state=MailState.QUARANTINED)),
            models.Index(fields=["state", "-id"], name="mail_state"),
            models.Index(fields=["sender", "-received_at"], name="mail_sender"),
            models.Index(fields=["message_id"], name="mail_message_id", condition=~Q(message_id="")),
            models.Index(fields=["ticket_number", "-id"], name="mail_ticket", condition=~Q(ticket_number="")),
            GinIndex(fields=["audience"], name="mail_audience"),
        ]

    def __str__(self) -> str:
        return f"{self.sender} {self.subject}"

    @property
    def shown_sender(self) -> str:
        """The sender's address, masked for who may not see it."""
        return masking.shown(self.sender, "phone")

    @property
    def shown_subject(self) -> str:
        return masking.shown_words(self.subject)

    @property
    def answer_address(self) -> str:
        """Where an answer goes."""
        return self.reply_to or self.sender


class MutedSender(models.Model):
    """An address whose mails are put aside unread for a while, as it sent more than any person does."""

    address = models.CharField(_("Address"), max_length=254, unique=True)
    muted_at = models.DateTimeField(_("Since"))
    until = models.DateTimeField(_("Until"))
    mail_count = models.PositiveIntegerField(_("Mails"), default=0)  # put aside meanwhile

    class Meta:
        verbose_name = _("Muted sender")
        verbose_name_plural = _("Muted senders")
        ordering = ["-muted_at"]

    def __str__(self) -> str:
        return self.address

"""Tables of the outbox: what is to be told to whom, and what became of each attempt."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.scope import scope_of
from onepoint.channels.models.gateways import Gateway
from onepoint.channels.states import ALIVE, BUT_SENT, WAITING, AttemptResult, Medium, MessageState, Origin, PartState
from onepoint.core import masking


class OutgoingMessageQuerySet(models.QuerySet["OutgoingMessage"]):
    def visible_to(self, user: User) -> "OutgoingMessageQuerySet":
        """Messages about the person's units and regions, and the person's own; without an audience: all or nothing."""
        return self.filter(scope_of(user, "outbox.view").by_audience())


class OutgoingMessage(models.Model):
    """One message to one address, written in the transaction that decided it and sent afterwards by a worker."""

    key = models.CharField(max_length=200, unique=True)  # of the caller: whoever asks twice gets the first row
    medium = models.CharField(_("Medium"), max_length=10, choices=Medium.choices)
    address = models.CharField(_("Address"), max_length=500)
    subject = models.CharField(_("Subject"), max_length=400, blank=True)
    text = models.TextField(_("Message text"), blank=True)
    html = models.TextField(blank=True)
    #: Files that go with an e-mail: ids of core attachments, read when it is sent.
    attachments = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    copies_to = ArrayField(models.CharField(max_length=320), default=list, db_default=[])  # of an e-mail
    reply_to = models.CharField(max_length=320, blank=True, db_default="")  # empty: as the gateway says
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.HOUSE, db_default="house")
    answers = models.CharField(max_length=998, blank=True, db_default="")  # Message-ID of the e-mail this one answers
    references = models.TextField(blank=True, db_default="")  # Message-IDs of the thread, parted by spaces
    language = models.CharField(_("Language"), max_length=10, blank=True)
    is_confidential = models.BooleanField(default=False)  # one-time codes: shown to nobody, wiped once settled
    about_type = models.CharField(max_length=40, blank=True)
    about_id = models.BigIntegerField(null=True)
    audience = ArrayField(models.CharField(max_length=24), default=list)
    sequence = models.CharField(max_length=64, blank=True)  # same value: sent one after the other
    peer = models.CharField(max_length=500, blank=True)  # see Circuit
    wanted_gateway = models.ForeignKey(Gateway, models.SET_NULL, null=True, related_name="+")  # this one and no other
    gateway = models.ForeignKey(Gateway, models.SET_NULL, null=True, related_name="+", verbose_name=_("Gateway"))
    state = models.CharField(_("State"), max_length=10, choices=MessageState.choices, default=MessageState.QUEUED)
    is_urgent = models.BooleanField(_("Urgent"), default=False)
    is_uncertain = models.BooleanField(default=False)  # the gateway may have got it: only the same one tries again
    attempts = models.PositiveSmallIntegerField(_("Attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("Next attempt"))
    expires_at = models.DateTimeField(_("Worth sending until"))
    lease = models.UUIDField(null=True)  # of the worker that has it now
    leased_until = models.DateTimeField(null=True)
    peer_id = models.CharField(_("Peer's number"), max_length=200, blank=True)
    last_error = models.CharField(_("Last error"), max_length=400, blank=True)
    created_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(_("Created"))
    sent_at = models.DateTimeField(_("Sent"), null=True)
    settled_at = models.DateTimeField(_("Settled"), null=True)  # delivered, dead, cancelled or expired

    objects = OutgoingMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("Outgoing message")
        verbose_name_plural = _("Outgoing messages")
        indexes = [
            models.Index(
                fields=["medium", "-is_urgent", "next_attempt_at", "id"],
                name="outgoing_waiting",
                condition=Q(state__in=WAITING),
            ),
            models.Index(fields=["leased_until"], name="outgoing_leased", condition=Q(state=MessageState.SENDING)),
            models.Index(fields=["expires_at"], name="outgoing_expiring", condition=Q(state__in=WAITING)),
            models.Index(
                fields=["sequence", "id"], name="outgoing_sequence", condition=Q(state__in=ALIVE) & ~Q(sequence="")
            ),
            models.Index(fields=["-created_at", "-id"], name="outgoing_created"),
            models.Index(fields=["-id"], name="outgoing_dead", condition=Q(state=MessageState.DEAD)),
            models.Index(
                fields=["state", "-created_at", "-id"], name="outgoing_state", condition=Q(state__in=BUT_SENT)
            ),
            models.Index(fields=["address", "-id"], name="outgoing_address"),
            models.Index(fields=["about_type", "about_id", "-id"], name="outgoing_about", condition=~Q(about_type="")),
            GinIndex(fields=["audience"], name="outgoing_audience"),
            # What answers and bounces name.
            models.Index(
                fields=["peer_id"], name="outgoing_mail_id", condition=Q(medium=Medium.EMAIL) & ~Q(peer_id="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.medium} {self.key}"

    @property
    def shown_address(self) -> str:
        """The address, masked for who may not see it."""
        return masking.shown(self.address, "phone") if self.medium != Medium.WEBHOOK else self.address

    @property
    def shown_text(self) -> str:
        return "" if self.is_confidential else masking.shown_words(self.text)

    @property
    def shown_subject(self) -> str:
        return "" if self.is_confidential else masking.shown_words(self.subject)

    @property
    def shown_line(self) -> str:
        """What a list shows: the subject, else how the text begins (``queries.messages_visible_to`` brings it)."""
        if self.is_confidential or self.subject:
            return self.shown_subject
        return masking.shown_words(" ".join(getattr(self, "beginning", "").split()))


class DeliveryAttempt(models.Model):
    """One try to hand a message to a gateway, and how it ended; the newest ones of a message are kept."""

    message = models.ForeignKey(OutgoingMessage, models.CASCADE, related_name="tries")
    gateway_name = models.CharField(_("Gateway"), max_length=80, blank=True)
    began_at = models.DateTimeField(_("Began"))
    duration = models.DurationField(_("Took"), null=True)
    result = models.CharField(_("Result"), max_length=10, choices=AttemptResult.choices)
    error = models.CharField(_("Error"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("Delivery attempt")
        verbose_name_plural = _("Delivery attempts")

    def __str__(self) -> str:
        return f"{self.message_id} {self.result}"


class SentPart(models.Model):
    """A part of a message that the gateway took over under a number of its own; its receipt names that number.

    A receipt may be there before we know of the part: then ``message`` is still empty.
    """

    message = models.ForeignKey(OutgoingMessage, models.CASCADE, null=True, related_name="parts")
    gateway = models.ForeignKey(Gateway, models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField(default=1)
    peer_id = models.CharField(max_length=80)
    state = models.CharField(max_length=10, choices=PartState.choices, default=PartState.TAKEN)
    error = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("Part of a message")
        constraints = [models.UniqueConstraint(fields=["gateway", "peer_id"], name="part_of_gateway")]

    def __str__(self) -> str:
        return f"{self.gateway_id} {self.peer_id}"

"""Tables of short messages that come in: stored before the gateway is told that we have them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.accounts.scope import scope_of
from onepoint.channels.models.gateways import Gateway
from onepoint.channels.models.journal import Contact
from onepoint.channels.states import TextState
from onepoint.core import masking


class IncomingTextQuerySet(models.QuerySet["IncomingText"]):
    def visible_to(self, user: User) -> "IncomingTextQuerySet":
        """Texts of the person's units and regions; without an audience: all or nothing."""
        return self.filter(scope_of(user, "text.view").by_audience())


class IncomingText(models.Model):
    """One short message somebody sent us, whole or still waiting for parts; it has one effect however often it comes."""

    gateway = models.ForeignKey(Gateway, models.SET_NULL, null=True, related_name="+", verbose_name=_("Gateway"))
    sender = models.CharField(_("From"), max_length=40)  # as the gateway gave it
    sender_key = models.CharField(max_length=40)  # normalised, see customers.phone_numbers
    recipient = models.CharField(_("To"), max_length=40, blank=True)  # which number of the house
    text = models.TextField(_("Message text"), blank=True)
    peer_id = models.CharField(_("Peer's number"), max_length=120, blank=True)
    fingerprint = models.CharField(
        max_length=64, blank=True
    )  # of sender, recipient and content: known when it comes again
    reference = models.PositiveIntegerField(null=True)  # what its parts have in common
    part_count = models.PositiveSmallIntegerField(_("Parts"), default=1)
    has_gaps = models.BooleanField(_("Parts are missing"), default=False, db_default=False)
    state = models.CharField(_("State"), max_length=10, choices=TextState.choices, default=TextState.NEW)
    reason = models.CharField(_("Reason"), max_length=200, blank=True)  # why it was left to people
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+", verbose_name=_("Contact"))
    ticket_number = models.CharField(_("Ticket"), max_length=24, blank=True)
    audience = ArrayField(models.CharField(max_length=24), default=list)
    failures = models.PositiveSmallIntegerField(default=0, db_default=0)  # of filing it
    received_at = models.DateTimeField(_("Received"))
    filed_at = models.DateTimeField(_("Filed"), null=True)
    filed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("Filed by"))

    objects = IncomingTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("Incoming short message")
        verbose_name_plural = _("Incoming short messages")
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "peer_id", "fingerprint"], name="text_once_per_number", condition=~Q(peer_id="")
            ),
            models.UniqueConstraint(
                fields=["gateway", "sender", "recipient", "reference", "part_count"],
                name="text_gathering_parts",
                condition=Q(state=TextState.PARTS),
            ),
        ]
        indexes = [
            models.Index(fields=["received_at"], name="text_waiting", condition=Q(state__in=["parts", "new"])),
            models.Index(fields=["-received_at", "-id"], name="text_unmatched", condition=Q(state="unmatched")),
            models.Index(fields=["sender_key", "-received_at", "-id"], name="text_sender"),
            models.Index(fields=["-received_at", "-id"], name="text_received"),
            models.Index(fields=["ticket_number"], name="text_ticket", condition=~Q(ticket_number="")),
            GinIndex(fields=["audience"], name="text_audience"),
        ]

    def __str__(self) -> str:
        return f"{self.sender} {self.received_at:%Y-%m-%d %H:%M}"

    @property
    def shown_sender(self) -> str:
        """The number, masked for who may not see it."""
        return masking.shown(self.sender, "phone")

    @property
    def shown_text(self) -> str:
        return masking.shown_words(self.text)


class IncomingPart(models.Model):
    """One part of a long message; kept a while after the message is whole, so that a part that comes again is known."""

    text = models.ForeignKey(IncomingText, models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    content = models.BinaryField()  # UTF-16 units, as an emoji may be torn between two parts

    class Meta:
        verbose_name = _("Part of an incoming message")
        constraints = [models.UniqueConstraint(fields=["text", "number"], name="part_of_text")]

    def __str__(self) -> str:
        return f"{self.text_id} {self.number}"


class TextRules(models.Model):
    """How texts that come in are filed: one row."""

    reply_days = models.PositiveSmallIntegerField(_("Days an answer belongs to what we wrote"), default=7)
    unit = models.ForeignKey(
        OrgUnit, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Unit that reviews")
    )
    stop_words = models.TextField(_("Words that refuse advertising"), default="TD\nT\n退订\nSTOP\nUNSUBSCRIBE")
    start_words = models.TextField(_("Words that allow it again"), default="恢复\nSTART\nUNSTOP")
    only_one = models.BooleanField(default=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("Rules for incoming messages")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class RefusedNumber(models.Model):
    """A number that wants no advertising; what concerns its own requests is still told to it."""

    number_key = models.CharField(max_length=40, unique=True)
    word = models.CharField(max_length=40)
    refused_at = models.DateTimeField()
    text = models.ForeignKey(IncomingText, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("Number that refuses advertising")

    def __str__(self) -> str:
        return self.number_key

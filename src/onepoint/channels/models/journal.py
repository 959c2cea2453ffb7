"""Tables of the contact journal."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.accounts.scope import scope_of
from onepoint.channels.models.results import ContactResult
from onepoint.channels.states import Channel, ContactOutcome, Direction
from onepoint.core import masking
from onepoint.core.index_building import PENDING_LIMIT
from onepoint.core.newest import week
from onepoint.customers.models import Customer


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: User) -> "ContactQuerySet":
        """Contacts of the person's units and regions, and the person's own (spec §2)."""
        return self.filter(scope_of(user, "contact.view").by_audience(level="customer__level"))


class Contact(models.Model):
    """One conversation with a customer on one channel; always journaled, never deleted."""

    number = models.CharField(_("Contact number"), max_length=24, unique=True)
    channel = models.CharField(_("Channel"), max_length=20, choices=Channel.choices)
    direction = models.CharField(
        _("Direction"),
        max_length=10,
        choices=Direction.choices,
        default=Direction.INBOUND,
    )
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("Customer"),
    )
    caller_number = models.CharField(_("Caller's number"), max_length=80, blank=True)  # as given by the channel
    caller_key = models.CharField(max_length=80, blank=True)  # normalised, see customers.phone_numbers
    caller_name = models.CharField(_("Caller"), max_length=160, blank=True)
    agent = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("Agent"),
    )
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("Region"),
    )
    unit = models.ForeignKey(
        OrgUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("Unit"),
    )
    category_code = models.CharField(_("Category"), max_length=40, blank=True)  # tickets.Category stands above
    subject = models.CharField(_("Subject"), max_length=200)
    content = models.TextField(_("Content"), blank=True)
    outcome = models.CharField(
        _("Outcome"),
        max_length=10,
        choices=ContactOutcome.choices,
        default=ContactOutcome.OPEN,
    )
    started_at = models.DateTimeField(_("Began"))
    ended_at = models.DateTimeField(_("Ended"), null=True, blank=True)
    ticket_number = models.CharField(_("Ticket"), max_length=24, blank=True)
    # Tickets it turned out to be about as well, and those linked to it afterwards.
    further_tickets = ArrayField(models.CharField(max_length=24), default=list, db_default=[])
    result = models.ForeignKey(
        ContactResult, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("Result")
    )
    result_text = models.CharField(_("What was said or done"), max_length=500, blank=True, db_default="")
    request_key = models.UUIDField(null=True, unique=True)  # one intake makes one contact, however often it is sent
    audience = ArrayField(models.CharField(max_length=24), default=list)
    search_keys = ArrayField(models.CharField(max_length=80), default=list)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("Contact")
        verbose_name_plural = _("Contacts")
        indexes = [
            # Words, for these people, of these weeks: answered without reading where else a word ever stood.
            GinIndex(
                F("search_keys"),
                F("audience"),
                week("started_at"),
                name="contact_keys_by_week",
                gin_pending_list_limit=PENDING_LIMIT,
            ),
            models.Index(fields=["customer", "-started_at"], name="contact_customer"),
            models.Index(fields=["agent", "-started_at"], name="contact_agent"),
            models.Index(fields=["-started_at"], name="contact_started"),
            models.Index(
                fields=["caller_key"],
                name="contact_caller",
                condition=~Q(caller_key=""),
            ),
            models.Index(
                fields=["ticket_number"],
                name="contact_ticket",
                condition=~Q(ticket_number=""),
            ),
            GinIndex(fields=["further_tickets"], name="contact_further_tickets", condition=~Q(further_tickets=[])),
            models.Index(fields=["agent", "-started_at"], name="contact_unsettled", condition=Q(outcome="open")),
            models.Index(fields=["category_code", "-started_at"], name="contact_category"),
            models.Index(fields=["unit", "-started_at"], name="contact_unit"),
            # What a filter may name though there is little of it: without these all contacts would be looked through.
            models.Index(fields=["channel", "-started_at"], name="contact_channel"),
            models.Index(fields=["result", "-started_at"], name="contact_result", condition=~Q(result=None)),
            models.Index(fields=["-started_at"], name="contact_outbound", condition=Q(direction="outbound")),
            models.Index(fields=["-started_at"], name="contact_open", condition=Q(outcome="open")),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.subject}"

    @property
    def is_solved(self) -> bool:
        return self.outcome == ContactOutcome.SOLVED

    @property
    def duration(self) -> timedelta | None:
        """How long it lasted; None while nobody said that it is over."""
        return max(self.ended_at - self.started_at, timedelta()) if self.ended_at else None

    @property
    def ticket_numbers(self) -> list[str]:
        """Every ticket it is about, the one it became first."""
        return list(dict.fromkeys(number for number in (self.ticket_number, *self.further_tickets) if number))

    @property
    def who(self) -> str:
        """The customer, or what the caller was called, or the caller's number (masked for who may not see it)."""
        return self.customer.label if self.customer else self.caller_name or masking.shown(self.caller_number, "phone")

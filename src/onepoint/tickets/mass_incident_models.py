"""Tables of mass incidents; ``models`` shows them as its own."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Region, User
from onepoint.accounts.scope import scope_of
from onepoint.tickets.batch_states import OPEN_INCIDENT, AnswerState, AttachmentState, IncidentState


class MassIncidentQuerySet(models.QuerySet["MassIncident"]):
    def visible_to(self, user: User) -> "MassIncidentQuerySet":
        """Those that touch the places whose tickets the person sees."""
        return self.filter(scope_of(user, "ticket.view").by_audience())

    def open(self) -> "MassIncidentQuerySet":
        """Those whose cause is still there."""
        return self.filter(state__in=OPEN_INCIDENT)


class MassIncident(models.Model):
    """One cause that makes many customers complain: handled once, through its lead ticket, and answered to all."""

    number = models.CharField(_("Number"), max_length=20, unique=True)
    title = models.CharField(_("Title"), max_length=200)
    cause = models.TextField(_("What is known about it"), blank=True)
    category = models.ForeignKey(
        "tickets.Category", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("Category and below"),
    )  # fmt: skip
    regions = models.ManyToManyField(Region, related_name="+", verbose_name=_("Regions and below"))
    keywords = ArrayField(models.CharField(max_length=40), default=list, verbose_name=_("Words"))
    since = models.DateTimeField(_("Since"))
    expected_end = models.DateTimeField(_("Expected to end"), null=True)
    public_words = models.TextField(_("What customers are told meanwhile"), blank=True)
    public_words_en = models.TextField(_("The same in English"), blank=True)
    attaches_by_itself = models.BooleanField(_("New matching tickets are attached by themselves"), default=False)
    clocks_stand_still = models.BooleanField(_("Attached tickets rest as if on hold"), default=True)
    state = models.CharField(_("State"), max_length=10, choices=IncidentState.choices, default=IncidentState.DECLARED)
    lead_ticket = models.OneToOneField(
        "tickets.Ticket", models.PROTECT, null=True, related_name="led_incident", verbose_name=_("Lead ticket")
    )
    conclusion = models.CharField(_("Result"), max_length=500, blank=True)
    declared_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Declared by")
    )
    declared_at = models.DateTimeField(_("Declared"))
    resolved_at = models.DateTimeField(_("Resolved"), null=True)
    closed_at = models.DateTimeField(_("Closed"), null=True)
    resolved_count = models.PositiveSmallIntegerField(default=0)  # each resolution owes customers one answer
    audience = ArrayField(models.TextField(), default=list)  # keys of the regions and of everything below them
    version = models.PositiveIntegerField(default=1)

    objects = MassIncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("Mass incident")
        verbose_name_plural = _("Mass incidents")
        indexes = [
            GinIndex(fields=["audience"], name="mass_incident_audience"),
            models.Index(fields=["-declared_at", "-id"], name="mass_incident_newest"),
            models.Index(fields=["state"], name="mass_incident_open", condition=Q(state__in=["declared", "handling"])),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("mass-incident-detail", args=[self.number])

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_INCIDENT

    @property
    def words(self) -> str:
        """What may be said to customers, in the language being shown."""
        english = (get_language() or "").startswith("en")
        return self.public_words_en if english and self.public_words_en else self.public_words


class AttachedTicket(models.Model):
    """One ticket that belongs to a mass incident, belonged to it, or may belong to it."""

    incident = models.ForeignKey(MassIncident, models.PROTECT, related_name="tickets", db_index=False)
    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="incidents", db_index=False)
    state = models.CharField(_("State"), max_length=10, choices=AttachmentState.choices)
    answer = models.CharField(_("Answer"), max_length=10, choices=AnswerState.choices, blank=True, default="")
    answered_at = models.DateTimeField(_("Answered"), null=True)
    since = models.DateTimeField(_("Since"))
    by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Attached by")
    )
    earlier = models.JSONField(default=dict)  # status and hold the ticket goes back to when it is detached

    class Meta:
        verbose_name = _("Ticket of a mass incident")
        verbose_name_plural = _("Tickets of mass incidents")
        constraints = [
            models.UniqueConstraint(fields=["ticket", "incident"], name="incident_ticket_once"),
            models.UniqueConstraint(fields=["ticket"], condition=Q(state="attached"), name="in_one_incident"),
        ]
        indexes = [
            models.Index(fields=["incident", "state", "id"], name="incident_ticket_state"),
            models.Index(fields=["incident", "id"], name="incident_to_call", condition=Q(answer="to_call")),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id}/{self.ticket_id}: {self.state}"


class ToldCustomer(models.Model):
    """One customer who was told something about a mass incident. One row an occasion, however many tickets he has in it."""

    incident = models.ForeignKey(MassIncident, models.PROTECT, related_name="told", db_index=False)
    occasion = models.CharField(
        max_length=40
    )  # "answer 1": the final one of the first resolution; "news 17": of a batch
    customer_key = models.CharField(max_length=60)  # "C12" a customer, "N13800138000" a number, "T99" a ticket alone
    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="+", db_index=False)
    way = models.CharField(_("Way"), max_length=10, blank=True)  # empty: somebody has to call
    told_at = models.DateTimeField(_("At"))

    class Meta:
        verbose_name = _("Customer told of a mass incident")
        verbose_name_plural = _("Customers told of mass incidents")
        constraints = [
            models.UniqueConstraint(fields=["incident", "occasion", "customer_key"], name="told_once_an_occasion")
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.occasion} {self.customer_key}"

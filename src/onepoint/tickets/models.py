"""Tables of tickets: the category tree, the severity standard, the ticket itself and its watchers."""

from functools import cache
from urllib.parse import quote

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import BusinessLine, Named, OrgUnit, Region, TreeNode, TreeQuerySet, User
from onepoint.accounts.queries import candidate_keys
from onepoint.accounts.scope import scope_of
from onepoint.channels.models import Contact
from onepoint.channels.states import Channel
from onepoint.core.index_building import PENDING_LIMIT
from onepoint.core.newest import alone
from onepoint.customers.models import Asset, Customer, CustomerAccount, CustomerLevel
from onepoint.dynamic_forms.models import FormVersion
from onepoint.tickets import labels
from onepoint.tickets.states import (
    ALIVE,
    FINISHED,
    LINK_FROM_THE_OTHER_SIDE,
    Frequency,
    LinkKind,
    OwnerRule,
    ParentRule,
    ReplyChannel,
    TicketKind,
    TicketStatus,
    Urgency,
)
from onepoint.workflow.models import ProcessInstance

#: What most lists are narrowed to, each held by the indexes that find the newest and the rare.
NARROWED = ["status", "kind", "channel", "severity", "region", "category", "customer_level", "unit"]


class Severity(Named):
    """One level of the one severity standard that holds for every channel; rank 1 is the gravest."""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    rank = models.PositiveSmallIntegerField(_("Order of gravity"), unique=True, help_text=_("1 is the gravest."))
    standard = models.TextField(
        _("Standard"), help_text=_("When a ticket has this severity, as published to everybody.")
    )
    standard_en = models.TextField(_("Standard in English"), blank=True)
    answer_hours = models.PositiveIntegerField(_("Answer within (hours)"))
    colour = models.CharField(_("Colour"), max_length=10, default="secondary", choices=[
        ("red", _("Red")), ("orange", _("Orange")), ("yellow", _("Yellow")), ("blue", _("Blue")), ("secondary", _("Grey")),
    ])  # fmt: skip
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Severity")
        verbose_name_plural = _("Severities")
        ordering = ["rank"]

    @property
    def standard_label(self) -> str:
        """The standard in the language being shown."""
        english = (get_language() or "").startswith("en")
        return self.standard_en if english and self.standard_en else self.standard


class CategoryQuerySet(TreeQuerySet):
    def for_kind(self, kind: str) -> "CategoryQuerySet":
        """Categories that may be chosen for tickets of ``kind``; no kinds named means all."""
        return self.filter(Q(kinds=[]) | Q(kinds__contains=[kind]))


class Category(TreeNode):
    """One node of the classification tree; it decides the special items, the process and the usual severity."""

    kinds = ArrayField(
        models.CharField(max_length=20, choices=TicketKind.choices),
        default=list,
        blank=True,
        verbose_name=_("Kinds of ticket"),
    )
    default_severity = models.ForeignKey(
        Severity, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Usual severity")
    )
    form_key = models.CharField(_("Form of special items"), max_length=60, blank=True)
    process_key = models.CharField(_("Process"), max_length=60, default="complaint")
    # Kinds of ticket that run through another process than the category's usual one: {kind: process key}.
    kind_processes = models.JSONField(_("Processes by kind"), default=dict, blank=True, db_default={})
    default_unit = models.ForeignKey(
        OrgUnit, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Usual department")
    )
    business_line = models.ForeignKey(
        BusinessLine, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Business line")
    )
    parent_rule = models.CharField(
        _("A ticket with child tickets"), max_length=10, choices=ParentRule.choices, blank=True
    )
    owner_rule = models.CharField(
        _("Who settles it"), max_length=10, choices=OwnerRule.choices, blank=True, default="", db_default=""
    )
    search_keys = ArrayField(models.TextField(), default=list, editable=False)

    objects = CategoryQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Category")
        verbose_name_plural = _("Categories")
        ordering = ["path"]
        indexes = [GinIndex(fields=["search_keys"], name="category_search")]


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, user: User) -> "TicketQuerySet":
        """The one predicate for list, page, search, attachment, picture and action (spec §2)."""
        scope = scope_of(user, "ticket.view")
        if not scope.has_permission:
            return self.none()
        if scope.everything:
            return self
        as_candidate = [f"c:{key}" for key in candidate_keys(user)]
        return self.filter(scope.by_audience(level="customer_level", also=as_candidate))

    def alive(self) -> "TicketQuerySet":
        """Tickets that still move."""
        return self.filter(status__in=ALIVE)

    def finished(self) -> "TicketQuerySet":
        return self.filter(status__in=list(FINISHED))

    def get_or_none(self, **conditions: object) -> "Ticket | None":
        return self.filter(**conditions).first()

    #: Whether what names the rows is attached to them from what the process keeps, not read along.
    _attaches = False

    def with_labels(self) -> "TicketQuerySet":
        """With everything a list row shows, in one query."""
        rows = self.select_related("customer", *(() if labels.are_kept() else labels.KEPT))
        rows._attaches = labels.are_kept()
        return rows

    def _clone(self) -> "TicketQuerySet":
        copy: TicketQuerySet = super()._clone()  # type: ignore[misc]  # absent from the stubs
        copy._attaches = self._attaches
        return copy

    def _fetch_all(self) -> None:
        is_new = self._result_cache is None
        super()._fetch_all()
        if is_new and self._attaches:
            labels.attach_labels(row for row in self._result_cache or () if isinstance(row, Ticket))


class Ticket(models.Model):
    """One piece of work asked for by or for a customer, from its registration to its closing."""

    number = models.CharField(_("Number"), max_length=20, unique=True)
    kind = models.CharField(_("Kind"), max_length=20, choices=TicketKind.choices)
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="tickets", db_index=False, verbose_name=_("Category")
    )
    severity = models.ForeignKey(
        Severity, models.PROTECT, related_name="tickets", db_index=False, verbose_name=_("Severity")
    )
    urgency = models.CharField(_("Urgency"), max_length=10, choices=Urgency.choices, default=Urgency.NORMAL)
    channel = models.CharField(_("Channel"), max_length=20, choices=Channel.choices)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="tickets", verbose_name=_("Contact"))
    title = models.CharField(_("Title"), max_length=200)
    description = models.TextField(_("Problem described"), blank=True)

    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, related_name="tickets", db_index=False, verbose_name=_("Customer")
    )
    # The level of the customer as it is now: triggers of the database keep it, for whatever writes customers or tickets.
    customer_level = models.ForeignKey(
        CustomerLevel, models.PROTECT, null=True, related_name="+", db_index=False, editable=False
    )
    contact_name = models.CharField(_("Contact person"), max_length=80, blank=True)
    contact_phone = models.CharField(_("Contact telephone"), max_length=40, blank=True)
    contact_phone_key = models.CharField(max_length=40, blank=True)
    account = models.ForeignKey(
        CustomerAccount, models.PROTECT, null=True, related_name="tickets", verbose_name=_("Account or number")
    )
    asset = models.ForeignKey(
        Asset, models.PROTECT, null=True, related_name="tickets", verbose_name=_("Product or machine")
    )

    region = models.ForeignKey(
        Region, models.PROTECT, null=True, related_name="tickets", db_index=False, verbose_name=_("Region")
    )
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, related_name="tickets", db_index=False, verbose_name=_("Unit")
    )
    business_line = models.ForeignKey(
        BusinessLine, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Business line")
    )
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="tickets_created", verbose_name=_("Taken by")
    )
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="tickets_owned", verbose_name=_("First asked")
    )

    form_version = models.ForeignKey(FormVersion, models.PROTECT, null=True, related_name="tickets", db_index=False)
    special_items = models.JSONField(_("Special items"), default=dict)
    promised_reply_channel = models.CharField(
        _("Reply promised by"), max_length=10, choices=ReplyChannel.choices, blank=True
    )
    promised_reply_at = models.DateTimeField(_("Reply promised for"), null=True)
    # Of the clocks that govern it (``services.limits``): the earliest due moment, from when that is at risk, and whether
    # all of them stand still. Kept here because lists sort by it.
    due_at = models.DateTimeField(_("Due"), null=True)
    warn_at = models.DateTimeField(_("At risk from"), null=True)
    is_paused = models.BooleanField(_("Time stands still"), default=False, db_default=False)

    status = models.CharField(_("Status"), max_length=12, choices=TicketStatus.choices, default=TicketStatus.OPEN)
    process_instance = models.OneToOneField(ProcessInstance, models.PROTECT, null=True, related_name="ticket")
    opened_at = models.DateTimeField(_("Opened"))
    resolved_at = models.DateTimeField(_("Resolved"), null=True)
    closed_at = models.DateTimeField(_("Closed"), null=True)
    outcome = models.CharField(_("Outcome"), max_length=40, blank=True)
    reopen_count = models.PositiveSmallIntegerField(_("Times reopened"), default=0)
    reminder_count = models.PositiveSmallIntegerField(_("Times urged"), default=0, db_default=0)  # by people
    tags = ArrayField(models.CharField(max_length=40), default=list, verbose_name=_("Tags"))  # codes of Tag
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="children", verbose_name=_("Parent ticket")
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="merged_tickets", verbose_name=_("Merged into")
    )
    on_hold_until = models.DateTimeField(_("On hold until"), null=True)
    hold_reason = models.CharField(_("Why it is on hold"), max_length=300, blank=True)
    waits_for_customer = models.BooleanField(_("The customer is waited for"), default=False, db_default=False)

    green_channel = models.ForeignKey(
        "tickets.GreenChannel",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("Green channel"),
    )

    external_source = models.CharField(_("Source"), max_length=60, blank=True)
    external_number = models.CharField(_("Number at the source"), max_length=80, blank=True)
    external_items = models.JSONField(_("Kept from the source"), default=dict)
    request_key = models.UUIDField(
        null=True, unique=True
    )  # makes a submitted form create one ticket, however often sent
    audience = ArrayField(models.TextField(), default=list)
    search_keys = ArrayField(models.TextField(), default=list)
    version = models.PositiveIntegerField(default=1)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("Ticket")
        verbose_name_plural = _("Tickets")
        # Where an index below begins with a foreign key, that key has none of its own.
        indexes = [
            # Whatever of this meets, however rarely: ``core.newest`` asks it for what the newest do not hold.
            GinIndex(
                F("audience"),
                *map(alone, NARROWED),
                name="ticket_narrowed",
                gin_pending_list_limit=PENDING_LIMIT,
            ),
            GinIndex(fields=["search_keys"], name="ticket_search", gin_pending_list_limit=PENDING_LIMIT),
            # What most lists are narrowed to is included: ``core.newest`` walks this index alone, however rare they meet.
            models.Index(
                fields=["-opened_at", "-id"],
                name="ticket_newest_narrowed",
                include=NARROWED,
            ),
            models.Index(
                fields=["-opened_at", "-id"],
                name="ticket_alive_newest",
                condition=Q(status__in=[s.value for s in ALIVE]),
                include=NARROWED,
            ),
            models.Index(
                fields=["-opened_at", "-id"],
                name="ticket_aborted",
                condition=Q(status=TicketStatus.ABORTED.value),
                include=NARROWED,
            ),
            models.Index(fields=["region", "-opened_at", "-id"], name="ticket_region_newest"),
            models.Index(fields=["unit", "-opened_at", "-id"], name="ticket_unit_newest"),
            models.Index(fields=["category", "-opened_at", "-id"], name="ticket_category_newest"),
            models.Index(fields=["customer", "-opened_at", "-id"], name="ticket_customer_newest"),
            models.Index(fields=["-opened_at", "-id"], name="ticket_reopened_newest", condition=Q(reopen_count__gt=0)),
            models.Index(fields=["due_at", "id"], name="ticket_due"),
            models.Index(fields=["due_at"], name="ticket_alive_due", condition=Q(status__in=[s.value for s in ALIVE])),
            models.Index(fields=["closed_at", "id"], name="ticket_closed_at", condition=Q(closed_at__isnull=False)),
            models.Index(fields=["owner"], name="ticket_alive_owned", condition=Q(status__in=[s.value for s in ALIVE])),
            models.Index(
                fields=["created_by"], name="ticket_alive_started", condition=Q(status__in=[s.value for s in ALIVE])
            ),
            models.Index(fields=["-opened_at", "-id"], name="ticket_urged", condition=Q(reminder_count__gt=0)),
            models.Index(
                fields=["contact_phone_key", "-opened_at", "-id"],
                name="ticket_alive_phone",
                condition=Q(status__in=[s.value for s in ALIVE]) & ~Q(contact_phone_key=""),
            ),  # fmt: skip
            GinIndex(fields=["tags"], name="ticket_tags"),
            models.Index(fields=["on_hold_until"], name="ticket_held", condition=Q(on_hold_until__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_source", "external_number"],
                condition=~Q(external_number=""),
                name="ticket_once_per_source",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return _page_of_ticket().replace("NUMBER", quote(self.number))

    def get_status_display(self) -> str:  # type: ignore[no-redef]
        """As Django's, which makes a table of all states for every row of a list."""
        try:
            return str(TicketStatus(self.status).label)
        except ValueError:
            return self.status

    @property
    def is_finished(self) -> bool:
        return self.status in FINISHED


@cache
def _page_of_ticket() -> str:
    """The address of a ticket's page but for its number: lists hold hundreds."""
    return reverse("ticket-detail", args=["NUMBER"])


class Watcher(models.Model):
    """A person who asked to be told about a ticket, or who was sent a copy of it."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="watchers")
    user = models.ForeignKey(User, models.CASCADE, related_name="watched_tickets")
    since = models.DateTimeField()
    is_copied = models.BooleanField(_("By a copy"), default=False, db_default=False)
    #: Kept by triggers of the database: whoever watched for years would have all of it read for the few tickets still alive.
    is_alive = models.BooleanField(default=True, db_default=True, editable=False)

    class Meta:
        verbose_name = _("Watcher")
        constraints = [models.UniqueConstraint(fields=["user", "ticket"], name="watches_once")]
        indexes = [
            models.Index(
                fields=["user", "is_copied"], include=["ticket"], name="watched_alive", condition=Q(is_alive=True)
            )
        ]


class TicketLink(models.Model):
    """One ticket is related to another, a duplicate of it, caused by it, or was split off from it."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="links_from", db_index=False)
    other = models.ForeignKey(Ticket, models.CASCADE, related_name="links_to")
    kind = models.CharField(_("Kind of link"), max_length=20, choices=LinkKind.choices)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("Link between tickets")
        constraints = [
            models.UniqueConstraint(fields=["ticket", "other", "kind"], name="ticket_link_once"),
            models.CheckConstraint(condition=~Q(ticket=models.F("other")), name="ticket_link_to_another"),
        ]

    @property
    def label_from_the_other_side(self) -> str:
        """How the link reads on the page of ``other``."""
        return str(LINK_FROM_THE_OTHER_SIDE[self.kind])


class Tag(Named):
    """A word tickets are marked with. Tickets hold the code, which never changes; name and colour may."""

    code = models.CharField(_("Code"), max_length=40, unique=True)
    colour = models.CharField(_("Colour"), max_length=10, blank=True, choices=[
        ("", _("Grey")), ("accent", _("Blue")), ("good", _("Green")), ("warn", _("Yellow")), ("bad", _("Red")),
    ])  # fmt: skip
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("For this unit and below"),
        help_text=_("Empty: for everybody."),
    )  # fmt: skip
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Tag")
        verbose_name_plural = _("Tags")
        ordering = ["name"]


class TicketSchedule(models.Model):
    """A ticket that opens by itself: once, or again and again at a time of day, such as a monthly inspection."""

    name = models.CharField(_("Name"), max_length=120)
    is_active = models.BooleanField(_("Active"), default=True)
    frequency = models.CharField(_("How often"), max_length=10, choices=Frequency.choices)
    interval = models.PositiveSmallIntegerField(_("Every … days, weeks or months"), default=1)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, verbose_name=_("On weekdays"))  # 0: Monday
    month_day = models.PositiveSmallIntegerField(_("Day of the month"), null=True)  # past the last day: the last day
    at_time = models.TimeField(_("At"))  # in the house's time zone
    starts_on = models.DateField(_("From"))
    ends_on = models.DateField(_("Until"), null=True)
    next_at = models.DateTimeField(_("Next"), null=True)

    kind = models.CharField(_("Kind"), max_length=20, choices=TicketKind.choices)
    category = models.ForeignKey(Category, models.PROTECT, related_name="+", verbose_name=_("Category"))
    severity = models.ForeignKey(Severity, models.PROTECT, null=True, related_name="+", verbose_name=_("Severity"))
    title = models.CharField(_("Title"), max_length=200)
    description = models.TextField(_("What is to be done"), blank=True)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+", verbose_name=_("Customer"))
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+", verbose_name=_("Region"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, null=True, related_name="+", verbose_name=_("Unit"))
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("Responsible person"))
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("Scheduled ticket")
        verbose_name_plural = _("Scheduled tickets")
        indexes = [
            models.Index(fields=["next_at"], name="schedule_next", condition=Q(is_active=True, next_at__isnull=False))
        ]

    def __str__(self) -> str:
        return self.name


class ScheduledOccurrence(models.Model):
    """One moment at which a schedule opened its ticket; its key lets this happen once only."""

    schedule = models.ForeignKey(TicketSchedule, models.CASCADE, related_name="occurrences", db_index=False)
    due_at = models.DateTimeField()
    ticket = models.OneToOneField(Ticket, models.PROTECT, null=True, related_name="scheduled_occurrence")
    failure = models.CharField(max_length=300, blank=True)  # why no ticket could be opened

    class Meta:
        verbose_name = _("Occurrence of a scheduled ticket")
        constraints = [models.UniqueConstraint(fields=["schedule", "due_at"], name="schedule_occurs_once")]


from onepoint.tickets.batch_models import BatchItem, BatchRun  # noqa: E402, F401
from onepoint.tickets.green_models import GreenChannel  # noqa: E402, F401
from onepoint.tickets.likeness_models import LikelyDuplicate  # noqa: E402, F401
from onepoint.tickets.list_models import SearchChange, SearchDocument  # noqa: E402, F401
from onepoint.tickets.mass_incident_models import AttachedTicket, MassIncident, ToldCustomer  # noqa: E402, F401
from onepoint.tickets.supervision_models import ProgressReport, Supervision  # noqa: E402, F401

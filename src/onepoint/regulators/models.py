"""Tables of regulators and the cases they hand over."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named, OrgUnit, Region, User
from onepoint.accounts.scope import scope_of
from onepoint.core import clock
from onepoint.customers.models import Customer
from onepoint.regulators.states import OPEN_CASES, CaseResult, CaseState
from onepoint.tickets.models import Severity, Tag, Ticket

_OPEN = [state.value for state in OPEN_CASES]


class Regulator(Named):
    """An authority that hands complaints over, with the limit of the answer and what its cases bring with them."""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    answer_days = models.PositiveSmallIntegerField(
        _("Answer within (days)"), default=10, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    in_working_days = models.BooleanField(_("Counted in working days"), default=False)
    acceptance_days = models.PositiveSmallIntegerField(
        _("It decides on acceptance within (working days)"), default=0, validators=[MaxValueValidator(60)],
        help_text=_("0: it does not say."),
    )  # fmt: skip
    severity = models.ForeignKey(
        Severity,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Severity of its cases, at least"),
    )
    report_hours = models.PositiveSmallIntegerField(
        _("Supervised: a report every … working hours"), default=8, validators=[MaxValueValidator(720)],
        help_text=_("0: not put under supervision by itself."),
    )  # fmt: skip
    tag = models.ForeignKey(
        Tag, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Tag of its tickets"),
        help_text=_("Rules for limits may ask for it."),
    )  # fmt: skip
    source = models.CharField(_("Where the limit stands"), max_length=200, blank=True)
    position_order = models.PositiveSmallIntegerField(_("Order"), default=0)
    is_active = models.BooleanField(_("In use"), default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("Regulator")
        verbose_name_plural = _("Regulators")
        ordering = ["position_order", "code"]


class CaseQuerySet(models.QuerySet["RegulatorCase"]):
    def visible_to(self, user: User) -> "CaseQuerySet":
        """Cases of the person's units and regions, and those he registered (spec §2)."""
        scope = scope_of(user, "regulator.view")
        if not scope.has_permission:
            return self.none()
        return self.filter(scope.by_unit_and_region(person="received_by", level="customer__level"))

    def with_labels(self) -> "CaseQuerySet":
        return self.select_related("regulator", "customer", "ticket", "region", "unit", "received_by")


class RegulatorCase(models.Model):
    """One complaint an authority handed over, under its own number, to be answered in time."""

    number = models.CharField(_("Number"), max_length=20, unique=True)
    request_key = models.UUIDField(unique=True, editable=False)  # one form registers once, however often sent
    regulator = models.ForeignKey(Regulator, models.PROTECT, related_name="cases", verbose_name=_("Regulator"))
    case_number = models.CharField(_("Number of the authority"), max_length=80)
    case_key = models.CharField(max_length=80, editable=False)  # its letters and figures alone, in capitals
    received_at = models.DateTimeField(_("Received on"))
    contact_person = models.CharField(_("Contact person there"), max_length=80, blank=True)
    contact_phone = models.CharField(_("Telephone there"), max_length=40, blank=True)
    subject = models.CharField(_("Subject"), max_length=200)
    content = models.TextField(_("What was handed over"), blank=True)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, related_name="regulator_cases", verbose_name=_("Customer")
    )
    ticket = models.ForeignKey(
        Ticket, models.PROTECT, null=True, related_name="regulator_cases", verbose_name=_("Ticket")
    )
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Region")
    )
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Unit")
    )
    received_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Registered by")
    )
    registered_at = models.DateTimeField(_("Registered"))
    state = models.CharField(_("State"), max_length=10, choices=CaseState.choices, default=CaseState.RECEIVED)
    # Of its clock, kept to sort by; the clock itself is a statutory one of this subject.
    answer_due_at = models.DateTimeField(_("Answer due"))
    warn_at = models.DateTimeField(_("At risk from"), null=True)
    acceptance_due_at = models.DateTimeField(_("Acceptance decided until"), null=True)
    answered_at = models.DateTimeField(_("Answered"), null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    document_number = models.CharField(_("Document number of the answer"), max_length=80, blank=True)
    answer = models.TextField(_("Answer"), blank=True)
    closed_at = models.DateTimeField(_("Closed"), null=True)
    result = models.CharField(_("Result"), max_length=12, choices=CaseResult.choices, blank=True)
    result_words = models.CharField(_("Words of the authority"), max_length=1000, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("Case of a regulator")
        verbose_name_plural = _("Cases of regulators")
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="case_newest"),
            models.Index(fields=["region", "-received_at"], name="case_region_newest"),
            models.Index(fields=["answer_due_at"], name="case_open_due", condition=Q(state__in=_OPEN)),
            models.Index(fields=["state", "answer_due_at", "id"], name="case_state_due"),
            models.Index(fields=["answer_due_at", "id"], name="case_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["regulator", "case_key"], name="case_once_per_regulator"),
            models.CheckConstraint(
                condition=~Q(state="answered") | Q(answered_at__isnull=False), name="case_answered_at_a_moment"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("regulator-case-detail", args=[self.number])

    @property
    def is_open(self) -> bool:
        """Whether an answer is still owed."""
        return self.state in OPEN_CASES

    @property
    def is_late(self) -> bool:
        """Whether the answer is, or was, given late."""
        end = self.answered_at or self.closed_at or clock.now()
        return end > self.answer_due_at

    @property
    def tone(self) -> str:
        return {"received": "warn", "ticketed": "accent", "answered": "good"}.get(self.state, "muted")

"""Tables of delegated authority: kinds, authorities, grants, the audit queue and its rules."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named, OrgUnit, Region, Role, User
from onepoint.accounts.queries import candidate_keys
from onepoint.accounts.scope import scope_of
from onepoint.channels.models import Contact
from onepoint.core import clock
from onepoint.customers.models import Customer
from onepoint.grants.states import OPEN_AUDITS, AuditState, GrantState, GrantUnit
from onepoint.tickets.models import Category, Ticket


def _amount(label: object, **options: object) -> models.DecimalField:
    return models.DecimalField(label, max_digits=12, decimal_places=2, **options)  # type: ignore[arg-type]


def spoken_amount(amount: Decimal, unit: str) -> str:
    """An amount with its unit, in the language being shown."""
    if unit == GrantUnit.COUNT:
        return gettext("%(amount)s ×") % {"amount": int(amount)}
    return gettext("%(amount)s yuan") % {"amount": f"{amount:,.2f}"}


class GrantKind(Named):
    """One kind of thing that can be granted: refund, compensation, free repair, waiver, gift …"""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    unit = models.CharField(_("Counted in"), max_length=10, choices=GrantUnit.choices, default=GrantUnit.MONEY)
    position_order = models.PositiveSmallIntegerField(_("Order"), default=0)
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Kind of grant")
        verbose_name_plural = _("Kinds of grant")
        ordering = ["position_order", "code"]


class Authority(models.Model):
    """What holders of a role may grant of one kind, or approve when others asked for it. The most specific row counts."""

    role = models.ForeignKey(Role, models.PROTECT, related_name="authorities", verbose_name=_("Role"))
    kind = models.ForeignKey(GrantKind, models.PROTECT, related_name="authorities", verbose_name=_("Kind of grant"))
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Category and below")
    )
    levels = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("Customer levels"))
    amount = _amount(_("Per grant"))
    customer_month = _amount(_("Per customer and month"), null=True, blank=True)
    agent_day = _amount(_("Per person and day"), null=True, blank=True)
    is_active = models.BooleanField(_("In use"), default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("Authority")
        verbose_name_plural = _("Authorities")
        ordering = ["role__code", "kind__position_order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["role", "kind", "category", "levels"], nulls_distinct=False, name="authority_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="authority_grants_something"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.kind} {self.amount}"

    def get_absolute_url(self) -> str:
        return reverse("authority-detail", args=[self.pk])

    @property
    def spoken_amount(self) -> str:
        return spoken_amount(self.amount, self.kind.unit)

    @property
    def spoken_month(self) -> str:
        return "" if self.customer_month is None else spoken_amount(self.customer_month, self.kind.unit)

    @property
    def spoken_day(self) -> str:
        return "" if self.agent_day is None else spoken_amount(self.agent_day, self.kind.unit)


class GrantQuerySet(models.QuerySet["Grant"]):
    def visible_to(self, user: User) -> "GrantQuerySet":
        """Grants of the person's units and regions, the person's own, and those he may decide or did decide (spec §2)."""
        # "Everything" is an empty condition, and an empty one is lost in an OR.
        seen = Q(granted_by=user.pk) | Q(decided_by=user.pk)
        for permission in ("grant.view", "grant.audit", "grant.settle"):
            if user.may(permission):
                place = scope_of(user, permission).by_unit_and_region(level="customer__level")
                if not place:
                    return self.all()
                seen |= place
        if user.may("grant.approve"):
            seen |= Q(approver_keys__overlap=candidate_keys(user))
        return self.filter(seen)

    def with_labels(self) -> "GrantQuerySet":
        """With everything a list row shows, in one query."""
        return self.select_related(
            "kind", "customer", "ticket", "contact", "granted_by", "decided_by", "unit", "region"
        )


class Grant(models.Model):
    """One thing promised to a customer by somebody of the house: on the spot, or after approval. Paid once at most."""

    number = models.CharField(_("Number"), max_length=20, unique=True)
    key = models.UUIDField(unique=True, editable=False)  # makes a submitted form grant once, however often sent
    kind = models.ForeignKey(GrantKind, models.PROTECT, related_name="grants", db_index=False, verbose_name=_("Kind"))
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="grants", db_index=False, verbose_name=_("Customer")
    )
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, related_name="grants", verbose_name=_("Ticket"))
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="grants", verbose_name=_("Contact"))
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Category")
    )
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Region")
    )
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Unit")
    )
    amount = _amount(_("Amount"))
    reason = models.CharField(_("Reason"), max_length=500)
    state = models.CharField(_("State"), max_length=10, choices=GrantState.choices)
    needs_approval = models.BooleanField(_("Above the granter's authority"), default=False)
    approver_keys = ArrayField(models.TextField(), default=list)  # candidate keys of whoever may decide

    granted_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, verbose_name=_("Granted by"))
    given_at = models.DateTimeField(_("Given"))
    effective_at = models.DateTimeField(_("Holds since"), null=True)
    authority = models.ForeignKey(Authority, models.PROTECT, null=True, related_name="+", db_index=False)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Decided by")
    )
    on_behalf_of = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("On behalf of")
    )
    decided_at = models.DateTimeField(_("Decided"), null=True)
    decision = models.CharField(_("Words of the decision"), max_length=500, blank=True)
    settled_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Settled by")
    )
    settled_at = models.DateTimeField(_("Settled"), null=True)
    voucher = models.CharField(_("Voucher number"), max_length=60, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("Grant")
        verbose_name_plural = _("Grants")
        indexes = [
            models.Index(fields=["-given_at", "-id"], name="grant_newest"),
            models.Index(fields=["unit", "-given_at", "-id"], name="grant_unit_newest"),
            models.Index(fields=["region", "-given_at", "-id"], name="grant_region_newest"),
            models.Index(fields=["state", "-given_at", "-id"], name="grant_state_newest"),
            # What the limits are counted with.
            models.Index(fields=["customer", "kind", "effective_at"], name="grant_of_customer"),
            models.Index(fields=["decided_by", "kind", "effective_at"], name="grant_by_decider"),
            models.Index(
                fields=["on_behalf_of", "kind", "effective_at"], name="grant_by_principal",
                condition=Q(on_behalf_of__isnull=False),
            ),
            models.Index(fields=["granted_by", "-given_at", "-id"], name="grant_by_granter"),
            GinIndex(fields=["approver_keys"], name="grant_approvers", condition=Q(state="waiting")),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="grant_of_something"),
            models.CheckConstraint(
                condition=Q(needs_approval=False) | Q(decided_by=None) | ~Q(decided_by=F("granted_by")),
                name="grant_not_decided_by_its_giver",
            ),
            models.CheckConstraint(
                condition=Q(on_behalf_of=None) | ~Q(on_behalf_of=F("granted_by")), name="grant_not_decided_in_his_name"
            ),
            models.CheckConstraint(
                condition=~Q(state="settled") | (Q(settled_at__isnull=False) & ~Q(voucher="")),
                name="grant_settled_with_voucher",
            ),
            models.UniqueConstraint(fields=["voucher"], condition=~Q(voucher=""), name="grant_voucher_once"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("grant-detail", args=[self.number])

    @property
    def spoken_amount(self) -> str:
        return spoken_amount(self.amount, self.kind.unit)

    @property
    def tone(self) -> str:
        """The tone of its badge."""
        return {"waiting": "warn", "granted": "accent", "approved": "accent", "settled": "good", "refused": "bad"}.get(
            self.state, "muted"
        )


class ObjectionCode(Named):
    """One published reason why a grant does not stand up to audit, with the points it costs."""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    points = models.PositiveSmallIntegerField(_("Points"), default=1)
    position_order = models.PositiveSmallIntegerField(_("Order"), default=0)
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Reason for objecting")
        verbose_name_plural = _("Reasons for objecting")
        ordering = ["position_order", "code"]


class AuditRule(models.Model):
    """How many grants of a kind are audited; the row without kind is for all kinds that have none of their own."""

    kind = models.OneToOneField(
        GrantKind, models.PROTECT, null=True, blank=True, related_name="audit_rule", verbose_name=_("Kind of grant")
    )
    share = models.PositiveSmallIntegerField(
        _("Share audited, in per cent"), default=100, validators=[MaxValueValidator(100)]
    )
    always_above = _amount(_("Always from this amount"), null=True, blank=True)
    not_own_unit = models.BooleanField(_("Nobody audits grants of his own unit"), default=True)
    seed = models.CharField(max_length=40, default="onepoint", editable=False)  # of the sampling, which can be repeated
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("Rule for audits")
        verbose_name_plural = _("Rules for audits")
        ordering = [F("kind__position_order").asc(nulls_first=True)]
        constraints = [
            models.UniqueConstraint(fields=["kind"], nulls_distinct=False, name="audit_rule_once"),
            models.CheckConstraint(condition=Q(share__lte=100), name="audit_share_of_hundred"),
        ]


class AuditItem(models.Model):
    """One grant in the central audit queue, and what became of it there."""

    grant = models.OneToOneField(Grant, models.PROTECT, related_name="audit", verbose_name=_("Grant"))
    state = models.CharField(_("State"), max_length=10, choices=AuditState.choices, default=AuditState.WAITING)
    why = models.CharField(max_length=12, default="all")  # all, sample, amount: which part of the rule chose it
    excluded_unit = models.ForeignKey(OrgUnit, models.PROTECT, null=True, related_name="+", db_index=False)
    queued_at = models.DateTimeField(_("In the queue since"))
    auditor = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Auditor")
    )
    claimed_at = models.DateTimeField(null=True)
    judged_at = models.DateTimeField(_("Judged"), null=True)
    code = models.ForeignKey(
        ObjectionCode, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Objection")
    )
    words = models.CharField(_("What the auditor wrote"), max_length=1000, blank=True)
    correction_due_at = models.DateTimeField(_("Correction due"), null=True)
    correction = models.CharField(_("Correction"), max_length=1000, blank=True)
    corrected_at = models.DateTimeField(_("Corrected"), null=True)
    closed_at = models.DateTimeField(_("Closed"), null=True)

    class Meta:
        verbose_name = _("Audit of a grant")
        verbose_name_plural = _("Audits of grants")
        indexes = [
            models.Index(
                fields=["queued_at"], name="audit_open", condition=Q(state__in=[state.value for state in OPEN_AUDITS])
            ),
            models.Index(fields=["-queued_at", "-id"], name="audit_newest"),
            models.Index(fields=["auditor", "-queued_at"], name="audit_of_auditor"),
            models.Index(fields=["correction_due_at"], name="audit_correction", condition=Q(state="objected")),
        ]

    @property
    def is_late(self) -> bool:
        """Whether the correction is overdue."""
        return (
            self.state == AuditState.OBJECTED
            and self.correction_due_at is not None
            and self.correction_due_at < clock.now()
        )

    @property
    def tone(self) -> str:
        return {"waiting": "warn", "claimed": "accent", "passed": "good", "objected": "bad", "corrected": "warn"}.get(
            self.state, "muted"
        )

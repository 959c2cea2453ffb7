"""The record: customers, what they own, whom to ask, how much they are worth."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named, OrgUnit, Region, User
from onepoint.accounts.scope import scope_of
from onepoint.core import clock
from onepoint.core.index_building import PENDING_LIMIT
from onepoint.core.sealed_fields import SealedTextField
from onepoint.customers.states import (
    AccountKind,
    AccountStatus,
    CustomerKind,
    MemberKind,
    PreferredChannel,
    WarrantyState,
)


class CustomerLevel(Named):
    """One value class of customers; a higher ``rank`` is served first."""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    rank = models.PositiveSmallIntegerField(_("Rank"), default=0)
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Customer level")
        verbose_name_plural = _("Customer levels")
        ordering = ["-rank", "code"]


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, user: User) -> "CustomerQuerySet":
        """Customers of the person's units and regions, and those the person registered (spec §2)."""
        return self.filter(scope_of(user, "customer.view").by_unit_and_region(person="created_by", level="level"))

    def active(self) -> "CustomerQuerySet":
        return self.filter(is_active=True)


class Customer(models.Model):
    """One person or company the house serves, known on every channel by the same record."""

    number = models.CharField(_("Customer number"), max_length=24, unique=True)
    kind = models.CharField(
        _("Kind"),
        max_length=10,
        choices=CustomerKind.choices,
        default=CustomerKind.PERSON,
    )
    name = models.CharField(_("Name"), max_length=160)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    name_key = models.CharField(max_length=200, db_index=True)  # pinyin, for sorting
    level = models.ForeignKey(
        CustomerLevel,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("Level"),
    )
    region = models.ForeignKey(Region, models.PROTECT, related_name="customers", verbose_name=_("Region"))
    unit = models.ForeignKey(
        OrgUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("Owner unit"),
    )
    id_number = SealedTextField(_("ID number"), blank=True)
    id_key = models.CharField(max_length=40, blank=True)  # fingerprint of the folded number, without separators
    address = models.CharField(_("Address"), max_length=300, blank=True)
    language = models.CharField(_("Language"), max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    preferred_channel = models.CharField(
        _("Preferred way to reply"),
        max_length=10,
        choices=PreferredChannel.choices,
        default=PreferredChannel.PHONE,
    )
    note = models.TextField(_("Note"), blank=True)
    consent_to_contact = models.BooleanField(_("Agrees to be contacted"), default=True)
    is_active = models.BooleanField(_("In use"), default=True)
    created_at = models.DateTimeField(_("Registered"))
    created_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("Registered by"),
    )  # null: the system (imports)
    search_keys = ArrayField(models.CharField(max_length=80), default=list)
    version = models.PositiveIntegerField(default=1)
    parent = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="members",
        db_index=False,
        verbose_name=_("Belongs to"),
    )
    member_kind = models.CharField(
        _("Belongs to it as"), max_length=12, choices=MemberKind.choices, blank=True, default="", db_default=""
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_ones",
        db_index=False,
        verbose_name=_("Merged into"),
    )
    external_source = models.CharField(_("Source"), max_length=60, blank=True, default="", db_default="")
    external_number = models.CharField(_("Number at the source"), max_length=80, blank=True, default="", db_default="")
    name_form = models.CharField(
        max_length=120, blank=True, default="", db_default=""
    )  # what sounds alike is alike, see likeness
    is_compared = models.BooleanField(default=False, db_default=False)  # with the others, since it was last changed

    legal_hold = models.CharField(_("Legal hold"), max_length=300, blank=True, default="", db_default="")  # why
    erased_at = models.DateTimeField(_("Erased"), null=True, blank=True)  # a pseudonym since

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("Customer")
        verbose_name_plural = _("Customers")
        indexes = [
            GinIndex(fields=["search_keys"], name="customer_search_keys", gin_pending_list_limit=PENDING_LIMIT),
            models.Index(fields=["region", "-id"], name="customer_region"),
            models.Index(fields=["unit", "-id"], name="customer_unit"),
            models.Index(fields=["created_by"], name="customer_created_by"),
            models.Index(fields=["id_key"], name="customer_id_key", condition=~Q(id_key="")),
            models.Index(fields=["name_key", "id"], name="customer_name_order"),
            models.Index(fields=["-created_at", "-id"], name="customer_newest"),
            models.Index(fields=["parent"], name="customer_parent", condition=Q(parent__isnull=False)),
            models.Index(fields=["merged_into"], name="customer_merged", condition=Q(merged_into__isnull=False)),
            models.Index(fields=["name_form", "region"], name="customer_name_form", condition=~Q(name_form="")),
            models.Index(fields=["id"], name="customer_not_compared", condition=Q(is_compared=False)),
            models.Index(fields=["id"], name="customer_held", condition=~Q(legal_hold="")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_source", "external_number"],
                condition=~Q(external_number=""),
                name="customer_once_per_source",
            ),
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="customer_not_its_own_parent"),
            models.CheckConstraint(condition=~Q(merged_into=models.F("id")), name="customer_not_merged_into_itself"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the language being shown."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


class CustomerAccount(models.Model):
    """One number or account by which a customer is served: a telephone number, a broadband account, an e-mail address."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="accounts", verbose_name=_("Customer"))
    kind = models.CharField(
        _("Kind"),
        max_length=10,
        choices=AccountKind.choices,
        default=AccountKind.MOBILE,
    )
    value = models.CharField(_("Number or account"), max_length=120)  # as typed
    value_key = models.CharField(max_length=120)  # normalised, see customers.phone_numbers
    product = models.CharField(_("Product"), max_length=120, blank=True)
    status = models.CharField(
        _("Status"),
        max_length=10,
        choices=AccountStatus.choices,
        default=AccountStatus.ACTIVE,
    )
    is_primary = models.BooleanField(_("Call this number first"), default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("Number or account")
        verbose_name_plural = _("Numbers and accounts")
        ordering = ["-is_primary", "status", "pk"]
        indexes = [models.Index(fields=["value_key"], name="customer_account_key")]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(is_primary=True),
                name="customer_one_primary_account",
            ),
            models.UniqueConstraint(fields=["customer", "kind", "value_key"], name="customer_account_once"),
        ]

    def __str__(self) -> str:
        return self.value

    @property
    def is_open(self) -> bool:
        return self.status != AccountStatus.CLOSED


class Asset(models.Model):
    """One product or machine a customer owns, with its serial number, warranty and contract."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="assets", verbose_name=_("Customer"))
    product = models.CharField(_("Product"), max_length=120)
    model = models.CharField(_("Model"), max_length=80, blank=True)
    serial_number = models.CharField(_("Serial number"), max_length=80, blank=True)
    serial_key = models.CharField(max_length=80, blank=True)  # letters and digits, folded
    installed_on = models.DateField(_("Installed on"), null=True, blank=True)
    warranty_until = models.DateField(_("Warranty until"), null=True, blank=True)
    contract_number = models.CharField(_("Contract number"), max_length=80, blank=True)
    address = models.CharField(_("Place"), max_length=300, blank=True)
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Region"),
    )
    is_active = models.BooleanField(_("In use"), default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("Product or machine")
        verbose_name_plural = _("Products and machines")
        ordering = ["-is_active", "product", "pk"]
        indexes = [
            models.Index(
                fields=["serial_key"],
                name="asset_serial_key",
                condition=~Q(serial_key=""),
            )
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.product, self.model, self.serial_number) if part)

    @property
    def warranty_state(self) -> WarrantyState:
        """Whether the warranty still runs today (house time zone); its last day counts."""
        if self.warranty_until is None:
            return WarrantyState.UNKNOWN
        return WarrantyState.IN_WARRANTY if self.warranty_until >= clock.today() else WarrantyState.EXPIRED


class ContactPerson(models.Model):
    """Somebody who may be asked or answered in the customer's name."""

    customer = models.ForeignKey(
        Customer,
        models.CASCADE,
        related_name="contact_persons",
        verbose_name=_("Customer"),
    )
    name = models.CharField(_("Name"), max_length=80)
    relation = models.CharField(_("Relation"), max_length=40, blank=True)
    phone = models.CharField(_("Telephone"), max_length=40, blank=True)
    phone_key = models.CharField(max_length=40, blank=True)
    email = models.EmailField(_("E-mail"), blank=True)
    is_active = models.BooleanField(_("In use"), default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("Contact person")
        verbose_name_plural = _("Contact persons")
        ordering = ["-is_active", "pk"]
        indexes = [
            models.Index(
                fields=["phone_key"],
                name="contact_person_phone",
                condition=~Q(phone_key=""),
            )
        ]

    def __str__(self) -> str:
        return self.name

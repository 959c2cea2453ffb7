"""Customers from files: the run, what became of each row, and mappings worth keeping."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.customers.models.record import Customer
from onepoint.customers.states import ImportState, RowOutcome


class ImportMapping(models.Model):
    """What the columns of one kind of file mean, kept to be used again; for the whole house."""

    name = models.CharField(_("Name"), max_length=80, unique=True)
    columns = models.JSONField(default=dict)  # field → column head
    source = models.CharField(_("Source"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("Kept"))
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("Kept by"))

    class Meta:
        verbose_name = _("Mapping of columns")
        verbose_name_plural = _("Mappings of columns")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CustomerImport(models.Model):
    """One file of customers on its way into the record; the file itself is the attachment of this subject."""

    state = models.CharField(_("State"), max_length=10, choices=ImportState.choices, default=ImportState.UPLOADED)
    file_name = models.CharField(_("File"), max_length=200)
    attachment_id = models.BigIntegerField(null=True)
    encoding = models.CharField(_("Encoding"), max_length=20, blank=True)  # empty: a workbook
    separator = models.CharField(_("Separator"), max_length=1, blank=True)
    heads = models.JSONField(default=list)
    source = models.CharField(_("Source"), max_length=60, blank=True)
    columns = models.JSONField(default=dict)  # field → column head
    defaults = models.JSONField(default=dict)  # field → value where the file has none
    despite_duplicates = models.BooleanField(_("Register likely duplicates too"), default=False)
    total = models.PositiveIntegerField(_("Number of rows"), default=0)
    done = models.PositiveIntegerField(_("Rows done"), default=0)
    counts = models.JSONField(default=dict)  # outcome → rows
    problem = models.CharField(_("Problem"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("Uploaded"))
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="customer_imports", verbose_name=_("Uploaded by")
    )
    started_at = models.DateTimeField(_("Began"), null=True)
    ended_at = models.DateTimeField(_("Ended"), null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("Import of customers")
        verbose_name_plural = _("Imports of customers")

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_moving(self) -> bool:
        return self.state in (ImportState.CHECKING, ImportState.RUNNING)

    @property
    def percent(self) -> int:
        return min(100, self.done * 100 // self.total) if self.total else 0


class ImportedRow(models.Model):
    """What became of one row of a file, in the rehearsal or in the real run (``row`` counts data rows from 1)."""

    source = models.ForeignKey(CustomerImport, models.CASCADE, related_name="rows", db_index=False)
    is_rehearsal = models.BooleanField()
    row = models.PositiveIntegerField(_("Row"))
    outcome = models.CharField(_("Outcome"), max_length=10, choices=RowOutcome.choices)
    key = models.CharField(_("Customer in the file"), max_length=160, blank=True)  # as the file names the customer
    customer = models.ForeignKey(
        Customer, models.SET_NULL, null=True, related_name="+", db_index=False, verbose_name=_("Customer")
    )
    reason = models.CharField(_("Reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("Imported row")
        verbose_name_plural = _("Imported rows")
        indexes = [
            models.Index(
                fields=["source", "is_rehearsal", "row"], name="imported_row_refused", condition=Q(outcome="refused")
            ),
            models.Index(fields=["customer"], name="imported_row_customer", condition=Q(customer__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "is_rehearsal", "row"], name="imported_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.row}: {self.outcome}"

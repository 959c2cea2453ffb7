"""Working calendars: the week, the days that differ from it, who works by them, and what a change of them did."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named, OrgUnit, Region, User
from onepoint.sla.states import ChangeState, DayKind


class BusinessCalendar(Named):
    """One way of working: which bands of which weekday, in which time zone, with which public holidays."""

    time_zone = models.CharField(_("Time zone"), max_length=60, default="Asia/Shanghai")
    is_round_the_clock = models.BooleanField(
        _("Round the clock"), default=False, help_text=_("7×24: every moment is working time, whatever the week says.")
    )
    #: Monday first; each day a list of bands, see ``working_time.read_bands``.
    week = models.JSONField(_("Working week"), default=list, blank=True)
    country = models.CharField(
        _("Public holidays"),
        max_length=2,
        blank=True,
        help_text=_("Whose public holidays and make-up workdays are kept."),
    )
    based_on = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="followers",
        verbose_name=_("Keeps the days of"),
        help_text=_("The days that calendar lists by date count here too, unless this one lists them itself."),
    )
    is_default = models.BooleanField(_("House calendar"), default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(_("Created"))

    class Meta:
        verbose_name = _("Working calendar")
        verbose_name_plural = _("Working calendars")
        ordering = ["-is_default", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="calendar_one_default"),
            models.UniqueConstraint(fields=["name"], name="calendar_name_once"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("calendar-detail", args=[self.pk])


class Holiday(models.Model):
    """One date that differs from the week: of one calendar, or of all that keep a country's public holidays."""

    calendar = models.ForeignKey(
        BusinessCalendar, models.CASCADE, null=True, related_name="holidays", verbose_name=_("Calendar")
    )
    country = models.CharField(_("Country"), max_length=2, blank=True)
    date = models.DateField(_("Date"))
    kind = models.CharField(_("Kind"), max_length=10, choices=DayKind.choices)
    bands = models.JSONField(_("Hours"), default=list, blank=True)  # of special hours only
    name = models.CharField(_("Name"), max_length=80, blank=True)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    source = models.CharField(_("Source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("Holiday")
        verbose_name_plural = _("Holidays")
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "date"], name="holiday_calendar_once"),
            models.UniqueConstraint(
                fields=["country", "date"], condition=Q(calendar__isnull=True), name="holiday_country_once"
            ),
            models.CheckConstraint(
                condition=Q(calendar__isnull=False, country="") | (Q(calendar__isnull=True) & ~Q(country="")),
                name="holiday_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"

    @property
    def label(self) -> str:
        """The name in the language being shown; Chinese where no English one was given."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


class HolidayYear(models.Model):
    """A year whose public holidays are published and stand in :class:`Holiday`."""

    country = models.CharField(_("Country"), max_length=2)
    year = models.PositiveSmallIntegerField(_("Year"))
    source = models.CharField(_("Source"), max_length=200)
    filled_at = models.DateTimeField(_("Filled in"))
    filled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("Filled in by"))

    class Meta:
        verbose_name = _("Published year")
        verbose_name_plural = _("Published years")
        ordering = ["country", "year"]
        constraints = [models.UniqueConstraint(fields=["country", "year"], name="holiday_year_once")]

    def __str__(self) -> str:
        return f"{self.country} {self.year}"


class CalendarAssignment(models.Model):
    """A unit or a region, with everything under it that has none of its own, works by a calendar."""

    calendar = models.ForeignKey(
        BusinessCalendar, models.PROTECT, related_name="assignments", verbose_name=_("Calendar")
    )
    unit = models.OneToOneField(
        OrgUnit, models.CASCADE, null=True, related_name="calendar_assignment", verbose_name=_("Unit")
    )
    region = models.OneToOneField(
        Region, models.CASCADE, null=True, related_name="calendar_assignment", verbose_name=_("Region")
    )

    class Meta:
        verbose_name = _("Calendar assignment")
        verbose_name_plural = _("Calendar assignments")
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False, region__isnull=True) | Q(unit__isnull=True, region__isnull=False),
                name="calendar_of_unit_or_region",
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit or self.region}: {self.calendar}"


class CalendarStamp(models.Model):
    """One row whose text changes with every write to calendars: what processes keep loaded is good while it stays."""

    stamp = models.CharField(max_length=32)

    class Meta:
        verbose_name = _("Calendar stamp")

    def __str__(self) -> str:
        return self.stamp


class CalendarChange(models.Model):
    """A change of working time and what it did to the clocks that were running."""

    calendar = models.ForeignKey(
        BusinessCalendar, models.SET_NULL, null=True, related_name="changes", verbose_name=_("Calendar")
    )
    calendar_name = models.CharField(_("Calendar"), max_length=80)
    affected_ids = models.JSONField(default=list)  # this calendar and those that follow it
    what = models.CharField(max_length=60)  # the verb of the audit entry
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(_("At"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("Changed by"))
    state = models.CharField(
        _("State"), max_length=10, choices=ChangeState.choices, default=ChangeState.WAITING, db_index=True
    )
    done_at = models.DateTimeField(_("Recomputed"), null=True)
    looked_count = models.PositiveIntegerField(_("Clocks looked at"), default=0)
    moved_count = models.PositiveIntegerField(_("Clocks moved"), default=0)
    earliest_shift = models.DurationField(_("Furthest to earlier"), null=True)  # negative: due earlier than before
    latest_shift = models.DurationField(_("Furthest to later"), null=True)

    class Meta:
        verbose_name = _("Change of a calendar")
        verbose_name_plural = _("Changes of calendars")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.calendar_name}: {self.what}"

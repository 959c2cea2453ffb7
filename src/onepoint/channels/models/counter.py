"""Tables of the counter: waiting lines of business halls, their windows, and the numbers people take."""

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from onepoint.accounts.models import Named, OrgUnit, User
from onepoint.accounts.scope import scope_of
from onepoint.channels.models.english_names import NamedLater
from onepoint.channels.models.journal import Contact
from onepoint.channels.states import NumberState
from onepoint.customers.models import Customer


def new_token() -> str:
    """The end of an address nobody can guess."""
    return secrets.token_urlsafe(24)


class CounterQueueQuerySet(models.QuerySet["CounterQueue"]):
    def visible_to(self, user: User, permission: str = "counter.serve") -> "CounterQueueQuerySet":
        """Lines of the units and regions ``permission`` reaches."""
        return self.filter(scope_of(user, permission).by_unit_and_region(unit="unit", region="unit__region"))


class CounterQueue(Named):
    """One waiting line of a business hall: its numbers begin anew each day."""

    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="counter_queues", verbose_name=_("Business hall"))
    prefix = models.CharField(_("Letters before the number"), max_length=3)
    matters = models.TextField(_("What people come for"), blank=True)  # one a line: the buttons of the kiosk
    level_minutes = models.PositiveSmallIntegerField(_("Minutes each level of a customer counts as waited"), default=10)
    screen_token = models.CharField(max_length=40, unique=True, default=new_token)
    is_active = models.BooleanField(_("In use"), default=True)
    last_day = models.DateField(null=True)
    last_sequence = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    objects = CounterQueueQuerySet.as_manager()

    class Meta:
        verbose_name = _("Waiting line")
        verbose_name_plural = _("Waiting lines")
        ordering = ["unit__path", "prefix"]
        constraints = [models.UniqueConstraint(fields=["unit", "prefix"], name="counter_prefix_of_unit")]

    @property
    def matter_list(self) -> list[str]:
        return [line.strip() for line in self.matters.splitlines() if line.strip()]


class CounterWindow(NamedLater):
    """A place in a hall where an agent serves; it may call from every line of its hall."""

    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="counter_windows", verbose_name=_("Business hall"))
    name = models.CharField(_("Name"), max_length=40)
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Window")
        verbose_name_plural = _("Windows")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["unit", "name"], name="counter_window_of_unit")]


class CounterNumber(models.Model):
    """One number somebody took: from the kiosk to the end of the visit. Name and telephone go after some weeks."""

    queue = models.ForeignKey(CounterQueue, models.PROTECT, related_name="numbers", verbose_name=_("Waiting line"))
    issued_by = models.ForeignKey(CounterQueue, models.PROTECT, related_name="+")  # the line that gave it
    day = models.DateField()
    sequence = models.PositiveIntegerField()
    label = models.CharField(_("Number"), max_length=12)
    token = models.CharField(max_length=40, unique=True, default=new_token)
    request_key = models.UUIDField(null=True, unique=True)  # one pressing of the kiosk's button makes one number
    matter = models.CharField(_("Matter"), max_length=80, blank=True)
    name = models.CharField(_("Name"), max_length=80, blank=True)
    phone = models.CharField(_("Telephone"), max_length=40, blank=True)
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="+", verbose_name=_("Customer"))
    state = models.CharField(_("State"), max_length=10, choices=NumberState.choices, default=NumberState.WAITING)
    counts_from = models.DateTimeField()  # waited since, so to speak: earlier for a customer of a higher level
    window = models.ForeignKey(CounterWindow, models.PROTECT, null=True, related_name="+", verbose_name=_("Window"))
    agent = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("Agent"))
    call_count = models.PositiveSmallIntegerField(_("Times called"), default=0)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+", verbose_name=_("Contact"))
    taken_at = models.DateTimeField(_("Taken"))
    called_at = models.DateTimeField(pgettext_lazy("counter", "Called"), null=True)
    recalled_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(_("Began"), null=True)
    finished_at = models.DateTimeField(_("Ended"), null=True)

    class Meta:
        verbose_name = _("Counter number")
        verbose_name_plural = _("Counter numbers")
        indexes = [
            models.Index(
                fields=["queue", "day", "counts_from", "id"], name="counter_waiting", condition=Q(state="waiting")
            ),
            models.Index(fields=["queue", "day", "state"], name="counter_of_day"),
            models.Index(fields=["agent", "day"], name="counter_of_agent"),
            models.Index(fields=["contact"], name="counter_of_contact", condition=Q(contact__isnull=False)),
            models.Index(fields=["day"], name="counter_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["issued_by", "day", "sequence"], name="counter_number_once"),
            models.UniqueConstraint(
                fields=["agent"], name="counter_one_at_a_time", condition=Q(state__in=["called", "serving"])
            ),
        ]

    def __str__(self) -> str:
        return self.label

"""Tables of measures: countable events, their roll-up, and how far the journal has been followed."""

from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.accounts.scope import scope_of
from onepoint.channels.models import Contact
from onepoint.customers.models import CustomerLevel
from onepoint.tickets.models import Category, Severity, Ticket


class Source(models.IntegerChoices):
    """What kind of event a fact tells of."""

    CONTACT = 1, _("Contact")
    OPENED = 2, _("Ticket opened")
    CLOSED = 3, _("Ticket closed")
    MARK = 4, _("Mark")


def _dimension(model: Any, **more: Any) -> Any:
    """A column facts are grouped by. Facts are derived, so no constraint of the database and no index of its own."""
    return models.ForeignKey(
        model, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False, **more
    )


def _counter() -> Any:
    return models.IntegerField(default=0, db_default=0)


def within_reach(rows: QuerySet, user: User) -> QuerySet:
    """What of facts or figures ``measure.view`` lets a person count: by the unit whose work it was, the unit that took the
    ticket, or the region."""
    scope = scope_of(user, "measure.view")
    if not scope.has_permission:
        return rows.none()
    if scope.everything:
        return rows
    place = scope.by_unit_and_region(level="level") | scope.by_unit_and_region(unit="home", region="", level="level")
    return rows.filter(place)


class FactQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Any:
        """Everything a person may count (spec §2)."""
        return within_reach(self, user)


class Counted(models.Model):
    """What facts and figures have in common: the day, what they are grouped by, and the counters."""

    day = models.DateField()  # in the house's time zone
    is_contact = models.BooleanField(default=False)
    kind = models.CharField(max_length=20, blank=True)
    channel = models.CharField(max_length=20, blank=True)
    unit = _dimension(OrgUnit, verbose_name=_("Unit whose work it was"))
    home = _dimension(OrgUnit, verbose_name=_("Unit that took it"))
    region = _dimension(Region)
    category = _dimension(Category)
    severity = _dimension(Severity)
    level = _dimension(CustomerLevel)

    contacts = _counter()
    solved = _counter()
    opened = _counter()
    complaints = _counter()
    repeated = _counter()
    taken_up = _counter()
    closed = _counter()
    first_time = _counter()
    reopened = _counter()
    timed = _counter()
    on_time = _counter()
    visited = _counter()
    reached = _counter()
    answered = _counter()
    satisfied = _counter()
    rated = _counter()
    rated_well = _counter()
    marked_front = _counter()
    marked_back = _counter()
    marked_inspection = _counter()
    appeals = _counter()
    appeals_won = _counter()
    record_unqualified = _counter()
    answer_unqualified = _counter()
    inspection_unqualified = _counter()

    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True


#: The columns of ``Counted`` that count, in the order of the table.
COUNTERS = (
    "contacts", "solved", "opened", "complaints", "repeated", "taken_up", "closed", "first_time", "reopened", "timed",
    "on_time", "visited", "reached", "answered", "satisfied", "rated", "rated_well", "marked_front", "marked_back",
    "marked_inspection", "appeals", "appeals_won", "record_unqualified", "answer_unqualified", "inspection_unqualified",
)  # fmt: skip


class Fact(Counted):
    """One event that measures count: a contact, the opening or a closing of a ticket, a mark. Its counters are 0 or 1.

    Derived from other tables and written anew whenever these change; ``number`` is the closing's.
    """

    source = models.SmallIntegerField(choices=Source.choices)
    subject_id = models.BigIntegerField()  # of the ticket, contact or mark
    number = models.SmallIntegerField(default=0)
    ticket = _dimension(Ticket)
    contact = _dimension(Contact)
    person = _dimension(User, verbose_name=_("Person whose work it was"))

    class Meta:
        verbose_name = _("Countable event")
        constraints = [models.UniqueConstraint(fields=["source", "subject_id", "number"], name="fact_once")]
        indexes = [
            models.Index(fields=["day", "id"], name="fact_day"),
            models.Index(fields=["ticket"], name="fact_ticket", condition=Q(ticket__isnull=False)),
            models.Index(fields=["person", "day"], name="fact_person"),
            models.Index(fields=["unit", "day"], name="fact_unit"),
            models.Index(fields=["category", "day"], name="fact_category"),
            models.Index(fields=["region", "day"], name="fact_region"),
        ]


class Figure(Counted):
    """The facts of one day, place, category, channel, severity and level added up; without people and tickets."""

    class Meta:
        verbose_name = _("Roll-up of a day")
        indexes = [
            models.Index(fields=["day", "unit"], name="figure_day"),
            models.Index(fields=["unit", "day"], name="figure_unit"),
            models.Index(fields=["region", "day"], name="figure_region"),
            models.Index(fields=["category", "day"], name="figure_category"),
        ]


#: What figures of a month are grouped by beside the place and the kind; each has rows of its own, so that a year is few of them.
MONTH_GROUPINGS = ("", "channel", "category_id", "severity_id", "level_id")
#: What every figure of a month tells.
MONTH_PLACE = ("is_contact", "kind", "unit_id", "home_id", "region_id")
#: Before the grouping: the same once more without the place, for who sees the whole house.
HOUSE, HOUSE_PLACE = "house.", ("is_contact", "kind")


class MonthFigure(Counted):
    """The figures of one month added up once for each of ``MONTH_GROUPINGS``, by place and for the whole house; ``day`` is
    the first of the month.

    Changed in the transaction that adds up a day, by what that changes: so both always say the same.
    """

    grouped_by = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = _("Roll-up of a month")
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "day", "grouped_by", "is_contact", "kind", "unit", "home", "region", "channel", "category", "severity",
                    "level",
                ],
                name="month_figure_once",
                nulls_distinct=False,
            )
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["grouped_by", "day"], name="month_figure_grouping"),
            models.Index(fields=["unit", "grouped_by", "day"], name="month_figure_unit"),
            models.Index(fields=["region", "grouped_by", "day"], name="month_figure_region"),
        ]


class StaleDay(models.Model):
    """A day whose facts changed since it was added up."""

    day = models.DateField(primary_key=True)

    class Meta:
        verbose_name = _("Day to be added up")


class Progress(models.Model):
    """How far the journal has been followed; one row."""

    # All entries of the journal up to this id are in the facts.
    last_entry_id = models.BigIntegerField(default=0)
    # Up to here they will be, once every transaction has ended that might still write an entry below it.
    next_entry_id = models.BigIntegerField(default=0)
    after_transaction = models.BigIntegerField(default=0)
    looked_at = models.DateTimeField(null=True)
    # How far the first filling has come; null once it is done.
    next_ticket_id = models.BigIntegerField(null=True, default=0)
    next_contact_id = models.BigIntegerField(null=True, default=0)
    counted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("Progress of the measures")

    @property
    def is_filled(self) -> bool:
        return self.next_ticket_id is None and self.next_contact_id is None


class SavedView(models.Model):
    """What somebody looked at under measures, kept under a name."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(_("Name"), max_length=60)
    parameters = models.CharField(max_length=1000)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("Saved view")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_view_once")]

"""Marks: somebody's work on a ticket was judged unqualified."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.accounts.queries import own_keys
from onepoint.accounts.scope import scope_of
from onepoint.channels.models import Contact
from onepoint.quality.models.standard import UnqualifiedCode
from onepoint.quality.states import COUNTED, MARK_TONES, MarkDirection, MarkState
from onepoint.tickets.models import Category, Ticket
from onepoint.workflow.models import UserTask


class MarkQuerySet(models.QuerySet["Mark"]):
    def visible_to(self, user: User) -> "MarkQuerySet":
        """One's own work and own marks, those of units one receives for, and what ``mark.view`` reaches (spec §2)."""
        seen = Q(person=user.pk) | Q(marked_by=user.pk) | Q(unit__in=received_units(user))
        if user.may("mark.view"):
            place = scope_of(user, "mark.view").by_unit_and_region(level="ticket__customer_level")
            # "Everything" is an empty condition, and an empty one is lost in an OR.
            if not place:
                return self.all()
            seen |= place
        return self.filter(seen)

    def counted(self) -> "MarkQuerySet":
        """Those that count at the moment."""
        return self.filter(state__in=COUNTED)

    def with_labels(self) -> "MarkQuerySet":
        """With everything a list row shows, in one query."""
        return self.select_related("ticket", "code", "person", "unit", "marked_by", "category", "task")


def received_units(user: User) -> list[int]:
    """The units whose interface person this is."""
    return [int(key[1:]) for key in own_keys(user) if key.startswith("I") and key[1:].isdecimal()]


class Mark(models.Model):
    """One judgement: this person's work on this ticket, or this step of it, is unqualified by this code of the standard."""

    number = models.CharField(_("Number"), max_length=20, unique=True)
    key = models.CharField(max_length=120, null=True, unique=True, editable=False)  # the same form marks once
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="marks", verbose_name=_("Ticket"))
    task = models.ForeignKey(UserTask, models.PROTECT, null=True, related_name="+", verbose_name=_("Step"))
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Contact")
    )
    code = models.ForeignKey(UnqualifiedCode, models.PROTECT, related_name="marks", verbose_name=_("Code"))
    direction = models.CharField(_("Direction"), max_length=15, choices=MarkDirection.choices)
    state = models.CharField(_("State"), max_length=12, choices=MarkState.choices, default=MarkState.STANDING)
    points = models.PositiveSmallIntegerField(_("Points"))
    is_fatal = models.BooleanField(_("Fatal"), default=False)
    words = models.CharField(_("What is wrong"), max_length=1000, blank=True)

    person = models.ForeignKey(
        User, models.PROTECT, related_name="+", db_index=False, verbose_name=_("Whose work it is")
    )
    # Unit, region and category are those of the moment: people move and tickets are corrected afterwards.
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Unit")
    )
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Region")
    )
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Category")
    )
    marked_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, verbose_name=_("Marked by"))
    marked_at = models.DateTimeField(_("Marked"))
    appeal_due_at = models.DateTimeField(_("Appeal until"))
    is_final = models.BooleanField(_("Final"), default=False)
    settled_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Settled by")
    )
    settled_at = models.DateTimeField(_("Settled"), null=True)

    objects = MarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("Mark")
        verbose_name_plural = _("Marks")
        indexes = [
            models.Index(fields=["-marked_at", "-id"], name="mark_newest"),
            models.Index(fields=["person", "-marked_at", "-id"], name="mark_person_newest"),
            models.Index(fields=["unit", "-marked_at", "-id"], name="mark_unit_newest"),
            models.Index(fields=["region", "-marked_at", "-id"], name="mark_region_newest"),
            models.Index(fields=["category", "-marked_at"], name="mark_category_newest"),
            models.Index(fields=["marked_by", "-marked_at", "-id"], name="mark_marker_newest"),
            # Filters that meet in few marks: without these the whole table is walked to find that out.
            models.Index(fields=["direction", "-marked_at", "-id"], name="mark_direction_newest"),
            models.Index(fields=["state", "-marked_at", "-id"], name="mark_state_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "task", "code", "marked_by"], nulls_distinct=False,
                condition=~Q(state="withdrawn"), name="mark_once",
            ),
            models.CheckConstraint(condition=~Q(person=F("marked_by")), name="mark_of_anothers_work"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("mark-detail", args=[self.number])

    @property
    def tone(self) -> str:
        """The tone of its badge."""
        return MARK_TONES[MarkState(self.state)]

    @property
    def about_label(self) -> str:
        """Which part of the ticket is judged, in the language being shown."""
        return self.task.label if self.task else str(_("The record"))

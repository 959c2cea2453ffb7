"""Tables behind the lists of tickets: what full-text search looks through, and filters people keep."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Role, User


class SearchDocument(models.Model):
    """The words of one ticket with its opinions and file names, written from ``core.full_text`` soon after each change.

    ``audience`` repeats the ticket's, so that one index answers "these words, for these people". It may lag a moment
    behind: what a search finds is looked up again within the reader's scope.
    """

    ticket = models.OneToOneField("tickets.Ticket", models.CASCADE, primary_key=True, related_name="search_document")
    audience = ArrayField(models.TextField(), default=list)
    seg = SearchVectorField()
    bigram = SearchVectorField()

    class Meta:
        verbose_name = _("Search document")
        # Without fast update: one who searches must not pay for what was written since the last clean-up.
        indexes = [
            GinIndex(fields=["seg", "audience"], name="ticket_words", fastupdate=False),
            GinIndex(fields=["bigram", "audience"], name="ticket_pairs", fastupdate=False),
        ]


class SearchChange(models.Model):
    """A ticket whose search document is to be written anew; the job takes the row away."""

    ticket_id = models.BigIntegerField()

    class Meta:
        verbose_name = _("Change to be searched")


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def usable_by(self, user: User) -> "SavedFilterQuerySet":
        """One's own, and those shared with the person, one of the person's roles, or the unit or one above it."""
        above = user.unit.ancestor_ids if user.unit_id and user.unit else []
        roles = {grant.role_id for grant in user.active_grants}
        # Conditions on the tables between: one row each, whatever it is shared with.
        shared = (
            Q(pk__in=SavedFilter.people.through.objects.filter(user=user).values("savedfilter"))
            | Q(pk__in=SavedFilter.roles.through.objects.filter(role__in=roles).values("savedfilter"))
            | Q(pk__in=SavedFilter.units.through.objects.filter(orgunit__in=above).values("savedfilter"))
        )
        return self.filter(Q(owner=user) | (Q(owner__is_active=True) & shared))


class SavedFilter(models.Model):
    """A filter of the ticket list somebody gave a name, with columns and order; perhaps shared.

    It holds what was asked, never what was found: everybody sees by it what lies in his own scope.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_filters", verbose_name=_("Owner"))
    name = models.CharField(_("Name"), max_length=40)
    query = models.JSONField(default=dict)  # accepted fields of the filter form → text
    columns = ArrayField(models.CharField(max_length=40), default=list)  # empty: as the reader has them
    sort = models.CharField(max_length=40, blank=True)
    units = models.ManyToManyField(OrgUnit, blank=True, related_name="+", verbose_name=_("Units"))
    roles = models.ManyToManyField(Role, blank=True, related_name="+", verbose_name=_("Roles"))
    people = models.ManyToManyField(User, blank=True, related_name="+", verbose_name=_("People"))
    changed_at = models.DateTimeField()

    #: Set by ``saved.filters_of``: whether the reader's list opens with it; and the figure on its tab.
    is_first: bool
    figure: str

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        verbose_name = _("Saved filter")
        verbose_name_plural = _("Saved filters")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="filter_name_once_per_owner")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('ticket-list')}?filter={self.pk}"


class FirstFilter(models.Model):
    """The saved filter a person's ticket list opens with."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="first_filter")
    saved_filter = models.ForeignKey(SavedFilter, models.CASCADE, related_name="first_for")

    class Meta:
        verbose_name = _("First filter")

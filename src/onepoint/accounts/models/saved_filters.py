"""Tables of the filters people keep of a list; see ``accounts.kept_lists``."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models.people import Role, User
from onepoint.accounts.models.trees import OrgUnit


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
    """A filter of a list somebody gave a name, with columns and order; perhaps shared.

    It holds what was asked, never what was found: everybody sees by it what lies in his own scope.
    """

    list_code = models.CharField(max_length=40)
    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_filters", verbose_name=_("Owner"))
    name = models.CharField(_("Name"), max_length=40)
    query = models.JSONField(default=dict)  # accepted fields of the filter form → text
    columns = ArrayField(models.CharField(max_length=40), default=list)  # empty: as the reader has them
    sort = models.CharField(max_length=40, blank=True)
    units = models.ManyToManyField(OrgUnit, blank=True, related_name="+", verbose_name=_("Units"))
    roles = models.ManyToManyField(Role, blank=True, related_name="+", verbose_name=_("Roles"))
    people = models.ManyToManyField(User, blank=True, related_name="+", verbose_name=_("People"))
    changed_at = models.DateTimeField()

    #: Set by ``queries.filters_of``: whether the reader's list opens with it; and the figure on its tab.
    is_first: bool
    figure: str

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        verbose_name = _("Saved filter")
        verbose_name_plural = _("Saved filters")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "list_code", "name"], name="filter_name_once_per_list")]

    def __str__(self) -> str:
        return self.name


class FirstFilter(models.Model):
    """The saved filter a person's list opens with."""

    user = models.ForeignKey(User, models.CASCADE, related_name="first_filters", db_index=False)
    list_code = models.CharField(max_length=40)
    saved_filter = models.ForeignKey(SavedFilter, models.CASCADE, related_name="first_for")

    class Meta:
        verbose_name = _("First filter")
        constraints = [models.UniqueConstraint(fields=["user", "list_code"], name="first_filter_once_per_list")]

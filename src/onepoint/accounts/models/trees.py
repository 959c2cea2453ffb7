"""The two trees: regions and units."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.states import RegionKind, UnitKind


class Named(models.Model):
    """Something people named in Chinese, with an English name beside it."""

    name = models.CharField(_("Name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the language being shown; Chinese where no English one was given."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


class TreeQuerySet(models.QuerySet):
    def active(self) -> "TreeQuerySet":
        return self.filter(is_active=True)

    def below(self, nodes: "models.QuerySet | list") -> "TreeQuerySet":
        """The given nodes with everything under them."""
        condition = models.Q(pk__in=[])
        for node in nodes:
            condition |= models.Q(path__startswith=node.path)
        return self.filter(condition)


class TreeNode(Named):
    """Node of a tree kept by materialised path: ``path`` is ``/1/5/23/``, ending with the node's own id."""

    code = models.CharField(_("Code"), max_length=40, unique=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("Parent")
    )
    path = models.CharField(max_length=400, db_index=True, db_collation="C", editable=False)
    position_order = models.PositiveSmallIntegerField(_("Order"), default=0)
    is_active = models.BooleanField(_("In use"), default=True)

    objects = TreeQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def depth(self) -> int:
        return self.path.count("/") - 2

    @property
    def ancestor_ids(self) -> list[int]:
        """Ids from the root down to and including this node."""
        return [int(part) for part in self.path.strip("/").split("/") if part]


class Region(TreeNode):
    """One node of the geographical tree: country, province, city, district or county."""

    kind = models.CharField(_("Kind"), max_length=20, choices=RegionKind.choices, default=RegionKind.CITY)
    area_code = models.CharField(_("Telephone area code"), max_length=8, blank=True)

    class Meta:
        verbose_name = _("Region")
        verbose_name_plural = _("Regions")
        ordering = ["path"]


class BusinessLine(Named):
    """One line of business, such as lathes or broadband: the second axis of a matrix organisation, across the tree."""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    position_order = models.PositiveSmallIntegerField(_("Order"), default=0)
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Business line")
        verbose_name_plural = _("Business lines")
        ordering = ["position_order", "code"]


class BusinessFunction(Named):
    """What a department does whatever the business line: sales, service, quality …"""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    position_order = models.PositiveSmallIntegerField(_("Order"), default=0)
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Function")
        verbose_name_plural = _("Functions")
        ordering = ["position_order", "code"]


class OrgUnit(TreeNode):
    """One node of the organisation tree: head office, city branch, department, call centre team, hall …"""

    kind = models.CharField(_("Kind"), max_length=20, choices=UnitKind.choices, default=UnitKind.DEPARTMENT)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="units", verbose_name=_("Region")
    )
    business_lines = models.ManyToManyField(
        BusinessLine,
        blank=True,
        related_name="units",
        verbose_name=_("Business lines"),
        help_text=_("For which it works; none: as the unit above it. A shared platform serves several."),
    )
    function = models.ForeignKey(
        BusinessFunction, models.PROTECT, null=True, blank=True, related_name="units", verbose_name=_("Function")
    )
    receives_tickets = models.BooleanField(
        _("Receives tickets"), default=False, help_text=_("Coordinators may choose it as a handling department.")
    )

    class Meta:
        verbose_name = _("Unit")
        verbose_name_plural = _("Units")
        ordering = ["path"]

"""Data scope: the one predicate behind every list, page, search, export, statistic, file and live event (spec §2)."""

from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet, Value

from onepoint.accounts.models import OrgUnit, Region, RoleGrant, User
from onepoint.accounts.states import DataScope


@dataclass(frozen=True)
class Scope:
    """What one person may see under one permission; ids are already expanded down the trees."""

    everything: bool
    person_id: int
    unit_ids: frozenset[int] = frozenset()
    region_ids: frozenset[int] = frozenset()
    has_permission: bool = True

    @property
    def audience_keys(self) -> list[str]:
        """The keys to be met by a row's ``audience`` array."""
        return [
            f"P{self.person_id}",
            *(f"U{unit}" for unit in sorted(self.unit_ids)),
            *(f"R{region}" for region in sorted(self.region_ids)),
        ]

    def by_audience(self, field: str = "audience") -> Q:
        """Condition for tables that carry an ``audience`` array of keys."""
        if not self.has_permission:
            return Q(pk__in=[])
        return Q() if self.everything else Q(**{f"{field}__overlap": self.audience_keys})

    def by_unit_and_region(self, unit: str = "unit", region: str = "region", person: str = "") -> Q:
        """Condition for tables with a unit and a region column (``person``: a column whose owner always sees the row)."""
        if not self.has_permission:
            return Q(pk__in=[])
        if self.everything:
            return Q()
        parts = []
        if unit and self.unit_ids:
            parts.append(Q(**{f"{unit}__in": self.unit_ids}))
        if region and self.region_ids:
            parts.append(Q(**{f"{region}__in": self.region_ids}))
        if person:
            parts.append(Q(**{person: self.person_id}))
        return reduce(or_, parts) if parts else Q(pk__in=[])

    def reaches(
        self, *, unit_id: int | None = None, region_id: int | None = None, person_id: int | None = None
    ) -> bool:
        """What ``by_unit_and_region`` asks of rows, asked of one row at hand."""
        if not self.has_permission or self.everything:
            return self.has_permission
        return unit_id in self.unit_ids or region_id in self.region_ids or person_id == self.person_id

    def meets(self, audience: list[str]) -> bool:
        """What ``by_audience`` asks of rows, asked of one row at hand."""
        if not self.has_permission or self.everything:
            return self.has_permission
        return not set(audience).isdisjoint(self.audience_keys)


def _roots(grants: list[RoleGrant]) -> tuple[set[int], list[OrgUnit], list[Region]]:
    """Plain units, units to expand downwards, regions to expand downwards."""
    plain: set[int] = set()
    units: list[OrgUnit] = []
    regions: list[Region] = []
    for grant in grants:
        if grant.reach == DataScope.OWN_UNIT:
            plain.add(grant.unit_id)
        elif grant.reach == DataScope.UNIT_AND_BELOW:
            units.append(grant.unit)
        elif grant.reach == DataScope.OWN_REGION and grant.unit.region:
            regions.append(grant.unit.region)
        elif grant.reach == DataScope.NAMED:
            units.extend(grant.units.all())
            regions.extend(grant.regions.all())
    return plain, units, regions


def scope_of(user: User, permission: str) -> Scope:
    """How far ``permission`` reaches for this person: the union over the roles that hold it.

    At most one query, kept on the user object for the rest of the request; permissions that reach equally far share it.
    """
    cache: dict = user.__dict__.setdefault("_scopes", {})
    if permission not in cache:
        cache[permission] = _compute_scope(user, permission, cache)
    scope: Scope = cache[permission]
    return scope


def _below(units: list[OrgUnit], regions: list[Region], cache: dict) -> tuple[frozenset[int], frozenset[int]]:
    """The ids of these units and regions and of everything below them: one query, the second time none."""
    key = (frozenset(unit.path for unit in units), frozenset(region.path for region in regions))
    if key not in cache:
        parts: list[QuerySet] = []
        for letter, model, nodes in (("U", OrgUnit, units), ("R", Region, regions)):
            if nodes:
                below = model.objects.below(list({node.path: node for node in nodes}.values()))
                parts.append(below.order_by().annotate(letter=Value(letter)).values_list("letter", "pk"))
        rows = list(parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]) if parts else []
        cache[key] = tuple(frozenset(pk for letter, pk in rows if letter == wanted) for wanted in "UR")
    found: tuple[frozenset[int], frozenset[int]] = cache[key]
    return found


def _compute_scope(user: User, permission: str, cache: dict) -> Scope:
    if not user.is_active or not user.pk:
        return Scope(everything=False, person_id=user.pk or 0, has_permission=False)
    grants = [grant for grant in user.active_grants if permission in grant.role.permissions]
    if any(grant.reach == DataScope.ALL for grant in grants):
        return Scope(everything=True, person_id=user.pk)
    plain, units, regions = _roots(grants)
    unit_ids, region_ids = _below(units, regions, cache)
    return Scope(
        everything=False,
        person_id=user.pk,
        unit_ids=unit_ids | plain,
        region_ids=region_ids,
        has_permission=bool(grants),
    )

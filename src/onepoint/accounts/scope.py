"""Data scope: the one predicate behind every list, page, search, export, statistic, file and live event (spec §2)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.fields.array import ArrayOverlap  # type: ignore[attr-defined]  # absent from the stubs
from django.db.models import Q, QuerySet, Value

from onepoint.accounts.levels import levels_between
from onepoint.accounts.models import OrgUnit, Region, RoleGrant, User
from onepoint.accounts.states import DataScope

#: Whoever has so many places in scope sees most rows: to gather all of them by index takes longer than to look at each row
#: something else found.
BROAD = 30


@ArrayField.register_lookup
class OverlapByRow(ArrayOverlap):
    """``overlap``, estimated alike, for which no index is asked."""

    lookup_name = "overlap_by_row"

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        sql, values = super().as_postgresql(compiler, connection)
        return f"(({sql}) IS TRUE)", values


@dataclass(frozen=True)
class Limit:
    """The reach of roles that count only for customers of some levels; 0 stands for customers without one."""

    levels: frozenset[int]
    everything: bool
    unit_ids: frozenset[int] = frozenset()
    region_ids: frozenset[int] = frozenset()
    line_ids: frozenset[int] = frozenset()

    def allows(self, column: str) -> Q:
        """Condition on the column that holds the level of a row's customer."""
        named = Q(**{f"{column}__in": self.levels - {0}})
        return named | Q(**{f"{column}__isnull": True}) if 0 in self.levels else named


@dataclass(frozen=True)
class Scope:
    """What one person may see under one permission; ids are already expanded down the trees.

    ``limits`` are the parts that count for customers of some levels only: rows that have a customer must name the column
    of the level; rows without customers are not concerned by levels, and are asked without.
    """

    everything: bool
    person_id: int
    unit_ids: frozenset[int] = frozenset()
    region_ids: frozenset[int] = frozenset()
    line_ids: frozenset[int] = frozenset()
    limits: tuple[Limit, ...] = ()
    has_permission: bool = True

    @property
    def audience_keys(self) -> list[str]:
        """The keys to be met by a row's ``audience`` array, whatever the level of its customer."""
        return [f"P{self.person_id}", *_keys(self)]

    def without_levels(self) -> "Scope":
        """The same for rows that levels do not concern: every limited part counts in full."""
        if not self.limits:
            return self
        parts: list[Scope | Limit] = [self, *self.limits]
        return replace(
            self,
            everything=any(part.everything for part in parts),
            unit_ids=frozenset().union(*(part.unit_ids for part in parts)),
            region_ids=frozenset().union(*(part.region_ids for part in parts)),
            line_ids=frozenset().union(*(part.line_ids for part in parts)),
            limits=(),
        )

    def by_audience(self, field: str = "audience", level: str = "", also: Iterable[str] = ()) -> Q:
        """Condition for tables that carry an ``audience`` array of keys; ``also`` are further keys that let one see it."""
        if not self.has_permission:
            return Q(pk__in=[])
        if self.limits and not level:
            return self.without_levels().by_audience(field, also=also)
        if self.everything:
            return Q()
        keys = [*self.audience_keys, *also]
        condition = Q(**{f"{field}__{'overlap' if len(keys) < BROAD else 'overlap_by_row'}": keys})
        for limit in self.limits:
            within = Q() if limit.everything else Q(**{f"{field}__overlap": _keys(limit)})
            condition |= limit.allows(level) & within
        return condition

    def by_unit_and_region(self, unit: str = "unit", region: str = "region", person: str = "", level: str = "") -> Q:
        """Condition for tables with a unit and a region column (``person``: a column whose owner always sees the row)."""
        if not self.has_permission:
            return Q(pk__in=[])
        if self.limits and not level:
            return self.without_levels().by_unit_and_region(unit, region, person)
        if self.everything:
            return Q()
        parts = _places(self, unit, region)
        for limit in self.limits:
            places = [Q()] if limit.everything else _places(limit, unit, region)
            parts += [limit.allows(level) & place for place in places]
        if person:
            parts.append(Q(**{person: self.person_id}))
        return reduce(or_, parts) if parts else Q(pk__in=[])

    def _parts(self, level_id: int | None, has_customer: bool) -> "list[Scope | Limit]":
        """What counts for a row whose customer has this level, or that has none."""
        return [self, *(limit for limit in self.limits if not has_customer or (level_id or 0) in limit.levels)]

    def reaches(
        self,
        *,
        unit_id: int | None = None,
        region_id: int | None = None,
        person_id: int | None = None,
        level_id: int | None = None,
        has_customer: bool = False,
    ) -> bool:
        """What ``by_unit_and_region`` asks of rows, asked of one row at hand; ``level_id`` counts where it has a customer."""
        if not self.has_permission:
            return False
        if person_id == self.person_id:
            return True
        parts = self._parts(level_id, has_customer)
        return any(part.everything or unit_id in part.unit_ids or region_id in part.region_ids for part in parts)

    def meets(self, audience: list[str], level_id: int | None = None, *, has_customer: bool = False) -> bool:
        """What ``by_audience`` asks of rows, asked of one row at hand."""
        if not self.has_permission:
            return False
        parts = self._parts(level_id, has_customer)
        if any(part.everything for part in parts):
            return True
        keys = {f"P{self.person_id}"}.union(*(_keys(part) for part in parts))
        return not keys.isdisjoint(audience)


def _keys(part: Scope | Limit) -> list[str]:
    """The audience keys of the places a part reaches."""
    return [
        *(f"U{unit}" for unit in sorted(part.unit_ids)),
        *(f"R{region}" for region in sorted(part.region_ids)),
        *(f"B{line}" for line in sorted(part.line_ids)),
    ]


def _places(part: Scope | Limit, unit: str, region: str) -> list[Q]:
    parts = []
    if unit and part.unit_ids:
        parts.append(Q(**{f"{unit}__in": part.unit_ids}))
    if region and part.region_ids:
        parts.append(Q(**{f"{region}__in": part.region_ids}))
    return parts


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
    For the person of a session it is kept until any right in the house changes.
    """
    cache: dict[str, Scope] = user.__dict__.setdefault("_scopes", {})
    if permission not in cache:
        cache[permission] = user.kept(f"scope:{permission}", lambda: _compute_scope(user, permission, cache))
    return cache[permission]


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
    return cache[key]


def _compute_scope(user: User, permission: str, cache: dict) -> Scope:
    if not user.is_active or not user.pk:
        return Scope(everything=False, person_id=user.pk or 0, has_permission=False)
    grants = [grant for grant in user.active_grants if permission in grant.role.permissions]
    open_to_all = [grant for grant in grants if not grant.is_limited]
    everything, unit_ids, region_ids, line_ids = _expand(open_to_all, cache)
    scope = Scope(everything, user.pk, unit_ids, region_ids, line_ids, has_permission=bool(grants))
    if everything:
        return scope
    bounds = {(grant.lowest_level, grant.highest_level) for grant in grants if grant.is_limited}
    limits = []
    for lowest, highest in sorted(bounds):
        same = [grant for grant in grants if (grant.lowest_level, grant.highest_level) == (lowest, highest)]
        limits.append(Limit(levels_between(lowest, highest), *_expand(same, cache)))
    return replace(scope, limits=tuple(limits))


def _expand(grants: list[RoleGrant], cache: dict) -> tuple[bool, frozenset[int], frozenset[int], frozenset[int]]:
    """Everything or not; ids of units, regions and business lines, down the trees."""
    if any(grant.reach == DataScope.ALL for grant in grants):
        return True, frozenset(), frozenset(), frozenset()
    plain, units, regions = _roots(grants)
    unit_ids, region_ids = _below(units, regions, cache)
    plain.update(unit_ids)
    named = [grant for grant in grants if grant.reach == DataScope.BUSINESS_LINES]
    line_ids = frozenset(line.pk for grant in named for line in grant.business_lines.all())
    if line_ids:
        plain.update(units_dedicated_to(line_ids))
    return False, frozenset(plain), region_ids, line_ids


def units_dedicated_to(line_ids: frozenset[int]) -> set[int]:
    """Units that work for these business lines and no others, by themselves or as the unit above; one query."""
    rows = OrgUnit.objects.values_list("pk", "path", "business_lines")
    own: dict[int, set[int]] = {}
    paths: dict[int, str] = {}
    for pk, path, line in rows:
        paths[pk] = path
        if line:
            own.setdefault(pk, set()).add(line)
    found = set()
    for pk, path in paths.items():
        above = (own[int(part)] for part in reversed(path.strip("/").split("/")) if int(part) in own)
        lines = next(above, set())
        if lines and lines <= line_ids:
            found.add(pk)
    return found

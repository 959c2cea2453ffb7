"""Who stands above a piece of work, and who answers for it: people found from where it is, not from who they are."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import Q

from onepoint.accounts.models import Delegation, Group, InterfacePerson, OrgUnit, Region, RoleGrant, User
from onepoint.accounts.queries.rosters import duties_at
from onepoint.accounts.queries.staff import belonging_to
from onepoint.accounts.states import DataScope
from onepoint.core import clock
from onepoint.core.text import whole_number

#: Whoever may reach everything stands above everybody who reaches a place.
_EVERYWHERE = 1_000


def superiors_of(
    permission: str, *, unit_id: int | None, region_id: int | None, skip: Collection[int] = ()
) -> list[list[int]]:
    """The people who hold ``permission`` over a place, level by level, the nearest first; ids of people who may log in.

    Who holds it in the unit itself is nearer than who holds it in a unit or for a region above. Four queries at most.
    """
    units = _path(OrgUnit, unit_id)
    regions = _path(Region, region_id)
    grants = RoleGrant.objects.filter(
        role__permissions__contains=[permission], role__is_active=True, user__is_active=True
    ).exclude(user__in=list(skip))
    levels: dict[int, set[int]] = defaultdict(set)
    for grant in grants.select_related("role", "unit"):
        height = _height(grant, units, regions)
        if height is not None:
            levels[height].add(grant.user_id)
    for grant in grants.filter(_reaching(DataScope.NAMED)).prefetch_related("units", "regions"):
        heights = [units[unit.pk] for unit in grant.units.all() if unit.pk in units]
        heights += [regions[region.pk] + 1 for region in grant.regions.all() if region.pk in regions]
        if heights:
            levels[min(heights)].add(grant.user_id)
    seen: set[int] = set()
    found = []
    for height in sorted(levels):
        fresh = sorted(levels[height] - seen)
        seen |= levels[height]
        if fresh:
            found.append(fresh)
    return found


def _path(model: type[OrgUnit] | type[Region], pk: int | None) -> dict[int, int]:
    """The nodes from one up to the root, with how far up each is: two steps a level."""
    node = model._default_manager.filter(pk=pk).only("path").first() if pk else None
    above = [int(part) for part in reversed(node.path.strip("/").split("/")) if part] if node else []
    return {node_id: 2 * distance for distance, node_id in enumerate(above)}


def _height(grant: RoleGrant, units: dict[int, int], regions: dict[int, int]) -> int | None:
    match grant.reach:
        case DataScope.ALL:
            return _EVERYWHERE
        case DataScope.OWN_REGION:
            return regions[grant.unit.region_id] + 1 if grant.unit.region_id in regions else None
        case DataScope.OWN_UNIT:
            return 0 if units.get(grant.unit_id) == 0 else None
        case DataScope.UNIT_AND_BELOW:
            return units.get(grant.unit_id)
    return None


def people_answering(keys: Iterable[str], most: int, *, may: str = "") -> list[int]:
    """Ids of people who may log in and answer to one of a task's candidate keys, at most so many, in order of ids.

    With ``may`` only those one of whose roles has that permission: a unit has people who do not work on its tickets.
    """
    ids: dict[str, list[int]] = defaultdict(list)
    roles = Q(pk__in=[])
    for key in keys:
        if key.startswith("A:"):
            roles |= _grants_of_key(key[2:].partition("#")[0])
        elif (number := whole_number(key[1:])) is not None:
            ids[key[0]].append(number)
    found = Q(pk__in=ids["P"])
    for unit_id in ids["U"]:
        found |= belonging_to(unit_id)
    if ids["I"]:
        found |= Q(pk__in=InterfacePerson.objects.filter(unit__in=ids["I"]).values("user"))
    if ids["G"]:
        found |= Q(pk__in=Group.objects.filter(pk__in=ids["G"], is_active=True).values("members"))
    if ids["D"]:
        found |= Q(pk__in=duties_at(clock.now()).filter(shift__roster__in=ids["D"]).values("people"))
    held = RoleGrant.objects.filter(roles, role__is_active=True).values("user")
    people = User.objects.filter(found | Q(pk__in=held), is_active=True)
    if may:
        able = RoleGrant.objects.filter(role__is_active=True, role__permissions__contains=[may])
        people = people.filter(pk__in=able.values("user"))
    return list(people.order_by("pk").values_list("pk", flat=True)[:most])


def _grants_of_key(key: str) -> Q:
    """The grants behind ``code``, ``code@R…``, ``code@U…``, ``code@=…`` or ``code@B…``; see ``role_keys``."""
    code, _sign, place = key.partition("@")
    if not place:
        return Q(role__code=code) & _reaching(DataScope.ALL)
    kind, number = place[0], place[1:]
    if whole_number(number) is None or kind not in "RU=B":
        return Q(pk__in=[])
    if kind == "R":
        return Q(role__code=code) & (_reaching(DataScope.OWN_REGION) & Q(unit__region=number) | Q(regions=number))
    if kind == "B":
        return Q(role__code=code, business_lines=number)
    return Q(role__code=code) & (Q(unit=number) | Q(units=number))


def _reaching(scope: DataScope) -> Q:
    return Q(data_scope=scope) | Q(data_scope="", role__data_scope=scope)


def deputies_of(people: Iterable[int]) -> list[int]:
    """Who stands in now for somebody among these people; only the first of a chain, who in turn is told."""
    away = Delegation.objects.in_force(clock.now()).filter(absentee__in=list(people), deputy__is_active=True)
    return sorted(set(away.values_list("deputy", flat=True)))

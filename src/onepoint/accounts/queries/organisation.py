"""Reads of units, regions, roles and groups."""

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from onepoint.accounts.models import (
    Appointment,
    Group,
    OrgUnit,
    Position,
    Region,
    Role,
    RoleGrant,
    TreeQuerySet,
    User,
)
from onepoint.accounts.queries.staff import OPTION_LIMIT
from onepoint.accounts.scope import scope_of
from onepoint.core import clock


def units(*, visible_to: User) -> TreeQuerySet:
    """Units in the reader's scope of ``organisation.view``, in tree order, with region."""
    condition = scope_of(visible_to, "organisation.view").by_unit_and_region(unit="pk", region="region")
    found: TreeQuerySet = OrgUnit.objects.filter(condition).select_related("region")
    return found


#: A larger tree is not drawn at once: its branches are fetched when they are opened.
DRAWN_AT_ONCE = 200


def unit_tree(*, visible_to: User, current: OrgUnit | None = None) -> list[OrgUnit]:
    """The visible units, siblings in their order and parents before children; of many only the tops and the way to one."""
    return _drawn(units(visible_to=visible_to), current)


def region_tree(current: Region | None = None) -> list[Region]:
    """The regions as :func:`unit_tree` has the units."""
    return _drawn(Region.objects.all(), current)


def find_region(code: str) -> Region | None:
    return Region.objects.filter(code=code).first()


def unit_branch(unit: OrgUnit, *, visible_to: User) -> list[OrgUnit]:
    """The visible units directly under one, each knowing whether it ``has_more``."""
    return _level(units(visible_to=visible_to), Q(parent=unit))


def region_branch(region: Region) -> list[Region]:
    """The regions directly under one."""
    return _level(Region.objects.all(), Q(parent=region))


def _drawn(nodes: TreeQuerySet, current: OrgUnit | Region | None) -> list:
    few = list(nodes[: DRAWN_AT_ONCE + 1])
    if len(few) <= DRAWN_AT_ONCE:
        return _in_tree_order(few)
    tops = ~Q(parent__in=nodes.order_by().values("pk")) | Q(parent=None)
    return _in_tree_order(_level(nodes, tops | Q(parent__in=current.ancestor_ids) if current else tops))


def _level(nodes: TreeQuerySet, condition: Q) -> list:
    below = nodes.model.objects.filter(parent=OuterRef("pk"))
    return list(nodes.filter(condition).annotate(has_more=Exists(below)).order_by("position_order", "code"))


def _in_tree_order(nodes: list) -> list:
    by_id = {node.pk: node for node in nodes}

    def key(node: OrgUnit | Region) -> list[tuple[int, str, int]]:
        ancestors = [by_id[pk] for pk in node.ancestor_ids if pk in by_id]
        return [(ancestor.position_order, ancestor.code, ancestor.pk) for ancestor in ancestors]

    return sorted(nodes, key=key)


def unit_options(*, text: str = "", receives_tickets: bool = False) -> list[OrgUnit]:
    """At most twenty units in use, for pickers."""
    found = OrgUnit.objects.active().select_related("parent")
    if receives_tickets:
        found = found.filter(receives_tickets=True)
    text = text.strip()
    if text:
        found = found.filter(Q(name__icontains=text) | Q(name_en__icontains=text) | Q(code__istartswith=text))
    return list(found.order_by("path")[:OPTION_LIMIT])


def positions_of(unit: OrgUnit) -> QuerySet[Position]:
    """The unit's posts with who holds them or will."""
    holders = Appointment.objects.filter(Q(valid_to=None) | Q(valid_to__gte=clock.today())).select_related("user")
    holders = holders.order_by("user__name_key", "pk")
    return unit.positions.prefetch_related(Prefetch("appointments", queryset=holders)).order_by("-is_active", "name")


def staff_of(unit: OrgUnit) -> QuerySet[User]:
    """People whose home unit it is."""
    return unit.people.order_by("-is_active", "name_key", "username")


def interface_posts_of(unit: OrgUnit) -> QuerySet:
    return unit.interface_people.select_related("user").order_by("rank", "pk")


def roles() -> QuerySet[Role]:
    """All roles with the number of people who may log in and have them."""
    holders = Count("grants__user", filter=Q(grants__user__is_active=True), distinct=True)
    return Role.objects.annotate(holder_count=holders)


def groups() -> QuerySet[Group]:
    """All groups with the number of members who may log in."""
    return Group.objects.annotate(member_count=Count("members", filter=Q(members__is_active=True)))


def members_of(group: Group) -> QuerySet[User]:
    return group.members.select_related("unit").order_by("-is_active", "name_key", "username")


def people_who_may(permission: str) -> QuerySet[User]:
    """Everybody who may log in and has the permission by some role; how far it reaches is for whoever asks."""
    holds = Q(role_grants__role__is_active=True, role_grants__role__permissions__contains=[permission])
    return User.objects.filter(holds, is_active=True).distinct()


def holders_of(role: Role, *, visible_to: User) -> QuerySet[RoleGrant]:
    """Who has a role, as far as the reader may see those people."""
    condition = scope_of(visible_to, "organisation.view").by_unit_and_region(
        unit="user__unit", region="user__unit__region", person="user"
    )
    return role.grants.filter(condition).select_related("user", "unit").order_by("-user__is_active", "user__name_key")

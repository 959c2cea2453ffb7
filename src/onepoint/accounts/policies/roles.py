"""Roles, what they reach, and groups."""

from collections.abc import Iterable

from onepoint.accounts import queries
from onepoint.accounts.models import BusinessLine, Group, LoginPolicy, OrgUnit, Region, Role, RoleGrant, User
from onepoint.accounts.policies.people import why_not_somebody_else
from onepoint.accounts.policies.reach import looks_after_unit, why_not_guarded, why_not_here, why_not_permitted
from onepoint.accounts.policies.refusals import (
    AlreadyInThatState,
    NoSecondFactorAsked,
    NotInUse,
    NotYourOwnAccess,
    PartsMeet,
    ReachesTooFar,
)
from onepoint.accounts.scope import Scope, scope_of
from onepoint.accounts.states import DataScope, SecondFactorFor
from onepoint.core.errors import BusinessError


def why_not_change_role(permission_codes: Iterable[str], by: User | None) -> BusinessError | None:
    """Needs ``role.manage``; guarded rights among ``permission_codes`` must be held by the actor."""
    return why_not_permitted("role.manage", by) or why_not_guarded(permission_codes, by)


def why_not_grant_role(
    grant: RoleGrant,
    units: Iterable[OrgUnit],
    regions: Iterable[Region],
    by: User | None,
    lines: Iterable[BusinessLine] = (),
) -> BusinessError | None:
    """Nobody grants to himself, beyond his own scope of ``person.manage``, or guarded rights he does not hold.

    ``grant`` is unsaved; ``units``, ``regions`` and ``lines`` are what it shall name.
    """
    if refusal := why_not_touch_roles(grant.user, by):
        return refusal
    if not grant.user.is_active:
        return NotInUse(name=grant.user.label)
    for row in (grant.role, grant.unit):
        if not row.is_active:
            return NotInUse(name=row.label)
    return why_not_guarded(grant.role.permissions, by) or _why_not_reach(grant, units, regions, lines, by)


def _why_not_reach(
    grant: RoleGrant,
    units: Iterable[OrgUnit],
    regions: Iterable[Region],
    lines: Iterable[BusinessLine],
    by: User | None,
) -> BusinessError | None:
    if by is None:
        return None
    scope = scope_of(by, "person.manage" if by.may("person.manage") else "role.manage").without_levels()
    if scope.everything:
        return None
    within = looks_after_unit(scope, grant.unit)
    if grant.reach == DataScope.ALL:
        within = False
    elif grant.reach == DataScope.OWN_REGION:
        within = within and (grant.unit.region_id is None or grant.unit.region_id in scope.region_ids)
    elif grant.reach == DataScope.UNIT_AND_BELOW:
        within = within and _looks_after_everything_below(scope, [grant.unit])
    elif grant.reach == DataScope.BUSINESS_LINES:
        within = within and {line.pk for line in lines} <= scope.line_ids
    elif grant.reach == DataScope.NAMED:
        within = within and _looks_after_everything_below(scope, units)
        within = within and all(region.pk in scope.region_ids for region in regions)
    return None if within else ReachesTooFar()


def _looks_after_everything_below(scope: Scope, units: Iterable[OrgUnit]) -> bool:
    below = OrgUnit.objects.below(list(units))
    return not below.exclude(scope.by_unit_and_region(unit="pk")).exists()


def why_not_touch_roles(person: User, by: User | None) -> BusinessError | None:
    """Whether the actor may give roles to this person at all; each grant is looked at again by itself.

    Where administration is kept apart, that is the security administrators' work, and theirs alone.
    """
    if by is None or not queries.are_administrators_apart():
        return why_not_somebody_else(person, by)
    own = NotYourOwnAccess() if by.pk == person.pk else None
    return why_not_here("role.manage", by, person.unit) or own


def why_not_revoke_role(grant: RoleGrant, by: User | None) -> BusinessError | None:
    """Not one's own; guarded rights are taken away only by those who hold them."""
    return why_not_touch_roles(grant.user, by) or why_not_guarded(grant.role.permissions, by)


def why_not_touch_own_role(role: Role, by: User | None) -> BusinessError | None:
    """Where administration is kept apart, nobody changes the rights of a role he holds himself."""
    if by is None or not role.grants.filter(user=by).exists():
        return None
    return NotYourOwnAccess() if queries.are_administrators_apart() else None


def why_not_apart(policy: LoginPolicy) -> BusinessError | None:
    """Where the policy keeps administration apart: nobody holds two parts, and the parts have a second factor."""
    if not policy.are_administrators_apart:
        return None
    if policy.second_factor == SecondFactorFor.NOBODY:
        return NoSecondFactorAsked()
    met = queries.holders_of_two_parts()
    return PartsMeet(people=", ".join(met)) if met else None


def has_administrator() -> bool:
    """Whether somebody who may log in holds ``role.manage``."""
    return RoleGrant.objects.filter(
        user__is_active=True, role__is_active=True, role__permissions__contains=["role.manage"]
    ).exists()


def why_not_change_group(by: User | None) -> BusinessError | None:
    """Needs ``organisation.manage``; groups cross units, so they have no scope."""
    return why_not_permitted("organisation.manage", by)


def why_not_add_member(group: Group, person: User, by: User | None) -> BusinessError | None:
    """The group and the person must be in use."""
    if refusal := why_not_change_group(by):
        return refusal
    inactive = next((row for row in (group, person) if not row.is_active), None)
    return NotInUse(name=inactive.label) if inactive is not None else None


def why_not_change_role_state(role: Role, active: bool, by: User | None) -> BusinessError | None:
    """Taking a role out of use makes its grants void; putting it back makes them count again."""
    if refusal := why_not_change_role(role.permissions, by):
        return refusal
    return AlreadyInThatState(name=role.label) if role.is_active == active else None

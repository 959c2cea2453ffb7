"""Who may do what in the organisation; also the permission check every other capability uses."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions
from onepoint.accounts.models import (
    BusinessLine,
    Delegation,
    Group,
    HandOver,
    OrgUnit,
    Position,
    Region,
    Role,
    RoleGrant,
    Roster,
    TreeNode,
    User,
)
from onepoint.accounts.scope import Scope, scope_of
from onepoint.accounts.states import DataScope
from onepoint.core import clock
from onepoint.core.errors import BusinessError, NotPermitted


class OutsideYourScope(NotPermitted):
    """The person holds the permission, but not for this part of the organisation."""

    code = "outside_your_scope"
    message = _("This is outside the part of the organisation you look after.")


class StillInUse(BusinessError):
    """A node that still has people, units or posts in use cannot be taken out of use."""

    code = "still_in_use"
    message = _("Still in use: %(reasons)s. Move or close those first.")


class NotInUse(BusinessError):
    """Nothing new can be attached to something that was taken out of use."""

    code = "not_in_use"
    message = _("“%(name)s” is no longer in use.")


class AlreadyInThatState(BusinessError):
    """It is already in use, or already out of use."""

    code = "already_in_that_state"
    message = _("“%(name)s” is already in that state.")


class WouldStandBelowItself(BusinessError):
    """A node of a tree cannot be moved under itself or one of its own descendants."""

    code = "would_stand_below_itself"
    message = _("“%(name)s” cannot stand below itself.")


class NotYourOwnAccess(BusinessError):
    """Nobody changes his own roles, locks himself or resets his own password as an administrator."""

    code = "not_your_own_access"
    message = _("Somebody else must do this to your account.")
    status = 403


class ReachesTooFar(NotPermitted):
    """A role would let the person see more than the granter looks after."""

    code = "reaches_too_far"
    message = _("This would reach further than the part of the organisation you look after.")


class GuardedPermission(NotPermitted):
    """Rights over the organisation are passed on only by those who hold them."""

    code = "guarded_permission"
    message = _("Only somebody who holds these rights may pass them on: %(rights)s.")


class NoAdministratorLeft(BusinessError):
    """The change would leave nobody who may manage roles."""

    code = "no_administrator_left"
    message = _("Somebody who may manage roles must remain.")


class DelegationGoesRound(BusinessError):
    """Delegations of overlapping times would lead back to the person who is away."""

    code = "delegation_goes_round"
    message = _(
        "%(deputy)s has left work to %(absentee)s at that time, directly or through others: nobody would do it."
    )


class DelegatedAlready(BusinessError):
    """The same deputy stands in already for a part of that time."""

    code = "delegated_already"
    message = _("%(deputy)s already stands in then. End that delegation first.")


class HandOverGoesOn(BusinessError):
    """One hand-over of a person at a time."""

    code = "hand_over_goes_on"
    message = _("The work of %(person)s is being handed over just now.")


def why_not_permitted(permission: str, by: User | None) -> NotPermitted | None:
    """``NotPermitted`` unless one of the person's roles holds ``permission``; None (the system) may do everything."""
    if by is None or by.may(permission):
        return None
    return NotPermitted()


def looks_after_unit(scope: Scope, unit: OrgUnit | None) -> bool:
    """Whether the unit lies in the scope, by itself or by its region."""
    if scope.everything:
        return True
    return unit is not None and (unit.pk in scope.unit_ids or unit.region_id in scope.region_ids)


def _why_not_here(permission: str, by: User | None, *units: OrgUnit | None) -> NotPermitted | None:
    if by is None:
        return None
    if not by.may(permission):
        return NotPermitted()
    scope = scope_of(by, permission).without_levels()
    return None if all(looks_after_unit(scope, unit) for unit in units) else OutsideYourScope()


# Units and regions


def why_not_create_unit(parent: OrgUnit | None, by: User | None) -> BusinessError | None:
    """Needs ``organisation.manage`` over the parent (over everything for a root); the parent must be in use."""
    if parent is not None and not parent.is_active:
        return NotInUse(name=parent.label)
    return _why_not_here("organisation.manage", by, parent)


def why_not_change_unit(unit: OrgUnit, by: User | None) -> BusinessError | None:
    """Needs ``organisation.manage`` over the unit. Also guards its positions and interface people."""
    return _why_not_here("organisation.manage", by, unit)


def why_not_move_unit(unit: OrgUnit, parent: OrgUnit | None, by: User | None) -> BusinessError | None:
    """Needs ``organisation.manage`` over the unit and its new parent, which must not stand below the unit."""
    return _why_not_here("organisation.manage", by, unit, parent) or _why_not_below(unit, parent)


def why_not_deactivate_unit(unit: OrgUnit, by: User | None) -> BusinessError | None:
    """Refused while people who may log in or units in use belong to it."""
    if refusal := why_not_change_unit(unit, by):
        return refusal
    if not unit.is_active:
        return AlreadyInThatState(name=unit.label)
    reasons = []
    if unit.people.filter(is_active=True).exists():
        reasons.append(_("people"))
    if unit.children.filter(is_active=True).exists():
        reasons.append(_("subordinate units"))
    return _still_in_use(reasons)


def why_not_reactivate_unit(unit: OrgUnit, by: User | None) -> BusinessError | None:
    """Refused while the unit above is out of use."""
    return why_not_change_unit(unit, by) or _why_not_back(unit)


def why_not_change_region(region: Region | None, by: User | None) -> BusinessError | None:
    """Regions belong to the whole house: needs ``organisation.manage`` over everything or over the region."""
    if by is None:
        return None
    if not by.may("organisation.manage"):
        return NotPermitted()
    scope = scope_of(by, "organisation.manage").without_levels()
    if scope.everything or (region is not None and region.pk in scope.region_ids):
        return None
    return OutsideYourScope()


def why_not_create_region(parent: Region | None, by: User | None) -> BusinessError | None:
    """As changing the region it shall stand under, which must be in use."""
    if parent is not None and not parent.is_active:
        return NotInUse(name=parent.label)
    return why_not_change_region(parent, by)


def why_not_move_region(region: Region, parent: Region | None, by: User | None) -> BusinessError | None:
    """Needs the right over both; the new parent must not stand below the region."""
    return why_not_change_region(region, by) or why_not_change_region(parent, by) or _why_not_below(region, parent)


def why_not_deactivate_region(region: Region, by: User | None) -> BusinessError | None:
    """Refused while units in use lie in it or regions in use stand under it."""
    if refusal := why_not_change_region(region, by):
        return refusal
    if not region.is_active:
        return AlreadyInThatState(name=region.label)
    reasons = []
    if region.units.filter(is_active=True).exists():
        reasons.append(_("units"))
    if region.children.filter(is_active=True).exists():
        reasons.append(_("subordinate regions"))
    return _still_in_use(reasons)


def why_not_reactivate_region(region: Region, by: User | None) -> BusinessError | None:
    """Refused while the region above is out of use."""
    return why_not_change_region(region, by) or _why_not_back(region)


def _why_not_below(node: TreeNode, parent: TreeNode | None) -> BusinessError | None:
    if parent is None:
        return None
    if not parent.is_active:
        return NotInUse(name=parent.label)
    return WouldStandBelowItself(name=node.label) if parent.path.startswith(node.path) else None


def _why_not_back(node: TreeNode) -> BusinessError | None:
    if node.is_active:
        return AlreadyInThatState(name=node.label)
    if node.parent is not None and not node.parent.is_active:
        return NotInUse(name=node.parent.label)
    return None


def _still_in_use(reasons: list) -> StillInUse | None:
    return StillInUse(reasons=", ".join(str(reason) for reason in reasons)) if reasons else None


def why_not_deactivate_position(position: Position, by: User | None) -> BusinessError | None:
    """Refused while somebody holds it."""
    if refusal := why_not_change_unit(position.unit, by):
        return refusal
    held = position.appointments.in_force(clock.today()) | position.appointments.filter(valid_from__gt=clock.today())
    return _still_in_use([_("people")] if held.exists() else [])


def why_not_arrange_interface_people(unit: OrgUnit, people: Iterable[User], by: User | None) -> BusinessError | None:
    """The unit must be in use and everybody named must be able to log in."""
    if refusal := why_not_change_unit(unit, by):
        return refusal
    if not unit.is_active:
        return NotInUse(name=unit.label)
    return next((NotInUse(name=person.label) for person in people if not person.is_active), None)


# People


def why_not_create_person(unit: OrgUnit, by: User | None) -> BusinessError | None:
    """Needs ``person.manage`` over the home unit, which must be in use."""
    return _why_not_here("person.manage", by, unit) or (None if unit.is_active else NotInUse(name=unit.label))


def why_not_change_person(person: User, by: User | None) -> BusinessError | None:
    """Needs ``person.manage`` over the person's home unit."""
    return _why_not_here("person.manage", by, person.unit)


def why_not_deactivate_person(person: User, by: User | None) -> BusinessError | None:
    """Not oneself, and not somebody who already may not log in."""
    if refusal := _why_not_somebody_else(person, by):
        return refusal
    return None if person.is_active else AlreadyInThatState(name=person.label)


def why_not_reactivate_person(person: User, by: User | None) -> BusinessError | None:
    """The home unit must be in use."""
    if refusal := _why_not_somebody_else(person, by):
        return refusal
    if person.is_active:
        return AlreadyInThatState(name=person.label)
    return NotInUse(name=person.unit.label) if person.unit and not person.unit.is_active else None


def why_not_reset_password(person: User, by: User | None) -> BusinessError | None:
    """Not one's own (that needs the old password), and not of somebody with rights the actor lacks."""
    return _why_not_somebody_else(person, by) or _why_not_guarded(person.permission_codes, by)


def why_not_end_sessions(person: User, by: User | None) -> BusinessError | None:
    """One's own always; somebody else's with ``person.manage``."""
    if by is not None and by.pk == person.pk:
        return None
    return why_not_change_person(person, by)


def _why_not_somebody_else(person: User, by: User | None) -> BusinessError | None:
    if refusal := why_not_change_person(person, by):
        return refusal
    return NotYourOwnAccess() if by is not None and by.pk == person.pk else None


def why_not_appoint(person: User, position: Position, by: User | None) -> BusinessError | None:
    """Needs ``person.manage`` over the person and the position's unit; both in use."""
    if refusal := _why_not_here("person.manage", by, person.unit, position.unit):
        return refusal
    if not person.is_active:
        return NotInUse(name=person.label)
    return NotInUse(name=position.label) if not (position.is_active and position.unit.is_active) else None


# Roles and groups


def why_not_change_role(permission_codes: Iterable[str], by: User | None) -> BusinessError | None:
    """Needs ``role.manage``; guarded rights among ``permission_codes`` must be held by the actor."""
    return why_not_permitted("role.manage", by) or _why_not_guarded(permission_codes, by)


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
    if refusal := _why_not_somebody_else(grant.user, by):
        return refusal
    if not grant.user.is_active:
        return NotInUse(name=grant.user.label)
    for row in (grant.role, grant.unit):
        if not row.is_active:
            return NotInUse(name=row.label)
    return _why_not_guarded(grant.role.permissions, by) or _why_not_reach(grant, units, regions, lines, by)


def _why_not_reach(
    grant: RoleGrant,
    units: Iterable[OrgUnit],
    regions: Iterable[Region],
    lines: Iterable[BusinessLine],
    by: User | None,
) -> BusinessError | None:
    if by is None:
        return None
    scope = scope_of(by, "person.manage").without_levels()
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
    """Whether the actor may give roles to this person at all; each grant is looked at again by itself."""
    return _why_not_somebody_else(person, by)


def why_not_revoke_role(grant: RoleGrant, by: User | None) -> BusinessError | None:
    """Not one's own; guarded rights are taken away only by those who hold them."""
    return _why_not_somebody_else(grant.user, by) or _why_not_guarded(grant.role.permissions, by)


def _why_not_guarded(codes: Iterable[str], by: User | None) -> GuardedPermission | None:
    if by is None:
        return None
    missing = [
        permission.label
        for permission in permissions.all_permissions()
        if permission.guarded and permission.code in codes and not by.may(permission.code)
    ]
    return GuardedPermission(rights=", ".join(str(label) for label in missing)) if missing else None


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


# Standing in: delegations, rosters, hand-overs


def why_not_delegate(absentee: User, by: User | None) -> BusinessError | None:
    """One's own work, or that of somebody looked after with ``person.manage``."""
    if by is not None and by.pk == absentee.pk:
        return None
    return why_not_change_person(absentee, by)


def why_not_delegate_to(absentee: User, deputy: User) -> BusinessError | None:
    """Both must be able to log in."""
    return next((NotInUse(name=person.label) for person in (absentee, deputy) if not person.is_active), None)


def why_not_at_that_time(
    absentee: User, deputy: User, starts_at: datetime, ends_at: datetime, standing: Sequence[Delegation]
) -> BusinessError | None:
    """Refused when delegations of overlapping times lead from the deputy back to the absentee.

    ``standing`` are all delegations that overlap the time. A loop counts only where every link of it has a common
    moment: A to B in the morning and B to A in the afternoon is fine.
    """
    for one in standing:
        if (one.absentee_id, one.deputy_id) == (absentee.pk, deputy.pk):
            return DelegatedAlready(deputy=deputy.label)
    if _leads_to(deputy.pk, absentee.pk, starts_at, ends_at, standing, frozenset()):
        return DelegationGoesRound(deputy=deputy.label, absentee=absentee.label)
    return None


def _leads_to(
    start: int, goal: int, since: datetime, until: datetime, standing: Sequence[Delegation], passed: frozenset[int]
) -> bool:
    for one in standing:
        if one.absentee_id != start or one.deputy_id in passed:
            continue
        begin, end = max(since, one.starts_at), min(until, one.ends_at)
        if begin >= end:
            continue
        if one.deputy_id == goal or _leads_to(one.deputy_id, goal, begin, end, standing, passed | {start}):
            return True
    return False


def why_not_end_delegation(delegation: Delegation, by: User | None) -> BusinessError | None:
    """As making it; and it must not be over."""
    if refusal := why_not_delegate(delegation.absentee, by):
        return refusal
    over = delegation.ended_at is not None or delegation.ends_at <= clock.now()
    return AlreadyInThatState(name=_("Delegation")) if over else None


def why_not_change_roster(roster: Roster, by: User | None) -> BusinessError | None:
    """Needs ``organisation.manage``: over the unit, or at all for a group's roster."""
    return _why_not_here("organisation.manage", by, roster.unit) if roster.unit else why_not_change_group(by)


def why_not_plan_roster(roster: Roster, by: User | None) -> BusinessError | None:
    """As changing it, or ``roster.plan`` over the unit or as a member of the group; the roster must be in use."""
    if why_not_change_roster(roster, by) and (refusal := _why_not_own_roster(roster, by)):
        return refusal
    return None if roster.is_active else NotInUse(name=roster.label)


def _why_not_own_roster(roster: Roster, by: User | None) -> BusinessError | None:
    if roster.unit:
        return _why_not_here("roster.plan", by, roster.unit)
    if refusal := why_not_permitted("roster.plan", by):
        return refusal
    member = by is None or (roster.group is not None and roster.group.members.filter(pk=by.pk).exists())
    return None if member else OutsideYourScope()


def why_not_swap_duty(roster: Roster, person: User, by: User | None) -> BusinessError | None:
    """One's own turn may be swapped with a colleague's; others' turns by whoever plans the roster."""
    if by is not None and by.pk == person.pk:
        return None if roster.is_active else NotInUse(name=roster.label)
    return why_not_plan_roster(roster, by)


def why_not_hand_over(person: User, by: User | None) -> BusinessError | None:
    """Needs ``person.manage`` over somebody else, whose work is not being handed over already."""
    if refusal := _why_not_somebody_else(person, by):
        return refusal
    going_on = HandOver.objects.filter(person=person, finished_at=None).exists()
    return HandOverGoesOn(person=person.label) if going_on else None


# Business lines and functions


def why_not_change_matrix(by: User | None) -> BusinessError | None:
    """Business lines and functions belong to the whole house: needs ``organisation.manage`` over everything."""
    return why_not_change_region(None, by)

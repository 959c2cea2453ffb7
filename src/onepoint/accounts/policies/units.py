"""Units, regions, positions, interface people, and the matrix of business lines and functions."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Position, Region, TreeNode, User
from onepoint.accounts.policies.reach import why_not_here
from onepoint.accounts.policies.refusals import (
    AlreadyInThatState,
    NotInUse,
    OutsideYourScope,
    StillInUse,
    WouldStandBelowItself,
)
from onepoint.accounts.scope import scope_of
from onepoint.core import clock
from onepoint.core.errors import BusinessError, NotPermitted


def why_not_create_unit(parent: OrgUnit | None, by: User | None) -> BusinessError | None:
    """Needs ``organisation.manage`` over the parent (over everything for a root); the parent must be in use."""
    if parent is not None and not parent.is_active:
        return NotInUse(name=parent.label)
    return why_not_here("organisation.manage", by, parent)


def why_not_change_unit(unit: OrgUnit, by: User | None) -> BusinessError | None:
    """Needs ``organisation.manage`` over the unit. Also guards its positions and interface people."""
    return why_not_here("organisation.manage", by, unit)


def why_not_move_unit(unit: OrgUnit, parent: OrgUnit | None, by: User | None) -> BusinessError | None:
    """Needs ``organisation.manage`` over the unit and its new parent, which must not stand below the unit."""
    return why_not_here("organisation.manage", by, unit, parent) or _why_not_below(unit, parent)


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


def why_not_change_matrix(by: User | None) -> BusinessError | None:
    """Business lines and functions belong to the whole house: needs ``organisation.manage`` over everything."""
    return why_not_change_region(None, by)

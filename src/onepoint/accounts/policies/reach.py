"""The permission check every capability uses, and whether a unit lies in somebody's scope."""

from collections.abc import Iterable

from onepoint.accounts import permissions, queries
from onepoint.accounts.models import OrgUnit, User
from onepoint.accounts.policies.refusals import GuardedPermission, OutsideYourScope
from onepoint.accounts.scope import Scope, scope_of
from onepoint.core.errors import NotPermitted


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


def why_not_here(permission: str, by: User | None, *units: OrgUnit | None) -> NotPermitted | None:
    """Needs ``permission``, and every one of the units in its scope."""
    if by is None:
        return None
    if not by.may(permission):
        return NotPermitted()
    scope = scope_of(by, permission).without_levels()
    return None if all(looks_after_unit(scope, unit) for unit in units) else OutsideYourScope()


def why_not_guarded(codes: Iterable[str], by: User | None) -> GuardedPermission | None:
    """Rights over the organisation are passed on, or taken away, only by those who hold them.

    Where administration is kept apart, security administrators do it instead.
    """
    if by is None:
        return None
    missing = [
        permission.label
        for permission in permissions.all_permissions()
        if permission.guarded and permission.code in codes and not by.may(permission.code)
    ]
    # Security administrators give out what they may not hold themselves; to others only, and journaled.
    if missing and by.may("role.manage") and queries.are_administrators_apart():
        return None
    return GuardedPermission(rights=", ".join(str(label) for label in missing)) if missing else None

"""Writes of roles and of who has them."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions, policies
from onepoint.accounts.levels import level_choices, levels_between
from onepoint.accounts.models import BusinessLine, OrgUnit, Region, Role, RoleGrant, User
from onepoint.accounts.services.login_policy import keeping_administrators_apart
from onepoint.accounts.services.recording import (
    announce_access,
    apply_changes,
    cleaned,
    journal,
    require_code,
    require_texts,
)
from onepoint.accounts.services.second_factors import send_away_if_lacking
from onepoint.accounts.states import DataScope
from onepoint.core.errors import InvalidInput, require

_CHANGEABLE = frozenset({"name", "name_en", "permissions", "data_scope", "description"})


@contextmanager
def keeping_an_administrator() -> Iterator[None]:
    """Raises ``NoAdministratorLeft`` when what happens inside takes ``role.manage`` from the last who holds it."""
    had_one = policies.has_administrator()
    yield
    if had_one and not policies.has_administrator():
        raise policies.NoAdministratorLeft


def _known(codes: Iterable[str]) -> list[str]:
    codes = sorted(set(codes))
    if unknown := [code for code in codes if not permissions.is_known(code)]:
        raise InvalidInput({"permissions": _("Unknown permissions: %(codes)s") % {"codes": ", ".join(unknown)}})
    return codes


@transaction.atomic
def create_role(
    *,
    code: str,
    name: str,
    permissions: Iterable[str],
    by: User | None,
    name_en: str = "",
    data_scope: str = DataScope.OWN_UNIT,
    description: str = "",
) -> Role:
    """Add a role. Raises InvalidInput for a used code or permissions no capability has registered."""
    codes = _known(permissions)
    require(policies.why_not_change_role(codes, by))
    require_texts(code=code, name=name)
    texts = cleaned({"code": code, "name": name, "name_en": name_en, "description": description})
    require_code("code", texts["code"])
    if Role.objects.filter(code=texts["code"]).exists():
        raise InvalidInput({"code": _("This code is already used.")})
    role = Role.objects.create(**texts, permissions=codes, data_scope=data_scope)
    journal("role.created", role, by=by, code=role.code, permissions=codes, data_scope=role.data_scope)
    return role


@transaction.atomic
def change_role(role: Role, *, by: User | None, **values: Any) -> Role:
    """Change name, name_en, description, permissions or data_scope; holders feel it at their next request."""
    if "permissions" in values:
        values["permissions"] = _known(values["permissions"])
    if "name" in values:
        require_texts(name=values["name"])
    touched = set(role.permissions) ^ set(values.get("permissions", role.permissions))
    require(policies.why_not_change_role(touched, by))
    if touched:
        require(policies.why_not_touch_own_role(role, by))
    with keeping_an_administrator(), keeping_administrators_apart():
        changes = apply_changes(role, values, _CHANGEABLE)
    if changes:
        journal("role.changed", role, by=by, changes=changes)
        _announce_to_holders(role)
    return role


@transaction.atomic
def deactivate_role(role: Role, *, by: User | None) -> Role:
    """Take a role out of use: its grants count no more, but stay."""
    return _set_active(role, False, "role.deactivated", by)


@transaction.atomic
def reactivate_role(role: Role, *, by: User | None) -> Role:
    """Put a role back into use: its grants count again."""
    return _set_active(role, True, "role.reactivated", by)


def _set_active(role: Role, active: bool, verb: str, by: User | None) -> Role:
    require(policies.why_not_change_role_state(role, active, by))
    with keeping_an_administrator(), keeping_administrators_apart():
        role.is_active = active
        role.save(update_fields=["is_active"])
    journal(verb, role, by=by)
    _announce_to_holders(role)
    return role


def _announce_to_holders(role: Role) -> None:
    for person in User.objects.filter(role_grants__role=role, is_active=True).distinct():
        announce_access(person)
        send_away_if_lacking(person)


@transaction.atomic
def grant_role(
    person: User,
    *,
    role: Role,
    unit: OrgUnit,
    by: User | None,
    data_scope: str = "",
    units: Sequence[OrgUnit] = (),
    regions: Sequence[Region] = (),
    business_lines: Sequence[BusinessLine] = (),
    lowest_level: str = "",
    highest_level: str = "",
) -> RoleGrant:
    """Give a person a role in a unit, or change the reach of the one he has there.

    ``data_scope`` empty takes the role's own. The levels are codes of customer levels between which customers must lie.
    Raises InvalidInput when named units, regions or lines are missing or not asked for, or no level lies between.
    """
    grant = RoleGrant.objects.filter(user=person, role=role, unit=unit).first() or RoleGrant(
        user=person, role=role, unit=unit
    )
    grant.data_scope = data_scope
    grant.lowest_level, grant.highest_level = lowest_level, highest_level
    _require_levels(lowest_level, highest_level)
    _require_lines(grant, business_lines)
    named = grant.reach == DataScope.NAMED
    if named and not (units or regions):
        raise InvalidInput({"units": _("Name at least one unit or region.")})
    if not named and (units or regions):
        raise InvalidInput({"data_scope": _("Units and regions are named only for the scope “named”.")})
    require(policies.why_not_grant_role(grant, units, regions, by, business_lines))
    with keeping_administrators_apart():
        grant.save()
    grant.units.set(units)
    grant.regions.set(regions)
    grant.business_lines.set(business_lines)
    journal(
        "person.role_granted",
        person,
        by=by,
        role=role.code,
        unit=unit.code,
        reach=grant.reach,
        units=[row.code for row in units],
        regions=[row.code for row in regions],
        **({"business_lines": [line.code for line in business_lines]} if business_lines else {}),
        **({"levels": [lowest_level, highest_level]} if grant.is_limited else {}),
    )
    announce_access(person)
    send_away_if_lacking(person)
    return grant


def _require_lines(grant: RoleGrant, lines: Sequence[BusinessLine]) -> None:
    wanted = grant.reach == DataScope.BUSINESS_LINES
    if wanted and not lines:
        raise InvalidInput({"business_lines": _("Name at least one business line.")})
    if lines and not wanted:
        raise InvalidInput({"data_scope": _("Business lines are named only for the scope “named business lines”.")})


def _require_levels(lowest: str, highest: str) -> None:
    known = dict(level_choices())
    errors = {
        field: _("Unknown customer level.")
        for field, code in (("lowest_level", lowest), ("highest_level", highest))
        if code and code not in known
    }
    if not errors and (lowest or highest) and not levels_between(lowest, highest):
        errors["highest_level"] = _("No level lies between these two.")
    if errors:
        raise InvalidInput(errors)


@transaction.atomic
def revoke_role(grant: RoleGrant, *, by: User | None) -> None:
    """Take a role from a person. Refused for the last who may manage roles."""
    require(policies.why_not_revoke_role(grant, by))
    person = grant.user
    with keeping_an_administrator():
        RoleGrant.objects.filter(pk=grant.pk).delete()
    journal("person.role_revoked", person, by=by, role=grant.role.code, unit=grant.unit.code)
    announce_access(person)

"""Kinds of grant, authorities, rules for audits and reasons for objecting: what an administrator changes."""

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import Role, User
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.grants import policies
from onepoint.grants.models import AuditRule, Authority, GrantKind, ObjectionCode
from onepoint.grants.states import GrantUnit
from onepoint.tickets.models import Category


@dataclass(frozen=True)
class AuthorityItems:
    """What an authority says; None where there is no limit, no category for all of them, no levels for all of them."""

    role: Role
    kind: GrantKind
    amount: Decimal
    category: Category | None = None
    levels: tuple[str, ...] = ()
    customer_month: Decimal | None = None
    agent_day: Decimal | None = None
    is_active: bool = True

    def values(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)} | {"levels": sorted(self.levels)}


def _fact(value: Any) -> Any:
    if isinstance(value, models.Model):
        return str(value)
    return str(value) if isinstance(value, Decimal) else value


def _record(verb: str, row: models.Model, by: User | None, **facts: Any) -> None:
    subject_type = verb.partition(".")[0]
    audit.record(verb, by=by, subject_type=subject_type, subject_id=row.pk, name=str(row), **facts)


def _check_amounts(items: AuthorityItems) -> None:
    errors = {}
    if not items.amount > 0:
        errors["amount"] = _("Please give an amount above zero.")
    for name in ("customer_month", "agent_day"):
        limit = getattr(items, name)
        if limit is not None and limit < items.amount:
            errors[name] = _("This is less than a single grant may come to.")
    if items.kind.unit == GrantUnit.COUNT:
        for name in ("amount", "customer_month", "agent_day"):
            limit = getattr(items, name)
            if limit is not None and limit != limit.to_integral_value():
                errors[name] = _("Please give a whole number.")
    if errors:
        raise InvalidInput(errors)


def _save(row: Authority) -> None:
    """A row for the same role, kind, category and levels is there already: InvalidInput."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as problem:
        if "authority_once" not in str(problem):
            raise
        raise InvalidInput({"role": _("This role has an authority for the same kind, category and levels.")}) from None


@transaction.atomic
def create_authority(items: AuthorityItems, *, by: User | None) -> Authority:
    """Let a role grant something. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_manage_authorities(by))
    _check_amounts(items)
    row = Authority(**items.values())
    _save(row)
    _record("authority.created", row, by)
    return row


@transaction.atomic
def change_authority(row: Authority, items: AuthorityItems, *, version: int, by: User | None) -> Authority:
    """Change an authority as read at ``version``; it counts from the next grant on.

    Raises NotPermitted, InvalidInput, SomebodyWasFaster.
    """
    require(policies.why_not_manage_authorities(by))
    _check_amounts(items)
    current = Authority.objects.select_for_update().get(pk=row.pk)
    if current.version != version:
        raise SomebodyWasFaster
    changes = _change(current, items.values())
    if changes:
        current.version += 1
        _save(current)
        _record("authority.changed", current, by, changes=changes)
    return current


def _change(row: models.Model, values: dict[str, Any]) -> dict[str, Any]:
    changes = {}
    for name, value in values.items():
        was = getattr(row, name)
        if was != value:
            changes[name] = [_fact(was), _fact(value)]
            setattr(row, name, value)
    return changes


@transaction.atomic
def create_kind(
    *, code: str, name: str, name_en: str = "", unit: str = GrantUnit.MONEY, position_order: int = 0, by: User | None
) -> GrantKind:
    """Add a kind of grant. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_manage_authorities(by))
    if GrantKind.objects.filter(code=code).exists():
        raise InvalidInput({"code": _("This code is taken.")})
    kind = GrantKind(code=code, name=clean(name), name_en=clean(name_en), unit=unit, position_order=position_order)
    if not kind.name:
        raise InvalidInput({"name": _("Please give a name.")})
    kind.save()
    _record("grant_kind.created", kind, by)
    return kind


@transaction.atomic
def change_kind(
    kind: GrantKind, *, name: str, name_en: str, position_order: int, is_active: bool, by: User | None
) -> GrantKind:
    """Rename a kind or take it out of use; code and unit stay, as grants were counted by them. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_manage_authorities(by))
    kind = GrantKind.objects.select_for_update().get(pk=kind.pk)
    values = {"name": clean(name), "name_en": clean(name_en), "position_order": position_order, "is_active": is_active}
    if not values["name"]:
        raise InvalidInput({"name": _("Please give a name.")})
    if changes := _change(kind, values):
        kind.save()
        _record("grant_kind.changed", kind, by, changes=changes)
    return kind


@transaction.atomic
def create_objection_code(
    *, code: str, name: str, name_en: str = "", points: int = 1, position_order: int = 0, by: User | None
) -> ObjectionCode:
    """Add a reason for objecting. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_manage_authorities(by))
    if ObjectionCode.objects.filter(code=code).exists():
        raise InvalidInput({"code": _("This code is taken.")})
    row = ObjectionCode(
        code=code, name=clean(name), name_en=clean(name_en), points=points, position_order=position_order
    )
    if not row.name:
        raise InvalidInput({"name": _("Please give a name.")})
    row.save()
    _record("objection_code.created", row, by)
    return row


@transaction.atomic
def change_objection_code(
    row: ObjectionCode, *, name: str, name_en: str, points: int, position_order: int, is_active: bool, by: User | None
) -> ObjectionCode:
    """Rename a reason, change its points or take it out of use. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_manage_authorities(by))
    row = ObjectionCode.objects.select_for_update().get(pk=row.pk)
    values = {
        "name": clean(name), "name_en": clean(name_en), "points": points, "position_order": position_order,
        "is_active": is_active,
    }  # fmt: skip
    if not values["name"]:
        raise InvalidInput({"name": _("Please give a name.")})
    if changes := _change(row, values):
        row.save()
        _record("objection_code.changed", row, by, changes=changes)
    return row


def _check_rule(share: int) -> None:
    if not 0 <= share <= 100:
        raise InvalidInput({"share": _("Please give a share from 0 to 100.")})


@transaction.atomic
def create_audit_rule(
    *,
    kind: GrantKind | None,
    share: int,
    always_above: Decimal | None = None,
    not_own_unit: bool = True,
    by: User | None,
) -> AuditRule:
    """Say how many grants of a kind, or of all kinds without a rule, are audited. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_manage_authorities(by))
    _check_rule(share)
    if AuditRule.objects.filter(kind=kind).exists():
        raise InvalidInput({"kind": _("There is a rule for this already.")})
    rule = AuditRule.objects.create(kind=kind, share=share, always_above=always_above, not_own_unit=not_own_unit)
    _record("audit_rule.created", rule, by, share=share)
    return rule


@transaction.atomic
def change_audit_rule(
    rule: AuditRule, *, share: int, always_above: Decimal | None, not_own_unit: bool, version: int, by: User | None
) -> AuditRule:
    """Change a rule as read at ``version``; it counts for grants from now on.

    Raises NotPermitted, InvalidInput, SomebodyWasFaster.
    """
    require(policies.why_not_manage_authorities(by))
    _check_rule(share)
    rule = AuditRule.objects.select_for_update().get(pk=rule.pk)
    if rule.version != version:
        raise SomebodyWasFaster
    if changes := _change(rule, {"share": share, "always_above": always_above, "not_own_unit": not_own_unit}):
        rule.version += 1
        rule.save()
        _record("audit_rule.changed", rule, by, changes=changes)
    return rule

"""Writes of units with their positions and interface people."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import policies
from onepoint.accounts.models import BusinessFunction, BusinessLine, InterfacePerson, OrgUnit, Position, Region, User
from onepoint.accounts.services.recording import announce, apply_changes, cleaned, journal, require_code, require_texts
from onepoint.accounts.services.trees import add_node, fresh, lock_trees, move_node
from onepoint.accounts.states import UnitKind
from onepoint.core.errors import InvalidInput, require

_CHANGEABLE = frozenset({"name", "name_en", "kind", "region", "function", "receives_tickets", "position_order"})


@transaction.atomic
def create_unit(
    *,
    code: str,
    name: str,
    by: User | None,
    name_en: str = "",
    kind: str = UnitKind.DEPARTMENT,
    parent: OrgUnit | None = None,
    region: Region | None = None,
    receives_tickets: bool = False,
    position_order: int = 0,
    function: BusinessFunction | None = None,
    business_lines: Sequence[BusinessLine] = (),
) -> OrgUnit:
    """Add a unit under ``parent``. Raises the policy's refusal, or InvalidInput for an empty or used code."""
    lock_trees()
    parent = fresh(parent) if parent else None
    require(policies.why_not_create_unit(parent, by))
    require_texts(code=code, name=name)
    texts = cleaned({"code": code, "name": name, "name_en": name_en})
    require_code("code", texts["code"])
    if OrgUnit.objects.filter(code=texts["code"]).exists():
        raise InvalidInput({"code": _("This code is already used.")})
    unit = add_node(
        OrgUnit(
            **texts,
            kind=kind,
            parent=parent,
            region=region,
            receives_tickets=receives_tickets,
            position_order=position_order,
            function=function,
        )
    )
    unit.business_lines.set(business_lines)
    _require_still_looked_after(unit, by)
    journal("unit.created", unit, by=by, code=unit.code, name=unit.name, parent=parent.code if parent else None)
    announce("unit.created", unit)
    return unit


@transaction.atomic
def change_unit(unit: OrgUnit, *, by: User | None, **values: Any) -> OrgUnit:
    """Change name, name_en, kind, region, function, business_lines, receives_tickets or position_order."""
    require(policies.why_not_change_unit(unit, by))
    lines = values.pop("business_lines", None)
    if "name" in values:
        require_texts(name=values["name"])
    changes = apply_changes(unit, values, _CHANGEABLE)
    if lines is not None and (changed := _set_lines(unit, lines)):
        changes["business_lines"] = changed
    if changes:
        _require_still_looked_after(unit, by)
        journal("unit.changed", unit, by=by, changes=changes)
        announce("unit.changed", unit)
    return unit


def _set_lines(unit: OrgUnit, lines: Sequence[BusinessLine]) -> list[Any]:
    """The lines before and after, or nothing where they are the same."""
    before = list(unit.business_lines.all())
    if set(before) == set(lines):
        return []
    unit.business_lines.set(lines)
    return [sorted(line.code for line in before), sorted(line.code for line in lines)]


@transaction.atomic
def move_unit(unit: OrgUnit, *, parent: OrgUnit | None, by: User | None) -> OrgUnit:
    """Hang a unit with everything below it under another one (None: make it a root)."""
    lock_trees()
    unit, parent = fresh(unit), fresh(parent) if parent else None
    require(policies.why_not_move_unit(unit, parent, by))
    if unit.parent_id == (parent.pk if parent else None):
        return unit
    old = unit.parent
    moved = move_node(unit, parent)
    _require_still_looked_after(unit, by)
    journal("unit.moved", unit, by=by, parent=[old.code if old else None, parent.code if parent else None], units=moved)
    announce("unit.moved", unit)
    return unit


def _require_still_looked_after(unit: OrgUnit, by: User | None) -> None:
    """Nobody may put a unit where he could not change it back."""
    if by is not None:
        by.forget_rights()
    require(policies.why_not_change_unit(unit, by))


@transaction.atomic
def deactivate_unit(unit: OrgUnit, *, by: User | None) -> OrgUnit:
    """Take a unit out of use; history keeps referring to it. Refused while people or units in use belong to it."""
    lock_trees()
    require(policies.why_not_deactivate_unit(fresh(unit), by))
    return _set_active(unit, False, "unit.deactivated", by)


@transaction.atomic
def reactivate_unit(unit: OrgUnit, *, by: User | None) -> OrgUnit:
    """Put a unit back into use."""
    lock_trees()
    require(policies.why_not_reactivate_unit(fresh(unit), by))
    return _set_active(unit, True, "unit.reactivated", by)


def _set_active(unit: OrgUnit, active: bool, verb: str, by: User | None) -> OrgUnit:
    unit.is_active = active
    unit.save(update_fields=["is_active"])
    journal(verb, unit, by=by)
    announce(verb, unit)
    return unit


@transaction.atomic
def create_position(unit: OrgUnit, *, name: str, by: User | None, name_en: str = "") -> Position:
    """Add a post to a unit. Raises InvalidInput when the unit already has one of that name."""
    require(policies.why_not_change_unit(unit, by))
    require_texts(name=name)
    texts = cleaned({"name": name, "name_en": name_en})
    if unit.positions.filter(name=texts["name"]).exists():
        raise InvalidInput({"name": _("The unit already has a position of this name.")})
    position = Position.objects.create(unit=unit, **texts)
    journal("unit.position_created", unit, by=by, position=position.name)
    announce("unit.position_created", position)
    return position


@transaction.atomic
def change_position(position: Position, *, by: User | None, **values: Any) -> Position:
    """Change name or name_en of a post."""
    require(policies.why_not_change_unit(position.unit, by))
    if "name" in values:
        require_texts(name=values["name"])
        if position.unit.positions.filter(name=cleaned(values)["name"]).exclude(pk=position.pk).exists():
            raise InvalidInput({"name": _("The unit already has a position of this name.")})
    if changes := apply_changes(position, values, frozenset({"name", "name_en"})):
        journal("unit.position_changed", position.unit, by=by, position=position.name, changes=changes)
        announce("unit.position_changed", position)
    return position


@transaction.atomic
def deactivate_position(position: Position, *, by: User | None) -> Position:
    """Close a post nobody holds any more."""
    require(policies.why_not_deactivate_position(position, by))
    return _set_position_active(position, False, "unit.position_closed", by)


@transaction.atomic
def reactivate_position(position: Position, *, by: User | None) -> Position:
    """Open a closed post again."""
    require(policies.why_not_change_unit(position.unit, by))
    return _set_position_active(position, True, "unit.position_reopened", by)


def _set_position_active(position: Position, active: bool, verb: str, by: User | None) -> Position:
    if position.is_active == active:
        raise policies.AlreadyInThatState(name=position.label)
    position.is_active = active
    position.save(update_fields=["is_active"])
    journal(verb, position.unit, by=by, position=position.name)
    announce(verb, position)
    return position


@transaction.atomic
def arrange_interface_people(unit: OrgUnit, *, people: Sequence[User], by: User | None) -> list[InterfacePerson]:
    """Say who receives a department's tickets: the first is the interface person, the others deputies in that order."""
    # Two arrangements of one unit must not mix, so the unit's row is the lock.
    OrgUnit.objects.select_for_update().get(pk=unit.pk)
    people = list(dict.fromkeys(people))
    require(policies.why_not_arrange_interface_people(unit, people, by))
    old = list(unit.interface_people.select_related("user").order_by("rank", "pk"))
    if [post.user for post in old] == people:
        return old
    unit.interface_people.all().delete()
    posts = InterfacePerson.objects.bulk_create(
        InterfacePerson(unit=unit, user=person, rank=rank) for rank, person in enumerate(people, start=1)
    )
    journal(
        "unit.interface_people_arranged",
        unit,
        by=by,
        people=[[post.user.username for post in old], [person.username for person in people]],
    )
    announce("unit.interface_people_arranged", unit)
    return posts

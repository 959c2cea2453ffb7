"""Writes of regions."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import policies
from onepoint.accounts.models import Region, User
from onepoint.accounts.services.recording import announce, apply_changes, cleaned, journal, require_code, require_texts
from onepoint.accounts.services.trees import add_node, fresh, lock_trees, move_node
from onepoint.accounts.states import RegionKind
from onepoint.core.errors import InvalidInput, require

_CHANGEABLE = frozenset({"name", "name_en", "kind", "area_code", "position_order"})


@transaction.atomic
def create_region(
    *,
    code: str,
    name: str,
    by: User | None,
    name_en: str = "",
    kind: str = RegionKind.CITY,
    parent: Region | None = None,
    area_code: str = "",
    position_order: int = 0,
) -> Region:
    """Add a region under ``parent``. Raises the policy's refusal, or InvalidInput for an empty or used code."""
    lock_trees()
    parent = fresh(parent) if parent else None
    require(policies.why_not_create_region(parent, by))
    require_texts(code=code, name=name)
    texts = cleaned({"code": code, "name": name, "name_en": name_en, "area_code": area_code})
    require_code("code", texts["code"])
    if Region.objects.filter(code=texts["code"]).exists():
        raise InvalidInput({"code": _("This code is already used.")})
    region = add_node(Region(**texts, kind=kind, parent=parent, position_order=position_order))
    journal("region.created", region, by=by, code=region.code, name=region.name, parent=parent.code if parent else None)
    announce("region.created", region)
    return region


@transaction.atomic
def change_region(region: Region, *, by: User | None, **values: Any) -> Region:
    """Change name, name_en, kind, area_code or position_order."""
    require(policies.why_not_change_region(region, by))
    if "name" in values:
        require_texts(name=values["name"])
    if changes := apply_changes(region, values, _CHANGEABLE):
        journal("region.changed", region, by=by, changes=changes)
        announce("region.changed", region)
    return region


@transaction.atomic
def move_region(region: Region, *, parent: Region | None, by: User | None) -> Region:
    """Hang a region with everything below it under another one (None: make it a root)."""
    lock_trees()
    region, parent = fresh(region), fresh(parent) if parent else None
    require(policies.why_not_move_region(region, parent, by))
    if region.parent_id == (parent.pk if parent else None):
        return region
    old = region.parent
    moved = move_node(region, parent)
    journal(
        "region.moved",
        region,
        by=by,
        parent=[old.code if old else None, parent.code if parent else None],
        regions=moved,
    )
    announce("region.moved", region)
    return region


@transaction.atomic
def deactivate_region(region: Region, *, by: User | None) -> Region:
    """Take a region out of use. Refused while units in use lie in it or regions in use stand under it."""
    lock_trees()
    require(policies.why_not_deactivate_region(fresh(region), by))
    return _set_active(region, False, "region.deactivated", by)


@transaction.atomic
def reactivate_region(region: Region, *, by: User | None) -> Region:
    """Put a region back into use."""
    lock_trees()
    require(policies.why_not_reactivate_region(fresh(region), by))
    return _set_active(region, True, "region.reactivated", by)


def _set_active(region: Region, active: bool, verb: str, by: User | None) -> Region:
    region.is_active = active
    region.save(update_fields=["is_active"])
    journal(verb, region, by=by)
    announce(verb, region)
    return region

"""Writes of the rules of green channels."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.tickets import green_channels
from onepoint.tickets.models import Category, GreenChannel, Tag


@dataclass(frozen=True)
class GreenItems:
    """What a green channel says."""

    name: str
    name_en: str = ""
    levels: tuple[str, ...] = ()
    attention_kinds: tuple[str, ...] = ()
    unit: OrgUnit | None = None
    category: Category | None = None
    channels: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    priority: int = 5
    raises_urgency: bool = True
    tag: Tag | None = None
    is_active: bool = True

    def values(self) -> dict[str, Any]:
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        lists = {name: list(found[name]) for name in ("levels", "attention_kinds", "channels")}
        return found | lists | {"name": clean(self.name), "name_en": clean(self.name_en)}


def _check(items: GreenItems) -> None:
    errors = {}
    if not clean(items.name):
        errors["name"] = _("Please give a name.")
    if not 1 <= items.priority <= 9:
        errors["priority"] = _("Please give a priority from 1 to 9.")
    if items.valid_from and items.valid_to and items.valid_to < items.valid_from:
        errors["valid_to"] = _("It would end before it begins.")
    if not any((items.levels, items.attention_kinds, items.unit, items.category, items.channels)):
        errors["levels"] = _("Name at least one condition: a green channel for everybody is none.")
    if errors:
        raise InvalidInput(errors)


@transaction.atomic
def create_green_channel(items: GreenItems, *, by: User | None) -> GreenChannel:
    """Add a rule; it counts for what is taken in from now on. Raises NotPermitted, InvalidInput."""
    require(green_channels.why_not_manage_green(by))
    _check(items)
    row = GreenChannel.objects.create(**items.values())
    _record("green_channel.created", row, by)
    return row


@transaction.atomic
def change_green_channel(row: GreenChannel, items: GreenItems, *, version: int, by: User | None) -> GreenChannel:
    """Change a rule as read at ``version``; tickets that are here stay. Raises NotPermitted, InvalidInput, SomebodyWasFaster."""
    require(green_channels.why_not_manage_green(by))
    _check(items)
    row = GreenChannel.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.version != version:
        raise SomebodyWasFaster
    changes = {}
    for name, value in items.values().items():
        if (was := getattr(row, name)) != value:
            changes[name] = [_fact(was), _fact(value)]
            setattr(row, name, value)
    if changes:
        row.version += 1
        row.save()
        _record("green_channel.changed", row, by, changes=changes)
    return row


def _fact(value: Any) -> Any:
    return str(value) if isinstance(value, models.Model | date) else value


def _record(verb: str, row: GreenChannel, by: User | None, **facts: Any) -> None:
    audit.record(
        verb, by=by, subject_type="green_channel", subject_id=row.pk, name=row.name, name_en=row.name_en, **facts
    )
    transaction.on_commit(green_channels.forget_channels)

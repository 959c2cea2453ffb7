"""Writes of groups and their members."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import policies
from onepoint.accounts.models import Group, User
from onepoint.accounts.services.recording import (
    announce,
    announce_access,
    apply_changes,
    cleaned,
    journal,
    require_code,
    require_texts,
)
from onepoint.core.errors import InvalidInput, require


@transaction.atomic
def create_group(*, code: str, name: str, by: User | None, name_en: str = "") -> Group:
    """Add a group without members. Raises InvalidInput for an empty or used code."""
    require(policies.why_not_change_group(by))
    require_texts(code=code, name=name)
    texts = cleaned({"code": code, "name": name, "name_en": name_en})
    require_code("code", texts["code"])
    if Group.objects.filter(code=texts["code"]).exists():
        raise InvalidInput({"code": _("This code is already used.")})
    group = Group.objects.create(**texts)
    journal("group.created", group, by=by, code=group.code, name=group.name)
    announce("group.created", group)
    return group


@transaction.atomic
def change_group(group: Group, *, by: User | None, **values: Any) -> Group:
    """Change name or name_en."""
    require(policies.why_not_change_group(by))
    if "name" in values:
        require_texts(name=values["name"])
    if changes := apply_changes(group, values, frozenset({"name", "name_en"})):
        journal("group.changed", group, by=by, changes=changes)
        announce("group.changed", group)
    return group


@transaction.atomic
def add_member(group: Group, person: User, *, by: User | None) -> None:
    """Let a person take the group's work; doing it twice changes nothing."""
    require(policies.why_not_add_member(group, person, by))
    if group.members.filter(pk=person.pk).exists():
        return
    group.members.add(person)
    journal("group.member_added", group, by=by, person=person.username, name=person.name)
    announce("group.member_added", group)
    announce_access(person)


@transaction.atomic
def remove_member(group: Group, person: User, *, by: User | None) -> None:
    """Take a person out of a group; doing it twice changes nothing."""
    require(policies.why_not_change_group(by))
    if not group.members.filter(pk=person.pk).exists():
        return
    group.members.remove(person)
    journal("group.member_removed", group, by=by, person=person.username, name=person.name)
    announce("group.member_removed", group)
    announce_access(person)


@transaction.atomic
def deactivate_group(group: Group, *, by: User | None) -> Group:
    """Take a group out of use: nobody answers for it any more."""
    return _set_active(group, False, "group.deactivated", by)


@transaction.atomic
def reactivate_group(group: Group, *, by: User | None) -> Group:
    """Put a group back into use."""
    return _set_active(group, True, "group.reactivated", by)


def _set_active(group: Group, active: bool, verb: str, by: User | None) -> Group:
    require(policies.why_not_change_group(by))
    if group.is_active == active:
        raise policies.AlreadyInThatState(name=group.label)
    group.is_active = active
    group.save(update_fields=["is_active"])
    journal(verb, group, by=by)
    announce(verb, group)
    return group

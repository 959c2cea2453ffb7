"""Uncovering single masked values, and noting who read personal data."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import disclosure, field_rights
from onepoint.accounts.models import PersonalDataReading, PrivacyPolicy, Role, Unmasking, User
from onepoint.accounts.policies import why_not_change_role
from onepoint.accounts.privacy import why_not_audit_privacy, why_not_unmask
from onepoint.accounts.queries import privacy as queries
from onepoint.accounts.services.recording import announce_access, apply_changes, journal
from onepoint.accounts.states import FieldRight, UnmaskingReason
from onepoint.core import audit, clock, masking
from onepoint.core.audit import current_address
from onepoint.core.errors import InvalidInput, NotPermitted, require
from onepoint.core.prepared import Insert
from onepoint.core.text import clean

SHORTEST_NOTE = 4


@transaction.atomic
def unmask(kind: str, number: str, field: str, *, reason: str, note: str, by: User) -> str:
    """Give one masked value in full and write down who saw it and why.

    Raises NotPermitted, UnmaskingLimitReached, InvalidInput without a reason. Nothing is noted where nothing was masked.
    """
    found = disclosure.find_value(kind, number, field, visible_to=by)
    if found is None:
        raise NotPermitted
    if masking.sees(found.group, by):
        return found.value
    _require_reason(reason, clean(note))
    _wait_for_own_turn(by)
    require(why_not_unmask(by, queries.unmaskings_today(by), queries.privacy_policy().unmaskings_per_day))
    Unmasking.objects.create(
        at=clock.now(), user=by, subject_type=kind, subject_id=found.subject_id, subject_number=number, field=field,
        group=found.group, reason=reason, note=clean(note)[:500], ip_address=current_address.get(),
    )  # fmt: skip
    audit.record(
        f"{kind}.unmasked", by=by, subject_type=kind, subject_id=found.subject_id, field=str(field),
        group=found.group, reason=reason, note=clean(note)[:500],
    )  # fmt: skip
    return found.value


def _require_reason(reason: str, note: str) -> None:
    errors = {}
    if reason not in UnmaskingReason.values:
        errors["reason"] = _("Please choose a reason.")
    if len(note) < SHORTEST_NOTE:
        errors["note"] = _("Say in a few words what you need it for.")
    if errors:
        raise InvalidInput(errors)


def _wait_for_own_turn(by: User) -> None:
    """Two requests of one person at once are counted one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"unmasking:{by.pk}"])


#: With every page that shows somebody a number.
_NEW_READING = Insert(PersonalDataReading)


def note_reading(kind: str, subject_id: int, *, by: User) -> None:
    """Note that a page showed somebody personal data in full; nothing where all of it was masked. One INSERT."""
    groups = [group for group in masking.GROUPS if masking.sees(group, by)]
    if groups:
        _NEW_READING.save(
            PersonalDataReading(
                at=clock.now(), user_id=by.pk, subject_type=kind, subject_id=subject_id, groups=groups,
                ip_address=current_address.get(),
            )
        )  # fmt: skip


@transaction.atomic
def change_field_rights(role: Role, rights: Mapping[str, str], *, by: User | None) -> Role:
    """Say what a role may do with single fields: ``{"ticket.contact_phone": "hidden"}``; what is not named stays open.

    Needs ``role.manage``. Raises InvalidInput for an unknown field or a right the field cannot have.
    """
    require(why_not_change_role(role.permissions, by))
    kept: dict[str, str] = {}
    for code, right in rights.items():
        field = field_rights.find_field(code)
        if field is None or right not in field.rights:
            raise InvalidInput({code: _("Please choose one of the offered values.")})
        if right != FieldRight.WRITE:
            kept[code] = str(right)
    if changes := apply_changes(role, {"field_rights": kept}, frozenset({"field_rights"})):
        old, new = changes["field_rights"]
        touched = sorted(code for code in {*old, *new} if old.get(code) != new.get(code))
        facts = {code: [old.get(code, "write"), new.get(code, "write")] for code in touched}
        journal("role.field_rights_changed", role, by=by, fields=facts)
        for person in User.objects.filter(role_grants__role=role, is_active=True).distinct():
            announce_access(person)
    return role


@transaction.atomic
def change_privacy_policy(*, by: User | None, **values: Any) -> PrivacyPolicy:
    """Change how many values one person may uncover a day."""
    require(why_not_audit_privacy(by))
    policy, _created = PrivacyPolicy.objects.get_or_create(pk=1)
    changes = apply_changes(policy, values, frozenset({"unmaskings_per_day"}))
    if changes:
        journal("privacy_policy.changed", policy, by=by, changes=changes)
    return policy

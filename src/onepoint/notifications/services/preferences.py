"""Writes of how people are told: each one's own choice, the defaults of roles, the rules of the house."""

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import Role, User
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, require
from onepoint.notifications import policies
from onepoint.notifications.choosing import in_order
from onepoint.notifications.models import NotificationPolicy, Preference, RoleDefault, TellingRules
from onepoint.notifications.registry import all_groups
from onepoint.notifications.states import DigestMode, Weekday

Choices = Mapping[str, Iterable[str]]
_RULES = ("quiet_from", "quiet_to", "quiet_days", "digest", "digest_at")
_POLICY = (*_RULES, "house_address", "keep_read_days", "keep_unread_days", "keep_message_days")


@transaction.atomic
def choose_ways(
    person: User,
    *,
    choices: Choices,
    quiet_from: time | None,
    quiet_to: time | None,
    quiet_days: Iterable[int],
    digest: str,
    digest_at: time,
    by: User | None,
) -> Preference:
    """The person says how he wants to be told. Raises NotPermitted for somebody else's, and InvalidInput."""
    require(policies.why_not_change_preference(person, by))
    values = {
        "choices": known_choices(choices),
        "quiet_from": quiet_from,
        "quiet_to": quiet_to,
        "quiet_days": sorted(set(quiet_days)),
        "digest": digest,
        "digest_at": digest_at,
    }
    require_sense(values)
    Preference.objects.get_or_create(person=person)
    row = Preference.objects.select_for_update().get(person=person)
    if changes := _apply(row, values):
        audit.record("person.notifications_chosen", by=by, subject_type="person", subject_id=person.pk, changes=changes)
    return row


@transaction.atomic
def forget_preference(person: User, *, by: User | None) -> None:
    """From now on the person is told as the house and his roles say. Raises NotPermitted for somebody else's."""
    require(policies.why_not_change_preference(person, by))
    if Preference.objects.filter(person=person).delete()[0]:
        audit.record("person.notifications_reset", by=by, subject_type="person", subject_id=person.pk)


@transaction.atomic
def change_notification_policy(
    *, choices: Choices, mandatory: Choices, by: User | None, **values: Any
) -> NotificationPolicy:
    """Change the rules of the house. Raises NotPermitted and InvalidInput."""
    require(policies.why_not_manage_notifications(by))
    if unknown := set(values) - set(_POLICY):
        raise TypeError(f"the notification policy has no {', '.join(sorted(unknown))}")
    values |= {"choices": known_choices(choices), "mandatory": known_choices(mandatory)}
    NotificationPolicy.objects.get_or_create(pk=1)
    row = NotificationPolicy.objects.select_for_update().get(pk=1)
    require_sense({name: values.get(name, getattr(row, name)) for name in _RULES})
    if changes := _apply(row, values):
        _require_clean(row)
        audit.record(
            "notification_policy.changed", by=by, subject_type="notification_policy", subject_id=row.pk, changes=changes
        )
    return row


@transaction.atomic
def change_role_default(role: Role, *, choices: Choices, mandatory: Choices, by: User | None) -> RoleDefault:
    """Say how holders of a role are told unless they choose otherwise. Raises NotPermitted."""
    require(policies.why_not_manage_notifications(by))
    RoleDefault.objects.get_or_create(role=role)
    row = RoleDefault.objects.select_for_update().get(role=role)
    if changes := _apply(row, {"choices": known_choices(choices), "mandatory": known_choices(mandatory)}):
        audit.record("role.notifications_changed", by=by, subject_type="role", subject_id=role.pk, changes=changes)
    if not row.choices and not row.mandatory:
        row.delete()  # one query less for everybody
    return row


def known_choices(choices: Choices) -> dict[str, list[str]]:
    """Only groups and ways there are, in a fixed order."""
    groups = {group for group, _label in all_groups()}
    return {group: list(in_order(choices[group])) for group in sorted(groups & set(choices))}


def require_sense(values: Mapping[str, Any]) -> None:
    """Raises InvalidInput for half a quiet time, an unknown day or an unknown way to collect."""
    errors = {}
    if (values["quiet_from"] is None) != (values["quiet_to"] is None):
        missing = "quiet_to" if values["quiet_to"] is None else "quiet_from"
        errors[missing] = _("Give both times, or none.")
    if set(values["quiet_days"]) - set(Weekday.values):
        errors["quiet_days"] = _("Please choose from the list.")
    if values["digest"] not in DigestMode.values:
        errors["digest"] = _("Please choose from the list.")
    if values["digest_at"] is None:
        errors["digest_at"] = _("Please fill this in.")
    if errors:
        raise InvalidInput(errors)


def _apply(row: TellingRules | RoleDefault, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    changes = {}
    for name, new in values.items():
        old = getattr(row, name)
        if old != new:
            changes[name] = [_as_fact(old), _as_fact(new)]
            setattr(row, name, new)
    if changes:
        row.save(update_fields=list(changes))
    return changes


def _as_fact(value: Any) -> Any:
    return value.isoformat("minutes") if isinstance(value, time) else value


def _require_clean(row: NotificationPolicy) -> None:
    try:
        row.clean_fields(exclude=["choices", "mandatory", "quiet_days"])
    except ValidationError as error:
        raise InvalidInput({name: " ".join(texts) for name, texts in error.message_dict.items()}) from error

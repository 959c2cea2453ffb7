"""Writes to the results of contacts and to the rules of the journal."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.channels import policies
from onepoint.channels.models import ContactResult, JournalRule
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean

_OF_RESULT = frozenset({"name", "name_en", "position_order", "is_active"})
_OF_RULE = frozenset({"correct_hours", "needs_result", "repeat_days", "repeat_count"})


@transaction.atomic
def create_contact_result(
    *, code: str, name: str, name_en: str = "", position_order: int = 0, by: User | None
) -> ContactResult:
    """Add a result. Raises NotPermitted, InvalidInput (also for a code in use)."""
    require(policies.why_not_manage_journal(by))
    result = ContactResult(code=clean(code), name=clean(name), name_en=clean(name_en), position_order=position_order)
    _check(result)
    result.save(force_insert=True)
    audit.record(
        "contact_result.created",
        by=by,
        subject_type="contact_result",
        subject_id=result.pk,
        name=result.name,
        name_en=result.name_en,
    )
    return result


@transaction.atomic
def change_contact_result(result: ContactResult, *, by: User | None, **values: Any) -> ContactResult:
    """Change the names, the order, or whether it may still be chosen; contacts that have it keep it.

    Raises NotPermitted, InvalidInput.
    """
    require(policies.why_not_manage_journal(by))
    if changes := _change(result, values, _OF_RESULT):
        audit.record(
            "contact_result.changed", by=by, subject_type="contact_result", subject_id=result.pk, name=result.name, name_en=result.name_en,
            changes=changes,
        )  # fmt: skip
    return result


@transaction.atomic
def change_journal_rule(*, by: User | None, **values: Any) -> JournalRule:
    """Change the rules of the contact journal. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_manage_journal(by))
    rule, _created = JournalRule.objects.get_or_create(pk=1)
    if changes := _change(rule, values, _OF_RULE):
        audit.record("journal_rule.changed", by=by, subject_type="journal_rule", subject_id=rule.pk, changes=changes)
    return rule


def _change(row: models.Model, values: dict[str, Any], allowed: frozenset[str]) -> dict[str, list[Any]]:
    if unknown := values.keys() - allowed:
        raise TypeError(f"cannot change {', '.join(sorted(unknown))}")
    tidy = {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}
    changes = {name: [getattr(row, name), value] for name, value in tidy.items() if getattr(row, name) != value}
    for name, (_old, new) in changes.items():
        setattr(row, name, new)
    _check(row)
    if changes:
        row.save(update_fields=list(changes))
    return changes


def _check(row: models.Model) -> None:
    try:
        row.clean_fields()
    except ValidationError as error:
        raise InvalidInput({name: " ".join(texts) for name, texts in error.message_dict.items()}) from error
    others = ContactResult.objects.exclude(pk=row.pk)
    if isinstance(row, ContactResult) and others.filter(code=row.code).exists():
        raise InvalidInput({"code": _("This code is already used.")})

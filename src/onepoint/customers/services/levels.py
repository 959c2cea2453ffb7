"""Writes to the customer levels."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, require
from onepoint.customers import policies
from onepoint.customers.models import CustomerLevel
from onepoint.customers.services.writing import as_facts, changed_fields, check, tidy


@transaction.atomic
def create_level(*, by: User | None, code: str, name: str, name_en: str = "", rank: int = 0) -> CustomerLevel:
    """Add a value class. Raises NotPermitted, InvalidInput (also for a code in use)."""
    require(policies.why_not_manage_levels(by))
    level = CustomerLevel(**tidy({"code": code, "name": name, "name_en": name_en, "rank": rank}))
    check(level)
    if CustomerLevel.objects.filter(code=level.code).exists():
        raise InvalidInput({"code": _("This code is already used.")})
    level.save(force_insert=True)
    audit.record("customer_level.created", by=by, subject_type="customer_level", subject_id=level.pk, name=level.name)
    return level


@transaction.atomic
def change_level(level: CustomerLevel, *, by: User | None, **values: Any) -> CustomerLevel:
    """Change ``name``, ``name_en``, ``rank`` or ``is_active`` of a value class. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_manage_levels(by))
    if unknown := values.keys() - {"name", "name_en", "rank", "is_active"}:
        raise TypeError(f"cannot change {', '.join(sorted(unknown))}")
    changes = changed_fields(level, tidy(values))
    for name, (_old, new) in changes.items():
        setattr(level, name, new)
    check(level)
    if changes:
        level.save(update_fields=list(changes))
        facts = as_facts(changes)
        audit.record(
            "customer_level.changed",
            by=by,
            subject_type="customer_level",
            subject_id=level.pk,
            name=level.name,
            changes=facts,
        )
    return level

"""Writes to the kinds of hidden risks. None is ever deleted: risks have it; it goes out of use."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.quality import presets
from onepoint.quality.hidden_risk_rights import why_not_manage_kinds
from onepoint.quality.models import RiskKind

_CHANGED = frozenset({"name", "name_en", "position_order", "is_active"})


@transaction.atomic
def create_risk_kind(*, code: str, name: str, name_en: str = "", position_order: int = 0, by: User | None) -> RiskKind:
    """Add a kind. Raises NotPermitted, InvalidInput (also for a code in use)."""
    require(why_not_manage_kinds(by))
    kind = RiskKind(code=clean(code), name=clean(name), name_en=clean(name_en), position_order=position_order)
    _check(kind)
    try:
        with transaction.atomic():
            kind.save(force_insert=True)
    except IntegrityError as taken:
        raise InvalidInput({"code": _("This code is already used.")}) from taken
    audit.record(
        "risk_kind.created", by=by, subject_type="risk_kind", subject_id=kind.pk, name=kind.name, name_en=kind.name_en
    )
    return kind


@transaction.atomic
def change_risk_kind(kind: RiskKind, *, by: User | None, **values: Any) -> RiskKind:
    """Change the names, the order, or whether it may still be chosen; risks that have it keep it.

    Raises NotPermitted, InvalidInput (also for the last one in use).
    """
    require(why_not_manage_kinds(by))
    if unknown := values.keys() - _CHANGED:
        raise TypeError(f"cannot change {', '.join(sorted(unknown))}")
    in_use = set(RiskKind.objects.select_for_update().filter(is_active=True).values_list("pk", flat=True))
    if not values.get("is_active", True) and in_use == {kind.pk}:
        raise InvalidInput({"is_active": _("It is the last one in use; without any nobody could raise a hidden risk.")})
    tidy = {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}
    changes = {name: [getattr(kind, name), value] for name, value in tidy.items() if getattr(kind, name) != value}
    for name, (_old, new) in changes.items():
        setattr(kind, name, new)
    _check(kind)
    if changes:
        kind.save(update_fields=list(changes))
        audit.record(
            "risk_kind.changed",
            by=by,
            subject_type="risk_kind",
            subject_id=kind.pk,
            name=kind.name,
            name_en=kind.name_en,
            changes=changes,
        )
    return kind


@transaction.atomic
def load_risk_kinds(*, by: User | None) -> None:
    """The delivered kinds, in a house that has none. Raises NotPermitted."""
    require(why_not_manage_kinds(by))
    if not RiskKind.objects.exists():
        for order, (code, name, name_en) in enumerate(presets.RISK_KINDS, start=1):
            create_risk_kind(code=code, name=name, name_en=name_en, position_order=order * 10, by=by)


def _check(kind: RiskKind) -> None:
    try:
        kind.clean_fields()
    except ValidationError as error:
        raise InvalidInput({name: " ".join(texts) for name, texts in error.message_dict.items()}) from error

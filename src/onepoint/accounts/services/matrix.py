"""Writes of the second axis: business lines, functions, and which platform serves which line."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts import policies
from onepoint.accounts.models import BusinessFunction, BusinessLine, OrgUnit, User
from onepoint.accounts.services.recording import (
    announce,
    apply_changes,
    cleaned,
    journal,
    require_code,
    require_texts,
)
from onepoint.accounts.services.units import change_unit
from onepoint.core.errors import InvalidInput, require

_CHANGEABLE = frozenset({"name", "name_en", "position_order", "is_active"})
_VERBS: dict[type[BusinessLine] | type[BusinessFunction], str] = {
    BusinessLine: "business_line",
    BusinessFunction: "business_function",
}


def create_business_line(
    *, code: str, name: str, by: User | None, name_en: str = "", position_order: int = 0
) -> BusinessLine:
    """Add a business line. Raises InvalidInput for an empty or used code."""
    made = _create(BusinessLine, by, code=code, name=name, name_en=name_en, position_order=position_order)
    assert isinstance(made, BusinessLine)
    return made


def create_business_function(
    *, code: str, name: str, by: User | None, name_en: str = "", position_order: int = 0
) -> BusinessFunction:
    """Add a function. Raises InvalidInput for an empty or used code."""
    made = _create(BusinessFunction, by, code=code, name=name, name_en=name_en, position_order=position_order)
    assert isinstance(made, BusinessFunction)
    return made


@transaction.atomic
def _create(
    model: type[BusinessLine] | type[BusinessFunction], by: User | None, **values: Any
) -> BusinessLine | BusinessFunction:
    require(policies.why_not_change_matrix(by))
    require_texts(code=values["code"], name=values["name"])
    values = cleaned(values)
    require_code("code", values["code"])
    if model.objects.filter(code=values["code"]).exists():
        raise InvalidInput({"code": _("This code is already used.")})
    row = model.objects.create(**values)
    verb = f"{_VERBS[model]}.created"
    journal(verb, row, by=by, code=row.code, name=row.name)
    announce(verb, row)
    return row


@transaction.atomic
def change_axis(row: BusinessLine | BusinessFunction, *, by: User | None, **values: Any) -> None:
    """Change name, name_en, position_order or is_active of a business line or a function."""
    require(policies.why_not_change_matrix(by))
    if "name" in values:
        require_texts(name=values["name"])
    if changes := apply_changes(row, values, _CHANGEABLE):
        verb = f"{_VERBS[type(row)]}.changed"
        journal(verb, row, by=by, changes=changes)
        announce(verb, row)


@transaction.atomic
def arrange_platforms(served: Mapping[OrgUnit, Iterable[BusinessLine]], *, by: User | None) -> None:
    """Say for each platform which business lines it serves; those that stay the same are left alone."""
    for platform, lines in served.items():
        change_unit(platform, business_lines=list(lines), by=by)

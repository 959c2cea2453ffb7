"""Special items as people read them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from onepoint.dynamic_forms import queries
from onepoint.dynamic_forms.fields import Field, in_language, shown_datetime
from onepoint.dynamic_forms.models import FormVersion


def display_items(version: FormVersion | None, items: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and shown value of every filled item, in the order of the form and in the language being shown."""
    if version is None:
        return []
    english = (get_language() or "").startswith("en")
    fields = [field for field in version.fields if field["key"] in items]
    regions = queries.region_labels({items[field["key"]] for field in fields if field["type"] == "region"})
    return [
        (in_language(field, "label", english), shown_value(field, items[field["key"]], english, regions))
        for field in fields
    ]


def shown_value(field: Field, value: Any, english: bool, regions: Mapping[str, str]) -> str:
    """One canonical value as text."""
    kind = field["type"]
    if kind == "boolean":
        return _("Yes") if value else _("No")
    if kind == "choice":
        return _choice_label(field, value, english)
    if kind == "multi_choice":
        return _(", ").join(_choice_label(field, item, english) for item in value)
    if kind == "datetime":
        return shown_datetime(value)
    if kind == "money":
        return f"¥{value}"
    return regions.get(value, value) if kind == "region" else str(value)


def _choice_label(field: Field, value: str, english: bool) -> str:
    for choice in field.get("choices", []):
        if choice["value"] == value:
            return in_language(choice, "label", english)
    return value

"""Choices that are too many to list: the page carries only the chosen ones, the picker asks the server for others."""

from typing import Any

from django import forms


class _OnlyChosen:
    """Mixed into a select over a queryset: renders no options but the chosen ones."""

    choices: Any

    def offered(self, value: list[str]) -> list[tuple[Any, str]]:
        """The chosen ones with their labels."""
        choices = self.choices
        key = choices.field.to_field_name or "pk"
        chosen = [one for one in value if one]
        rows = {}
        if chosen:
            try:
                rows = {str(getattr(row, key)): row for row in choices.queryset.filter(**{f"{key}__in": chosen})}
            except (TypeError, ValueError):  # not even of the right type: refused by the field, shown as empty
                rows = {}
        offered = [(one, choices.field.label_from_instance(rows[one])) for one in chosen if one in rows]
        return offered if getattr(self, "allow_multiple_selected", False) else [("", "—"), *offered]

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list:
        choices = self.choices
        self.choices = self.offered(value)
        try:
            return super().optgroups(name, value, attrs)  # type: ignore[misc]
        finally:
            self.choices = choices


class PickedSelect(_OnlyChosen, forms.Select):
    """One row; use with ``ModelChoiceField`` and ``{% field form.x picker=url %}``."""


class PickedSelectMultiple(_OnlyChosen, forms.SelectMultiple):
    """Several rows; use with ``ModelMultipleChoiceField``."""

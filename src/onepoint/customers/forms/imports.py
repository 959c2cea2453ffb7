"""Forms of importing customers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.customers.forms.records import region_field
from onepoint.customers.importing.fields import FIELDS
from onepoint.customers.models import CustomerImport, CustomerLevel
from onepoint.customers.queries.imports import find_mapping, mappings
from onepoint.customers.states import RowOutcome


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV (UTF-8 or GBK) or XLSX, the column heads in the first row."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )


class MappingForm(forms.Form):
    """Per field the column it comes from; what every row shall have that the file does not say."""

    mapping = forms.ChoiceField(label=_("Kept mapping"), required=False)
    source_name = forms.CharField(
        label=_("Source"),
        max_length=60,
        required=False,
        help_text=_("The system the file comes from. With the number there it tells who is known already."),
    )
    default_region = region_field(label=_("Region where the file has none"), required=False, empty_label="—")
    default_level = forms.ModelChoiceField(
        CustomerLevel.objects.filter(is_active=True),
        label=_("Level where the file has none"),
        required=False,
        empty_label="—",
    )
    despite_duplicates = forms.BooleanField(
        label=_("Register customers whose telephone, ID or serial number is known already"), required=False
    )
    keep_as = forms.CharField(
        label=_("Keep this mapping as"), max_length=80, required=False, help_text=_("For the next file of this kind.")
    )

    def __init__(self, *args: Any, source: CustomerImport, **options: Any) -> None:
        initial = {
            "source_name": source.source,
            "despite_duplicates": source.despite_duplicates,
            **{f"column-{field.key}": source.columns.get(field.key, "") for field in FIELDS},
        }
        super().__init__(*args, **{**options, "initial": initial})
        kept: Any = self.fields["mapping"]
        kept.choices = [("", "—"), *((row.name, row.name) for row in mappings())]
        heads = [("", "—"), *((head, head) for head in source.heads)]
        for field in FIELDS:
            self.fields[f"column-{field.key}"] = forms.ChoiceField(
                label=str(field.label), choices=heads, required=False
            )

    def columns(self) -> list[Any]:
        return [self[f"column-{field.key}"] for field in FIELDS]

    def values(self) -> dict[str, Any]:
        """Keyword arguments of ``services.map_import``."""
        values = self.cleaned_data
        columns = {field.key: values[f"column-{field.key}"] for field in FIELDS}
        if values["mapping"] and (mapping := find_mapping(values["mapping"])):
            columns = {key: head for key, head in mapping.columns.items() if head}
        region, level = values["default_region"], values["default_level"]
        return {
            "columns": columns, "source_name": values["source_name"], "keep_as": values["keep_as"],
            "despite_duplicates": values["despite_duplicates"],
            "defaults": {"region": region.code if region else "", "level": level.code if level else ""},
        }  # fmt: skip


class RowFilter(forms.Form):
    outcome = forms.ChoiceField(label=_("Outcome"), required=False, choices=[("", _("all")), *RowOutcome.choices])

    def criteria(self) -> dict[str, str]:
        return {"outcome": self.cleaned_data["outcome"] if self.is_valid() else ""}

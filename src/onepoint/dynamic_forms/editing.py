"""The table editor's state: rows come from the posted page, one action is applied, a schema goes out."""

from collections.abc import Mapping
from typing import Any, Final

from onepoint.core.text import whole_number
from onepoint.dynamic_forms.forms import FieldRowForm, row_initial
from onepoint.dynamic_forms.schema import MAX_FIELDS

Rows = list[FieldRowForm]
COUNT_NAME: Final = "row-count"


def rows_of_schema(schema: Mapping[str, Any]) -> Rows:
    fields = schema.get("fields", [])
    return [FieldRowForm(initial=row_initial(field), prefix=f"row-{place}") for place, field in enumerate(fields)]


def rows_of_post(data: Mapping[str, Any]) -> Rows:
    return [FieldRowForm(data, prefix=f"row-{place}") for place in range(_count(data))]


def _count(data: Mapping[str, Any]) -> int:
    return min(whole_number(str(data.get(COUNT_NAME, "0"))) or 0, MAX_FIELDS)


def applied(rows: Rows, action: str) -> Rows:
    """The rows after `add`, `remove-3`, `up-3` or `down-3`; any other action leaves them as they are."""
    entered = [_entered(row) for row in rows]
    verb, _, place_text = action.partition("-")
    found = whole_number(place_text)
    place = -1 if found is None else found
    if verb == "add" and len(entered) < MAX_FIELDS:
        entered.append({"type": "text"})
    elif verb == "remove" and 0 <= place < len(entered):
        del entered[place]
    elif verb in ("up", "down") and 0 <= place < len(entered):
        other = place + (1 if verb == "down" else -1)
        if 0 <= other < len(entered):
            entered[place], entered[other] = entered[other], entered[place]
    return [FieldRowForm(initial=facts, prefix=f"row-{place}") for place, facts in enumerate(entered)]


def _entered(row: FieldRowForm) -> dict[str, Any]:
    return {name: row[name].value() for name in row.fields}


def schema_of(rows: Rows) -> dict[str, Any] | None:
    """The schema the rows describe; None while a row cannot be read at all (its errors say why)."""
    valid = [row.is_valid() for row in rows]
    return {"fields": [row.as_schema_field() for row in rows]} if all(valid) else None

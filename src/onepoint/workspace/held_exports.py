"""Exports that wait for a second person: who asked for what, as far as the reader looks after the one who asked."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from onepoint.accounts.models import User
from onepoint.accounts.queries import people_who_may
from onepoint.accounts.scope import scope_of
from onepoint.core import export_approval, exporting
from onepoint.core.models import Export

MOST_SHOWN = 100


@dataclass
class HeldRow:
    """One export as the page of approvals shows it."""

    export: Export
    asker: User | None
    label: str
    columns: list[str]
    filters: list[tuple[str, str]]
    filter_form: Any = None  # the same filters in words, where the list has a form that can tell them
    form: Any = None


def _held(visible_to: User) -> QuerySet[Export]:
    looked_after = User.objects.filter(
        scope_of(visible_to, export_approval.APPROVE).by_unit_and_region(unit="unit", region="unit__region")
    )
    return export_approval.held_exports().exclude(actor_id=visible_to.pk).filter(actor_id__in=looked_after.values("pk"))


def find_held(pk: int, *, visible_to: User) -> Export | None:
    """One of them; None for one's own, which others decide about."""
    return _held(visible_to).filter(pk=pk).first()


def held_rows(*, visible_to: User) -> list[HeldRow]:
    """Those that wait, the longest waiting first."""
    exports = list(_held(visible_to)[:MOST_SHOWN])
    people = User.objects.select_related("unit").in_bulk({export.actor_id for export in exports})
    return [_row(export, people.get(export.actor_id)) for export in exports]


def _row(export: Export, asker: User | None) -> HeldRow:
    exported = exporting.find_list(export.list_code)
    labels = {column.key: str(column.label) for column in exported.columns} if exported else {}
    chosen = QueryDict(export.query)
    filters = [(key, ", ".join(chosen.getlist(key))) for key in chosen if key in _narrowing(chosen)]
    label = str(exported.label) if exported else export.list_code
    return HeldRow(
        export, asker, label, [labels.get(key, key) for key in export.columns], filters, _filter_form(exported, chosen)
    )


def _filter_form(exported: Any, chosen: QueryDict) -> Any:
    """The filter form as it was filled, or None where it cannot tell all that narrows the list."""
    make = getattr(exported, "filter_form", None)
    if make is None:
        return None
    form = make(chosen)
    told = {name for name in chosen if name in form.fields}
    return form if form.is_valid() and told >= _narrowing(chosen) else None


def _narrowing(chosen: QueryDict) -> set[str]:
    return {key for key, values in chosen.lists() if any(values) and key not in ("sort", "page")}


def approvers_of(export: Export) -> list[int]:
    """Ids of those who may decide about it: they hold the right and look after the one who asked."""
    asker = User.objects.filter(pk=export.actor_id).select_related("unit").first()
    if asker is None:
        return []
    holders = people_who_may(export_approval.APPROVE).exclude(pk=asker.pk)
    unit = asker.unit
    return [
        person.pk
        for person in holders
        if unit is not None
        and scope_of(person, export_approval.APPROVE).reaches(unit_id=unit.pk, region_id=unit.region_id)
    ]

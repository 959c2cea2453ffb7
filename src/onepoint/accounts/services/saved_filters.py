"""Filters people keep: saved, changed, shared, put first, deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from onepoint.accounts import policies
from onepoint.accounts.kept_lists import find_list
from onepoint.accounts.models import FirstFilter, OrgUnit, Role, SavedFilter, User
from onepoint.core import audit, clock
from onepoint.core.errors import BusinessError, InvalidInput, require
from onepoint.core.text import clean

LARGEST_QUERY = 30  # fields


@dataclass(frozen=True)
class FilterItems:
    """Name of a filter, whether one's list opens with it, and with whom it is shared."""

    name: str
    is_first: bool = False
    units: Sequence[OrgUnit] = field(default=())
    roles: Sequence[Role] = field(default=())
    people: Sequence[User] = field(default=())

    @property
    def is_shared(self) -> bool:
        return bool(self.units or self.roles or self.people)

    def as_fact(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "units": [unit.code for unit in self.units],
            "roles": [role.code for role in self.roles],
            "people": [person.username for person in self.people],
        }


@transaction.atomic
def save_filter(
    items: FilterItems, *, list_code: str, query: Mapping[str, str], columns: Sequence[str], sort: str, by: User
) -> SavedFilter:
    """Keep a filter under a name of one's own. Raises NotPermitted, InvalidInput."""
    require(_why_not_save(list_code, by, shared=items.is_shared))
    saved = SavedFilter(owner=by, list_code=list_code)
    saved.query = {name: str(value)[:200] for name, value in list(query.items())[:LARGEST_QUERY]}
    saved.columns, saved.sort = list(columns)[:30], sort[:40]
    _store(saved, items)
    audit.record(
        "saved_filter.created", by=by, subject_type="saved_filter", subject_id=saved.pk, list=list_code,
        query=saved.query, **items.as_fact(),
    )  # fmt: skip
    return saved


@transaction.atomic
def change_filter(saved: SavedFilter, items: FilterItems, *, by: User) -> SavedFilter:
    """Rename a filter of one's own or share it otherwise. Raises NotPermitted, NotYourFilter, InvalidInput."""
    require(_why_not_change(saved, by, shared=items.is_shared))
    _store(saved, items)
    audit.record("saved_filter.changed", by=by, subject_type="saved_filter", subject_id=saved.pk, **items.as_fact())
    return saved


@transaction.atomic
def replace_query(
    saved: SavedFilter, *, query: Mapping[str, str], columns: Sequence[str], sort: str, by: User
) -> SavedFilter:
    """Keep what the list is narrowed to now under the name the filter has. Raises NotPermitted, NotYourFilter."""
    require(_why_not_change(saved, by))
    saved.query = {name: str(value)[:200] for name, value in list(query.items())[:LARGEST_QUERY]}
    saved.columns, saved.sort, saved.changed_at = list(columns)[:30], sort[:40], clock.now()
    saved.save(update_fields=["query", "columns", "sort", "changed_at"])
    audit.record("saved_filter.changed", by=by, subject_type="saved_filter", subject_id=saved.pk, query=saved.query)
    return saved


@transaction.atomic
def delete_filter(saved: SavedFilter, *, by: User) -> None:
    """Forget a filter; whoever it was shared with loses it too. Raises NotYourFilter."""
    require(_why_not_change(saved, by))
    audit.record("saved_filter.deleted", by=by, subject_type="saved_filter", subject_id=saved.pk, name=saved.name)
    saved.delete()


@transaction.atomic
def put_filter_first(list_code: str, saved: SavedFilter | None, *, by: User) -> None:
    """Open one's list with a filter of it one may use, or with all rows (None). Raises NotPermitted."""
    require(_why_not_save(list_code, by))
    if saved is None:
        FirstFilter.objects.filter(user=by, list_code=list_code).delete()
    else:
        FirstFilter.objects.update_or_create(user=by, list_code=list_code, defaults={"saved_filter": saved})


def _permission(list_code: str) -> str:
    kept = find_list(list_code)
    return kept.permission if kept else ""


def _why_not_save(list_code: str, by: User, *, shared: bool = False) -> BusinessError | None:
    return policies.why_not_save_filter(_permission(list_code), by, shared=shared)


def _why_not_change(saved: SavedFilter, by: User, *, shared: bool = False) -> BusinessError | None:
    return policies.why_not_change_filter(saved, _permission(saved.list_code), by, shared=shared)


def _store(saved: SavedFilter, items: FilterItems) -> None:
    saved.name = clean(items.name)[:40]
    if not saved.name:
        raise InvalidInput({"name": _("Give the filter a name.")})
    saved.changed_at = clock.now()
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError as problem:
        raise InvalidInput({"name": _("You have a filter of this name already.")}) from problem
    saved.units.set(items.units)
    saved.roles.set(items.roles)
    saved.people.set(items.people)
    if items.is_first:
        FirstFilter.objects.update_or_create(
            user=saved.owner, list_code=saved.list_code, defaults={"saved_filter": saved}
        )
    else:
        FirstFilter.objects.filter(user=saved.owner, saved_filter=saved).delete()

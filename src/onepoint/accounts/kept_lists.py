"""Lists whose columns people choose and whose filters they keep: each says once what it is, the pages of filters serve all.

A capability registers its ``KeptList`` when the house starts and builds its page with ``open_list``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode

from onepoint.accounts.models import SavedFilter, User
from onepoint.accounts.queries.saved_filters import filters_to_show
from onepoint.core import masking
from onepoint.core.filtering import KeptFilterForm
from onepoint.core.tables import Column, capped_count, chosen_keys, named_columns

#: Filters that stand as tabs; the others are in the menu behind them.
TABS = 5
#: A figure beside a filter says "99+" past this.
COUNT_CAP = 99
#: Parameters that say how a list is shown, not what it holds.
NOT_A_FILTER = {"filter", "sort", "size", "page"}


@dataclass(frozen=True)
class OwnTab:
    """A tab every reader of the list has, beside those of his filters."""

    label: str
    query: str
    is_current: bool
    figure: str = ""


@dataclass(frozen=True)
class KeptList:
    """``found`` gives the rows a filled-in ``form`` narrows the list to, in the reader's scope, not sorted.

    ``noun`` names its columns where roles are denied a field of it (``noun.column``); ``moment`` is the column it is listed
    by, the newest first (``core.newest``).
    """

    code: str
    noun: str
    permission: str
    url_name: str
    label: str | Promise
    all_label: str | Promise
    form: type[KeptFilterForm]
    columns: Sequence[Column]
    found: Callable[[Any, User], QuerySet]
    moment: str
    default_sort: str = ""

    @property
    def address(self) -> str:
        return reverse(self.url_name)

    def form_of(self, saved: SavedFilter, **options: Any) -> KeptFilterForm:
        """The form as it was when the filter was saved; what has gone since narrows nothing."""
        return self.form.of_saved(saved.query, **options)

    def address_of(self, saved: SavedFilter) -> str:
        """The list by a saved filter: everything stands in the address, so it can be changed from there."""
        query = {**saved.query, **({"sort": saved.sort} if saved.sort else {}), "filter": saved.pk}
        return f"{self.address}?{urlencode(query)}"

    def asked(self, query: QueryDict) -> dict[str, Any]:
        """What of an address of the list is kept: valid fields, known columns, the order."""
        known = {column.key for column in self.columns}
        return {
            "query": self.form(query).accepted(),
            "columns": [key for key in query.get("columns", "").split(",") if key in known],
            "sort": query.get("sort", ""),
        }

    def columns_code(self, current: SavedFilter | None) -> str:
        return f"{self.code}:{current.pk}" if current else self.code

    def columns_for(self, user: User, current: SavedFilter | None) -> list[Column]:
        """Chosen in this filter, else as it was saved, else chosen for the list, else the usual ones."""
        code = self.columns_code(current)
        chosen = chosen_keys(self.code, code, actor_id=user.pk)
        keys = chosen.get(code) or (current.columns if current else []) or chosen.get(self.code, [])
        return [one for one in named_columns(self.columns, keys) if masking.shows_field(f"{self.noun}.{one.key}")]


_lists: dict[str, KeptList] = {}


def register(kept: KeptList) -> KeptList:
    _lists[kept.code] = kept
    return kept


def find_list(code: str) -> KeptList | None:
    return _lists.get(code)


def figure_of(kept: KeptList, saved: SavedFilter, reader: User) -> str:
    """How many rows a filter shows a reader: "12", "99+", or "…" where counting would take too long."""
    count = capped_count(kept.found(kept.form_of(saved), reader), COUNT_CAP, kept.moment)
    if count is None:
        return "…"
    return f"{COUNT_CAP}+" if count > COUNT_CAP else str(count)


@dataclass
class OpenedList:
    """A list as one person asked for it. Where ``way`` is not empty, the page is there instead."""

    kept: KeptList
    form: Any
    columns: list[Column] = field(default_factory=list)
    filters: list[SavedFilter] = field(default_factory=list)
    current: SavedFilter | None = None
    way: str = ""

    @property
    def default_sort(self) -> str:
        return (self.current and self.current.sort) or self.kept.default_sort

    def context(self, user: User) -> Mapping[str, Any]:
        """What ``accounts/kept_list_actions.html``, ``filter_tabs.html`` and the column chooser read."""
        shown = [column.key for column in self.columns]
        current = self.current
        return {
            "kept": self.kept,
            "form": self.form,
            "filters": with_addresses(self.kept, self.filters[:TABS]),
            "current": current,
            "is_changed": current is not None and self.form.accepted() != current.query,
            "is_own": current is not None and current.owner_id == user.pk,
            "choosable": [*self.columns, *(column for column in self.kept.columns if column.key not in shown)],
            "shown": shown,
        }


def with_addresses(kept: KeptList, filters: Sequence[SavedFilter]) -> list[tuple[SavedFilter, str]]:
    return [(one, f"{kept.address}?filter={one.pk}") for one in filters]


def open_list(kept: KeptList, user: User, parameters: QueryDict) -> OpenedList:
    """What a list is narrowed to, which columns it has, and the filters beside it. Raises Http404 for a filter not usable."""
    filters = filters_to_show(user, kept.code)
    if way := _way_to_saved(kept, parameters, filters):
        return OpenedList(kept, None, way=way)
    current = next((one for one in filters if str(one.pk) == parameters.get("filter")), None)
    form = kept.form(parameters if set(parameters) - NOT_A_FILTER else None)
    return OpenedList(kept, form, kept.columns_for(user, current), filters, current)


def _way_to_saved(kept: KeptList, parameters: QueryDict, filters: list[SavedFilter]) -> str:
    """Where to go when only a filter is named, or nothing at all while one of them is to be opened first."""
    if set(parameters) - {"filter"}:
        return ""
    if not parameters:
        wanted = next((one for one in filters if one.is_first), None)
    else:
        wanted = next((one for one in filters if str(one.pk) == parameters["filter"]), None)
        if parameters["filter"] and wanted is None:
            raise Http404
    return kept.address_of(wanted) if wanted and (wanted.query or wanted.sort or not parameters) else ""

"""Filters of the ticket list the demo's people keep and share."""

from collections.abc import Mapping

from onepoint.accounts.models import Role, User
from onepoint.tickets import services
from onepoint.tickets.models import SavedFilter
from onepoint.tickets.services import FilterItems

#: Owner, name, with whose roles it is shared, what it narrows to, columns, order.
FILTERS: list[tuple[str, str, list[str], dict[str, str], list[str], str]] = [
    ("duty", "超时未结投诉", ["coordinator", "supervisor"], {"status": "alive", "kind": "complaint", "flag": "overdue"},
     ["number", "title", "severity", "status", "assignee", "region", "due"], "due"),
    ("duty", "本周重启", ["supervisor"], {"flag": "reopened", "opened_within": "7"}, [], "-opened"),
    ("wuh.coordinator", "我派出的在办工单", [], {"status": "alive", "relation": "handled"}, [], ""),
]  # fmt: skip


def build_filters(people: Mapping[str, User]) -> None:
    """Save the filters that are not there yet."""
    for owner, name, roles, query, columns, sort in FILTERS:
        by = people[owner]
        if SavedFilter.objects.filter(owner=by, name=name).exists():
            continue
        items = FilterItems(name, roles=list(Role.objects.filter(code__in=roles)))
        services.save_filter(items, query=query, columns=columns, sort=sort, by=by)

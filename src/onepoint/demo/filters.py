"""Filters of the lists the demo's people keep and share."""

from collections.abc import Mapping

from onepoint.accounts import services
from onepoint.accounts.models import Role, SavedFilter, User
from onepoint.accounts.services import FilterItems

#: List, owner, name, with whose roles it is shared, what it narrows to, columns, order.
FILTERS: list[tuple[str, str, str, list[str], dict[str, str], list[str], str]] = [
    ("tickets", "duty", "超时未结投诉", ["coordinator", "supervisor"], {"status": "alive", "kind": "complaint", "flag": "overdue"},
     ["number", "title", "severity", "status", "assignee", "region", "due"], "due"),
    ("tickets", "duty", "本周重启", ["supervisor"], {"flag": "reopened", "opened_within": "7"}, [], "-opened"),
    ("tickets", "wuh.coordinator", "我派出的在办工单", [], {"status": "alive", "relation": "handled"}, [], ""),
    ("contacts", "duty", "近七天热线未了结", ["coordinator", "supervisor"],
     {"channel": "hotline", "outcome": "open", "began_within": "7"},
     ["number", "began", "caller", "customer", "subject", "agent"], "-began"),
    ("contacts", "agent1", "今天当场解决的", [], {"outcome": "solved", "began_within": "1"}, [], ""),
]  # fmt: skip


def build_filters(people: Mapping[str, User]) -> None:
    """Save the filters that are not there yet."""
    for list_code, owner, name, roles, query, columns, sort in FILTERS:
        by = people[owner]
        if SavedFilter.objects.filter(owner=by, list_code=list_code, name=name).exists():
            continue
        items = FilterItems(name, roles=list(Role.objects.filter(code__in=roles)))
        services.save_filter(items, list_code=list_code, query=query, columns=columns, sort=sort, by=by)

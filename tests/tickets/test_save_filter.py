"""Filters people keep, share and open their list with."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from cast import Cast
from onepoint.accounts import queries, services
from onepoint.accounts.models import FirstFilter, Role, SavedFilter, User
from onepoint.accounts.policies import NotYourFilter
from onepoint.accounts.services import FilterItems
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.tickets.columns import COLUMNS
from onepoint.tickets.models import Ticket
from tickets.conftest import fresh

LIST = "/tickets/"
Register = Callable[..., Ticket]


def keep(by: User, name: str = "投诉", query: dict[str, str] | None = None, **shared: Any) -> SavedFilter:
    items = FilterItems(name, **shared)
    asked = query or {"kind": "complaint"}
    return services.save_filter(items, list_code="tickets", query=asked, columns=[], sort="", by=fresh(by))


def names(user: User) -> set[str]:
    return {one.name for one in queries.filters_of(fresh(user), "tickets")}


def test_a_filter_is_private_until_it_is_shared(cast: Cast) -> None:
    keep(cast.coordinator)
    assert names(cast.coordinator) == {"投诉"}
    assert names(cast.agent) == set()


@pytest.mark.parametrize(
    ("shared", "sees"),
    [
        (lambda cast: {"people": [cast.agent]}, {"agent"}),
        (lambda cast: {"roles": [Role.objects.get(code="agent")]}, {"agent", "second_agent", "outsider"}),
        (lambda cast: {"units": [cast.head_office]}, {"agent", "second_agent", "handler", "outsider"}),
        (lambda cast: {"units": [cast.network]}, {"handler"}),
    ],
    ids=["people", "roles", "units and below", "one unit"],
)
def test_it_reaches_those_it_is_shared_with(cast: Cast, shared: Any, sees: set[str]) -> None:
    keep(cast.coordinator, **shared(cast))
    for part in ("agent", "second_agent", "handler", "outsider"):
        assert names(getattr(cast, part)) == ({"投诉"} if part in sees else set()), part


def test_a_shared_filter_shows_no_more_than_the_readers_own_scope(
    cast: Cast, register: Register, client_of: Any
) -> None:
    register(title="东市")
    register(title="西市", by=cast.outsider)
    one = keep(cast.coordinator, people=[cast.outsider])
    page = client_of(cast.outsider).get(f"{LIST}?filter={one.pk}", follow=True)
    assert [ticket.title for ticket in page.context["page"].rows] == ["西市"]
    assert page.context["current"] == one


def test_a_filter_of_somebody_else_does_not_exist(cast: Cast, client_of: Any) -> None:
    one = keep(cast.coordinator)
    client = client_of(cast.agent)
    assert client.get(f"{LIST}?filter={one.pk}").status_code == 404
    for name in ("filter-detail", "filter-delete", "filter-replace", "filter-first"):
        url = reverse(name, args=[one.pk])
        assert client.post(url).status_code == 404, name
    assert SavedFilter.objects.filter(pk=one.pk).exists()


def test_only_its_owner_changes_it(cast: Cast) -> None:
    one = keep(cast.coordinator, people=[cast.agent])
    for act in (
        lambda: services.change_filter(one, FilterItems("x"), by=fresh(cast.agent)),
        lambda: services.replace_query(one, query={}, columns=[], sort="", by=fresh(cast.agent)),
        lambda: services.delete_filter(one, by=fresh(cast.agent)),
    ):
        with pytest.raises(NotYourFilter):
            act()


def test_sharing_needs_the_permission(cast: Cast, client_of: Any) -> None:
    with pytest.raises(NotPermitted):
        keep(cast.agent, people=[cast.second_agent])
    page = (
        client_of(cast.agent)
        .get(reverse("filter-create", args=["tickets"]), {"query": "kind=complaint"})
        .content.decode()
    )
    assert 'name="people"' not in page
    assert (
        'name="people"' in client_of(cast.coordinator).get(reverse("filter-create", args=["tickets"])).content.decode()
    )


def test_one_name_is_used_once_and_not_left_empty(cast: Cast) -> None:
    keep(cast.coordinator)
    for name in ("投诉", "  ", "\x00"):
        with pytest.raises(InvalidInput):
            keep(cast.coordinator, name)
    keep(cast.agent)


def test_only_valid_parts_of_the_address_are_kept(cast: Cast, client_of: Any, categories: Any) -> None:
    query = (
        f"kind=complaint&category={categories['billing'].pk}&status=nonsense&evil=1&sort=due&columns=number,evil,due"
    )
    client_of(cast.agent).post(reverse("filter-create", args=["tickets"]), {"name": "计费", "query": query})
    one = SavedFilter.objects.get()
    assert one.query == {"kind": "complaint", "category": str(categories["billing"].pk)}
    assert (one.columns, one.sort) == (["number", "due"], "due")


def test_the_list_opens_with_the_first_filter_and_all_tickets_stay_one_step_away(
    cast: Cast, register: Register, categories: Any, client_of: Any
) -> None:
    register(title="投诉的事")
    register(title="表扬的事", kind="praise", category=categories["bb_drops"])
    keep(cast.agent, query={"kind": "praise"}, is_first=True)
    client = client_of(cast.agent)
    first = client.get(LIST, follow=True).context["page"]
    assert [ticket.title for ticket in first.rows] == ["表扬的事"]
    assert len(client.get(f"{LIST}?filter=").context["page"].rows) == 2
    services.put_filter_first("tickets", None, by=fresh(cast.agent))
    assert len(client.get(LIST).context["page"].rows) == 2


def test_a_filter_that_is_taken_away_no_longer_opens_the_list(cast: Cast, client_of: Any) -> None:
    one = keep(cast.coordinator, people=[cast.agent])
    services.put_filter_first("tickets", one, by=fresh(cast.agent))
    services.change_filter(one, FilterItems("投诉"), by=fresh(cast.coordinator))
    assert client_of(cast.agent).get(LIST).status_code == 200
    services.delete_filter(one, by=fresh(cast.coordinator))
    assert not FirstFilter.objects.exists()


def test_what_the_list_shows_now_is_kept_under_the_name(cast: Cast, client_of: Any) -> None:
    one = keep(cast.agent)
    client = client_of(cast.agent)
    assert client.get(f"{LIST}?kind=praise&filter={one.pk}").context["is_changed"]
    client.post(reverse("filter-replace", args=[one.pk]), {"query": f"kind=praise&filter={one.pk}&columns=number"})
    one.refresh_from_db()
    assert (one.query, one.columns) == ({"kind": "praise"}, ["number"])


def test_every_change_is_journaled(cast: Cast) -> None:
    one = keep(cast.coordinator)
    services.change_filter(one, FilterItems("甲", people=[cast.agent]), by=fresh(cast.coordinator))
    services.delete_filter(one, by=fresh(cast.coordinator))
    entries = AuditEntry.objects.filter(subject_type="saved_filter").order_by("id")
    verbs = ["saved_filter.created", "saved_filter.changed", "saved_filter.deleted"]
    assert list(entries.values_list("verb", flat=True)) == verbs
    assert entries[1].data["people"] == [cast.agent.username]


def test_the_tabs_count_what_each_would_show_this_reader(cast: Cast, register: Register, client_of: Any) -> None:
    register(title="东市")
    register(title="西市", by=cast.outsider)
    keep(cast.coordinator, people=[cast.agent, cast.outsider])
    for person in (cast.agent, cast.outsider):
        ((one, _),) = client_of(person).get(reverse("filter-tabs", args=["tickets"])).context["filters"]
        assert one.figure == "1"


def test_columns_are_kept_per_person_and_per_filter(cast: Cast, register: Register, client_of: Any) -> None:
    register(contact_phone="13900001111")
    one = keep(cast.agent)
    client = client_of(cast.agent)

    def shown(address: str) -> list[str]:
        return [column.key for column in client.get(address, follow=True).context["page"].columns]

    usual = shown(LIST)
    client.post(
        reverse("list-columns", args=["tickets"]), {"columns": ["due", "number", "evil", "contact_phone"], "query": ""}
    )
    assert shown(f"{LIST}?filter=") == ["due", "number", "contact_phone"]
    client.post(
        reverse("list-columns", args=["tickets"]),
        {"columns": ["number"], "filter": str(one.pk), "query": f"filter={one.pk}"},
    )
    assert shown(f"{LIST}?filter={one.pk}") == ["number"]
    assert shown(f"{LIST}?filter=") == ["due", "number", "contact_phone"]
    client.post(reverse("list-columns", args=["tickets"]), {"usual": "1", "query": ""})
    assert shown(f"{LIST}?filter=") == usual


def test_every_column_can_be_shown_and_masks_what_is_personal(cast: Cast, ticket: Ticket, client_of: Any) -> None:
    role = Role.objects.get(code="agent")
    role.permissions = [code for code in role.permissions if code != "personal_data.see_phone"]
    role.save()
    client = client_of(cast.agent)
    keys = [column.key for column in COLUMNS]
    for start in range(0, len(keys), 10):
        client.post(
            reverse("list-columns", args=["tickets"]), {"columns": ["number", *keys[start : start + 10]], "query": ""}
        )
        page = client.get(f"{LIST}?filter=").content.decode()
        assert ticket.number in page
        assert "138 0013 8000" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"flag": "reopened"}, 0),
        ({"flag": "overdue"}, 0),
        ({"opened_within": "1"}, 1),
        ({"opened_within": "evil"}, 1),
        ({"tag": "evil"}, 1),
        ({"number": "TS"}, 1),
        ({"number": "XX"}, 0),
        ({"level": "99999999999999999999"}, 1),
        ({"region": "-1"}, 1),
        ({"assignee": "99"}, 1),
        ({"severity": "\x00"}, 1),
    ],
)
def test_more_filters_narrow_the_list_and_wrong_values_do_not(
    cast: Cast, ticket: Ticket, client_of: Any, query: dict[str, str], found: int
) -> None:
    answer = client_of(cast.agent).get(LIST, query)
    assert len(answer.context["page"].rows) == found


def test_people_and_parts_narrow_the_list(cast: Cast, ticket: Ticket, client_of: Any) -> None:
    client = client_of(cast.coordinator)
    for query, count in (
        ({"creator": cast.agent.pk}, 1),
        ({"creator": cast.coordinator.pk}, 0),
        ({"assignee": cast.coordinator.pk}, 0),
        ({"region": cast.east.pk}, 1),
        ({"region": cast.west.pk}, 0),
    ):
        assert len(client.get(LIST, query).context["page"].rows) == count, query


def test_each_condition_in_use_can_be_dropped(cast: Cast, ticket: Ticket, client_of: Any) -> None:
    page = client_of(cast.agent).get(LIST, {"kind": "complaint", "status": "alive"}).content.decode()
    assert "?kind=complaint" in page
    assert "?status=alive" in page
    alone = client_of(cast.agent).get(LIST, {"kind": "complaint"}).content.decode()
    assert "?filter=" in alone

"""The contact journal with columns people choose and filters they keep: the same mechanism as the ticket list's."""

from datetime import timedelta

from django.urls import reverse

from cast import Cast
from onepoint.accounts import queries, services
from onepoint.accounts.models import Role, SavedFilter
from onepoint.accounts.services import FilterItems
from onepoint.channels import services as channels
from onepoint.channels.contact_columns import COLUMNS
from onepoint.channels.models import Contact
from onepoint.core import clock
from onepoint.core.models import ChosenColumns

LIST = "/contacts/"
COLUMNS_URL = "/filters/contacts/columns/"


def keep(by, name="热线", query=None, **shared) -> SavedFilter:
    asked = query or {"channel": "hotline"}
    items = FilterItems(name, **shared)
    return services.save_filter(items, list_code="contacts", query=asked, columns=[], sort="", by=by)


def numbers(page) -> list[str]:
    return [row.contact.number for row in page.context["rows"]]


def test_chosen_columns_stay_and_the_usual_ones_come_back(cast: Cast, contact, client_of):
    client = client_of(cast.agent)

    def shown() -> list[str]:
        return [column.key for column in client.get(f"{LIST}?filter=").context["page"].columns]

    usual = shown()
    client.post(COLUMNS_URL, {"columns": ["began", "number", "evil", "caller"], "query": "channel=hotline"})
    assert shown() == ["began", "number", "caller"]
    assert ChosenColumns.objects.get().list_code == "contacts"
    client.post(COLUMNS_URL, {"usual": "1"})
    assert shown() == usual


def test_every_column_can_be_shown_and_masks_what_is_personal(cast: Cast, contact, client_of):
    role = Role.objects.get(code="agent")
    role.permissions = [code for code in role.permissions if code != "personal_data.see_phone"]
    role.save()
    client = client_of(cast.agent)
    client.post(COLUMNS_URL, {"columns": [column.key for column in COLUMNS]})
    client.post(COLUMNS_URL, {"columns": ["number", "caller", "unit", "result", "ticket", "ended", "direction"]})
    page = client.get(f"{LIST}?filter=").content.decode()
    assert contact.number in page
    assert "057****8888" in page
    assert "057188888888" not in page


def test_a_saved_filter_opens_the_journal_and_keeps_relative_days(cast: Cast, contact, client_of):
    old = channels.journal_contact(by=cast.agent, channel="hotline", subject="旧事")
    Contact.objects.filter(pk=old.pk).update(started_at=clock.now() - timedelta(days=40))
    client = client_of(cast.agent)
    client.post(
        "/filters/contacts/new/", {"name": "近七天", "is_first": "on", "query": "began_within=7&evil=1&sort=began"}
    )
    one = SavedFilter.objects.get()
    assert (one.list_code, one.query, one.sort) == ("contacts", {"began_within": "7"}, "began")
    assert numbers(client.get(LIST, follow=True)) == [contact.number]
    assert set(numbers(client.get(f"{LIST}?filter="))) == {contact.number, old.number}


def test_a_shared_filter_shows_no_more_than_the_readers_own_scope(cast: Cast, contact, client_of):
    one = keep(cast.coordinator, people=[cast.outsider, cast.agent])
    assert numbers(client_of(cast.outsider).get(f"{LIST}?filter={one.pk}", follow=True)) == []
    assert numbers(client_of(cast.agent).get(f"{LIST}?filter={one.pk}", follow=True)) == [contact.number]


def test_filters_of_one_list_are_no_filters_of_another(cast: Cast, contact, client_of):
    one = keep(cast.agent, is_first=True)
    services.save_filter(FilterItems("热线"), list_code="tickets", query={}, columns=[], sort="", by=cast.agent)
    client = client_of(cast.agent)
    assert client.get(f"/tickets/?filter={one.pk}").status_code == 404
    assert client.get("/tickets/").status_code == 200
    assert [found.pk for found in queries.filters_of(cast.agent, "contacts")] == [one.pk]
    client.post("/filters/tickets/columns/", {"columns": ["number"], "filter": str(one.pk)})
    assert ChosenColumns.objects.get().list_code == "tickets"


def test_a_list_nobody_knows_has_no_filters(cast: Cast, client_of):
    client = client_of(cast.agent)
    for name in ("filter-list", "filter-tabs", "filter-create"):
        assert client.get(reverse(name, args=["nothing"])).status_code == 404


def test_those_who_do_not_read_the_journal_keep_no_filters_of_it(cast: Cast, client_of):
    client = client_of(cast.admin)
    assert client.get("/filters/contacts/").status_code == 403
    assert client.post("/filters/contacts/new/", {"name": "x"}).status_code == 403
    assert not SavedFilter.objects.exists()


def test_the_tabs_count_and_the_own_tab_stays(cast: Cast, contact, client_of):
    keep(cast.agent)
    client = client_of(cast.agent)
    ((one, address),) = client.get("/filters/contacts/tabs/").context["filters"]
    assert (one.figure, address) == ("1", f"{LIST}?filter={one.pk}")
    page = client.get(f"{LIST}?mine=1")
    assert numbers(page) == [contact.number]
    assert page.context["is_own_tab"]


def test_filters_and_columns_cost_no_query_of_their_own_once_read(
    cast: Cast, contact, client_of, django_assert_num_queries
):
    one = keep(cast.agent)
    client = client_of(cast.agent)
    client.post(COLUMNS_URL, {"columns": ["number", "unit", "ticket", "result"]})
    address = f"{LIST}?channel=hotline&filter={one.pk}"
    client.get(address)
    with django_assert_num_queries(3):
        client.get(address)
    for _ in range(4):
        channels.journal_contact(by=cast.agent, channel="hotline", subject="问套餐")
    with django_assert_num_queries(3):
        assert len(numbers(client.get(address))) == 5

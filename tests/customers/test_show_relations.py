"""The pages of duplicates, merging, the attention list, the tree and the timeline; each within the person's scope."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.urls import reverse

from customers.conftest import again, allow
from onepoint.channels import services as channel_services
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.customers import history, policies, services
from onepoint.customers.models import AttentionEntry, Customer, CustomerMerge, LikelyPair
from onepoint.customers.queries import attention, tree
from onepoint.customers.services import NewAccount


def text_of(client, path, **more):
    answer = client.get(path, **more)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


@pytest.fixture
def pair(cast, keeper):
    for name in ("甲方", "乙方"):
        services.create_customer(
            by=None, name=name, region=cast.east, accounts=[NewAccount("13800138000")], despite_duplicates=True
        )
    services.compare_all(by=None)
    return LikelyPair.objects.select_related("first", "second").get()


# --- duplicates and merging -----------------------------------------------------------------------------------------


def test_the_worklist_leads_to_the_merge_and_back(keeper, pair, client_of):
    client = client_of(keeper)
    page = text_of(client, "/customers/likely/")
    merge_url = reverse("customer-merge", args=[pair.first.number, pair.second.number])
    assert merge_url in page
    screen = text_of(client, merge_url)
    assert "甲方" in screen
    sent = {
        "keep": pair.second.number, "reason": "同一人", "value-name": pair.first.number,
        f"version-{pair.first.number}": 1, f"version-{pair.second.number}": 1,
    }  # fmt: skip
    answer = client.post(merge_url, sent)
    assert answer.status_code == 302, answer.content.decode()
    assert answer.headers["Location"] == f"/customers/{pair.second.number}/"
    assert again(pair.second).name == "甲方"
    assert client.get(f"/customers/{pair.first.number}/").headers["Location"] == f"/customers/{pair.second.number}/"
    relations = text_of(client, f"/customers/{pair.second.number}/relations/")
    merge = CustomerMerge.objects.get()
    assert f"/customers/merges/{merge.pk}/undo/" in relations
    assert client.post(f"/customers/merges/{merge.pk}/undo/").headers["Location"] == f"/customers/{pair.first.number}/"
    assert again(pair.second).name == "乙方"


def test_a_merge_over_a_newer_version_keeps_the_choices(keeper, pair, client_of):
    services.change_customer(pair.first, by=None, version=1, note="neu")
    merge_url = reverse("customer-merge", args=[pair.first.number, pair.second.number])
    sent = {"keep": pair.second.number, "reason": "同一人", f"version-{pair.first.number}": 1,
            f"version-{pair.second.number}": 1}  # fmt: skip
    answer = client_of(keeper).post(merge_url, sent)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "同一人" in page
    assert f'name="version-{pair.first.number}" value="2"' in page.replace('type="hidden" ', "")
    assert not CustomerMerge.objects.exists()


def test_a_pair_is_told_apart_and_looked_at_again(keeper, pair, client_of):
    client = client_of(keeper)
    client.post(f"/customers/likely/{pair.pk}/apart/")
    assert "甲方" not in text_of(client, "/customers/likely/")
    assert "甲方" in text_of(client, "/customers/likely/?state=different")
    client.post(f"/customers/likely/{pair.pk}/again/")
    assert "甲方" in text_of(client, "/customers/likely/?reason=phone")


def test_another_record_is_chosen_from_the_customers_page(cast, keeper, customer, other, client_of):
    client = client_of(keeper)
    chosen = client.post(f"/customers/{customer.number}/merge/", {"other": other.pk})
    assert chosen.headers["Location"] == f"/customers/{customer.number}/merge/{other.number}/"
    assert client.post(f"/customers/{customer.number}/merge/", {"other": "0"}).status_code == 422


def test_the_worklist_costs_the_same_for_one_and_for_many(cast, keeper, pair, client_of, django_assert_num_queries):
    client = client_of(keeper)
    client.get("/customers/likely/")
    with django_assert_num_queries(2) as before:
        client.get("/customers/likely/")
    for index in range(4):
        for name in ("甲", "乙"):
            services.create_customer(by=None, name=f"{name}{index}", region=cast.east, despite_duplicates=True,
                                     accounts=[NewAccount(f"1390013900{index}")])  # fmt: skip
    services.compare_all(by=None)
    with django_assert_num_queries(len(before)):
        assert client.get("/customers/likely/").content.decode().count("apart") == 5


def test_who_may_not_merge_sees_neither_page_nor_button(cast, keeper, pair, client_of):
    number = pair.first.number
    agent = client_of(cast.agent)
    assert agent.get("/customers/likely/").status_code == 403
    assert "/merge/" not in text_of(agent, f"/customers/{number}/")
    assert agent.get(f"/customers/{number}/merge/").status_code == 403
    allow("agent", "customer.merge")
    outsider = client_of(cast.outsider)
    assert "甲方" not in text_of(outsider, "/customers/likely/")
    for path in (f"{number}/merge/", f"{number}/merge/{pair.second.number}/", f"{number}/relations/"):
        assert outsider.get(f"/customers/{path}").status_code == 404
    for path in (f"likely/{pair.pk}/apart/", f"likely/{pair.pk}/again/", "merges/1/undo/"):
        assert outsider.post(f"/customers/{path}").status_code == 404


# --- attention list -------------------------------------------------------------------------------------------------


def test_an_entry_is_shown_on_list_and_page_to_those_who_may_know(cast, keeper, customer, client_of):
    client = client_of(keeper)
    sent = {"kind": "black", "reason": "多次恶意投诉", "starts_on": clock.today().isoformat()}
    assert client.post(f"/customers/{customer.number}/attention/add/", sent).status_code == 302
    assert "多次恶意投诉" in text_of(client, "/customers/attention/")
    assert "多次恶意投诉" in text_of(client, f"/customers/{customer.number}/")
    assert "多次恶意投诉" not in text_of(client_of(cast.agent), f"/customers/{customer.number}/")
    assert client_of(cast.agent).get("/customers/attention/").status_code == 403
    allow("agent", "attention.view")
    assert "多次恶意投诉" in text_of(client_of(cast.agent), f"/customers/{customer.number}/")
    assert "多次恶意投诉" not in text_of(client_of(cast.outsider), "/customers/attention/")


def test_an_entry_counts_between_its_dates(keeper, customer):
    today = clock.today()
    services.put_on_attention_list(
        customer,
        by=keeper,
        kind="care",
        reason="住院",
        starts_on=today + timedelta(days=1),
        ends_on=today + timedelta(days=2),
    )
    for days, counts in ((0, False), (1, True), (2, True), (3, False)):
        with clock.at(clock.now() + timedelta(days=days)):
            assert bool(attention.attention_of(customer, visible_to=keeper)) is counts
            assert attention.filtered_attention(visible_to=keeper).exists() is counts
    assert attention.filtered_attention(visible_to=keeper, state="coming").exists()
    assert attention.filtered_attention(visible_to=keeper, state="all", text="wxm").exists()


def test_an_entry_is_changed_and_taken_off(cast, keeper, customer, client_of):
    entry = services.put_on_attention_list(customer, by=keeper, kind="risk", reason="扬言上诉")
    client = client_of(keeper)
    sent = {"kind": "risk", "reason": "已调解", "starts_on": entry.starts_on.isoformat(), "version": 1}
    assert client.post(f"/customers/attention/{entry.pk}/edit/", sent).status_code == 302
    stale = client.post(f"/customers/attention/{entry.pk}/edit/", {**sent, "reason": "又变了"})
    assert stale.status_code == 422
    assert "又变了" in stale.content.decode()
    assert client.post(f"/customers/attention/{entry.pk}/remove/").status_code == 302
    entry = AttentionEntry.objects.get()
    assert (entry.reason, entry.removed_by) == ("已调解", keeper)
    with pytest.raises(policies.NoLongerOnTheList):
        services.take_off_attention_list(entry, by=keeper, version=entry.version)
    verbs = [row.verb for row in audit.entries_of("customer", customer.pk)][-3:]
    assert verbs == ["customer.attention_added", "customer.attention_changed", "customer.attention_removed"]
    assert client_of(cast.outsider).get(f"/customers/attention/{entry.pk}/edit/").status_code == 404


def test_an_entry_needs_the_permission_a_reason_and_sensible_dates(cast, keeper, customer):
    with pytest.raises(NotPermitted):
        services.put_on_attention_list(customer, by=cast.agent, kind="risk", reason="x")
    for values in ({"kind": "risk", "reason": ""}, {"kind": "nonsense", "reason": "x"},
                   {"kind": "risk", "reason": "x", "ends_on": clock.today() - timedelta(days=1)}):  # fmt: skip
        with pytest.raises(InvalidInput):
            services.put_on_attention_list(customer, by=keeper, **values)


# --- household and company ------------------------------------------------------------------------------------------


def make(cast, keeper, *names):
    return [services.create_customer(by=keeper, name=name, region=cast.east) for name in names]


def place(customer, parent, by, kind="branch"):
    customer = again(customer)
    return services.place_customer(customer, by=by, version=customer.version, parent=parent, member_kind=kind)


def test_the_tree_is_shown_on_every_page_of_it(cast, keeper, client_of):
    group, branch, site = make(cast, keeper, "某集团", "某分公司", "某车间")
    client = client_of(keeper)
    sent = {"parent": group.pk, "member_kind": "branch", "version": 1}
    assert client.post(f"/customers/{branch.number}/place/", sent).status_code == 302
    place(site, branch, keeper, "site")
    for one in (group, branch, site):
        page = text_of(client, f"/customers/{one.number}/relations/")
        assert all(name in page for name in ("某集团", "某分公司", "某车间"))
    assert client.post(f"/customers/{site.number}/place/leave/").status_code == 302
    assert again(site).parent is None
    verbs = [row.verb for row in audit.entries_of("customer", branch.pk)][-3:]
    assert verbs == ["customer.placed", "customer.member_added", "customer.member_removed"]


def test_a_circle_is_refused(cast, keeper):
    one, two, three = make(cast, keeper, "甲", "乙", "丙")
    place(two, one, keeper)
    place(three, two, keeper)
    for parent in (one, two, three):
        with pytest.raises((policies.StandsBelowItself, policies.SameCustomer)):
            place(one, parent, keeper)


def test_records_outside_the_scope_are_left_out_of_the_tree(cast, keeper):
    (group,) = make(cast, keeper, "某集团")
    far = services.create_customer(by=None, name="西市分公司", region=cast.west)
    place(far, group, None)
    assert [row.name for row in tree.tree_of(group, visible_to=keeper)] == ["某集团"]
    assert tree.ids_of_tree(far) == [group.pk, far.pk]
    with pytest.raises(NotPermitted):
        place(group, far, keeper)


@pytest.mark.django_db(transaction=True)
def test_opposite_places_at_once_make_no_circle(cast, keeper):
    one, two = make(cast, keeper, "甲", "乙")
    start, outcomes = threading.Barrier(2), []

    def run(customer_id, parent_id):
        try:
            customer, parent = (Customer.objects.get(pk=pk) for pk in (customer_id, parent_id))
            start.wait()
            place(customer, parent, None)
            outcomes.append("placed")
        except policies.StandsBelowItself:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in ((one.pk, two.pk), (two.pk, one.pk))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["placed", "refused"]


# --- timeline -------------------------------------------------------------------------------------------------------


def test_the_timeline_brings_everything_together_newest_first(cast, keeper, customer, other):
    services.put_on_attention_list(customer, by=keeper, kind="care", reason="老人")
    channel_services.journal_contact(by=cast.agent, channel="hotline", subject="问账单", customer=other)
    services.merge_customers(customer, other, by=keeper, versions=(1, 1))
    page = history.read_history(customer, [customer.pk, other.pk], visible_to=keeper)
    kinds = [one.kind for one in page.happenings]
    assert {"change", "attention", "contact", "merge"} <= set(kinds)
    assert [one.at for one in page.happenings] == sorted((one.at for one in page.happenings), reverse=True)
    assert page.positions == {}
    only = history.read_history(customer, [customer.pk], visible_to=keeper, kind="attention")
    assert [one.kind for one in only.happenings] == ["attention"]


def test_the_timeline_is_read_page_by_page_without_gap_or_repetition(cast, keeper, customer):
    moment = clock.now()
    for index in range(7):
        with clock.at(moment - timedelta(hours=index)):
            channel_services.journal_contact(by=cast.agent, channel="hotline", subject=f"第{index}", customer=customer)
        services.change_customer(again(customer), by=keeper, version=again(customer).version, note=f"第{index}")
    seen, positions = [], {}
    while True:
        page = history.read_history(customer, [customer.pk], visible_to=keeper, positions=positions, length=4)
        seen += [(one.kind, one.position) for one in page.happenings]
        if not page.positions:
            break
        positions = page.positions
    assert len(seen) == len(set(seen)) == 15


def test_the_timeline_shows_what_the_person_may_see(cast, keeper, customer, client_of):
    services.put_on_attention_list(customer, by=keeper, kind="care", reason="老人")
    agent = client_of(cast.agent)
    page = text_of(agent, f"/customers/{customer.number}/history/")
    assert "kind=attention" not in page
    assert "重点" not in page
    assert client_of(cast.outsider).get(f"/customers/{customer.number}/history/").status_code == 404


@pytest.mark.parametrize("query", ["kind=nonsense", "journal=abc", "contact=abc", "contact=2026-01-01~1", "ticket=~", "x=%00",
                                   "journal=99999999999999999999999", "contact=2026-01-01T00:00:00%2B00:00~9"])  # fmt: skip
def test_a_position_nobody_understands_does_no_harm(cast, customer, client_of, query):
    assert client_of(cast.agent).get(f"/customers/{customer.number}/history/?{query}").status_code == 200


def test_the_timeline_costs_the_same_whatever_lies_further_back(
    cast, keeper, customer, client_of, django_assert_num_queries
):
    client = client_of(keeper)
    path = f"/customers/{customer.number}/history/"
    client.get(path)
    with django_assert_num_queries(7) as before:
        client.get(path)
    for index in range(30):
        channel_services.journal_contact(by=cast.agent, channel="hotline", subject=f"第{index}", customer=customer)
    with django_assert_num_queries(len(before)):
        client.get(path)

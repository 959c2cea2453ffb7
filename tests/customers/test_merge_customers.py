"""Two records become one, and are two again when it is undone."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from procrastinate.contrib.django.models import ProcrastinateJob

from customers.conftest import again, allow
from onepoint.accounts.policies import OutsideYourScope
from onepoint.channels import services as channel_services
from onepoint.core import audit, clock
from onepoint.core.errors import NotPermitted, SomebodyWasFaster
from onepoint.customers import merging, policies, queries, services, signals
from onepoint.customers.models import Customer, CustomerMerge, LikelyPair
from onepoint.customers.queries import likeness
from onepoint.customers.services import NewAccount
from onepoint.customers.states import PairState


def merge(survivor, merged, by, **more):
    return services.merge_customers(survivor, merged, by=by, versions=(survivor.version, merged.version), **more)


def verbs(customer):
    return [entry.verb for entry in audit.entries_of("customer", customer.pk)]


def test_all_that_hangs_on_the_record_follows(cast, keeper, customer, other):
    services.add_asset(other, by=keeper, product="车床", serial_number="CK-9")
    services.add_contact_person(other, by=keeper, name="李夫人", phone="13700137000")
    services.put_on_attention_list(other, by=keeper, kind="risk", reason="威胁投诉")
    contact = channel_services.journal_contact(by=cast.agent, channel="hotline", subject="问", customer=other)
    merge(customer, other, keeper)
    kept, gone = again(customer), again(other)
    assert {row.value for row in kept.accounts.all()} == {"0571-8888 8888", "13800138000", "13900139000"}
    assert [row.value for row in kept.accounts.filter(is_primary=True)] == ["0571-8888 8888"]
    assert (kept.assets.count(), kept.contact_persons.count(), kept.attention.count()) == (1, 1, 1)
    assert again(contact).customer == kept
    assert (gone.is_active, gone.merged_into, gone.search_keys) == (False, kept, [])


def test_the_kept_record_is_found_by_the_numbers_of_both(cast, keeper, customer, other):
    merge(customer, other, keeper)
    for text in ("13900139000", other.number, customer.number, "13800138000"):
        assert queries.find_customers(text, visible_to=cast.agent) == [customer]


def test_values_are_taken_over_field_by_field(cast, keeper, customer, other):
    merge(customer, other, keeper, take=["name", "note"])
    kept = again(customer)
    assert (kept.name, kept.note, kept.name_key) == ("王晓明", "老客户", "wang xiao ming")
    assert kept.id_number == customer.id_number


def test_a_number_both_had_stays_behind_and_comes_into_service_again(cast, keeper, customer):
    services.close_account(customer.accounts.get(value="13800138000"), by=cast.agent, version=1)
    twin = services.create_customer(
        by=cast.agent, name="王小明", region=cast.east, accounts=[NewAccount("138 0013 8000")]
    )
    made = merge(customer, twin, keeper)
    assert again(customer).accounts.get(value_key="+8613800138000").is_open
    assert again(twin).accounts.count() == 1
    services.undo_merge(made, by=keeper)
    assert not again(customer).accounts.get(value_key="+8613800138000").is_open


def test_it_is_told_in_both_histories_and_announced(cast, keeper, customer, other):
    heard = []

    def listen(sender, merge, by, **more):
        heard.append((merge.survivor_id, merge.merged_id, by))

    signals.customers_merged.connect(listen)
    try:
        merge(customer, other, keeper, reason="同一人")
    finally:
        signals.customers_merged.disconnect(listen)
    assert verbs(customer)[-1] == "customer.merged"
    assert verbs(other)[-1] == "customer.merged_away"
    entry = audit.entries_of("customer", customer.pk).last()
    assert (entry.actor_id, entry.data["other"], entry.data["reason"]) == (keeper.pk, other.number, "同一人")
    assert heard == [(customer.pk, other.pk, keeper)]


def test_undoing_puts_everything_back(cast, keeper, customer, other):
    services.add_asset(other, by=keeper, product="车床", serial_number="CK-9")
    contact = channel_services.journal_contact(by=cast.agent, channel="hotline", subject="问", customer=other)
    before = {row.pk: sorted(again(row).search_keys) for row in (customer, other)}
    made = merge(again(customer), again(other), keeper, take=["name"])
    assert services.undo_merge(made, by=keeper) == {}
    one, two = again(customer), again(other)
    assert (one.name, two.name, two.is_active, two.merged_into) == ("王小明", "王晓明", True, None)
    assert {row.value for row in two.accounts.all()} == {"13900139000"}
    assert two.accounts.get().is_primary
    assert two.assets.count() == 1
    assert again(contact).customer == two
    assert {row.pk: sorted(row.search_keys) for row in (one, two)} == before
    assert [verbs(row)[-1] for row in (one, two)] == ["customer.merge_undone", "customer.merge_undone_away"]


def test_what_happened_since_stays_and_is_stated(cast, keeper, customer, other):
    made = merge(customer, other, keeper, take=["name"])
    kept = again(customer)
    services.change_customer(kept, by=keeper, version=kept.version, name="王小铭")
    later = channel_services.journal_contact(by=cast.agent, channel="hotline", subject="新的", customer=kept)
    assert services.undo_merge(made, by=keeper) == {"fields": 1}
    assert again(customer).name == "王小铭"
    assert again(later).customer == customer


def test_it_can_be_undone_for_a_day_only_and_once(keeper, customer, other):
    made = merge(customer, other, keeper)
    with clock.at(made.at + timedelta(hours=25)), pytest.raises(policies.TooLateToUndo):
        services.undo_merge(made, by=keeper)
    services.undo_merge(made, by=keeper)
    with pytest.raises(policies.MergeAlreadyUndone):
        services.undo_merge(made, by=keeper)


def test_of_two_merges_on_top_of_each_other_the_later_is_undone_first(cast, keeper, customer, other):
    third = services.create_customer(by=keeper, name="第三", region=cast.east)
    first = merge(other, customer, keeper)
    second = merge(third, again(other), keeper)
    assert queries.find_customers(customer.number, visible_to=cast.agent) == [third]
    with pytest.raises(policies.AlreadyMerged):
        services.undo_merge(first, by=keeper)
    services.undo_merge(second, by=keeper)
    services.undo_merge(first, by=keeper)
    assert {row.value for row in again(customer).accounts.all()} == {"0571-8888 8888", "13800138000"}
    assert again(third).accounts.count() == 0


def test_it_needs_the_permission_for_both_records(cast, keeper, customer, other):
    with pytest.raises(NotPermitted):
        merge(customer, other, cast.agent)
    allow("agent", "customer.merge")
    far = services.create_customer(by=None, name="远方", region=cast.west)
    with pytest.raises(OutsideYourScope):
        merge(customer, far, keeper)
    assert not CustomerMerge.objects.exists()


def test_a_merged_record_is_neither_merged_again_nor_put_back_into_use(keeper, customer, other):
    merge(customer, other, keeper)
    gone = again(other)
    with pytest.raises(policies.AlreadyMerged):
        merge(again(customer), gone, keeper)
    with pytest.raises(policies.AlreadyMerged):
        services.reactivate_customer(gone, by=keeper, version=gone.version)
    with pytest.raises(policies.SameCustomer):
        merge(again(customer), again(customer), keeper)


def test_somebody_who_looked_at_an_older_version_is_told(keeper, customer, other):
    services.change_customer(other, by=keeper, version=1, note="neu")
    with pytest.raises(SomebodyWasFaster):
        services.merge_customers(customer, other, by=keeper, versions=(1, 1))


def test_who_was_told_apart_from_the_merged_record_is_told_apart_from_the_kept_one(cast, keeper, customer, other):
    third = services.create_customer(by=None, name="第三", region=cast.east)
    first, second = sorted((other.pk, third.pk))
    pair = LikelyPair.objects.create(first_id=first, second_id=second, reasons=["name"], score=60, found_at=clock.now())
    services.tell_apart(pair, by=keeper)
    merge(customer, other, keeper)
    low, high = sorted((customer.pk, third.pk))
    assert LikelyPair.objects.get(first_id=low, second_id=high).state == PairState.DIFFERENT


def test_a_merged_company_steps_into_the_place_of_the_one_it_took_up(cast, keeper):
    top, middle, low = (services.create_customer(by=keeper, name=name, region=cast.east) for name in "甲乙丙")
    services.place_customer(middle, by=keeper, version=1, parent=top, member_kind="subsidiary")
    services.place_customer(low, by=keeper, version=1, parent=middle, member_kind="branch")
    made = merge(again(low), again(middle), keeper)
    assert again(low).parent == top
    services.undo_merge(made, by=keeper)
    assert (again(low).parent, again(middle).parent) == (middle, top)


def test_what_was_attached_while_merging_follows(cast, keeper, customer, other):
    made = merge(customer, other, keeper)
    late = channel_services.journal_contact(by=cast.agent, channel="hotline", subject="迟到", customer=other)
    assert services.move_latecomers(made.pk, by=None) == 1
    assert again(late).customer == customer
    assert services.move_latecomers(made.pk, by=None) == 0
    services.undo_merge(made, by=keeper)
    assert again(late).customer == other
    assert services.move_latecomers(made.pk, by=None) == 0


def test_the_search_for_latecomers_is_deferred(keeper, customer, other):
    made = merge(customer, other, keeper)
    job = ProcrastinateJob.objects.filter(task_name="customers.move_latecomers").latest("id")
    assert (job.args, job.scheduled_at) == ({"merge": made.pk}, made.at + timedelta(minutes=1))


def test_every_capability_that_attaches_rows_to_customers_lets_them_follow():
    followed = {holder.kind for holder in merging.holders()}
    attached = {
        relation.related_model._meta.model_name
        for relation in Customer._meta.get_fields(include_hidden=True)
        if relation.one_to_many and relation.related_model._meta.app_label != "customers"
    }
    assert attached == followed


@pytest.mark.django_db(transaction=True)
def test_of_opposite_merges_at_once_one_wins_and_nothing_is_lost(cast, keeper, customer, other):
    start, outcomes = threading.Barrier(2), []

    def run(survivor_id, merged_id):
        try:
            survivor, merged = (Customer.objects.select_related("region").get(pk=pk) for pk in (survivor_id, merged_id))
            start.wait()
            merge(survivor, merged, keeper)
            outcomes.append("merged")
        except (policies.AlreadyMerged, policies.CustomerNotInUse, SomebodyWasFaster) as refusal:
            outcomes.append(type(refusal).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in ((customer.pk, other.pk), (other.pk, customer.pk))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[-1] == "merged"
    assert outcomes.count("merged") == 1
    kept = Customer.objects.get(is_active=True)
    assert {row.value for row in kept.accounts.all()} == {"0571-8888 8888", "13800138000", "13900139000"}
    assert likeness.merges_of(kept)[0].merged.merged_into == kept
    connection.close()

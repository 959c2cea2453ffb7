import pytest

from onepoint.core import audit
from onepoint.core.errors import InvalidInput, NotPermitted, SomebodyWasFaster
from onepoint.customers import policies, queries, services, signals
from onepoint.customers.models import Customer


def verbs(customer):
    return [entry.verb for entry in audit.entries_of("customer", customer.pk)]


def test_a_change_is_saved_audited_and_found_by_the_new_name(cast, customer):
    services.change_customer(customer, by=cast.agent, version=1, name="王大明", address="东市一路 1 号")
    stored = Customer.objects.get(pk=customer.pk)
    assert (stored.name, stored.name_key, stored.version) == ("王大明", "wang da ming", 2)
    assert queries.find_customers("大明", visible_to=cast.agent) == [customer]
    assert queries.find_customers("xiaom 13800138000", visible_to=cast.agent) == []
    entry = audit.entries_of("customer", customer.pk).last()
    assert entry.verb == "customer.changed"
    assert entry.data["changes"] == {"name": ["王小明", "王大明"], "address": ["…", "…"]}


def test_a_change_is_announced_with_what_changed(cast, customer):
    heard = []

    def listen(sender, customer, by, changes, **more):
        heard.append(changes)

    signals.customer_changed.connect(listen)
    try:
        services.change_customer(customer, by=cast.agent, version=1, note="请下午打电话")
    finally:
        signals.customer_changed.disconnect(listen)
    assert heard == [{"note"}]


def test_saving_without_a_change_leaves_no_trace(cast, customer):
    services.change_customer(customer, by=cast.agent, version=1, name="王小明")
    assert verbs(customer) == ["customer.created"]


def test_the_second_of_two_savers_is_told(cast, customer):
    mine, theirs = Customer.objects.get(pk=customer.pk), Customer.objects.get(pk=customer.pk)
    services.change_customer(mine, by=cast.agent, version=1, note="甲")
    with pytest.raises(SomebodyWasFaster):
        services.change_customer(theirs, by=cast.second_agent, version=1, note="乙")
    assert Customer.objects.get(pk=customer.pk).note == "甲"


def test_an_empty_name_is_refused(cast, customer):
    with pytest.raises(InvalidInput):
        services.change_customer(customer, by=cast.agent, version=1, name=" ")


@pytest.mark.parametrize("who", ["handler", "visitor", "supervisor", "admin"])
def test_those_who_only_look_may_not_change(cast, customer, who):
    with pytest.raises(NotPermitted):
        services.change_customer(customer, by=getattr(cast, who), version=1, note="x")


def test_an_outsider_may_not_change(cast, customer):
    with pytest.raises(policies.OutsideYourScope):
        services.change_customer(customer, by=cast.outsider, version=1, note="x")


def test_a_record_out_of_use_is_kept_as_it_is(cast, customer):
    services.deactivate_customer(customer, by=cast.agent, version=1)
    with pytest.raises(policies.CustomerNotInUse):
        services.change_customer(customer, by=cast.agent, version=2, note="x")
    with pytest.raises(policies.CustomerNotInUse):
        services.deactivate_customer(customer, by=cast.agent, version=2)
    services.reactivate_customer(customer, by=cast.agent, version=2)
    assert Customer.objects.get(pk=customer.pk).is_active
    with pytest.raises(SomebodyWasFaster):
        services.reactivate_customer(customer, by=cast.agent, version=2)
    assert verbs(customer)[1:] == ["customer.deactivated", "customer.reactivated"]

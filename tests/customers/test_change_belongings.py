"""Numbers and accounts, products and machines, contact persons."""

from datetime import UTC, date, datetime

import pytest

from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, NotPermitted, SomebodyWasFaster
from onepoint.customers import policies, queries, services, signals
from onepoint.customers.states import WarrantyState


@pytest.fixture
def asset(cast, customer):
    return services.add_asset(
        customer,
        by=cast.agent,
        product="数控车床",
        model="CK6150",
        serial_number="SN-1",
        warranty_until=date(2026, 6, 30),
    )


@pytest.fixture
def person(cast, customer):
    return services.add_contact_person(customer, by=cast.agent, name="李夫人", relation="妻子", phone="139 0000 1111")


def last_verb(customer):
    return audit.entries_of("customer", customer.pk).last().verb


def test_an_account_is_added_once(cast, customer):
    account = services.add_account(customer, by=cast.agent, value="HZ-1", kind="broadband", product="千兆宽带")
    assert account.value_key == "hz1"
    assert last_verb(customer) == "customer.account_added"
    with pytest.raises(policies.AlreadyRegistered):
        services.add_account(customer, by=cast.agent, value="hz 1", kind="broadband")


def test_only_one_number_is_the_first_to_call(cast, customer):
    new = services.add_account(customer, by=cast.agent, value="13700001111", is_primary=True)
    assert [row for row in queries.accounts_of(customer) if row.is_primary] == [new]
    landline = customer.accounts.get(kind="landline")
    services.change_account(
        landline,
        by=cast.agent,
        version=1,
        value=landline.value,
        kind="landline",
        product="",
        status="active",
        is_primary=True,
    )
    assert [row.kind for row in queries.accounts_of(customer) if row.is_primary] == ["landline"]


def test_an_account_is_changed_by_the_first_saver_only(cast, customer):
    account = customer.accounts.get(kind="mobile")
    values = {"kind": "mobile", "product": "5G 套餐", "is_primary": False, "value": account.value}
    services.change_account(account, by=cast.agent, version=1, status="suspended", **values)
    assert audit.entries_of("customer", customer.pk).last().data["changes"] == {
        "product": ["", "5G 套餐"],
        "status": ["active", "suspended"],
    }
    with pytest.raises(SomebodyWasFaster):
        services.change_account(account, by=cast.agent, version=1, status="active", **values)


def test_an_account_cannot_become_one_the_customer_already_has(cast, customer):
    second = services.add_account(customer, by=cast.agent, value="13700001111")
    with pytest.raises(policies.AlreadyRegistered):
        services.change_account(
            second,
            by=cast.agent,
            version=1,
            value="+86 13800138000",
            kind="mobile",
            product="",
            status="active",
            is_primary=False,
        )


def test_a_closed_account_stays_on_the_record_and_is_still_found(cast, customer):
    account = customer.accounts.get(kind="mobile")
    services.close_account(account, by=cast.agent, version=1)
    assert not account.is_open
    assert last_verb(customer) == "customer.account_closed"
    assert queries.find_customers("13800138000", visible_to=cast.agent) == [customer]
    with pytest.raises(policies.AccountAlreadyClosed):
        services.close_account(account, by=cast.agent, version=2)


@pytest.mark.parametrize(
    ("kind", "value"), [("mobile", "abc"), ("email", "a b@c"), ("account", "  "), ("submarine", "1234")]
)
def test_what_is_no_account_is_refused(cast, customer, kind, value):
    with pytest.raises(InvalidInput):
        services.add_account(customer, by=cast.agent, value=value, kind=kind)


def test_a_machine_is_added_found_changed_and_retired(cast, customer, asset):
    assert queries.find_customers("sn1", visible_to=cast.agent) == [customer]
    services.change_asset(asset, by=cast.agent, version=1, serial_number="SN-2")
    assert queries.find_customers("SN-2", visible_to=cast.agent) == [customer]
    with pytest.raises(SomebodyWasFaster):
        services.change_asset(asset, by=cast.agent, version=1, serial_number="SN-3")
    services.retire_asset(asset, by=cast.agent, version=2)
    with pytest.raises(policies.NoLongerInUse):
        services.change_asset(asset, by=cast.agent, version=3, serial_number="SN-4")
    assert [entry.verb for entry in audit.entries_of("customer", customer.pk)][1:] == [
        "customer.asset_added", "customer.asset_changed", "customer.asset_retired",
    ]  # fmt: skip


def test_the_last_day_of_the_warranty_counts_in_the_time_of_the_house(cast, asset):
    with clock.at(datetime(2026, 6, 30, 15, 59, tzinfo=UTC)):
        assert asset.warranty_state == WarrantyState.IN_WARRANTY
    with clock.at(datetime(2026, 6, 30, 16, 0, tzinfo=UTC)):
        assert asset.warranty_state == WarrantyState.EXPIRED
    asset.warranty_until = None
    assert asset.warranty_state == WarrantyState.UNKNOWN


def test_a_machine_needs_a_product(cast, customer):
    with pytest.raises(InvalidInput) as refusal:
        services.add_asset(customer, by=cast.agent, product=" ")
    assert "product" in refusal.value.errors


def test_a_contact_person_is_found_until_removed(cast, customer, person):
    assert queries.find_customers("lifuren", visible_to=cast.agent) == [customer]
    services.change_contact_person(person, by=cast.agent, version=1, phone="137-0000-2222")
    assert queries.find_customers("13700002222", visible_to=cast.agent) == [customer]
    services.remove_contact_person(person, by=cast.agent, version=2)
    assert queries.find_customers("13700002222", visible_to=cast.agent) == []
    with pytest.raises(policies.NoLongerInUse):
        services.remove_contact_person(person, by=cast.agent, version=3)


def test_each_change_is_announced_as_a_change_of_the_customer(cast, customer):
    heard = []

    def listen(sender, customer, by, changes, **more):
        heard.extend(changes)

    signals.customer_changed.connect(listen)
    try:
        services.add_account(customer, by=cast.agent, value="13700001111")
        services.add_asset(customer, by=cast.agent, product="车床")
        services.add_contact_person(customer, by=cast.agent, name="李夫人")
    finally:
        signals.customer_changed.disconnect(listen)
    assert heard == ["accounts", "assets", "contact_persons"]


@pytest.mark.parametrize("who", ["visitor", "handler", "outsider"])
def test_somebody_who_may_not_edit_adds_and_changes_nothing(cast, customer, asset, person, who):
    by = getattr(cast, who)
    account = customer.accounts.get(kind="mobile")
    attempts = [
        lambda: services.add_account(customer, by=by, value="13700001111"),
        lambda: services.add_asset(customer, by=by, product="车床"),
        lambda: services.add_contact_person(customer, by=by, name="某人"),
        lambda: services.close_account(account, by=by, version=1),
        lambda: services.retire_asset(asset, by=by, version=1),
        lambda: services.remove_contact_person(person, by=by, version=1),
        lambda: services.change_asset(asset, by=by, version=1, product="铣床"),
        lambda: services.change_contact_person(person, by=by, version=1, name="某人"),
    ]
    for attempt in attempts:
        with pytest.raises(NotPermitted):
            attempt()

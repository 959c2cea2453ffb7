from datetime import UTC, datetime

import pytest

from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.customers import policies, queries, services, signals
from onepoint.customers.models import Customer
from onepoint.customers.services import NewAccount


def test_a_new_customer_has_a_number_its_accounts_and_a_primary_one(cast, customer):
    assert customer.number.startswith("C20")
    assert customer.unit == cast.call_centre
    assert customer.name_key == "wang xiao ming"
    assert [(row.value_key, row.is_primary) for row in queries.accounts_of(customer)] == [
        ("+8657188888888", True),
        ("+8613800138000", False),
    ]


def test_registering_is_audited_at_the_recorded_moment(cast):
    moment = datetime(2025, 3, 1, 8, tzinfo=UTC)
    with clock.at(moment):
        customer = services.create_customer(by=cast.agent, name="张三", region=cast.east)
    entry = audit.entries_of("customer", customer.pk).get()
    assert (entry.verb, entry.actor_id, entry.at) == ("customer.created", cast.agent.pk, moment)
    assert customer.created_at == moment


def test_registering_is_announced(cast):
    heard = []

    def listen(sender, customer, by, **more):
        heard.append((customer.name, by))

    signals.customer_created.connect(listen)
    try:
        services.create_customer(by=cast.agent, name="张三", region=cast.east)
    finally:
        signals.customer_created.disconnect(listen)
    assert heard == [("张三", cast.agent)]


def test_somebody_without_the_permission_may_not_register(cast):
    with pytest.raises(NotPermitted):
        services.create_customer(by=cast.coordinator, name="张三", region=cast.east)
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "长" * 161}, "name"),
        ({"kind": "alien"}, "kind"),
        ({"language": "klingon"}, "language"),
        ({"accounts": [NewAccount("abc")]}, "value"),
        ({"accounts": [NewAccount("not an address", "email")]}, "value"),
        ({"accounts": [NewAccount("---", "account")]}, "value"),
    ],
)
def test_what_cannot_be_stored_is_refused_by_field(cast, values, field):
    with pytest.raises(InvalidInput) as refusal:
        services.create_customer(**{"by": cast.agent, "name": "张三", "region": cast.east, **values})
    assert field in refusal.value.errors
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    "values",
    [
        {"accounts": [NewAccount("+86 571 88888888", "landline")]},
        {"accounts": [NewAccount("0138 0013 8000")]},
        {"id_number": "330106 19800101 1234"},
    ],
)
def test_the_same_number_again_is_refused_until_it_is_wanted(cast, customer, values):
    with pytest.raises(policies.PossibleDuplicate) as refusal:
        services.create_customer(by=cast.agent, name="另一个", region=cast.east, **values)
    assert refusal.value.customers == [customer]
    second = services.create_customer(by=cast.agent, name="另一个", region=cast.east, despite_duplicates=True, **values)
    assert second != customer


def test_a_duplicate_out_of_sight_is_not_betrayed(cast, customer):
    services.create_customer(by=cast.outsider, name="外市客户", region=cast.west, accounts=[NewAccount("13800138000")])
    assert Customer.objects.count() == 2


def test_a_namesake_is_no_duplicate(cast, customer):
    services.create_customer(
        by=cast.agent, name="王小明", region=cast.east, accounts=[NewAccount("88888888", "account")]
    )
    assert Customer.objects.count() == 2


def test_a_serial_number_in_use_is_a_duplicate(cast, customer):
    services.add_asset(customer, by=cast.agent, product="车床", serial_number="CK-61/50")
    assert queries.possible_duplicates(visible_to=cast.agent, serial_numbers=["ck6150"]) == [customer]
    assert queries.possible_duplicates(visible_to=cast.outsider, serial_numbers=["ck6150"]) == []


@pytest.mark.parametrize(
    "name", ["\u202e王小明", "𠮷野家", "张👨‍👩‍👧三", "O'Brien; DROP TABLE", "a\u200bb", "<script>alert(1)</script>"]
)
def test_any_name_is_stored_exactly(cast, name):
    customer = services.create_customer(by=cast.agent, name=name, region=cast.east)
    assert Customer.objects.get(pk=customer.pk).name == name


def test_nul_and_lone_surrogates_are_dropped_before_the_database_refuses_them(cast):
    customer = services.create_customer(by=cast.agent, name="王\x00小\ud800明", region=cast.east)
    assert customer.name == "王小明"

"""A customer is found by anything that belongs to it (spec §3), within the person's scope, through one index."""

import pytest
from django.db import connection

from onepoint.customers import queries, services
from onepoint.customers.models import Customer
from onepoint.customers.services import NewAccount


@pytest.fixture
def factory(cast) -> Customer:
    customer = services.create_customer(
        by=cast.agent,
        name="东海精密机床有限公司",
        name_en="Donghai Precision Tools",
        kind="company",
        region=cast.east,
        accounts=[NewAccount("HZ-ADSL-00123", "broadband"), NewAccount("service@donghai.example", "email")],
    )
    services.add_asset(
        customer, by=cast.agent, product="数控车床", serial_number="CK6150-2026/0042", contract_number="HT-2026-7"
    )
    services.add_contact_person(
        customer, by=cast.agent, name="李采购", phone="139 0000 1111", email="li@donghai.example"
    )
    return customer


@pytest.mark.parametrize(
    "text",
    [
        "王小明", "王", "小明", "明", "wangxiaoming", "wang xiao", "xiaoming", "wxm", "xm", "WANG", "Xiaom",
        "+86 571 8888 8888", "0571-8888 8888", "(0571)88888888", "057188888888", "571 88888888", "88888888",
        "０５７１　８８８８８８８８", "13800138000", "+86 138-0013-8000", "013800138000", "330106198001011234", "330106 19800101 1234",
    ],
)  # fmt: skip
def test_a_person_is_found_by(text, cast, customer, factory):
    assert queries.find_customers(text, visible_to=cast.agent) == [customer]


@pytest.mark.parametrize(
    "text",
    [
        "东海", "机床", "密", "东海 公司", "donghai", "jingmi", "dhjm", "jc", "precision tool", "Donghai Prec",
        "HZ-ADSL-00123", "hzadsl00123", "service@donghai.example", "CK6150-2026/0042", "ck6150 2026 0042", "HT-2026-7",
        "李采购", "licaigou", "13900001111", "0139 0000 1111",
    ],
)  # fmt: skip
def test_a_company_is_found_by(text, cast, customer, factory):
    assert queries.find_customers(text, visible_to=cast.agent) == [factory]


def test_the_customer_number_finds_exactly_its_customer(cast, customer, factory):
    assert queries.find_customers(customer.number, visible_to=cast.agent) == [customer]
    assert queries.find_customers(customer.number.lower(), visible_to=cast.agent) == [customer]


@pytest.mark.parametrize("text", ["", "  ", "---", "\x00", "王大", "mingxiao", "010-88888888", "13800138001", "🙂"])
def test_nobody_is_found_by(text, cast, customer, factory):
    assert queries.find_customers(text, visible_to=cast.agent) == []


def test_an_outsider_finds_nobody(cast, customer):
    assert queries.find_customers("王小明", visible_to=cast.outsider) == []
    assert queries.find_customer(customer.number, visible_to=cast.outsider) is None


def test_somebody_without_the_permission_finds_nobody(cast, customer):
    assert queries.find_customers("王小明", visible_to=cast.handler) == []


def test_the_person_who_registered_a_customer_of_another_region_still_sees_it(cast):
    elsewhere = services.create_customer(by=cast.agent, name="外地人", region=cast.west)
    assert queries.find_customers("外地人", visible_to=cast.agent) == [elsewhere]
    assert queries.find_customers("外地人", visible_to=cast.outsider) == [elsewhere]
    assert queries.find_customers("外地人", visible_to=cast.second_agent) == []


def test_a_number_that_was_changed_is_found_by_the_new_one_only(cast, customer):
    account = customer.accounts.get(kind="mobile")
    services.change_account(
        account,
        by=cast.agent,
        version=1,
        value="13700001234",
        kind="mobile",
        product="",
        status="active",
        is_primary=False,
    )
    assert queries.find_customers("13700001234", visible_to=cast.agent) == [customer]
    assert queries.find_customers("13800138000", visible_to=cast.agent) == []


def test_a_search_is_three_queries_after_the_scope(cast, customer, django_assert_num_queries):
    queries.find_customers("王小明", visible_to=cast.agent)
    with django_assert_num_queries(3):  # who, the records, their numbers
        found = queries.find_customers("王小明", visible_to=cast.agent)
        assert [account.value for account in found[0].shown_accounts] == ["0571-8888 8888", "13800138000"]


def test_the_index_answers_among_thousands(cast, customer):
    Customer.objects.bulk_create(
        Customer(
            number=f"X{index}", name="某人", name_key="mou ren", region=cast.east, created_at=customer.created_at,
            search_keys=["某", "人", "某人", "mouren", f"+861390000{index:04d}"],
        )
        for index in range(3000)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE customers_customer")
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Customer.objects.filter(queries.matching("13900000042")).explain()
    assert "customer_search_keys" in plan
    assert queries.find_customers("139 0000 0042", visible_to=cast.agent)[0].number == "X42"


MANY = """
    INSERT INTO customers_customer (number, kind, name, name_en, name_key, region_id, id_number, id_key, address, language,
        preferred_channel, note, consent_to_contact, is_active, created_at, search_keys, version)
    SELECT 'Y' || n, 'person', s || '明', '', k || ' ming', %s, '', '', '', 'zh-hans', 'phone', '', true, true, now(),
        ARRAY[s, '明', s || '明', k || 'ming', left(k, 1) || 'm'], 1
    FROM generate_series(1, 20000) AS n,
        LATERAL (SELECT CASE WHEN n %% 10 = 0 THEN '王' WHEN n %% 2 = 0 THEN '李' ELSE '安' END AS s,
                        CASE WHEN n %% 10 = 0 THEN 'wang' WHEN n %% 2 = 0 THEN 'li' ELSE 'an' END AS k) AS surname
"""


def plan_of(text, person):
    asked = ["wang", "wang\U0010ffff", text]
    return str(queries.records._beginning(queries.customers_visible_to(person), asked, 20).explain())


def test_a_surname_thousands_have_is_read_along_the_index_of_names(cast, customer, django_assert_num_queries):
    with connection.cursor() as cursor:
        cursor.execute(MANY, [cast.east.pk])
        cursor.execute("ANALYZE customers_customer")
    plan = plan_of("王", cast.agent)
    assert "Index Scan using customer_name_order" in plan or "customers_customer_name_key" in plan, plan
    assert "Sort" not in plan.replace("Incremental Sort", ""), plan
    queries.find_customers("王", visible_to=cast.agent)
    with django_assert_num_queries(2):
        found = queries.find_customers("王", visible_to=cast.agent)
    assert [one.name for one in found] == ["王明"] * 20


def test_a_character_of_many_given_names_is_answered_without_sorting_all_of_them(cast, customer):
    with connection.cursor() as cursor:
        cursor.execute(MANY, [cast.east.pk])
        cursor.execute("ANALYZE customers_customer")
    found = queries.find_customers("明", visible_to=cast.agent, limit=5)
    assert len(found) == 5
    assert all("明" in one.name for one in found)


def test_those_whose_names_begin_so_come_first_and_merged_records_not_at_all(cast, customer):
    far = services.create_customer(by=None, name="李王", region=cast.east)
    old = services.create_customer(by=None, name="王旧", region=cast.east)
    gone = services.create_customer(by=None, name="王并", region=cast.east)
    services.deactivate_customer(old, by=None, version=1)
    services.merge_customers(customer, gone, by=None, versions=(1, 1))
    assert [one.name for one in queries.find_customers("王", visible_to=cast.agent)] == ["王小明", "李王", "王旧"]
    assert far.is_active

"""Records that may be one customer are found, proposed, and not proposed again once somebody said no."""

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from customers.conftest import again
from onepoint.accounts.policies import OutsideYourScope
from onepoint.core import audit
from onepoint.core.errors import NotPermitted, SomebodyWasFaster
from onepoint.customers import likeness, services
from onepoint.customers.models import Customer, LikelyPair
from onepoint.customers.queries import likeness as queries
from onepoint.customers.services import NewAccount, NewAsset
from onepoint.customers.states import CustomerKind


def register(cast, name, **more):
    return services.create_customer(
        by=None, name=name, region=more.pop("region", cast.east), despite_duplicates=True, **more
    )


def found():
    services.compare_all(by=None)
    return [(pair.first.name, pair.second.name, pair.reasons) for pair in LikelyPair.objects.order_by("-score", "pk")]


def test_the_same_telephone_is_found_however_it_is_written(cast):
    register(cast, "甲", accounts=[NewAccount("0571-8888 8888", "landline")])
    register(cast, "乙", accounts=[NewAccount("+86 571 88888888", "landline")])
    assert found() == [("甲", "乙", ["phone"])]


def test_a_contact_persons_telephone_counts(cast):
    register(cast, "甲", accounts=[NewAccount("13800138000")])
    second = register(cast, "乙")
    services.add_contact_person(second, by=None, name="丙", phone="138-0013-8000")
    assert found() == [("甲", "乙", ["phone"])]


def test_the_same_id_and_serial_number_are_found(cast):
    for name in ("甲", "乙"):
        register(cast, name, id_number="330106 19800101 1234", assets=[NewAsset("车床", serial_number="CK-1")])
    assert found() == [("甲", "乙", ["id_number", "serial"])]


def test_companies_whose_names_sound_alike_in_one_city_are_found(cast):
    register(cast, "东市光谷科技有限公司", kind=CustomerKind.COMPANY)
    register(cast, "光古科技股份有限公司", kind=CustomerKind.COMPANY)
    register(cast, "光谷科技有限公司", kind=CustomerKind.COMPANY, region=cast.west)
    assert found() == [("东市光谷科技有限公司", "光古科技股份有限公司", ["name"])]


def test_people_of_the_same_name_are_proposed_only_at_the_same_address(cast):
    register(cast, "王小明", address="解放路 12 号 3 单元")
    register(cast, "王晓明", address="解放路12号3单元")
    register(cast, "王小明", address="胜利街 8 号")
    assert found() == [("王小明", "王晓明", ["name", "address"])]


def test_different_id_numbers_speak_against_a_shared_telephone(cast):
    register(cast, "父亲", id_number="330106195001011111", accounts=[NewAccount("13800138000")])
    register(cast, "儿子", id_number="330106198001012222", accounts=[NewAccount("13800138000")])
    assert found() == []


def test_a_number_shared_by_many_says_nothing(cast):
    for index in range(likeness.SHARED_BY_TOO_MANY + 1):
        register(cast, f"店{index}", accounts=[NewAccount("0571-88888888", "landline")])
    assert found() == []


def test_only_what_changed_is_compared_again(cast, django_assert_max_num_queries):
    first = register(cast, "甲", accounts=[NewAccount("13800138000")])
    register(cast, "乙")
    assert services.compare_all(by=None) == 2
    with django_assert_max_num_queries(3):
        assert services.compare_all(by=None) == 0
    services.add_account(Customer.objects.get(name="乙"), by=None, value="13800138000")
    assert found() == [("甲", "乙", ["phone"])]
    assert again(first).is_compared


def test_a_pair_that_no_longer_holds_goes(cast):
    register(cast, "甲", accounts=[NewAccount("13800138000")])
    second = register(cast, "乙", accounts=[NewAccount("13800138000")])
    assert len(found()) == 1
    services.close_account(second.accounts.get(), by=None, version=1)
    assert found() == []


def test_who_was_told_apart_is_not_proposed_again(cast, keeper):
    for name in ("甲", "乙"):
        register(cast, name, accounts=[NewAccount("13800138000")])
    services.compare_all(by=None)
    pair = queries.filtered_pairs(visible_to=keeper).get()
    services.tell_apart(pair, by=keeper)
    services.change_customer(pair.first, by=None, version=1, note="neu")
    services.compare_all(by=None)
    assert not queries.filtered_pairs(visible_to=keeper).exists()
    entry = audit.entries_of("customer", pair.first.pk).filter(verb="customer.told_apart").get()
    assert (entry.actor_id, entry.data) == (keeper.pk, {"other": pair.second.number})
    with pytest.raises(SomebodyWasFaster):
        services.tell_apart(pair, by=keeper)
    services.propose_again(pair, by=keeper)
    assert queries.filtered_pairs(visible_to=keeper).exists()


def test_pairs_with_a_record_outside_the_scope_are_not_shown(cast, keeper):
    register(cast, "甲", accounts=[NewAccount("13800138000")])
    register(cast, "乙", accounts=[NewAccount("13800138000")], region=cast.west)
    services.compare_all(by=None)
    pair = LikelyPair.objects.get()
    assert queries.find_pair(pair.pk, visible_to=keeper) is None
    with pytest.raises(OutsideYourScope):
        services.tell_apart(pair, by=keeper)
    with pytest.raises(NotPermitted):
        services.compare_customers(by=cast.agent)


@pytest.mark.parametrize(
    ("name", "kind", "form"),
    [
        ("武汉市光谷科技有限公司", "company", "guanggukeji"),
        ("光谷科技（武汉）有限责任公司", "company", "guanggukeji"),
        ("Optics Valley Co., Ltd.", "company", "opticsvalley"),
        ("有限公司", "company", "youxiangongsi"),
        ("王小明", "person", "wangxiaoming"),
        ("", "person", ""),
    ],
)
def test_a_name_is_reduced_to_what_tells_it_from_others(name, kind, form):
    assert likeness.name_form(name, kind, ["湖北省", "武汉市"]) == form


@pytest.mark.parametrize(
    ("one", "other", "similar"),
    [
        ("武汉市洪山区解放路12号", "洪山区解放路 12 号", True),
        ("解放路12号3单元", "解放路12号4单元", False),
        ("", "", False),
        ("解放路", "解放路", False),
    ],
)
def test_addresses_are_alike_when_only_the_writing_differs(one, other, similar):
    assert likeness.is_similar_address(one, other) is similar


@pytest.mark.django_db
def test_one_job_at_a_time_compares_so_that_others_have_their_turn() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")  # any other would be fetched first
        for _minute in range(2):
            app.tasks["customers.compare_customers"].configure().defer(timestamp=0)
            cursor.execute("UPDATE procrastinate_jobs SET queueing_lock = NULL")  # as when it is fetched
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        (worker,) = cursor.fetchone()
        fetched = []
        for _slot in range(2):
            cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, %s)", [worker])
            fetched.append(cursor.fetchone()[0])
    assert fetched[0] is not None
    assert fetched[1] is None

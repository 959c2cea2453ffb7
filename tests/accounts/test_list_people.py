import pytest

from onepoint.accounts import services
from onepoint.accounts.models import User


def numbers(response):
    return [person.username for person in response.context["page"].rows]


@pytest.fixture
def admin(cast, client_of):
    User.objects.filter(username="handler").update(name="王小明", name_key="wang xiao ming", name_en="Wang Xiaoming")
    return client_of(cast.admin)


@pytest.mark.parametrize("text", ["小明", "wang", "wangxiao", "WANG XIAO", "wxm", "handl", "Xiaoming"])
def test_a_person_is_found_by_name_pinyin_initials_and_number(admin, text):
    assert "handler" in numbers(admin.get("/people/", {"text": text}))


def test_what_nobody_is_called_finds_nobody(admin):
    assert numbers(admin.get("/people/", {"text": "zzz"})) == []
    assert numbers(admin.get("/people/", {"text": "小%明"})) == []


def test_the_list_is_narrowed_by_unit_with_what_is_below_and_by_role(cast, admin):
    assert set(numbers(admin.get("/people/", {"unit": "east-billing"}))) == {"billing_interface", "billing_handler"}
    assert "agent" in numbers(admin.get("/people/", {"unit": "east-branch"}))
    assert numbers(admin.get("/people/", {"role": "visitor"})) == ["visitor"]


def test_locked_people_are_shown_when_asked_for(cast, admin):
    services.deactivate_person(cast.handler, by=cast.admin)
    assert "handler" not in numbers(admin.get("/people/"))
    assert numbers(admin.get("/people/", {"state": "locked"})) == ["handler"]
    assert "handler" in numbers(admin.get("/people/", {"state": "all"}))


def test_the_list_sorts_by_pinyin_and_back(cast, admin):
    ascending = numbers(admin.get("/people/", {"sort": "number"}))
    assert ascending == sorted(ascending)
    assert numbers(admin.get("/people/", {"sort": "-number"})) == ascending[::-1]
    assert admin.get("/people/", {"sort": "password"}).status_code == 200


def test_a_person_stands_once_however_many_roles_match(cast, admin):
    assert numbers(admin.get("/people/", {"text": "outsider"})) == ["outsider"]


def test_a_reader_sees_the_people_of_his_region_and_himself(cast, client_of):
    seen = numbers(client_of(cast.supervisor).get("/people/"))
    assert "handler" in seen
    assert "supervisor" in seen
    assert "outsider" not in seen
    assert "admin" not in seen
    assert client_of(cast.supervisor).get("/people/outsider/").status_code == 404
    assert client_of(cast.supervisor).get("/people/handler/").status_code == 200


def test_bad_filters_are_no_error(admin):
    assert admin.get("/people/", {"unit": "nowhere", "role": "x", "state": "y", "page": "z"}).status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_list(cast, admin, django_assert_num_queries):
    admin.get("/people/")
    with django_assert_num_queries(6):
        admin.get("/people/")
    for number in range(30):
        services.create_person(
            username=f"N{number}", name="新人", unit=cast.billing, password="Good-Enough-1", by=cast.admin
        )
    admin.get("/people/")
    with django_assert_num_queries(6):
        admin.get("/people/")


def test_a_reader_is_offered_no_change(cast, client_of):
    html = client_of(cast.supervisor).get("/people/handler/").content.decode()
    assert "/people/handler/deactivate/" not in html
    assert "/people/handler/grant-role/" not in html


def test_a_person_page_says_what_the_person_may_see(cast, admin):
    access = admin.get("/people/supervisor/").context["access"]
    reaches = {str(right.label): right.reaches for _noun, rights in access for right in rights}
    assert ["区域：东市"] in reaches.values()


def test_the_pages_of_a_person_and_a_unit_cost_a_fixed_number_of_queries(cast, admin, django_assert_max_num_queries):
    with django_assert_max_num_queries(26):
        admin.get("/people/handler/")
    with django_assert_max_num_queries(18):
        admin.get("/units/east-network/")

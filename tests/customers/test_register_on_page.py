"""The forms: what is typed is kept, duplicates are shown, and a faster colleague is told of."""

import pytest

from onepoint.customers import queries, services
from onepoint.customers.models import Customer

NEW = {
    "kind": "person", "name": "赵六", "phone": "139 1111 2222", "preferred_channel": "phone", "language": "zh-hans",
    "consent_to_contact": "on",
}  # fmt: skip


@pytest.fixture
def fields(cast):
    return {**NEW, "region": cast.east.pk}


def test_a_customer_is_registered_with_all_its_numbers(cast, client_of, fields):
    typed = {
        **fields, "second_phone": "0571 87654321", "account": "HZ-9", "email": "zhao@example.org",
        "product": "数控车床", "serial_number": "CK-77",
    }  # fmt: skip
    answer = client_of(cast.agent).post("/customers/new/", typed)
    customer = Customer.objects.get()
    assert answer.headers["Location"] == f"/customers/{customer.number}/"
    assert [(row.kind, row.value_key) for row in queries.accounts_of(customer)] == [
        ("mobile", "+8613911112222"), ("landline", "+8657187654321"), ("broadband", "hz9"), ("email", "zhao@example.org"),
    ]  # fmt: skip
    assert queries.find_customers("ck77", visible_to=cast.agent) == [customer]


def test_a_known_number_is_shown_and_registered_only_on_purpose(cast, customer, client_of, fields):
    client = client_of(cast.agent)
    typed = {**fields, "phone": "0571-88888888", "note": "新来的"}
    answer = client.post("/customers/new/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"/customers/{customer.number}/" in page
    assert "新来的" in page
    assert Customer.objects.count() == 1
    assert client.post("/customers/new/", {**typed, "despite_duplicates": "on"}).status_code == 302
    assert Customer.objects.count() == 2


def test_duplicates_are_shown_while_typing(cast, customer, client_of):
    client = client_of(cast.agent)
    assert customer.number in client.get("/customers/duplicates/?phone=%2B86+571+8888+8888").content.decode()
    assert (
        customer.number
        in client.get("/customers/duplicates/?phone=88888888&id_number=330106198001011234").content.decode()
    )
    assert customer.number not in client.get("/customers/duplicates/?phone=13700000000").content.decode()
    assert (
        customer.number not in client_of(cast.outsider).get("/customers/duplicates/?phone=13800138000").content.decode()
    )


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"phone": "abc"}, "phone"),
        ({"region": "0"}, "region"),
        ({"serial_number": "1"}, "product"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(cast, client_of, fields, typed, field):
    answer = client_of(cast.agent).post("/customers/new/", {**fields, "address": "东市一路 5 号", **typed})
    assert answer.status_code == 422
    assert f"id_{field}_errors" in answer.content.decode()
    assert "东市一路 5 号" in answer.content.decode()


def test_the_form_may_begin_with_the_number_that_called(cast, client_of):
    assert "139 1111 2222" in client_of(cast.agent).get("/customers/new/?phone=139+1111+2222").content.decode()


def test_somebody_without_the_permission_is_refused(cast, client_of, fields):
    assert client_of(cast.coordinator).get("/customers/new/").status_code == 403
    client_of(cast.coordinator).post("/customers/new/", fields)
    assert not Customer.objects.exists()


def test_an_edit_is_saved(cast, customer, client_of, fields):
    answer = client_of(cast.agent).post(
        f"/customers/{customer.number}/edit/", {**fields, "version": 1, "address": "新址"}
    )
    assert answer.status_code == 302
    stored = Customer.objects.get()
    assert (stored.name, stored.address, stored.version) == ("赵六", "新址", 2)


def test_the_slower_editor_keeps_what_was_typed_and_may_save_again(cast, customer, client_of, fields):
    services.change_customer(customer, by=cast.second_agent, version=1, note="同事写的")
    client = client_of(cast.agent)
    typed = {**fields, "version": 1, "note": "我写的"}
    answer = client.post(f"/customers/{customer.number}/edit/", typed)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "我写的" in page
    assert "同事写的" in page
    assert 'name="version" value="2"' in page
    assert Customer.objects.get().note == "同事写的"
    assert client.post(f"/customers/{customer.number}/edit/", {**typed, "version": 2}).status_code == 302
    assert Customer.objects.get().note == "我写的"


def test_a_record_is_taken_out_of_use_and_back(cast, customer, client_of):
    client = client_of(cast.agent)
    client.post(f"/customers/{customer.number}/deactivate/")
    assert not Customer.objects.get().is_active
    assert client.get(f"/customers/{customer.number}/").status_code == 200
    client.post(f"/customers/{customer.number}/reactivate/")
    assert Customer.objects.get().is_active


HTMX = {"HTTP_HX_REQUEST": "true"}


def test_an_account_is_added_inside_the_page(cast, customer, client_of):
    client = client_of(cast.agent)
    path = f"/customers/{customer.number}/accounts/add/"
    fragment = client.get(path, **HTMX).content.decode()
    assert "<html" not in fragment
    assert 'name="value"' in fragment
    answer = client.post(path, {"kind": "broadband", "value": "HZ-8", "product": "千兆"}, **HTMX)
    assert answer.status_code == 200
    assert "HZ-8" in answer.content.decode()
    assert 'name="value"' not in answer.content.decode()


def test_the_same_form_works_as_a_plain_page(cast, customer, client_of):
    client = client_of(cast.agent)
    path = f"/customers/{customer.number}/assets/add/"
    assert "<html" in client.get(path).content.decode()
    answer = client.post(path, {"product": "铣床", "serial_number": "X-1", "warranty_until": "2030-01-31"})
    assert answer.headers["Location"] == f"/customers/{customer.number}/"
    assert customer.assets.get().product == "铣床"


@pytest.mark.parametrize(
    ("part", "typed"),
    [("accounts", {"kind": "mobile", "value": "13800138000"}), ("accounts", {"kind": "mobile", "value": "abc"}),
     ("assets", {"product": ""}), ("contact-persons", {"name": "", "phone": "1"})],
)  # fmt: skip
def test_a_refused_addition_comes_back_with_its_reason(cast, customer, client_of, part, typed):
    answer = client_of(cast.agent).post(f"/customers/{customer.number}/{part}/add/", typed, **HTMX)
    assert answer.status_code == 422
    assert "field__error" in answer.content.decode()


def test_belongings_are_changed_and_removed(cast, customer, client_of):
    client = client_of(cast.agent)
    person = services.add_contact_person(customer, by=cast.agent, name="李夫人")
    path = f"/customers/{customer.number}/contact-persons/{person.pk}"
    assert "李夫人" in client.get(f"{path}/edit/", **HTMX).content.decode()
    client.post(f"{path}/edit/", {"version": 1, "name": "李女士", "phone": "13900001111"}, **HTMX)
    assert customer.contact_persons.get().name == "李女士"
    stale = client.post(f"{path}/edit/", {"version": 1, "name": "李太太"}, **HTMX)
    assert stale.status_code == 422
    assert "李太太" in stale.content.decode()
    assert 'name="version" value="2"' in stale.content.decode()
    client.post(f"{path}/remove/")
    assert not customer.contact_persons.get().is_active


def test_a_row_of_another_customer_is_not_reached(cast, customer, client_of):
    other = services.create_customer(by=cast.agent, name="别人", region=cast.east)
    account = customer.accounts.first()
    client = client_of(cast.agent)
    assert client.get(f"/customers/{other.number}/accounts/{account.pk}/edit/").status_code == 404
    assert client.post(f"/customers/{other.number}/accounts/{account.pk}/remove/").status_code == 404
    assert client.get(f"/customers/{customer.number}/nonsense/add/").status_code == 404


def test_the_levels_have_a_screen_for_those_who_manage_them(cast, client_of):
    assert client_of(cast.agent).get("/customers/levels/").status_code == 403
    role = cast.admin.role_grants.get().role
    role.permissions = [*role.permissions, "customer_level.manage"]
    role.save()
    client = client_of(cast.admin)
    assert (
        client.post("/customers/levels/", {"code": "gold", "name": "金级", "name_en": "Gold", "rank": 30}).status_code
        == 302
    )
    level = queries.levels()[0]
    assert client.post("/customers/levels/", {"code": "gold", "name": "金级", "rank": 30}).status_code == 422
    client.post(f"/customers/levels/{level.pk}/", {"name": "黄金级", "rank": 31})
    assert [(row.name, row.rank, row.is_active) for row in queries.levels(only_in_use=False)] == [("黄金级", 31, False)]

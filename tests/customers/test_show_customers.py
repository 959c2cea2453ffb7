"""The list, the page and the picker, each within the person's scope."""

import pytest
from django.urls import reverse

from onepoint.customers import panels, services
from onepoint.customers.services import NewAccount


def get(client_of, person, path):
    return client_of(person).get(path)


def test_the_list_shows_numbers_and_a_masked_id(cast, customer, client_of):
    page = get(client_of, cast.agent, "/customers/").content.decode()
    assert "王小明" in page
    assert "13800138000" in page
    assert "330***********1234" in page
    assert "330106198001011234" not in page


def test_an_outsider_gets_an_empty_list_and_404(cast, customer, client_of):
    assert "王小明" not in get(client_of, cast.outsider, "/customers/").content.decode()
    paths = ["", "edit/", "history/", "accounts/add/", f"accounts/{customer.accounts.first().pk}/edit/"]
    for path in paths:
        assert get(client_of, cast.outsider, f"/customers/{customer.number}/{path}").status_code == 404, path
    for path in [
        "edit/",
        "deactivate/",
        "reactivate/",
        "accounts/add/",
        f"accounts/{customer.accounts.first().pk}/remove/",
    ]:
        assert client_of(cast.outsider).post(f"/customers/{customer.number}/{path}").status_code == 404, path


def test_the_list_costs_the_same_for_two_and_for_many(cast, customer, client_of, django_assert_num_queries):
    client = client_of(cast.agent)
    client.get("/customers/")
    with django_assert_num_queries(5):
        client.get("/customers/")
    for index in range(5):
        services.create_customer(
            by=cast.agent, name=f"客户{index}", region=cast.east, accounts=[NewAccount(f"1390000000{index}")]
        )
    with django_assert_num_queries(5):
        client.get("/customers/")


def test_the_page_costs_a_fixed_number_of_queries(cast, customer, client_of, django_assert_num_queries):
    services.add_asset(customer, by=cast.agent, product="车床")
    services.add_contact_person(customer, by=cast.agent, name="李夫人")
    client = client_of(cast.agent)
    client.get(f"/customers/{customer.number}/")
    with django_assert_num_queries(6):
        client.get(f"/customers/{customer.number}/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("text=0571-88888888", True), ("text=wxm", True), ("text=nobody", False), ("kind=person", True), ("kind=company", False),
        ("region=east", True), ("region=province", True), ("region=west", False), ("state=closed", False), ("state=all", True),
        ("level=gold", False), ("kind=nonsense", True), ("page=99999999999999999999", False), ("sort=nonsense", True),
        ("text=%00", True),
    ],
)  # fmt: skip
def test_the_list_is_filtered(cast, customer, client_of, query, found):
    services.create_level(by=None, code="gold", name="金级")
    answer = get(client_of, cast.agent, f"/customers/?{query}")
    assert answer.status_code == 200
    assert (customer.number in answer.content.decode()) is found


def test_the_page_shows_what_belongs_to_the_customer(cast, customer, client_of):
    services.add_asset(customer, by=cast.agent, product="数控车床", serial_number="CK-1")
    services.add_contact_person(customer, by=cast.agent, name="李夫人", relation="妻子")
    page = get(client_of, cast.agent, f"/customers/{customer.number}/").content.decode()
    for text in ("0571-8888 8888", "数控车床", "CK-1", "李夫人", "330***********1234"):
        assert text in page


def test_those_who_only_look_see_a_masked_id_and_no_buttons(cast, customer, client_of):
    page = get(client_of, cast.visitor, f"/customers/{customer.number}/").content.decode()
    assert "330106198001011234" not in page
    assert "/accounts/add/" not in page
    assert f"/customers/{customer.number}/edit/" not in page


def test_the_history_tells_what_happened(cast, customer, client_of):
    services.change_customer(customer, by=cast.agent, version=1, note="x", address="东市一路")
    with_english = cast.second_agent
    with_english.language = "en"
    with_english.save()
    page = get(client_of, with_english, f"/customers/{customer.number}/history/").content.decode()
    assert "registered the customer" in page
    assert "changed Address, Note" in page or "changed Note, Address" in page


def test_every_registered_panel_is_fetched_by_the_page(cast, customer, client_of):
    page = get(client_of, cast.agent, f"/customers/{customer.number}/").content.decode()
    for panel in panels.panels_for(cast.agent):
        assert f'hx-get="{reverse(panel.url_name, args=[customer.number])}"' in page
    assert "customer-history" in [panel.url_name for panel in panels.panels_for(cast.agent)]


def test_the_picker_gives_what_letters_may_mean(cast, customer, client_of):
    answer = get(client_of, cast.agent, "/customers/options/?q=wxm").json()
    assert answer == {
        "results": [
            {"value": customer.pk, "label": "王小明", "note": f"{customer.number} · 0571-8888 8888 · 13800138000"}
        ]
    }
    assert get(client_of, cast.outsider, "/customers/options/?q=wxm").json() == {"results": []}
    assert get(client_of, cast.agent, "/customers/options/").json() == {"results": []}


def test_names_with_markup_are_shown_harmlessly(cast, client_of):
    customer = services.create_customer(by=cast.agent, name="<script>alert(1)</script>", region=cast.east)
    page = get(client_of, cast.agent, f"/customers/{customer.number}/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page

"""The pieces of the intake screen: who it may be, what they own, special items; and the same without script."""

from onepoint.channels import services as channel_services
from onepoint.customers import services as customer_services
from onepoint.tickets.models import Ticket


def test_candidates_are_shown_while_typing(cast, customer, client_of):
    page = client_of(cast.agent).get("/intake/candidates/?q=%2B86+571-8888").content.decode()
    assert customer.number not in page
    page = client_of(cast.agent).get("/intake/candidates/?q=%2B86+571-88888888").content.decode()
    assert f"choose:{customer.number}" in page
    assert customer.number not in client_of(cast.outsider).get("/intake/candidates/?q=13800138000").content.decode()


def test_nobody_found_is_said(cast, client_of):
    page = client_of(cast.agent).get("/intake/candidates/?q=13700000000").content.decode()
    assert "data-nobody" in page
    assert "data-nobody" not in client_of(cast.agent).get("/intake/candidates/?q=").content.decode()


def test_the_chosen_customer_comes_with_what_they_own_and_a_warning_of_open_tickets(cast, customer, ticket, client_of):
    customer_services.add_asset(customer, by=cast.agent, product="光猫", serial_number="SN-1")
    channel_services.journal_contact(by=cast.agent, channel="hotline", subject="问过一次", customer=customer)
    page = client_of(cast.agent).get(f"/intake/customer/?customer={customer.number}&q=13800138000").content.decode()
    for text in ("0571-8888 8888", "SN-1", "问过一次", ticket.number, 'role="status"', 'hx-swap-oob="true"'):
        assert text in page
    assert f'name="customer" id="id_customer" value="{customer.number}"' in page
    assert 'value="13800138000"' in page


def test_a_customer_of_another_city_is_not_shown(cast, customer, client_of):
    assert client_of(cast.outsider).get(f"/intake/customer/?customer={customer.number}").status_code == 404


def test_another_customer_empties_the_section(cast, client_of):
    page = client_of(cast.agent).get("/intake/customer/?q=137").content.decode()
    assert 'id="candidates"' in page
    assert 'value="137"' in page


def test_a_category_brings_its_special_items_and_keeps_what_was_typed(cast, categories, client_of):
    client = client_of(cast.agent)
    page = client.post(
        "/intake/items/", {"category": categories["broadband"].pk, "items-account": "HZ-9"}
    ).content.decode()
    assert "宽带账号" in page
    assert 'value="HZ-9"' in page
    assert "一般" in page
    assert "宽带账号" not in client.post("/intake/items/", {"category": categories["billing"].pk}).content.decode()
    assert client.post("/intake/items/", {"category": "99999999999999999999"}).status_code == 200


def test_the_page_costs_a_fixed_number_of_queries(cast, customer, ticket, client_of, django_assert_num_queries):
    client = client_of(cast.agent)
    client.get("/intake/")
    with django_assert_num_queries(3):
        client.get("/intake/")
    client.get(f"/intake/?customer={customer.number}")
    with django_assert_num_queries(8):
        client.get(f"/intake/?customer={customer.number}")


def test_the_customer_page_begins_a_request_for_that_customer(cast, customer, client_of):
    client = client_of(cast.agent)
    assert f"/intake/?customer={customer.number}" in client.get(f"/customers/{customer.number}/").content.decode()
    page = client.get(f"/intake/?customer={customer.number}").content.decode()
    assert f'id="id_customer" value="{customer.number}"' in page


def test_without_script_a_customer_is_found_and_chosen_and_nothing_typed_is_lost(
    cast, customer, categories, client_of, typed
):
    client = client_of(cast.agent)
    form = typed(
        q="wxm", title="我写的标题", do="find", category=categories["broadband"].pk, **{"items-account": "HZ-9"}
    )
    page = client.post("/intake/", form).content.decode()
    assert f"choose:{customer.number}" in page
    for text in ("我写的标题", "本月话费", "HZ-9", form["request_key"]):
        assert text in page
    page = client.post("/intake/", {**form, "do": f"choose:{customer.number}"}).content.decode()
    assert f'id="id_customer" value="{customer.number}"' in page
    assert "我写的标题" in page
    page = client.post("/intake/", {**form, "customer": customer.number, "do": "forget:"}).content.decode()
    assert 'id="id_customer"' not in page
    assert not Ticket.objects.exists()


def test_the_channel_spoken_on_last_is_the_next_ones_too(cast, client_of, typed):
    client = client_of(cast.agent)
    assert 'value="hotline" selected' in client.get("/intake/").content.decode()
    client.post("/intake/", typed(channel="hall", do="solve"))
    assert 'value="hall" selected' in client.get("/intake/").content.decode()


def test_the_number_that_was_looked_up_is_taken_for_the_one_it_is_about(cast, client_of, customer) -> None:
    account = customer.accounts.order_by("pk").first()
    known = client_of(cast.agent).get("/intake/customer/", {"customer": customer.number, "q": f"+86 {account.value}"})
    assert known.context["form"]["account"].value() == account.pk
    by_name = client_of(cast.agent).get("/intake/customer/", {"customer": customer.number, "q": customer.name})
    assert by_name.context["form"]["account"].value() is None

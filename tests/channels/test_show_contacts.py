import pytest

from onepoint.channels import services
from onepoint.channels.models import Contact
from onepoint.customers import panels


def test_the_list_shows_contacts_within_scope_only(cast, contact, client_of):
    page = client_of(cast.second_agent).get("/contacts/").content.decode()
    assert contact.number in page
    assert "宽带上网慢" in page
    assert contact.number not in client_of(cast.outsider).get("/contacts/").content.decode()


def test_an_outsider_gets_404_everywhere(cast, contact, customer, client_of):
    client = client_of(cast.outsider)
    assert client.get(f"/contacts/{contact.number}/").status_code == 404
    assert client.post(f"/contacts/{contact.number}/solve/").status_code == 404
    assert client.get(f"/customers/{customer.number}/contacts/").status_code == 404
    assert Contact.objects.get().outcome == "open"


def test_the_list_costs_a_fixed_number_of_queries(cast, contact, client_of, django_assert_num_queries):
    client = client_of(cast.agent)
    client.get("/contacts/")
    with django_assert_num_queries(3):
        client.get("/contacts/")
    for _ in range(4):
        services.journal_contact(by=cast.second_agent, channel="hall", subject="问套餐")
    with django_assert_num_queries(3):
        client.get("/contacts/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("text=光猫", True), ("text=057188888888", True), ("text=电视", False), ("channel=hotline", True), ("channel=fax", False),
        ("outcome=open", True), ("outcome=solved", False), ("agent=安坐", True), ("agent=agent", True), ("agent=bi", False),
        ("since=2000-01-01", True), ("until=2000-01-01", False), ("since=9999-12-31", False), ("until=9999-12-31", True),
        ("since=nonsense", True),
    ],
)  # fmt: skip
def test_the_list_is_filtered(cast, contact, client_of, query, found):
    assert (contact.number in client_of(cast.agent).get(f"/contacts/?{query}").content.decode()) is found


def test_the_page_shows_the_conversation_and_who_led_it(cast, contact, customer, client_of):
    page = client_of(cast.supervisor).get(f"/contacts/{contact.number}/").content.decode()
    for text in ("已重启光猫", "安坐席", "057****8888", f"/customers/{customer.number}/"):
        assert text in page
    assert "/solve/" not in page


def test_the_agent_solves_it_from_its_page(cast, contact, client_of):
    client = client_of(cast.agent)
    assert "/solve/" in client.get(f"/contacts/{contact.number}/").content.decode()
    assert client.post(f"/contacts/{contact.number}/solve/").status_code == 302
    assert Contact.objects.get().outcome == "solved"
    assert "/solve/" not in client.get(f"/contacts/{contact.number}/").content.decode()


def test_the_customer_page_shows_the_contacts(cast, contact, customer, client_of):
    client = client_of(cast.agent)
    assert "contact-of-customer" in [panel.url_name for panel in panels.panels_for(cast.agent)]
    assert (
        f'hx-get="/customers/{customer.number}/contacts/"'
        in client.get(f"/customers/{customer.number}/").content.decode()
    )
    assert "宽带上网慢" in client.get(f"/customers/{customer.number}/contacts/").content.decode()


def test_those_who_see_no_contacts_get_no_panel(cast):
    assert "contact-of-customer" not in [panel.url_name for panel in panels.panels_for(cast.admin)]

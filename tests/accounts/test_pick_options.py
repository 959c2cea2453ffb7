import pytest

from onepoint.accounts import services
from onepoint.accounts.models import User


@pytest.fixture
def client(cast, client_of):
    return client_of(cast.handler)


def values(response):
    return [result["value"] for result in response.json()["results"]]


def test_people_are_offered_by_name_with_number_and_unit(cast, client):
    (result,) = client.get("/people/options/", {"q": "安坐席"}).json()["results"]
    assert result == {"value": cast.agent.pk, "label": "安坐席", "note": "agent · 东市客服中心"}


def test_people_are_narrowed_by_unit_and_role(cast, client):
    found = values(client.get("/people/options/", {"unit": "east-network", "value": "username"}))
    assert set(found) == {"interface_person", "deputy", "handler"}
    assert values(client.get("/people/options/", {"role": "visitor", "value": "username"})) == ["visitor"]
    assert values(client.get("/people/options/", {"unit": "nowhere"})) == []


def test_locked_people_and_closed_units_are_not_offered(cast, client):
    services.deactivate_person(cast.deputy, by=cast.admin)
    assert values(client.get("/people/options/", {"q": "deputy"})) == []
    unit = services.create_unit(code="gone", name="撤了", by=cast.admin)
    services.deactivate_unit(unit, by=cast.admin)
    assert values(client.get("/units/options/", {"q": "gone"})) == []


def test_handling_departments_are_offered_by_name_or_code(cast, client):
    found = client.get("/units/options/", {"receives_tickets": "1", "value": "code"})
    assert values(found) == ["east-network", "east-billing"]
    assert values(client.get("/units/options/", {"q": "计费", "value": "code"})) == ["east-billing"]


def test_at_most_twenty_are_offered_in_one_query(cast, client, django_assert_num_queries):
    User.objects.bulk_create(User(username=f"n{number}", name="新人", unit=cast.network) for number in range(30))
    client.get("/people/options/")
    with django_assert_num_queries(2):  # session with person, options
        assert len(values(client.get("/people/options/", {"q": "新人"}))) == 20


def test_odd_questions_are_no_error(client):
    for text in ("\x00", "%", "_", "(", "[a-", "a" * 500, "\\"):
        assert client.get("/people/options/", {"q": text}).status_code == 200
        assert client.get("/units/options/", {"q": text}).status_code == 200


def test_a_form_carries_only_the_chosen_unit_and_refuses_one_out_of_use(cast, client_of):
    client = client_of(cast.admin)
    html = client.get("/units/new/?parent=east-network").content.decode()
    assert f'<option value="{cast.network.pk}" selected>' in html
    assert f'<option value="{cast.west_branch.pk}"' not in html
    for odd in ("999999", "x", "\x00"):
        response = client.post("/units/east-network/move/", {"parent": odd})
        assert response.status_code == 422
        assert "parent" in response.context["form"].errors

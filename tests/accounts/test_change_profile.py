import pytest
from django.test import Client

from onepoint.accounts import services
from onepoint.accounts.models import User
from onepoint.core.errors import InvalidInput, NotPermitted


def test_one_changes_ones_own_profile(cast, client_of, last_entry):
    client = client_of(cast.agent)
    data = {"name_en": "Ann Agent", "phone": "0571-88888888", "email": "ann@example.com", "language": "en"}
    assert client.post("/profile/", data).status_code == 302
    agent = User.objects.get(pk=cast.agent.pk)
    assert (agent.name_en, agent.phone, agent.email, agent.language) == tuple(data.values())
    assert last_entry("person.changed").data["changes"]["language"] == ["zh-hans", "en"]


def test_name_unit_and_number_are_not_ones_own_to_change(cast):
    for field in ("name", "unit", "username", "is_active"):
        with pytest.raises(TypeError):
            services.change_own_profile(cast.agent, by=cast.agent, **{field: "x"})


def test_nobody_changes_anothers_profile_this_way(cast):
    with pytest.raises(NotPermitted):
        services.change_own_profile(cast.agent, phone="1", by=cast.admin)


def test_the_language_is_kept_with_the_person(cast, client_of):
    client = client_of(cast.agent)
    response = client.post("/language/", {"language": "en", "next": "/profile/"})
    assert response.url == "/profile/"
    assert User.objects.get(pk=cast.agent.pk).language == "en"
    assert "My profile" in client_of(cast.agent).get("/profile/").content.decode()


def test_the_language_can_be_switched_before_login(db):
    client = Client()
    assert "工号" in client.get("/accounts/login/").content.decode()
    client.post("/language/", {"language": "en", "next": "/accounts/login/"})
    assert "Staff number" in client.get("/accounts/login/").content.decode()


def test_an_unknown_language_changes_nothing(cast, client_of):
    client_of(cast.agent).post("/language/", {"language": "xx"})
    assert User.objects.get(pk=cast.agent.pk).language == "zh-hans"
    with pytest.raises(InvalidInput):
        services.set_language(cast.agent, "xx", by=cast.agent)


def test_the_language_switch_leads_nowhere_outside_the_house(client, db):
    assert client.post("/language/", {"language": "en", "next": "https://elsewhere.example/"}).url == "/"
    assert client.get("/language/").status_code == 405

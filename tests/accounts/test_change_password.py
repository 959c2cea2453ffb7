import pytest
from django.test import Client

from cast import PASSWORD
from onepoint.accounts import passwords, policies, services
from onepoint.accounts.models import User
from onepoint.core.errors import InvalidInput, NotPermitted

NEW = "Another-2026"


@pytest.fixture
def agent(cast):
    cast.agent.set_password(PASSWORD)
    cast.agent.save()
    return cast.agent


def log_in(number, password):
    client = Client()
    client.post("/accounts/login/", {"login": number, "password": password})
    return client


def test_a_new_password_keeps_this_session_and_ends_the_others(agent, last_entry):
    there, here = log_in("agent", PASSWORD), log_in("agent", PASSWORD)
    response = here.post("/profile/password/", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert response.status_code == 302
    assert here.get("/profile/").status_code == 200
    assert there.get("/profile/").status_code == 302
    assert User.objects.get(pk=agent.pk).check_password(NEW)
    assert last_entry("person.password_changed").actor_id == agent.pk
    assert last_entry("person.password_changed").data == {}
    assert [row.session_key for row in here.get("/profile/sessions/").context["sessions"]] == [here.session.session_key]


def test_the_old_password_is_asked_for(agent):
    with pytest.raises(InvalidInput) as refusal:
        services.change_own_password(agent, old="Wrong-2026-x", new=NEW, by=agent)
    assert list(refusal.value.errors) == ["old"]


@pytest.mark.parametrize("weak", ["Short-1a", "onlylowercase", "lower-and-1"[:9], "agent", "ALLUPPER12345"])
def test_weak_passwords_are_refused(agent, weak):
    with pytest.raises(InvalidInput) as refusal:
        services.change_own_password(agent, old=PASSWORD, new=weak, by=agent)
    assert list(refusal.value.errors) == ["new"]
    assert User.objects.get(pk=agent.pk).check_password(PASSWORD)


def test_none_of_the_last_five_passwords_comes_back(agent):
    used = [f"Password-No-{number}" for number in range(1, 7)]
    old = PASSWORD
    for new in used:
        services.change_own_password(agent, old=old, new=new, by=agent)
        old = new
    for recent in used[1:]:
        with pytest.raises(InvalidInput):
            services.change_own_password(agent, old=old, new=recent, by=agent)
    services.change_own_password(agent, old=old, new=used[0], by=agent)
    assert agent.password_records.count() == 5


def test_nobody_changes_the_password_of_another_this_way(cast, agent):
    with pytest.raises(NotPermitted):
        services.change_own_password(agent, old=PASSWORD, new=NEW, by=cast.admin)


def test_an_administrator_gives_a_first_password_again(cast, agent, last_entry):
    client = log_in("agent", PASSWORD)
    services.reset_password(agent, password=NEW, by=cast.admin)
    assert client.get("/profile/").status_code == 302
    assert log_in("agent", NEW).get("/profile/").url == "/profile/password/"
    assert last_entry("person.password_reset").actor_id == cast.admin.pk


def test_a_reset_also_follows_the_password_rules(cast, agent):
    with pytest.raises(InvalidInput):
        services.reset_password(agent, password="short", by=cast.admin)


def test_a_reset_is_refused_for_oneself_without_right_and_upwards(cast, agent, city_admin):
    with pytest.raises(policies.NotYourOwnAccess):
        services.reset_password(cast.admin, password=NEW, by=cast.admin)
    with pytest.raises(NotPermitted):
        services.reset_password(agent, password=NEW, by=cast.supervisor)
    with pytest.raises(NotPermitted):
        services.reset_password(cast.outsider, password=NEW, by=city_admin)
    User.objects.filter(pk=cast.admin.pk).update(unit=cast.network)
    with pytest.raises(policies.GuardedPermission):
        services.reset_password(User.objects.get(pk=cast.admin.pk), password=NEW, by=city_admin)


def test_made_passwords_follow_the_rules_and_differ(agent):
    made = {passwords.make_password() for _number in range(50)}
    assert len(made) == 50
    for password in made:
        passwords.CharacterClassesValidator().validate(password)
        assert len(password) >= 10


def test_mistyping_the_repetition_is_refused(agent):
    client = log_in("agent", PASSWORD)
    response = client.post("/profile/password/", {"old": PASSWORD, "new": NEW, "again": NEW + "x"})
    assert response.status_code == 422
    assert "again" in response.context["form"].errors

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client

from cast import PASSWORD
from onepoint.accounts import services
from onepoint.accounts.models import User
from onepoint.core.models import AuditEntry

LOGIN = "/accounts/login/"
WRONG = "Wrong-Pass-2026"


@pytest.fixture(autouse=True)
def known_password(cast):
    cache.clear()
    cast.agent.set_password(PASSWORD)
    cast.agent.save()


def log_in(client, number="agent", password=PASSWORD, **more):
    return client.post(
        LOGIN, {"login": number, "password": password, **more}, HTTP_USER_AGENT="Mozilla Firefox Windows"
    )


def test_login_lands_on_the_front_page_and_is_journaled(cast, client, last_entry):
    response = log_in(client)
    assert (response.status_code, response.url) == (302, "/")
    assert client.get("/profile/").status_code == 200
    assert last_entry("person.logged_in").actor_id == cast.agent.pk
    session = UserSession.objects.get(user=cast.agent)
    assert (session.ip, session.user_agent) == ("127.0.0.1", "Mozilla Firefox Windows")


def test_the_staff_number_may_be_typed_in_any_case(cast, client):
    assert log_in(client, " AGENT ").status_code == 302


def test_login_goes_on_to_where_one_wanted_only_within_the_house(client):
    assert log_in(Client(), next="/people/?text=a").url == "/people/?text=a"
    assert log_in(Client(), next="https://elsewhere.example/").url == "/"
    assert log_in(Client(), next="//elsewhere.example/").url == "/"


def test_a_page_asks_for_login_and_remembers_itself(client):
    response = client.get("/people/?text=a")
    assert response.status_code == 302
    assert response.url == "/accounts/login/?next=/people/%3Ftext%3Da"


def test_the_api_and_fragments_are_answered_without_a_redirect(client):
    assert client.get("/api/anything").status_code == 401
    fragment = client.get("/people/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Redirect"]) == (401, "/")


def test_wrong_password_unknown_number_and_locked_person_read_the_same(cast, client):
    services.deactivate_person(cast.handler, by=cast.admin)
    cast.handler.set_password(PASSWORD)
    cast.handler.save()
    answers = []
    for number, password in (("agent", WRONG), ("nobody", WRONG), ("handler", PASSWORD)):
        response = log_in(Client(), number, password)
        assert response.status_code == 200
        answers.append(response.context["form"].non_field_errors())
    assert answers[0] == answers[1] == answers[2] == ["工号或密码不正确。"]


def test_the_fifth_failure_locks_the_account_whatever_the_address(cast, client, last_entry):
    for attempt in range(5):
        response = client.post(
            LOGIN, {"login": "Agent" if attempt % 2 else "agent", "password": WRONG}, REMOTE_ADDR=f"10.0.0.{attempt}"
        )
        assert response.status_code == (429 if attempt == 4 else 200)
    assert log_in(Client()).status_code == 429
    assert last_entry("person.locked_out").subject_id == cast.agent.pk
    log_in(Client())
    assert AuditEntry.objects.filter(verb="person.locked_out").count() == 1


def test_the_lock_page_speaks_both_languages(client):
    for _attempt in range(5):
        log_in(client, "whoever", WRONG)
    assert "15 分钟" in log_in(client, "whoever", WRONG).content.decode()
    client.post("/language/", {"language": "en"})
    assert "15 minutes" in log_in(client, "whoever", WRONG).content.decode()


def test_the_lock_opens_after_a_quarter_of_an_hour_even_if_tried_meanwhile(client, time_machine):
    time_machine.move_to("2026-11-22T09:00:00+08:00", tick=False)
    for _attempt in range(5):
        log_in(client, "agent", WRONG)
    time_machine.shift(timedelta(minutes=10))
    assert log_in(client).status_code == 429
    time_machine.shift(timedelta(minutes=6))
    assert log_in(client).status_code == 302


def test_four_failures_and_a_success_start_counting_anew(client):
    for _round in range(2):
        for _attempt in range(4):
            assert log_in(client, "agent", WRONG).status_code == 200
        assert log_in(Client()).status_code == 302


def test_an_administrator_lifts_the_lock_out(cast, client, client_of, last_entry):
    for _attempt in range(5):
        log_in(client, "agent", WRONG)
    admin = client_of(cast.admin)
    assert admin.get("/people/agent/").context["locked_until"] is not None
    admin.post("/people/agent/lift-lock-out/")
    assert log_in(Client()).status_code == 302
    assert last_entry("person.lock_out_lifted").actor_id == cast.admin.pk


def test_logout_needs_a_post_and_ends_the_session(cast, client, last_entry):
    log_in(client)
    client.get("/accounts/logout/")
    assert client.get("/profile/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/profile/").status_code == 302
    assert not UserSession.objects.filter(user=cast.agent).exists()
    assert last_entry("person.logged_out").actor_id == cast.agent.pk


def test_login_is_refused_without_the_csrf_token(cast):
    client = Client(enforce_csrf_checks=True)
    assert log_in(client).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["signup/", "email/", "password/reset/", "password/change/", "confirm-email/", "reauthenticate/", "login/code/"],
)
def test_no_other_page_of_the_login_library_is_mounted(cast, client_of, path):
    assert client_of(cast.agent).get(f"/accounts/{path}").status_code == 404


def test_a_given_password_must_be_changed_before_anything_else(cast, client):
    User.objects.filter(pk=cast.agent.pk).update(must_change_password=True)
    log_in(client)
    assert client.get("/profile/").url == "/profile/password/"
    assert client.get("/people/", headers={"HX-Request": "true"})["HX-Redirect"] == "/profile/password/"
    assert client.get("/api/anything").status_code == 403
    assert client.get("/profile/password/").status_code == 200
    client.post("/profile/password/", {"old": PASSWORD, "new": "Another-2026", "again": "Another-2026"})
    assert client.get("/profile/").status_code == 200


def test_a_password_older_than_the_policy_must_be_changed(cast, client, time_machine):
    time_machine.move_to("2026-01-01T09:00:00+08:00")
    services.change_login_policy(password_days=90, by=cast.admin)
    services.change_own_password(cast.agent, old=PASSWORD, new="January-2026", by=cast.agent)
    time_machine.move_to("2026-03-31T09:00:00+08:00")
    log_in(client, password="January-2026")
    assert client.get("/profile/").status_code == 200
    time_machine.move_to("2026-04-02T09:00:00+08:00")
    again = Client()
    log_in(again, password="January-2026")
    assert again.get("/profile/").url == "/profile/password/"

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from cast import PASSWORD
from onepoint.accounts import services
from onepoint.core.errors import InvalidInput, NotPermitted


@pytest.fixture
def log_in(cast):
    """A function that logs a person in through the login page and gives the browser."""

    def open_browser(user, agent="Mozilla/5.0 (Windows NT 10.0) Chrome/124.0"):
        if not user.has_usable_password() or not user.check_password(PASSWORD):
            user.set_password(PASSWORD)
            user.save()
        client = Client(headers={"User-Agent": agent})
        assert client.post("/accounts/login/", {"login": user.username, "password": PASSWORD}).status_code == 302
        return client

    return open_browser


def is_in(client):
    return client.get("/profile/").status_code == 200


def test_the_list_shows_where_one_is_logged_in(cast, log_in):
    log_in(cast.agent, "Mozilla/5.0 (iPhone) Safari/604.1")
    here = log_in(cast.agent)
    html = here.get("/profile/sessions/").content.decode()
    assert "Safari · iOS" in html
    assert "Chrome · Windows" in html


def test_one_ends_another_session_of_ones_own(cast, log_in, last_entry, announced):
    there, here = log_in(cast.agent), log_in(cast.agent)
    other = UserSession.objects.exclude(session_key=here.session.session_key).get()
    here.post(f"/profile/sessions/{other.pk}/end/")
    assert not is_in(there)
    assert is_in(here)
    assert last_entry("person.session_ended").actor_id == cast.agent.pk
    assert "sessions:agent" in announced


def test_one_ends_all_other_sessions(cast, log_in):
    there, elsewhere, here = log_in(cast.agent), log_in(cast.agent), log_in(cast.agent)
    here.post("/profile/sessions/end-others/")
    assert [is_in(there), is_in(elsewhere), is_in(here)] == [False, False, True]


def test_somebody_elses_session_is_not_found(cast, log_in):
    there, here = log_in(cast.agent), log_in(cast.outsider)
    session = UserSession.objects.get(user=cast.agent)
    assert here.post(f"/profile/sessions/{session.pk}/end/").status_code == 404
    with pytest.raises(NotPermitted):
        services.end_session(session, by=cast.outsider)
    with pytest.raises(NotPermitted):
        services.end_sessions_of(cast.agent, by=cast.outsider)
    assert is_in(there)


def test_an_administrator_ends_all_sessions_of_a_person(cast, log_in, client_of, last_entry):
    there = log_in(cast.agent)
    client_of(cast.admin).post("/people/agent/end-sessions/")
    assert not is_in(there)
    assert last_entry("person.sessions_ended").data == {"sessions": 1}


def test_a_session_ends_when_nobody_uses_it(cast, log_in, time_machine):
    time_machine.move_to("2026-11-22T09:00:00+08:00", tick=False)
    client = log_in(cast.agent)
    for _step in range(4):
        time_machine.shift(timedelta(minutes=14))
        assert is_in(client)
    time_machine.shift(timedelta(minutes=16))
    assert not is_in(client)


def test_activity_is_noted_at_most_once_a_minute(cast, log_in, time_machine, django_assert_num_queries):
    time_machine.move_to("2026-11-22T09:00:00+08:00", tick=False)
    client = log_in(cast.agent)
    begun = UserSession.objects.get(user=cast.agent).last_seen_at
    time_machine.shift(timedelta(seconds=30))
    assert is_in(client)
    assert UserSession.objects.get(user=cast.agent).last_seen_at == begun
    time_machine.shift(timedelta(seconds=40))
    assert is_in(client)
    assert UserSession.objects.get(user=cast.agent).last_seen_at == begun + timedelta(seconds=70)


def test_a_session_ends_after_twelve_hours_even_if_used(cast, log_in, time_machine):
    time_machine.move_to("2026-11-22T08:00:00+08:00", tick=False)
    client = log_in(cast.agent)
    for _step in range(51):
        time_machine.shift(timedelta(minutes=14))
        assert is_in(client)
    time_machine.shift(timedelta(minutes=7))
    assert not is_in(client)


def test_the_policy_sets_the_idle_time_and_one_session_per_person(cast, log_in, time_machine, last_entry):
    services.change_login_policy(idle_minutes=5, one_session_only=True, by=cast.admin)
    assert last_entry("login_policy.changed").data["changes"]["idle_minutes"] == [15, 5]
    there = log_in(cast.agent)
    here = log_in(cast.agent)
    assert not is_in(there)
    assert is_in(here)
    time_machine.move_to(timedelta(minutes=6))
    assert not is_in(here)


def test_the_policy_keeps_its_bounds_and_its_permission(cast):
    for minutes in (4, 31):
        with pytest.raises(InvalidInput):
            services.change_login_policy(idle_minutes=minutes, by=cast.admin)
    with pytest.raises(NotPermitted):
        services.change_login_policy(idle_minutes=20, by=cast.supervisor)


def test_the_policy_page_saves(cast, client_of):
    client = client_of(cast.admin)
    assert (
        client.post("/login-policy/", {"idle_minutes": 3, "password_days": 0, "second_factor": "nobody"}).status_code
        == 422
    )
    assert (
        client.post("/login-policy/", {"idle_minutes": 30, "password_days": 90, "second_factor": "nobody"}).status_code
        == 302
    )
    assert client_of(cast.supervisor).get("/login-policy/").status_code == 403

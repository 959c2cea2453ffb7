"""Second factor: set up, asked for at login, lost, and demanded by the policy."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from cast import PASSWORD
from onepoint.accounts import services, totp
from onepoint.accounts.models import LoginPolicy, RecoveryCode, SecondFactor
from onepoint.config import live
from onepoint.config.live import listener_of_session
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.core.throttling import TooManyTries

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = "/accounts/login/second-factor/"


def code_now(later: int = 0) -> str:
    return totp.code_at(SECRET, totp.step_at(clock.now()) + later)


@pytest.fixture(autouse=True)
def known_passwords(cast, time_machine):
    time_machine.move_to("2026-11-22T09:00:00+08:00", tick=False)
    cache.clear()
    for person in (cast.agent, cast.admin):
        person.set_password(PASSWORD)
        person.save()


@pytest.fixture
def codes(cast, time_machine):
    """The agent has an authenticator; gives the recovery codes. The code of that moment is spent."""
    made = services.set_up_second_factor(cast.agent, secret=SECRET, code=code_now(), by=cast.agent)
    time_machine.shift(timedelta(seconds=60))
    return made


def give_password(client, number="agent"):
    return client.post("/accounts/login/", {"login": number, "password": PASSWORD})


def is_in(client):
    return client.get("/profile/").status_code == 200


def test_codes_are_those_of_the_standard():
    # RFC 6238, appendix B, the last six of eight digits
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert [totp.code_at(secret, moment // 30) for moment in (59, 1111111109, 20000000000)] == [
        "287082",
        "081804",
        "353130",
    ]


def test_a_login_waits_for_the_code(cast, codes, last_entry):
    client = Client()
    assert give_password(client).url == STEP
    assert not is_in(client)
    assert not AuditEntry.objects.filter(verb="person.logged_in").exists()
    assert client.post(STEP, {"code": "000000"}).status_code == 422
    assert not is_in(client)
    assert client.post(STEP, {"code": f" {code_now()[:3]} {code_now()[3:]} "}).url == "/"
    assert is_in(client)
    assert last_entry("person.logged_in").actor_id == cast.agent.pk


def test_a_code_is_good_once(cast, codes):
    code = code_now()
    services.accept_second_factor(cast.agent, code, by=cast.agent)
    with pytest.raises(InvalidInput):
        services.accept_second_factor(cast.agent, code, by=cast.agent)
    with pytest.raises(InvalidInput):
        services.accept_second_factor(cast.agent, code_now(-1), by=cast.agent)
    services.accept_second_factor(cast.agent, code_now(1), by=cast.agent)


def test_a_clock_may_go_wrong_by_half_a_minute_and_not_more(cast, codes):
    with pytest.raises(InvalidInput):
        services.accept_second_factor(cast.agent, code_now(-2), by=cast.agent)
    with pytest.raises(InvalidInput):
        services.accept_second_factor(cast.agent, code_now(2), by=cast.agent)
    services.accept_second_factor(cast.agent, code_now(-1), by=cast.agent)


def test_five_wrong_codes_close_the_door_for_a_quarter_of_an_hour(cast, codes, time_machine):
    client = Client()
    give_password(client)
    for _try in range(5):
        assert client.post(STEP, {"code": "000000"}).status_code == 422
    assert client.post(STEP, {"code": code_now()}).status_code == 429
    with pytest.raises(TooManyTries):
        services.accept_second_factor(cast.agent, code_now(), by=cast.agent)
    time_machine.shift(timedelta(minutes=15, seconds=1))
    again = Client()
    give_password(again)
    assert again.post(STEP, {"code": code_now()}).status_code == 302


def test_the_step_is_not_open_without_the_password(cast, codes):
    assert Client().get(STEP).url == "/accounts/login/"
    assert Client().post(STEP, {"code": code_now()}).url == "/accounts/login/"


def test_a_recovery_code_stands_in_once(cast, codes, last_entry):
    client = Client()
    give_password(client)
    assert client.post(STEP, {"code": codes[0].upper()}).status_code == 302
    assert last_entry("person.recovery_code_used").data == {"left": 9}
    again = Client()
    give_password(again)
    assert again.post(STEP, {"code": codes[0]}).status_code == 422


def test_neither_secret_nor_codes_stand_in_the_database(cast, codes):
    assert SECRET not in SecondFactor.objects.get().sealed_secret
    stored = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert len(stored) == 10
    assert not stored & {code.replace("-", "") for code in codes}


def test_somebody_sets_it_up_with_the_code_his_app_shows(cast, client_of, last_entry):
    client = client_of(cast.agent)
    page = client.get("/profile/second-factor/set-up/")
    secret = page.context["secret"]
    assert "data:image/svg+xml;base64," in page.content.decode()
    assert client.post("/profile/second-factor/set-up/", {"code": "000000"}).status_code == 422
    code = totp.code_at(secret, totp.step_at(clock.now()))
    done = client.post("/profile/second-factor/set-up/", {"code": code})
    assert len(done.context["codes"]) == 10
    assert "no-store" in done["Cache-Control"]
    assert last_entry("person.second_factor_set_up").subject_id == cast.agent.pk
    assert client.get("/profile/second-factor/set-up/").url == "/profile/second-factor/"


def test_new_recovery_codes_void_the_old_ones(cast, codes, client_of, last_entry):
    client = client_of(cast.agent)
    assert client.post("/profile/second-factor/codes/", {"code": "123456"}).status_code == 422
    made = client.post("/profile/second-factor/codes/", {"code": code_now()}).context["codes"]
    assert not set(made) & set(codes)
    assert last_entry("person.recovery_codes_renewed").actor_id == cast.agent.pk
    with pytest.raises(InvalidInput):
        services.accept_second_factor(cast.agent, codes[0], by=cast.agent)


def test_one_gives_it_up_only_with_a_code(cast, codes, client_of, last_entry):
    client = client_of(cast.agent)
    assert client.post("/profile/second-factor/remove/", {"code": "123456"}).status_code == 422
    assert client.post("/profile/second-factor/remove/", {"code": code_now()}).url == "/profile/second-factor/"
    assert last_entry("person.second_factor_removed").actor_id == cast.agent.pk
    assert give_password(Client()).url == "/"


def test_nobody_sets_up_or_renews_for_somebody_else(cast, codes):
    for act in (services.renew_recovery_codes, services.remove_second_factor):
        with pytest.raises(NotPermitted):
            act(cast.agent, code=code_now(), by=cast.admin)
    with pytest.raises(NotPermitted):
        services.set_up_second_factor(cast.handler, secret=SECRET, code=code_now(), by=cast.admin)


def test_an_administrator_forgets_a_lost_one_and_the_sessions_end(cast, codes, client_of, last_entry):
    there = client_of(cast.agent)
    client_of(cast.admin).post("/people/agent/reset-second-factor/")
    assert last_entry("person.second_factor_reset").actor_id == cast.admin.pk
    assert not is_in(there)
    assert give_password(Client()).url == "/"
    assert client_of(cast.supervisor).post("/people/agent/reset-second-factor/").status_code == 403
    assert client_of(cast.outsider).post("/people/agent/reset-second-factor/").status_code in (403, 404)


@pytest.mark.parametrize(
    ("asked_of", "concerned"),
    [
        ("nobody", set()),
        ("administrators", {"admin", "supervisor"}),
        ("personal_data", {"admin", "supervisor", "agent"}),
        ("everybody", {"admin", "supervisor", "agent", "handler"}),
    ],
)
def test_the_policy_says_who_must_have_one(cast, asked_of, concerned):
    from onepoint.accounts import queries

    services.change_login_policy(second_factor=asked_of, by=cast.admin)
    names = ("admin", "supervisor", "agent", "handler")
    assert {name for name in names if queries.lacks_second_factor(getattr(cast, name))} == concerned


def test_whoever_must_have_one_can_do_nothing_else_until_it_is_set_up(cast, monkeypatch):
    # The stream of events begins each look with a connection that works; here that is the test's own transaction.
    monkeypatch.setattr(live, "close_old_connections", lambda: None)
    services.change_login_policy(second_factor="administrators", by=cast.admin)
    client = Client()
    assert give_password(client, "admin").url == "/"
    for page in ("/", "/people/", "/profile/", "/profile/second-factor/"):
        assert client.get(page).url == "/profile/second-factor/set-up/"
    assert client.get("/people/", headers={"HX-Request": "true"})["HX-Redirect"] == "/profile/second-factor/set-up/"
    refused = client.get("/api/anything")
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_due")
    assert listener_of_session(client.session.session_key) is None
    secret = client.get("/profile/second-factor/set-up/").context["secret"]
    code = totp.code_at(secret, totp.step_at(clock.now()))
    assert client.post("/profile/second-factor/set-up/", {"code": code}).status_code == 200
    assert is_in(client)
    assert listener_of_session(client.session.session_key) is not None


def test_turning_the_policy_on_ends_the_sessions_of_those_concerned(cast, client_of):
    admin, supervisor, agent = client_of(cast.admin), client_of(cast.supervisor), client_of(cast.agent)
    admin.post("/login-policy/", {"idle_minutes": 15, "password_days": 0, "second_factor": "administrators"})
    assert LoginPolicy.objects.get().second_factor == "administrators"
    assert not is_in(supervisor)
    assert is_in(agent)
    assert admin.get("/people/").url == "/profile/second-factor/set-up/"


def test_who_is_given_such_rights_sets_it_up_at_the_next_login(cast, client_of):
    from onepoint.accounts.models import Role

    services.change_login_policy(second_factor="administrators", by=cast.admin)
    client = client_of(cast.agent)
    services.grant_role(cast.agent, role=Role.objects.get(code="supervisor"), unit=cast.call_centre, by=cast.admin)
    assert not is_in(client)

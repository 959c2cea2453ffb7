"""Who is told how: own choice, the roles' defaults, the rules of the house, and what cannot be switched off."""

from datetime import time
from typing import Any

import pytest
from django.test import Client

from cast import Cast
from onepoint.accounts.models import Role, User
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.notifications import services
from onepoint.notifications.models import Notification, NotificationPolicy, Preference, RoleDefault

QUIET: dict[str, Any] = {
    "quiet_from": None, "quiet_to": None, "quiet_days": [], "digest": "immediately", "digest_at": time(8, 30),
}  # fmt: skip


@pytest.fixture
def manager(cast: Cast) -> User:
    return cast.admin


def choose(person: User, **choices: list[str]) -> None:
    services.choose_ways(person, choices=choices, **QUIET, by=person)


def ways_told(person: User, key: str = "k") -> set[str]:
    person.email, person.phone = "a@example.com", "13800138000"
    person.save()
    services.notify(
        "sample.happened", [person.pk], key=key, facts={"number": "TS1"}, subject=None, url="/", by=None
    )  # fmt: skip
    notice = Notification.objects.get(person=person, key=key)
    return {*notice.ways, *(["app"] if notice.in_app else [])}


def test_who_chose_nothing_is_told_as_the_event_brings_it(cast: Cast) -> None:
    assert ways_told(cast.handler) == {"app", "email"}


def test_the_house_decides_before_the_event(cast: Cast, manager: User) -> None:
    services.change_notification_policy(choices={"samples": ["app"]}, mandatory={}, by=manager)
    assert ways_told(cast.handler) == {"app"}


def test_the_roles_decide_before_the_house_and_add_up(cast: Cast, manager: User) -> None:
    services.change_notification_policy(choices={"samples": ["app"]}, mandatory={}, by=manager)
    agent, coordinator = Role.objects.get(code="agent"), Role.objects.get(code="coordinator")
    services.change_role_default(agent, choices={"samples": ["email"]}, mandatory={}, by=manager)
    services.change_role_default(coordinator, choices={"samples": ["sms"]}, mandatory={}, by=manager)
    assert ways_told(cast.outsider) == {"email", "sms"}  # holds both
    assert ways_told(cast.handler) == {"app"}


def test_ones_own_choice_decides_before_all(cast: Cast, manager: User) -> None:
    services.change_notification_policy(choices={"samples": ["app", "email"]}, mandatory={}, by=manager)
    choose(cast.handler, samples=["sms"])
    assert ways_told(cast.handler) == {"sms"}


def test_what_is_mandatory_cannot_be_switched_off(cast: Cast, manager: User) -> None:
    choose(cast.handler, samples=[])
    services.change_notification_policy(choices={}, mandatory={"samples": ["app"]}, by=manager)
    handler = Role.objects.get(code="handler")
    services.change_role_default(handler, choices={}, mandatory={"samples": ["sms"]}, by=manager)
    assert ways_told(cast.handler) == {"app", "sms"}


def test_who_is_told_nowhere_still_counts_as_told(cast: Cast) -> None:
    choose(cast.handler, samples=[])
    assert ways_told(cast.handler) == set()
    assert not Notification.objects.visible_to(cast.handler).exists()


def test_a_role_that_differs_in_nothing_keeps_no_row(cast: Cast, manager: User) -> None:
    agent = Role.objects.get(code="agent")
    services.change_role_default(agent, choices={"samples": ["app"]}, mandatory={}, by=manager)
    services.change_role_default(agent, choices={}, mandatory={}, by=manager)
    assert not RoleDefault.objects.exists()


def test_nobody_chooses_for_somebody_else(cast: Cast, manager: User) -> None:
    with pytest.raises(NotPermitted):
        services.choose_ways(cast.handler, choices={}, **QUIET, by=manager)
    with pytest.raises(NotPermitted):
        services.forget_preference(cast.handler, by=manager)
    assert not Preference.objects.exists()


def test_only_managers_change_the_rules(cast: Cast) -> None:
    with pytest.raises(NotPermitted):
        services.change_notification_policy(choices={}, mandatory={}, by=cast.agent)
    with pytest.raises(NotPermitted):
        services.change_role_default(Role.objects.get(code="agent"), choices={}, mandatory={}, by=cast.agent)


@pytest.mark.parametrize(
    "wrong",
    [{"quiet_from": time(22)}, {"quiet_to": time(7)}, {"quiet_days": [8]}, {"digest": "weekly"}, {"digest_at": None}],
)
def test_impossible_times_are_refused(cast: Cast, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        services.choose_ways(cast.handler, choices={}, **{**QUIET, **wrong}, by=cast.handler)


def test_a_choice_is_journaled_with_what_changed(cast: Cast) -> None:
    choose(cast.handler, samples=["sms"])
    choose(cast.handler, samples=["sms"])
    entry = AuditEntry.objects.get(verb="person.notifications_chosen")
    assert entry.data["changes"]["choices"][1] == {"samples": ["sms"]}
    services.forget_preference(cast.handler, by=cast.handler)
    assert AuditEntry.objects.filter(verb="person.notifications_reset").count() == 1


def form_values(**changes: Any) -> dict[str, Any]:
    return {
        "digest": "daily",
        "digest_at": "09:00",
        "quiet_from": "22:00",
        "quiet_to": "07:00",
        "quiet_days": [1, 5],
    } | changes


def test_the_page_keeps_what_was_ticked(cast: Cast, client_of: Any) -> None:
    client: Client = client_of(cast.handler)
    assert client.get("/notifications/preferences/").status_code == 200
    answer = client.post("/notifications/preferences/", form_values(**{"samples-app": "on", "samples-sms": "on"}))
    assert answer.status_code == 302
    own = Preference.objects.get(person=cast.handler)
    assert own.choices["samples"] == ["app", "sms"]
    assert own.choices["fires"] == []
    assert (own.quiet_from, own.quiet_days, own.digest, own.digest_at) == (time(22), [1, 5], "daily", time(9))
    client.post("/notifications/preferences/forget/")
    assert not Preference.objects.exists()


def test_what_is_refused_comes_back_with_what_was_typed(cast: Cast, client_of: Any) -> None:
    answer = client_of(cast.handler).post("/notifications/preferences/", form_values(quiet_to=""))
    assert answer.status_code == 422
    assert 'value="22:00"' in answer.content.decode()


def test_a_manager_sets_the_rules_of_the_house_and_of_a_role(cast: Cast, manager: User, client_of: Any) -> None:
    client: Client = client_of(manager)
    page = client.get("/notifications/rules/")
    assert page.status_code == 200
    cells = {name: field.initial for name, field in page.context["form"].fields.items() if "-" in name}
    house = {
        "house_address": "https://house.example.cn", "keep_read_days": 10, "keep_unread_days": 20,
        "keep_message_days": 365,
    }  # fmt: skip
    answer = client.post(
        "/notifications/rules/", form_values(**cells, **house) | {"samples-email": "must", "samples-app": "off"}
    )
    assert answer.status_code == 302
    policy = NotificationPolicy.objects.get()
    assert (policy.choices["samples"], policy.mandatory["samples"]) == (["email"], ["email"])
    assert (policy.house_address, policy.keep_read_days) == ("https://house.example.cn", 10)
    answer = client.post("/notifications/rules/roles/agent/", {**cells, "own-samples": "on", "samples-sms": "on"})
    assert answer.status_code == 302
    assert RoleDefault.objects.get().choices == {"samples": ["app", "email", "sms"]}
    assert "不可关闭" in client_of(cast.handler).get("/notifications/preferences/").content.decode()


@pytest.mark.parametrize(
    "path", ["/notifications/rules/", "/notifications/rules/roles/agent/", "/notifications/texts/"]
)
def test_pages_of_managers_are_refused_to_others(cast: Cast, client_of: Any, path: str) -> None:
    assert client_of(cast.agent).get(path).status_code == 403

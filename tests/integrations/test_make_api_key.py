"""Keys of the API: made once, shown once, revoked at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from cast import Cast
from onepoint.accounts import services as account_services
from onepoint.accounts.policies import OutsideYourScope
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.integrations import services
from onepoint.integrations.models import ApiKey
from onepoint.integrations.policies import KeyNotUsable, PersonLocked

Login = Callable[..., Client]
ME = "/api/v1/organisation/me"


def caller(secret: str) -> Client:
    return Client(headers={"authorization": f"Bearer {secret}"})


def test_an_administrator_makes_a_key_in_the_browser_and_it_works(cast: Cast, client_of: Login) -> None:
    page = client_of(cast.admin).post(
        "/api-keys/new/",
        {"name": "计费系统", "person": cast.agent.pk, "scopes": ["organisation:read"], "requests_per_minute": 60},
    )
    assert page["Cache-Control"] == "no-store"
    secret = page.context["secret"]
    assert caller(secret).get(ME).json()["username"] == "agent"
    key = ApiKey.objects.get()
    assert secret not in (key.digest, key.prefix)
    assert AuditEntry.objects.filter(verb="apikey.created", actor_id=cast.admin.pk).exists()
    assert secret not in str(AuditEntry.objects.get(verb="apikey.created").data)


def test_a_revoked_key_opens_nothing(cast: Cast, client_of: Login) -> None:
    key, secret = services.create_api_key(name="a", person=cast.agent, scopes=["organisation:read"], by=cast.admin)
    assert client_of(cast.admin).post(f"/api-keys/{key.pk}/revoke/").status_code == 302
    answer = caller(secret).get(ME)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="Onepoint"')
    with pytest.raises(KeyNotUsable):
        services.revoke_api_key(ApiKey.objects.get(), by=cast.admin)
    assert AuditEntry.objects.filter(verb="apikey.revoked").count() == 1


def test_a_key_ends_on_its_day_and_with_its_person(cast: Cast) -> None:
    later = clock.now() + timedelta(days=1)
    _key, secret = services.create_api_key(
        name="a", person=cast.agent, scopes=["organisation:read"], expires_at=later, by=None
    )
    with clock.at(later + timedelta(seconds=1)):
        assert caller(secret).get(ME).status_code == 401
    account_services.deactivate_person(cast.agent, by=None)
    assert caller(secret).get(ME).status_code == 401


def test_who_may_not_manage_keys_makes_none(cast: Cast, client_of: Login) -> None:
    with pytest.raises(NotPermitted):
        services.create_api_key(name="a", person=cast.agent, scopes=["tickets:read"], by=cast.agent)
    assert client_of(cast.agent).get("/api-keys/").status_code == 403
    assert client_of(cast.agent).get("/api-keys/new/").status_code == 403


def test_a_key_acts_only_as_somebody_its_maker_looks_after(cast: Cast) -> None:
    grant = cast.admin.role_grants.get()
    grant.data_scope = "own_unit"
    grant.save()
    cast.admin.forget_rights()
    with pytest.raises(OutsideYourScope):
        services.create_api_key(name="a", person=cast.agent, scopes=["tickets:read"], by=cast.admin)


def test_no_key_for_somebody_locked_or_for_nothing(cast: Cast) -> None:
    with pytest.raises(InvalidInput) as wrong:
        services.create_api_key(name=" ", person=cast.agent, scopes=["all:write"], by=None, requests_per_minute=0)
    assert wrong.value.errors.keys() == {"name", "scopes", "requests_per_minute"}
    account_services.deactivate_person(cast.agent, by=None)
    with pytest.raises(PersonLocked):
        services.create_api_key(name="a", person=cast.agent, scopes=["tickets:read"], by=None)


def test_too_many_requests_are_told_to_wait(cast: Cast) -> None:
    _key, secret = services.create_api_key(
        name="a", person=cast.agent, scopes=["organisation:read"], requests_per_minute=3, by=None
    )
    answers = [caller(secret).get(ME).status_code for _ in range(9)]
    assert answers[:3] == [200, 200, 200]
    assert 429 in answers


def test_a_browser_session_opens_nothing_of_the_api(cast: Cast, client_of: Login) -> None:
    client = client_of(cast.agent)
    assert client.get("/api/v1/tickets").status_code == 401
    assert client.post("/api/v1/tickets").status_code == 401
    assert client.get("/api/v1/openapi.json").status_code == 200
    assert client.get("/api/v1/docs").status_code == 200
    assert Client().get("/api/v1/openapi.json").status_code == 401


def test_refusals_of_the_framework_are_problems_too(cast: Cast, api_of: Login) -> None:
    api = api_of(cast.agent)
    for path, method, status in (("/api/v1/nowhere", "get", 404), (ME, "post", 405), (ME, "delete", 405)):
        answer = getattr(api, method)(path)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), path


def test_every_operation_names_its_scope(db: None) -> None:
    from onepoint.core import rest
    from onepoint.integrations.api import api

    operations = [
        operation.view_func
        for _prefix, router in api._routers
        for view in router.path_operations.values()
        for operation in view.operations
    ]
    assert len(operations) > 20
    for operation in operations:
        assert getattr(operation, "api_scope", None) in rest.scopes(), operation.__name__

"""Every address asks who is there, unless it is listed as public."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

#: Addresses that a person without a login may reach, as patterns of the whole path.
PUBLIC = {
    "healthz",
    "readyz",
    "metrics",
    "accounts/login/",
    "accounts/login/second-factor/",
    "accounts/logout/",
    "language/",
    "chat/",
    "chat/widget.js",
    "chat/s/<str:token>/",
    "chat/s/<str:token>/news/",
    "chat/s/<str:token>/say/",
    "chat/s/<str:token>/typing/",
    "chat/s/<str:token>/end/",
    "chat/s/<str:token>/rate/",
    "chat/s/<str:token>/transcript/",
    "chat/s/<str:token>/files/<int:pk>/",
    "portal/",
    "portal/enter/",
    "portal/code/<uuid:token>/",
    "portal/leave/",
    "portal/file/",
    "portal/filed/<str:number>/",
    "portal/chat/",
    "portal/requests/<str:number>/",
    "portal/requests/<str:number>/add/",
    "portal/requests/<str:number>/remind/",
    "portal/requests/<str:number>/withdraw/",
    "portal/requests/<str:number>/rate/",
    "portal/requests/<str:number>/reopen/",
    "portal/requests/<str:number>/files/<int:pk>/",
    "portal/embed/",
    "survey/<str:token>/",
    "portal/embed/code/<uuid:token>/",
    "sms/in/<int:gateway>/<str:token>/",
    "hall/screen/<str:token>/",
    "hall/number/<str:token>/",
}
EXAMPLES = {"int": "1", "str": "a", "slug": "a", "path": "a", "uuid": str(UUID(int=1))}


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def example_of(route: str) -> str:
    """A concrete path for a route; every converter gets a plausible value."""
    plain = route.replace("^", "").replace("$", "").replace("\\Z", "")
    plain = re.sub(r"<(?:(\w+):)?\w+>", lambda match: EXAMPLES.get(match[1] or "str", "1"), plain)
    return "/" + re.sub(r"\(\?P<\w+>[^)]*\)", "a", plain)


@pytest.mark.django_db
def test_every_address_that_is_not_listed_sends_a_stranger_to_the_login() -> None:
    found = sorted(set(routes(get_resolver().url_patterns)))
    assert found
    client = Client(raise_request_exception=False)
    open_to_all = []
    for route in found:
        answer = client.get(example_of(route))
        to_login = answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/login/")
        if route not in PUBLIC and not to_login and answer.status_code != 401:
            open_to_all.append(f"{route}: {answer.status_code}")
    assert open_to_all == []


@pytest.mark.django_db
def test_a_stranger_may_not_write_either() -> None:
    client = Client(raise_request_exception=False)
    for route in sorted(set(routes(get_resolver().url_patterns)) - PUBLIC):
        answer = client.post(example_of(route))
        refused = answer.status_code in (401, 403) or (
            answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/login/")
        )
        assert refused, f"{route}: {answer.status_code}"

"""Addresses are found by their first part, and lead where trying all of them one after the other would lead."""

import re
from collections.abc import Iterator

import pytest
from django.urls import Resolver404, URLResolver

from onepoint.config.urls import urlpatterns
from onepoint.core.addresses_kept import KeptResolver

(HOUSE,) = urlpatterns
SAMPLES = {"int": "7", "uuid": "12345678-1234-5678-1234-567812345678", "path": "x/y"}


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one, route)
        else:
            yield route


def where(resolve, path: str) -> tuple | None:
    try:
        found = resolve(path)
    except Resolver404:
        return None
    return found.func, found.args, found.kwargs, found.route, found.url_name, found.namespaces


def sample(route: str) -> str:
    return re.sub(r"<(?:(\w+):)?\w+>", lambda part: SAMPLES.get(part[1], "word"), route)


def test_every_address_leads_where_trying_them_all_leads() -> None:
    assert isinstance(HOUSE, KeptResolver)
    paths = [sample(route) for route in routes(HOUSE)]
    assert len(paths) > 700
    for path in paths:
        found = where(HOUSE.resolve, path)
        assert found == where(lambda text: URLResolver.resolve(HOUSE, text), path), path
    assert sum(where(HOUSE.resolve, path) is not None for path in paths) > 0.9 * len(paths)


@pytest.mark.parametrize(
    "path", ["nothing/", "tickets", "ticketsx/1/", "/tickets/", "api/v1", "tickets/1/nothing/at/all/", "<x>/"]
)
def test_what_is_no_address_is_none(path: str) -> None:
    assert where(HOUSE.resolve, path) is None
    assert where(lambda text: URLResolver.resolve(HOUSE, text), path) is None

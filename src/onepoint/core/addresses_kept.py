"""Addresses that were looked up before are not looked up again: a house has seven hundred, tried one after the other."""

from functools import lru_cache
from typing import Any

from django.urls import ResolverMatch, URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

#: Addresses a process remembers, the ones asked for last; each is a path and what it leads to.
MOST_KEPT = 4096
LONGEST = 200


class KeptResolver(URLResolver):
    """Patterns that find an address again without trying them. What is found depends on the path alone, and is never changed."""

    def __init__(self, patterns: list[URLPattern | URLResolver]) -> None:
        super().__init__(RoutePattern("", is_endpoint=False), patterns)
        self._found = lru_cache(maxsize=MOST_KEPT)(self._find)

    def _find(self, path: str) -> ResolverMatch:
        found = super().resolve(path)
        found.tried = None  # the hundreds passed by would be copied for every request
        return found

    def resolve(self, path: Any) -> ResolverMatch:
        text = str(path)
        return self._found(text) if len(text) <= LONGEST else super().resolve(text)

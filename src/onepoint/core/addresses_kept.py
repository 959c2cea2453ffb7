"""Addresses are found by their first part, and those looked up before are not looked up again: a house has eight hundred."""

from functools import cached_property, lru_cache
from typing import Any

from django.urls import ResolverMatch, URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

#: Addresses a process remembers, the ones asked for last; each is a path and what it leads to.
MOST_KEPT = 4096
LONGEST = 200

Patterns = list[URLPattern | URLResolver]


class KeptResolver(URLResolver):
    """Patterns that find an address again without trying them. What is found depends on the path alone, and is never changed."""

    def __init__(self, patterns: Patterns) -> None:
        super().__init__(RoutePattern("", is_endpoint=False), patterns)
        self._found = lru_cache(maxsize=MOST_KEPT)(self._find)

    @cached_property
    def _by_head(self) -> dict[str | None, URLResolver]:
        """First part of a path → the patterns that begin with it; None: what is left for every other one."""
        patterns: Patterns = self.url_patterns
        return {head: _resolver(self, _beginning(patterns, head)) for head in {None, *_heads(patterns)}}

    def _find(self, path: str) -> ResolverMatch:
        fitting = self._by_head.get(path.split("/", 1)[0]) or self._by_head[None]
        found = fitting.resolve(path)
        found.tried = None  # those passed by would be copied for every request
        return found

    def resolve(self, path: Any) -> ResolverMatch:
        text = str(path)
        return self._found(text) if len(text) <= LONGEST else super().resolve(text)


def _resolver(like: URLResolver, patterns: Patterns) -> URLResolver:
    return URLResolver(like.pattern, patterns, like.default_kwargs, like.app_name, like.namespace)


def _is_transparent(one: URLPattern | URLResolver) -> bool:
    """Whether it takes nothing of a path: the addresses of a capability among those of the house."""
    return isinstance(one, URLResolver) and _route(one) == ""


def _route(one: URLPattern | URLResolver) -> str | None:
    return str(one.pattern) if isinstance(one.pattern, RoutePattern) else None


def _head(one: URLPattern | URLResolver) -> str | None:
    """The first part of every path it fits; None where that is not one and the same."""
    head, slash, _rest = (_route(one) or "<").partition("/")
    is_whole = slash or isinstance(one, URLPattern)  # what another resolver goes on with may be the rest of the part
    return head if is_whole and "<" not in head else None


def _heads(patterns: Patterns) -> set[str]:
    found: set[str] = set()
    for one in patterns:
        if isinstance(one, URLResolver) and _is_transparent(one):
            found |= _heads(one.url_patterns)
        elif (head := _head(one)) is not None:
            found.add(head)
    return found


def _beginning(patterns: Patterns, head: str | None) -> Patterns:
    """Those a path that begins so may fit, in their order."""
    chosen: Patterns = []
    for one in patterns:
        if isinstance(one, URLResolver) and _is_transparent(one):
            if inner := _beginning(one.url_patterns, head):
                chosen.append(_resolver(one, inner))
        elif _head(one) in (None, head):
            chosen.append(one)
    return chosen

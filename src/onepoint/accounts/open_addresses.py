"""The addresses that need no login: this capability's own, and those that others register in ``AppConfig.ready``.

Everything else asks for one (``middleware.LoginRequiredMiddleware``). An address registered here must also be named in
``tests/architecture/test_guard_addresses.py`` and in ``PUBLIC`` of ``tests/access/addresses.py``, so that none opens unseen.
"""

_prefixes: tuple[str, ...] = (
    "/accounts/login/",
    "/accounts/logout/",
    "/static/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/language/",
    "/favicon",
)


def open_to_strangers(*prefixes: str) -> None:
    """Let everybody reach the addresses below these prefixes (``"/portal/"``); their views guard themselves."""
    global _prefixes
    for prefix in prefixes:
        if not (prefix.startswith("/") and prefix.endswith("/") and prefix.strip("/")):
            raise ValueError(f"{prefix!r} is no prefix of an address: it begins and ends with a slash")
    _prefixes = tuple(dict.fromkeys((*_prefixes, *prefixes)))


def is_open(path: str) -> bool:
    """Whether this path needs no login."""
    return path.startswith(_prefixes)

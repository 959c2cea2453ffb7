"""Ways to hand messages over to the outside, a folder each; ``docs/how-to/add_a_gateway.md`` says how to add one.

A folder holds ``__init__.py`` with ``PROVIDER``. Providers are plain Python: they know letters and sockets, no tables.
Only ``services.sending`` and the gateways' form speak to them.
"""

from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules

from onepoint.channels.providers.interface import Provider


@lru_cache(maxsize=1)
def providers() -> dict[str, Provider]:
    """Every provider by the name of its folder."""
    found = {}
    for module in iter_modules(__path__):
        if module.ispkg:
            found[module.name] = import_module(f"{__name__}.{module.name}").PROVIDER
    return found

"""The URL roots; each capability that has pages brings its own ``urls.py``."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from onepoint.config import health
from onepoint.core.addresses_kept import KeptResolver

_pages: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.show_metrics, name="metrics"),
]
_pages += [
    path("", include(f"onepoint.{name}.urls")) for name in settings.CAPABILITIES if find_spec(f"onepoint.{name}.urls")
]
urlpatterns = [KeptResolver(_pages)]

handler500 = "onepoint.core.failures.show_failure"

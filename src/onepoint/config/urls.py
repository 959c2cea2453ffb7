"""The URL roots; each capability that has pages brings its own ``urls.py``."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from onepoint.config import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.show_metrics, name="metrics"),
]
urlpatterns += [
    path("", include(f"onepoint.{name}.urls")) for name in settings.CAPABILITIES if find_spec(f"onepoint.{name}.urls")
]

handler500 = "onepoint.core.failures.show_failure"

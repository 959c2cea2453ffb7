"""The URL roots; each capability that has pages brings its own ``urls.py``."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"onepoint.{name}.urls")) for name in settings.CAPABILITIES if find_spec(f"onepoint.{name}.urls")
]

"""Renders template snippets the way a page would."""

from typing import Any

from django.template import engines
from django.test import RequestFactory


def render(source: str, path: str = "/", **context: Any) -> str:
    template = engines["django"].from_string(source)
    return template.render(context, RequestFactory().get(path))

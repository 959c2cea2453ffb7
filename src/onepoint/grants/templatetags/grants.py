"""How values of grants read."""

from collections.abc import Iterable

from django import template

from onepoint.accounts.levels import level_choices

register = template.Library()


@register.filter
def level_labels(codes: Iterable[str]) -> str:
    """Customer levels by their codes, as people call them."""
    known = dict(level_choices())
    return ", ".join(known.get(code, code) for code in codes)

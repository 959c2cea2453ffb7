"""Tags for personal data: masked on the server unless the reader may see it, with a way to ask for a single value.

They are builtins like the house's other components; ``docs/how-to/personal_data.md`` shows them in use.
"""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from onepoint.core import masking
from onepoint.core.templatetags.ui import copy_button, icon

register = template.Library()


@register.filter
def personal(value: Any, group: str) -> str:
    """``{{ account.value|personal:"phone" }}``: the value as the reader may see it."""
    return masking.shown(value, group)


@register.filter
def personal_words(text: Any) -> str:
    """``{{ ticket.description|personal_words }}``: a text people wrote, numbers in it masked for those who may not see them."""
    return masking.shown_words(text)


@register.simple_tag
def explain_link(about: str = "", person: str = "") -> SafeString:
    """For those who may ask: the way to “why can or can't somebody see this?”; ``person`` is a staff number."""
    reader = masking.reader.get()
    if reader is None or not reader.may("access.explain"):
        return SafeString("")
    query = urlencode({name: value for name, value in (("about", about), ("staff", person)) if value})
    text = _("Who may see or do this?") if about else _("What may this person see or do?")
    return format_html(
        '<a class="btn" href="{}?{}" title="{}">{}{}</a>',
        reverse("access-explain"),
        query,
        text,
        icon("shield-lock"),
        _("Access"),
    )


@register.filter
def is_shown(field: str) -> bool:
    """``{% if "customer.id_number"|is_shown %}``: whether the reader's roles let the field be seen at all."""
    return masking.shows_field(field)


@register.simple_tag
def personal_value(
    value: Any, group: str, subject: str = "", number: str = "", field: str = "", row: Any = None, copy: bool = True
) -> SafeString:
    """A value that can be uncovered: ``{% personal_value customer.id_number "identity" "customer" customer.number "id_number" %}``.

    ``row`` tells one of several apart, such as the numbers of a customer. Shown in full with a copy button to those who may see it; otherwise masked, with “show” for those who may ask.
    """
    text = "" if value is None else str(value)
    if not text:
        return SafeString("")
    css = "" if group == "address" else "num"  # numbers stay on one line, addresses may break
    if masking.sees(group):
        return format_html('<bdi class="{}">{}</bdi>{}', css, text, copy_button(text) if copy else "")
    masked = format_html('<bdi class="{}">{}</bdi>', css, masking.shown(text, group))
    url = _unmask_url(subject, number, field if row is None else f"{field}-{row}")
    if not url or not masking.may_unmask():
        return masked
    return format_html(
        '<span class="personal">{} <a class="btn btn-ghost btn-sm" href="{}" hx-get="{}" hx-target="closest .personal" '
        'hx-swap="outerHTML">{}{}</a></span>',
        masked,
        url,
        url,
        icon("eye"),
        _("Show"),
    )


def _unmask_url(subject: str, number: str, field: str) -> str:
    try:
        return reverse("unmask", args=[subject, number, field]) if subject and number and field else ""
    except NoReverseMatch:
        return ""

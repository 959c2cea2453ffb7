"""Texts with ``{variables}``: nothing but names of facts is ever replaced, so a text cannot do anything."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

_VARIABLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ANY_BRACES = re.compile(r"\{([^{}]*)\}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MOMENT_KEY = "moment"  # {"moment": "2026-11-22T…"} is how a moment lies among the facts
LONGEST_LINE = 180  # characters of a subject


def unknown_variables(text: str, known: frozenset[str] | set[str]) -> list[str]:
    """Whatever stands in braces and is not a known variable, in order, each once."""
    return list(dict.fromkeys(name for name in _ANY_BRACES.findall(text) if name not in known))


def stored(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as they lie in the database: moments marked, lazy texts and numbers made plain."""
    return {name: _stored(value) for name, value in facts.items()}


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return {MOMENT_KEY: value.isoformat()}
    if value is None or isinstance(value, bool | int):
        return value
    return str(value).replace("\x00", "")


def shown(value: Any) -> str:
    """One fact as people read it; moments in the house's time zone."""
    if isinstance(value, Mapping):
        moment = parse_datetime(str(value.get(MOMENT_KEY, "")))
        return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""
    return "" if value is None else str(value)


def fill(text: str, facts: Mapping[str, Any], language: str) -> str:
    """The text with its variables replaced, once: braces inside a fact stay what they are. Unknown ones read as empty."""

    def value_of(found: re.Match[str]) -> str:
        name = found[1]
        english = facts.get(f"{name}_en") if language.startswith("en") else None
        return shown(english or facts.get(name))

    return _VARIABLE.sub(value_of, text)


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """A subject: line breaks and control characters become blanks, so that none can begin a new header."""
    line = " ".join(_CONTROLS.sub(" ", text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def as_html(text: str, *, on_page: bool = False) -> SafeString:
    """Plain text as paragraphs; whatever looks like markup stays visible text. Pages of the house style it themselves."""
    paragraphs = [part for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()) if part.strip()]
    lines = [mark_safe("<br>".join(escape(line) for line in part.split("\n"))) for part in paragraphs]
    paragraph = "<p>{}</p>" if on_page else '<p style="margin:0 0 12px">{}</p>'
    return format_html_join("\n", paragraph, ((line,) for line in lines))


def page(title: str, body: SafeString, *, language: str, foot: str) -> str:
    """An e-mail as HTML: one column, no pictures, nothing loaded from anywhere."""
    return format_html(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title></head>'
        '<body style="margin:0;padding:24px 12px;background:#f3f5f6;color:#1d2b31;'
        "font:15px/1.6 -apple-system,'PingFang SC','Microsoft YaHei',sans-serif\">"
        '<div style="max-width:600px;margin:0 auto;background:#fff;border:1px solid #dde3e6;border-radius:6px;padding:24px">'
        '<h1 style="margin:0 0 16px;font-size:18px;line-height:1.4">{}</h1>{}'
        '<p style="margin:24px 0 0;padding-top:12px;border-top:1px solid #dde3e6;color:#66757c;font-size:12px">{}</p>'
        "</div></body></html>",
        language,
        title,
        title,
        body,
        foot,
    )


def button(url: str, label: str) -> SafeString:
    """The way to the item, as a link that looks like a button and its address for those who copy it."""
    if not url:
        return mark_safe("")
    return format_html(
        '<p style="margin:16px 0"><a href="{}" style="display:inline-block;padding:9px 18px;border-radius:4px;'
        'background:#0f5c75;color:#fff;text-decoration:none">{}</a></p>',
        url,
        label,
    )

"""The columns of the contact journal: how each is drawn on the page and how it reads in an exported file."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from onepoint.channels import category_names
from onepoint.channels.models import Contact
from onepoint.channels.states import Channel, ContactOutcome, Direction
from onepoint.channels.templatetags.channels import outcome, ticket_numbers
from onepoint.core.exporting import ExportColumn, in_language, label_of, named
from onepoint.core.masking import shown, shown_words
from onepoint.core.spreadsheets import Cell
from onepoint.core.tables import Column
from onepoint.core.templatetags.ui import icon
from onepoint.core.templatetags.ui_time import duration, when

DASH = "—"
NAMES_KEPT_SECONDS = 30


@dataclass(frozen=True)
class ContactRow:
    """A contact as the list shows it, with what its category is called and which tickets the reader may open."""

    contact: Contact
    categories: Mapping[str, str]
    open_tickets: Collection[str] = ()


def _contact_link(row: ContactRow) -> SafeString:
    contact = row.contact
    return format_html('<a href="{}">{}</a>', reverse("contact-detail", args=[contact.number]), contact.number)


def _channel(row: ContactRow) -> SafeString:
    contact = row.contact
    if contact.direction != Direction.OUTBOUND:
        return format_html("{}", contact.get_channel_display())
    label = contact.get_direction_display()
    return format_html(
        '{} <span title="{}">{}</span>', contact.get_channel_display(), label, icon("arrow-right", label)
    )


def _who(row: ContactRow) -> SafeString:
    return format_html("<bdi>{}</bdi>", row.contact.who or DASH)


def _subject(row: ContactRow) -> SafeString:
    subject = shown_words(row.contact.subject)
    return format_html('<span class="clip" title="{}">{}</span>', subject, subject)


def _category(row: ContactRow) -> SafeString:
    name = row.categories.get(row.contact.category_code, row.contact.category_code) or DASH
    return format_html('<span title="{}">{}</span>', name, name.rpartition(" / ")[2])


def _outcome(row: ContactRow) -> SafeString:
    contact = row.contact
    return format_html(
        '{} <span class="soft">{}</span>', outcome(contact), contact.result.label if contact.result else ""
    )


def _lasted(row: ContactRow) -> str:
    return DASH if row.contact.duration is None else duration(row.contact.duration)


def _tickets(row: ContactRow) -> SafeString:
    return ticket_numbers(row.contact.ticket_numbers, row.open_tickets) or format_html(DASH)


def _label(name: str) -> Callable[[ContactRow], str]:
    def show(row: ContactRow) -> str:
        value = getattr(row.contact, name)
        return value.label if value else DASH

    return show


# --- in files ---------------------------------------------------------------------------------------------------


def _customer_or_caller(name: str | None, name_en: str | None, caller: str) -> str:
    return in_language(name, name_en) or caller


class _CategoryNames:
    """Names of categories for the rows of one file: asked once for each, and anew after half a minute."""

    def __init__(self) -> None:
        self._known: dict[tuple[str | None, str], str] = {}
        self._until = 0.0

    def __call__(self, code: str) -> str:
        if time.monotonic() >= self._until:
            self._known, self._until = {}, time.monotonic() + NAMES_KEPT_SECONDS
        key = (get_language(), code)
        if key not in self._known:
            self._known[key] = category_names.names_of([code]).get(code, "")
        return self._known[key]


def _minutes(began: datetime, ended: datetime | None) -> float | None:
    return round(max((ended - began).total_seconds(), 0) / 60, 1) if ended else None


def _numbers(first: str, further: list[str] | None) -> str:
    return ", ".join(dict.fromkeys(number for number in (first, *(further or [])) if number))


@dataclass(frozen=True)
class ContactColumn:
    """One column in both forms."""

    key: str
    label: str | Promise
    cell: Callable[[ContactRow], Any]
    fields: tuple[str, ...]
    show: Callable[..., Cell] | None = None
    order: tuple[str, ...] = ()
    css: str = "nowrap"
    is_usual: bool = True
    on_page: bool = True
    file_label: str | Promise = ""


# Sorted is only by what an index is in the order of: the rest is narrowed, not sorted.
_ALL = [
    ContactColumn("number", _("Number"), _contact_link, ("number",), order=("number",), css="num"),
    ContactColumn("began", _("Began"), lambda row: when(row.contact.started_at), ("started_at",), order=("started_at",), css="num"),
    ContactColumn("channel", _("Channel"), _channel, ("channel",), label_of(Channel)),
    ContactColumn("customer", _("Customer"), _who, (*named("customer__"), "caller_name"), _customer_or_caller),
    ContactColumn(
        "caller", _("Caller's number"), lambda row: shown(row.contact.caller_number, "phone") or DASH,
        ("caller_number",), lambda value: shown(value, "phone"), css="num", is_usual=False,
    ),
    ContactColumn("subject", _("Subject"), _subject, ("subject",), shown_words, css="wide"),
    ContactColumn("category", _("Category"), _category, ("category_code",), _CategoryNames()),
    ContactColumn("outcome", _("Outcome"), _outcome, ("outcome",), label_of(ContactOutcome)),
    ContactColumn("result", _("Solved how"), _label("result"), named("result__"), in_language, is_usual=False),
    ContactColumn(
        "lasted", _("Lasted"), _lasted, ("started_at", "ended_at"), _minutes, css="num", file_label=_("Lasted (minutes)")
    ),
    ContactColumn("agent", _("Agent"), _label("agent"), named("agent__"), in_language),
    ContactColumn("region", _("Region"), _label("region"), named("region__"), in_language),
    ContactColumn("unit", _("Unit"), _label("unit"), named("unit__"), in_language, is_usual=False),
    ContactColumn(
        "direction", _("Direction"), lambda row: row.contact.get_direction_display(), ("direction",),
        label_of(Direction), is_usual=False,
    ),
    ContactColumn("ticket", _("Ticket"), _tickets, ("ticket_number", "further_tickets"), _numbers, css="num", is_usual=False),
    ContactColumn("ended", _("Ended"), lambda row: when(row.contact.ended_at), ("ended_at",), css="num", is_usual=False),
    ContactColumn("content", _("What was said"), lambda row: "", ("content",), shown_words, is_usual=False, on_page=False),
]  # fmt: skip

COLUMNS = [Column(one.key, one.label, one.order, one.css, one.cell, one.is_usual) for one in _ALL if one.on_page]
EXPORT_COLUMNS = [
    ExportColumn(one.key, one.file_label or one.label, one.fields, one.show, is_usual=one.is_usual or one.key in ("caller", "result"))
    for one in _ALL
]  # fmt: skip

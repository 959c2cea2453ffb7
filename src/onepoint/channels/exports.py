"""The contact journal as a file."""

import time
from datetime import datetime

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.channels import category_names, outbox_exports, queries  # noqa: F401  (the former registers its own)
from onepoint.channels.forms import ContactFilter
from onepoint.channels.models import Contact
from onepoint.channels.states import Channel, ContactOutcome
from onepoint.core.exporting import ExportColumn, ExportedList, in_language, label_of, named, register
from onepoint.core.masking import shown, shown_words
from onepoint.core.tables import Column, sort_order

NAMES_KEPT_SECONDS = 30

#: The orders the page knows.
ORDERS = [
    Column("number", "", ("number",)),
    Column("began", "", ("started_at",)),
    Column("channel", "", ("channel",)),
    Column("category", "", ("category_code",)),
    Column("outcome", "", ("outcome",)),
    Column("agent", "", ("agent__name_key",)),
    Column("region", "", ("region__path",)),
]


def _who(name: str | None, name_en: str | None, caller: str) -> str:
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


def rows(person: User, parameters: QueryDict) -> QuerySet[Contact]:
    criteria = ContactFilter(parameters).criteria()
    if parameters.get("mine") == "1":
        criteria |= {"agent_id": person.pk, "outcome": ContactOutcome.OPEN}
    found = queries.filtered_contacts(visible_to=person, **criteria)
    return found.order_by(*sort_order(ORDERS, parameters.get("sort", ""), "-began")[1])


COLUMNS = [
    ExportColumn("number", _("Number"), ("number",)),
    ExportColumn("began", _("Began"), ("started_at",)),
    ExportColumn("channel", _("Channel"), ("channel",), label_of(Channel)),
    ExportColumn("customer", _("Customer"), (*named("customer__"), "caller_name"), _who),
    ExportColumn("caller", _("Caller's number"), ("caller_number",), lambda value: shown(value, "phone")),
    ExportColumn("subject", _("Subject"), ("subject",), shown_words),
    ExportColumn("category", _("Category"), ("category_code",), _CategoryNames()),
    ExportColumn("outcome", _("Outcome"), ("outcome",), label_of(ContactOutcome)),
    ExportColumn("result", _("Solved how"), named("result__"), in_language),
    ExportColumn("lasted", _("Lasted (minutes)"), ("started_at", "ended_at"), _minutes),
    ExportColumn("agent", _("Agent"), named("agent__"), in_language),
    ExportColumn("region", _("Region"), named("region__"), in_language),
    ExportColumn("content", _("What was said"), ("content",), shown_words, is_usual=False),
]
register(
    ExportedList(
        "contacts", _("Contact journal"), COLUMNS, rows, lambda person: why_not_permitted("contact.view", person)
    )
)

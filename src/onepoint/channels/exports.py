"""The contact journal as a file."""

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.channels import outbox_exports, queries  # noqa: F401  (the former registers its own)
from onepoint.channels.forms import ContactFilter
from onepoint.channels.models import Contact
from onepoint.channels.states import Channel, ContactOutcome
from onepoint.core.exporting import ExportColumn, ExportedList, in_language, label_of, named, register
from onepoint.core.masking import shown, shown_words
from onepoint.core.tables import Column, sort_order

#: The orders the page knows.
ORDERS = [
    Column("number", "", ("number",)),
    Column("began", "", ("started_at",)),
    Column("channel", "", ("channel",)),
    Column("outcome", "", ("outcome",)),
    Column("agent", "", ("agent__name_key",)),
    Column("region", "", ("region__path",)),
]


def _who(name: str | None, name_en: str | None, caller: str) -> str:
    return in_language(name, name_en) or caller


def rows(person: User, parameters: QueryDict) -> QuerySet[Contact]:
    found = queries.filtered_contacts(visible_to=person, **ContactFilter(parameters).criteria())
    return found.order_by(*sort_order(ORDERS, parameters.get("sort", ""), "-began")[1])


COLUMNS = [
    ExportColumn("number", _("Number"), ("number",)),
    ExportColumn("began", _("Began"), ("started_at",)),
    ExportColumn("channel", _("Channel"), ("channel",), label_of(Channel)),
    ExportColumn("customer", _("Customer"), (*named("customer__"), "caller_name"), _who),
    ExportColumn("caller", _("Caller's number"), ("caller_number",), lambda value: shown(value, "phone")),
    ExportColumn("subject", _("Subject"), ("subject",), shown_words),
    ExportColumn("outcome", _("Outcome"), ("outcome",), label_of(ContactOutcome)),
    ExportColumn("agent", _("Agent"), named("agent__"), in_language),
    ExportColumn("region", _("Region"), named("region__"), in_language),
    ExportColumn("content", _("What was said"), ("content",), shown_words, is_usual=False),
]
register(
    ExportedList(
        "contacts", _("Contact journal"), COLUMNS, rows, lambda person: why_not_permitted("contact.view", person)
    )
)

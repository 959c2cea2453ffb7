"""Columns of the list of events; page and file sort by the same."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.tables import Column

EVENTS = [
    Column("day", _("Day"), ("day",)),
    Column("number", _("Number")),
    Column("title", _("What it is about"), css="wide"),
    Column("category", _("Category")),
    Column("unit", _("Unit whose work it was"), ("unit__path",)),
    Column("person", _("Person"), ("person__name_key",)),
]

"""Columns of the list of hidden risks; page and file sort by the same."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.tables import Column

RISKS = [
    Column("number", _("Number"), ("number",)),
    Column("title", _("In one line"), css="wide"),
    Column("kind", _("Kind")),
    Column("state", _("State")),
    Column("raised", _("Raised"), ("raised_at",)),
    Column("raised_by", _("Raised by")),
    Column("unit", _("Removed by unit")),
    Column("owner", _("Responsible")),
    Column("due", _("Due"), ("due_at",)),
]

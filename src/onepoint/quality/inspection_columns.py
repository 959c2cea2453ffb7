"""Columns of the lists of inspections; pages and files sort by the same."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.tables import Column

SCORINGS = [
    Column("subject", _("Ticket or contact")),
    Column("title", _("Title"), css="wide"),
    Column("part", _("Part"), ("part",)),
    Column("plan", _("Sampling plan")),
    Column("scorecard", _("Score card")),
    Column("unit", _("Unit")),
    Column("since", _("Since"), ("made_at",)),
    Column("score", _("Score"), ("score",), "right"),
]
INSPECTIONS = [
    Column("subject", _("Ticket or contact")),
    Column("title", _("Title"), css="wide"),
    Column("state", _("State"), ("state",)),
    Column("score", _("Score"), ("score",), "right"),
    Column("person", _("Inspected")),
    Column("unit", _("Unit")),
    Column("category", _("Category")),
    Column("plan", _("Sampling plan")),
    Column("drawn", _("Drawn"), ("drawn_at",)),
]
RESULTS = [
    Column("subject", _("Ticket or contact")),
    Column("title", _("Title"), css="wide"),
    Column("score", _("Score"), ("score",), "right"),
    Column("state", _("State"), ("state",)),
    Column("plan", _("Sampling plan")),
    Column("result", _("Result since"), ("result_at",)),
]

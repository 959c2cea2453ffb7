"""Columns of the lists of marks and rectifications; pages and files sort by the same."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.tables import Column

MARKS = [
    Column("number", _("Number"), ("number",)),
    Column("marked", _("Marked"), ("marked_at",)),
    Column("ticket", _("Ticket")),
    Column("code", _("Code"), css="wide"),
    Column("points", _("Points"), ("points",), "right"),
    Column("state", _("State")),
    Column("person", _("Whose work it is")),
    Column("unit", _("Unit")),
    Column("marked_by", _("Marked by")),
    Column("appeal_until", _("Appeal until"), ("appeal_due_at",)),
]
RECTIFICATIONS = [
    Column("number", _("Number"), ("number",)),
    Column("title", _("What is to be put right"), css="wide"),
    Column("state", _("State")),
    Column("owner", _("Responsible person")),
    Column("unit", _("Unit")),
    Column("asked_by", _("Demanded by")),
    Column("asked", _("Demanded"), ("asked_at",)),
    Column("due", _("Due"), ("due_at",)),
]

"""Columns of the list of cases; page and file sort by the same."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.tables import Column

CASES = [
    Column("number", _("Number"), ("number",)),
    Column("regulator", _("Regulator")),
    Column("case_number", _("Number of the authority")),
    Column("subject", _("Subject"), css="wide"),
    Column("state", _("State")),
    Column("received", _("Received on"), ("received_at",)),
    Column("due", _("Answer due"), ("answer_due_at",)),
    Column("customer", _("Customer")),
    Column("ticket", _("Ticket")),
]

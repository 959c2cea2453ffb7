"""Columns of the lists of grants and audits; pages and files sort by the same."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.tables import Column

GRANTS = [
    Column("number", _("Number"), ("number",)),
    Column("given", _("Given"), ("given_at",)),
    Column("kind", _("Kind")),
    Column("amount", _("Amount"), ("amount",), "right"),
    Column("state", _("State")),
    Column("customer", _("Customer")),
    Column("about", _("About")),
    Column("granted_by", _("Granted by")),
    Column("unit", _("Unit")),
    Column("reason", _("Reason"), css="wide"),
]
TO_DECIDE = [
    Column("number", _("Number")),
    Column("given", _("Asked"), ("given_at",)),
    Column("kind", _("Kind")),
    Column("amount", _("Amount"), ("amount",), "right"),
    Column("customer", _("Customer")),
    Column("about", _("About")),
    Column("granted_by", _("Asked by")),
    Column("reason", _("Reason"), css="wide"),
]
AUDITS = [
    Column("number", _("Grant")),
    Column("queued", _("In the queue since"), ("queued_at",)),
    Column("state", _("State")),
    Column("kind", _("Kind")),
    Column("amount", _("Amount"), ("grant__amount",), "right"),
    Column("customer", _("Customer")),
    Column("granted_by", _("Granted by")),
    Column("unit", _("Unit")),
    Column("auditor", _("Auditor")),
    Column("reason", _("Reason"), css="wide"),
]
CORRECTIONS = [
    Column("number", _("Grant")),
    Column("kind", _("Kind")),
    Column("amount", _("Amount"), css="right"),
    Column("code", _("Objection")),
    Column("words", _("What the auditor wrote"), css="wide"),
    Column("due", _("Correction due"), ("correction_due_at",)),
]
AUTHORITIES = [
    Column("role", _("Role"), ("role__code",)),
    Column("kind", _("Kind of grant"), ("kind__position_order", "kind_id")),
    Column("for", _("For")),
    Column("amount", _("Per grant"), ("amount",), "right"),
    Column("month", _("Per customer and month"), css="right"),
    Column("day", _("Per person and day"), css="right"),
    Column("active", _("In use")),
]

"""The columns of the lists beside that of the tickets: what is supervised, what is late, mass incidents."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.tables import Column

SUPERVISIONS = [
    Column("ticket", _("Ticket")),
    Column("title", _("Title"), css="wide"),
    Column("reason", _("Why"), css="wide"),
    Column("severity", _("Severity")),
    Column("region", _("Region")),
    Column("by", _("Supervised by")),
    Column("since", _("Since"), ("started_at",)),
    Column("reported", _("Last report")),
    Column("due", _("Next report"), ("report_due_at",)),
]
LATE = [
    Column("number", _("Number")),
    Column("title", _("Title"), (), "wide"),
    Column("severity", _("Severity")),
    Column("step", _("Step")),
    Column("unit", _("Unit"), ("unit__path",)),
    Column("who", _("In the hands of")),
    Column("due", _("Due"), ("due_at",)),
]
INCIDENTS = [
    Column("number", _("Number"), ("number",), "num"),
    Column("title", _("Title"), (), "wide"),
    Column("state", _("State")),
    Column("attached", _("Attached tickets"), (), "num right"),
    Column("suggested", _("Suggested"), (), "num right"),
    Column("since", _("Since"), ("since",), "num"),
    Column("end", _("Expected to end"), (), "num"),
    Column("lead", _("Lead ticket"), (), "num"),
    Column("declared", _("Declared"), ("declared_at",), "num"),
]
ATTACHED = [
    Column("ticket", _("Ticket"), ("ticket_id",), "num"),
    Column("title", _("Title"), (), "wide"),
    Column("customer", _("Customer")),
    Column("region", _("Region")),
    Column("state", _("State")),
    Column("answer", _("Answer")),
    Column("since", _("Since"), ("since",), "num"),
]

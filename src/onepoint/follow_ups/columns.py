"""The list of return visits, its tabs and columns; and that of the answers due."""

from django.utils.translation import gettext_lazy

from onepoint.core.tables import Column

TABS = [
    ("due", gettext_lazy("To be taken")),
    ("mine", gettext_lazy("Mine")),
    ("waiting", gettext_lazy("All to be made")),
    ("answered", gettext_lazy("The customer answered")),
    ("unsatisfied", gettext_lazy("Not satisfied")),
    ("over", gettext_lazy("Not answered")),
]
COLUMNS = [
    Column("ticket", gettext_lazy("Ticket")),
    Column("title", gettext_lazy("Title"), css="wide"),
    Column("customer", gettext_lazy("Customer")),
    Column("state", gettext_lazy("State")),
    Column("way", gettext_lazy("By")),
    Column("due", gettext_lazy("Due from"), ("due_at",)),
    Column("closed", gettext_lazy("Closed on"), ("made_at",)),
    Column("region", gettext_lazy("Region")),
    Column("assignee", gettext_lazy("Visited by")),
]
REPLIES = [
    Column("ticket", gettext_lazy("Ticket")),
    Column("title", gettext_lazy("Title"), css="wide"),
    Column("customer", gettext_lazy("Customer")),
    Column("kind", gettext_lazy("Kind of ticket")),
    Column("way", gettext_lazy("Reply promised by")),
    Column("promised", gettext_lazy("Reply promised for"), ("promised_reply_at",)),
    Column("due", gettext_lazy("Due"), ("due_at",)),
    Column("step", gettext_lazy("Step")),
]
_OPEN = ("due", "mine", "waiting")


def tab_of(asked: str, *, may_visit: bool) -> str:
    """The tab that was asked for; the usual one of the person where there is none of that name."""
    known = {name for name, _label in TABS}
    return asked if asked in known else "due" if may_visit else "waiting"


def sort_of(which: str) -> str:
    """What waits begins with what is due longest, the rest with the newest."""
    return "due" if which in _OPEN else "-closed"

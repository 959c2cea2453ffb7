"""The columns of the ticket list: how each is drawn on the page and how it reads in an exported file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onepoint.channels.states import Channel
from onepoint.core.exporting import ExportColumn, in_language, label_of, named
from onepoint.core.markup import escaped, two_lines
from onepoint.core.masking import shown, shown_words
from onepoint.core.spreadsheets import Cell
from onepoint.core.tables import Column
from onepoint.core.templatetags.ui import badge, icon
from onepoint.core.templatetags.ui_time import due, when
from onepoint.tickets.labels import IN_A_LINE
from onepoint.tickets.models import Tag, Ticket
from onepoint.tickets.states import TicketKind, TicketStatus, Urgency
from onepoint.workflow import queries as workflow_queries
from onepoint.workflow.models import UserTask

DASH = "—"
_SEVERITY_TONES = {"red": "bad", "orange": "warn", "yellow": "warn", "blue": ""}
_STATUS_TONES = {
    TicketStatus.CLOSED: "good",
    TicketStatus.ABORTED: "muted",
    TicketStatus.WITHDRAWN: "muted",
    TicketStatus.MERGED: "muted",
    TicketStatus.ON_HOLD: "warn",
}


@dataclass(frozen=True)
class TicketRow:
    """A ticket as the list shows it: with the steps it waits at and its tags."""

    ticket: Ticket
    steps: Sequence[UserTask] = ()
    tags: Mapping[str, Tag] | None = None


def _ticket_link(row: TicketRow) -> SafeString:
    return SafeString(f'<a href="{escaped(row.ticket.get_absolute_url())}">{escaped(row.ticket.number)}</a>')


def _tick_box(row: TicketRow) -> SafeString:
    number = escaped(row.ticket.number)
    return SafeString(
        f'<input class="form-check-input" type="checkbox" name="ticket" value="{row.ticket.pk}" aria-label="{number}">'
    )


def _title(row: TicketRow) -> SafeString:
    title = escaped(shown_words(row.ticket.title))
    green = green_mark() if row.ticket.green_channel_id else ""
    return SafeString(f'{green}<span class="clip" title="{title}">{title}</span>')


def green_mark() -> SafeString:
    """The sign of a ticket that goes through a green channel."""
    label = gettext("Green channel")
    return format_html('<span class="tag tag--good" title="{}">{}</span> ', label, icon("bolt", label))


def _customer(row: TicketRow) -> SafeString:
    ticket = row.ticket
    return two_lines(ticket.customer.label if ticket.customer else ticket.contact_name or DASH)


def _category(row: TicketRow) -> SafeString:
    return two_lines(row.ticket.category.label if row.ticket.category else DASH)


def _severity(row: TicketRow) -> SafeString:
    severity = row.ticket.severity
    return badge(severity.label, _SEVERITY_TONES.get(severity.colour, "muted"))


def _status(row: TicketRow) -> SafeString:
    ticket = row.ticket
    label = str(ticket.get_status_display())
    state = badge(label, _STATUS_TONES.get(TicketStatus(ticket.status), "accent"))
    steps = ", ".join(task.label for task in row.steps)
    return two_lines(f"{label} {steps}".strip(), f'{state} <span class="soft">{escaped(steps)}</span>')


def _assignees(row: TicketRow) -> str:
    return ", ".join(task.assignee.label for task in row.steps if task.assignee) or DASH


def _due(row: TicketRow) -> SafeString:
    ticket = row.ticket
    if ticket.is_finished:
        return due(ticket.due_at, done_at=ticket.closed_at)
    return due(ticket.due_at, warn_at=ticket.warn_at, paused=ticket.is_paused, reason=ticket.hold_reason)


def _tags(row: TicketRow) -> SafeString:
    known = row.tags or {}
    tags = [known.get(code) or Tag(code=code, name=code) for code in row.ticket.tags]
    return SafeString(" ".join(badge(tag.label, tag.colour or "muted") for tag in tags))


def _label(name: str) -> Callable[[TicketRow], str]:
    def show(row: TicketRow) -> str:
        value = getattr(row.ticket, name)
        return value.label if value else DASH

    return show


def _text(name: str) -> Callable[[TicketRow], Any]:
    return lambda row: getattr(row.ticket, name) or DASH


def _moment(name: str) -> Callable[[TicketRow], SafeString]:
    return lambda row: when(getattr(row.ticket, name))


# --- in files ---------------------------------------------------------------------------------------------------


def customer_or_contact(name: str | None, name_en: str | None, contact_name: str) -> str:
    """Who asked: the customer, or whoever said so where none is known."""
    return in_language(name, name_en) or contact_name


def steps_of_many(ids: Sequence[int]) -> dict[int, Cell]:
    """Ticket id → the steps it waits at."""
    steps = workflow_queries.live_tasks_of_many("ticket", ids)
    return {pk: ", ".join(task.label for task in tasks) for pk, tasks in steps.items()}


def holders_of_many(ids: Sequence[int]) -> dict[int, Cell]:
    """Ticket id → who has those steps."""
    steps = workflow_queries.live_tasks_of_many("ticket", ids)
    return {pk: ", ".join(task.assignee.label for task in tasks if task.assignee) for pk, tasks in steps.items()}


def _tag_names(codes: list[str] | None) -> str:
    return ", ".join(codes or [])


@dataclass(frozen=True)
class TicketColumn:
    """One column in both forms."""

    key: str
    label: str | Promise
    cell: Callable[[TicketRow], Any]
    fields: tuple[str, ...] = ()
    show: Callable[..., Cell] | None = None
    of_many: Callable[[Sequence[int]], Mapping[int, Cell]] | None = None
    order: tuple[str, ...] = ()
    css: str = "nowrap"
    is_usual: bool = True
    on_page: bool = True


_ALL = [
    TicketColumn("number", _("Number"), _ticket_link, ("number",), order=("number",), css="num"),
    TicketColumn("title", _("Title"), _title, ("title",), shown_words, css="wide"),
    TicketColumn("category", _("Category"), _category, named("category__"), in_language),
    TicketColumn("customer", _("Customer"), _customer, (*named("customer__"), "contact_name"), customer_or_contact),
    TicketColumn("severity", _("Severity"), _severity, named("severity__"), in_language),
    TicketColumn("status", _("Status and step"), _status, ("status",), label_of(TicketStatus)),
    TicketColumn("step", _("Step"), lambda row: "", of_many=steps_of_many, on_page=False),
    TicketColumn("region", _("Region"), _label("region"), named("region__"), in_language),
    TicketColumn("opened", _("Opened"), _moment("opened_at"), ("opened_at",), order=("opened_at",)),
    TicketColumn("due", _("Due"), _due, ("due_at",), order=("due_at",)),
    TicketColumn("kind", _("Kind"), lambda row: row.ticket.get_kind_display(), ("kind",), label_of(TicketKind), is_usual=False),
    TicketColumn("channel", _("Channel"), lambda row: row.ticket.get_channel_display(), ("channel",), label_of(Channel), is_usual=False),
    TicketColumn("urgency", _("Urgency"), lambda row: row.ticket.get_urgency_display(), ("urgency",), label_of(Urgency), is_usual=False),
    TicketColumn("unit", _("Unit"), _label("unit"), named("unit__"), in_language, is_usual=False),
    TicketColumn("assignee", _("In the hands of"), _assignees, of_many=holders_of_many, is_usual=False),
    TicketColumn("creator", _("Taken by"), _label("created_by"), named("created_by__"), in_language, is_usual=False),
    TicketColumn("owner", _("First asked"), _label("owner"), named("owner__"), in_language, is_usual=False),
    TicketColumn(
        "level", _("Customer level"), lambda row: row.ticket.customer.level.label if row.ticket.customer and row.ticket.customer.level else DASH,
        named("customer__level__"), in_language, is_usual=False,
    ),
    TicketColumn("contact_name", _("Contact person"), _text("contact_name"), ("contact_name",), is_usual=False),
    TicketColumn(
        "contact_phone", _("Contact telephone"), lambda row: shown(row.ticket.contact_phone, "phone") or DASH,
        ("contact_phone",), lambda phone: shown(phone, "phone"), css="num", is_usual=False,
    ),
    TicketColumn("tags", _("Tags"), _tags, ("tags",), _tag_names, is_usual=False),
    TicketColumn("reopened", _("Times reopened"), lambda row: row.ticket.reopen_count, ("reopen_count",), css="num", is_usual=False),
    TicketColumn("urged", _("Times urged"), lambda row: row.ticket.reminder_count, ("reminder_count",), css="num", is_usual=False),
    TicketColumn("resolved", _("Resolved"), _moment("resolved_at"), ("resolved_at",), is_usual=False),
    TicketColumn("closed", _("Closed"), _moment("closed_at"), ("closed_at",), is_usual=False),
    TicketColumn("external", _("Number at the source"), _text("external_number"), ("external_number",), is_usual=False),
    TicketColumn(
        "description", _("Problem described"), lambda row: "", ("description",), shown_words, is_usual=False, on_page=False
    ),
]  # fmt: skip

#: The box to tick a ticket for a batch; not among those people choose.
TICK = Column("tick", "", css="tick", cell=_tick_box)
COLUMNS = [Column(one.key, one.label, one.order, one.css, one.cell, one.is_usual) for one in _ALL if one.on_page]
EXPORT_COLUMNS = [ExportColumn(one.key, one.label, one.fields, one.show, one.of_many, one.is_usual) for one in _ALL]
#: What the columns show of a ticket: whichever are chosen, the list reads this and no more.
READ = (
    *IN_A_LINE, "green_channel", "hold_reason", "tags", "contact_phone", "created_by", "reopen_count", "reminder_count",
    "resolved_at", "external_number",
)  # fmt: skip
#: Columns that show what a list row needs from other tables: the list fetches them only when chosen.
NEEDS = {
    "creator": "created_by",
    "owner": "owner",
    "level": "customer__level",
}

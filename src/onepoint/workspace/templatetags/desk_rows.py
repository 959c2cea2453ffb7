"""The lines of the desk. Written here and not as a template: a page has fifty, and they were half of what it cost."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from onepoint.core.markup import two_lines
from onepoint.core.masking import shown_words
from onepoint.core.templatetags.ui import badge, icon
from onepoint.core.templatetags.ui_time import due, when
from onepoint.tickets.models import Severity, Ticket
from onepoint.tickets.queries import Hit
from onepoint.workspace.queries import DeskKind, DeskRow

register = template.Library()
DASH = "—"
OWNED = "owned"  # of these one also sees how they stand and in whose hands they are
_STATUS_TONES = {"closed": "good", "aborted": "muted", "withdrawn": "muted", "merged": "muted", "on_hold": "warn"}
_TONES = {"red": "bad", "orange": "warn", "yellow": "warn", "blue": ""}


@register.simple_tag(takes_context=True)
def desk_row(context: dict[str, Any], row: DeskRow, kind: DeskKind) -> SafeString:
    """One ``<tr>``, with the button to claim where the step may be claimed."""
    ticket = row.ticket
    url, title = conditional_escape(ticket.get_absolute_url()), conditional_escape(shown_words(ticket.title))
    customer = ticket.customer.label if ticket.customer else ticket.contact_name or DASH
    limit = due(ticket.due_at, done_at=ticket.closed_at) if ticket.is_finished else due(row.due_at)
    return mark_safe(
        f'<tr data-href="{url}" data-key="{row.key}">'
        f'<td class="num"><a href="{url}">{conditional_escape(ticket.number)}</a></td>'
        f'<td class="wide"><span class="clip" title="{title}">{title}</span></td>'
        f"<td>{two_lines(ticket.category.label)}</td><td>{two_lines(customer)}</td>"
        f"<td>{_severity(ticket.severity)}</td>{_standing(ticket) if kind.key == OWNED else ''}<td>{_steps(row)}</td>"
        f"{_holders(row) if kind.key == OWNED else ''}"
        f'<td class="num">{when(row.since)}</td><td>{limit}</td>{_action(context, row, ticket, kind)}</tr>'
    )


@register.simple_tag
def found_ticket(hit: Hit) -> SafeString:
    """One ``<tr>`` of a ticket that was found, with the words it was found by marked."""
    ticket = hit.ticket
    url = conditional_escape(ticket.get_absolute_url())
    more = f'<div class="muted">{_marked(hit.text)}</div>' if hit.text else ""
    customer = ticket.customer.label if ticket.customer else ""
    return mark_safe(
        f'<tr data-href="{url}"><td class="num"><a href="{url}">{conditional_escape(ticket.number)}</a></td>'
        f'<td class="wide wrap"><div><div>{_marked(hit.title)}</div>{more}</div></td>'
        f"<td>{conditional_escape(ticket.category.label)}</td>"
        f"<td>{conditional_escape(customer or ticket.contact_name)}</td>{_standing(ticket)}"
        f'<td class="num">{when(ticket.opened_at)}</td></tr>'
    )


def _marked(pieces: Iterable[tuple[str, bool]]) -> str:
    return "".join(
        f"<mark>{conditional_escape(text)}</mark>" if is_hit else conditional_escape(text) for text, is_hit in pieces
    )


def _severity(severity: Severity) -> SafeString:
    return badge(severity.label, _TONES.get(severity.colour, "muted"))


def _standing(ticket: Ticket) -> str:
    return f"<td>{badge(ticket.get_status_display(), _STATUS_TONES.get(ticket.status, 'accent'))}</td>"


def _holders(row: DeskRow) -> str:
    return f"<td>{conditional_escape(_(', ').join(row.holders) or DASH)}</td>"


def _steps(row: DeskRow) -> str:
    parts = [conditional_escape(_(", ").join(row.steps) or DASH)]
    if row.came_back and row.task is not None:
        parts.append(badge(row.task.get_arrival_display(), "warn"))
    if row.absentee:
        parts.append(badge(_("for %(absentee)s") % {"absentee": row.absentee}, "accent", "users"))
    return " ".join(parts)


def _action(context: dict[str, Any], row: DeskRow, ticket: Ticket, kind: DeskKind) -> str:
    if not kind.of_tasks or kind.key == "done":
        return ""
    if not row.can_be_claimed or row.task is None:
        return '<td class="actions"></td>'
    return format_html(
        '<td class="actions"><form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<button type="submit" class="btn btn-sm">{}{}</button></form></td>',
        reverse("ticket-task-claim", args=[ticket.number, row.task.pk]), context["csrf_token"], icon("hand-grab"), _("Claim"),
    )  # fmt: skip

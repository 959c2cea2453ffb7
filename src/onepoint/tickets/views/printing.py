"""A ticket on paper: everything its page tells, masked for the reader, in reading order."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from onepoint.core import clock, masking
from onepoint.core.timeline import told
from onepoint.dynamic_forms.display import display_items
from onepoint.tickets import item_rights, queries, related
from onepoint.tickets.views.detail import ticket_or_404

#: More than a ticket ever has; a runaway is cut.
MOST_ENTRIES = 2000


@require_safe
def print_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """A page of its own with a style for paper; the browser prints it or writes a PDF."""
    ticket = ticket_or_404(request, number)
    user = request.user
    children, _hidden = related.child_work(ticket, visible_to=user)
    entries = queries.timeline_of(ticket, MOST_ENTRIES)
    hidden = item_rights.rights_of(ticket, user).hidden
    special = {key: value for key, value in ticket.special_items.items() if f"items.{key}" not in hidden}
    context = {
        "ticket": ticket,
        "trail": queries.category_path(ticket.category),
        "tags": related.shown_tags(ticket.tags),
        "account_shown": masking.shown(ticket.account.value, "phone") if ticket.account else "",
        "special_items": display_items(ticket.form_version, special) if ticket.form_version else [],
        "hidden_items": hidden,
        "opinions": queries.opinions_of(ticket),
        "files": queries.files_of(ticket),
        "parent": related.visible_parent(ticket, visible_to=user),
        "children": children,
        "merged": related.merged_tickets(ticket),
        "links": related.links_of(ticket, visible_to=user),
        "timeline": told(reversed(entries)),
        "printed_at": clock.now(),
    }
    return render(request, "tickets/print.html", context)

"""What stands around a ticket: parent, children, merged ones, links, tags."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from onepoint.core import masking
from onepoint.core.errors import BusinessError, InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.tickets import policies, queries, related, services
from onepoint.tickets.models import Ticket
from onepoint.tickets.queries import TicketFilter
from onepoint.tickets.relation_forms import CHILD, PARENT, ChildForm, MergeForm, RelateForm, SplitForm
from onepoint.tickets.services import SplitPart
from onepoint.tickets.services.relations import like
from onepoint.tickets.views.detail import ticket_or_404

OPTIONS = 12


def relations_context(ticket: Ticket, request: HttpRequest) -> dict[str, Any]:
    """What the panel shows, and what the reader may add to it."""
    user = request.user
    children, hidden = related.child_work(ticket, visible_to=user)
    may_mark = policies.why_not_mark(user) is None
    tags = related.shown_tags(ticket.tags)
    return {
        "ticket": ticket,
        "children": children,
        "hidden_children": hidden,
        "waits": bool(children or hidden) and related.waits_for_children(ticket.category),
        "parent": related.visible_parent(ticket, visible_to=user),
        "merged": related.merged_tickets(ticket),
        "links": related.links_of(ticket, visible_to=user),
        "tags": tags,
        "more_tags": [tag for tag in related.tags_for(user) if tag.code not in ticket.tags] if may_mark else [],
        "may_mark": may_mark,
        "may_add_child": policies.why_not_add_child(ticket, user) is None,
        "may_merge": policies.why_not_move(ticket, "merge", user) is None,
        "may_split": policies.why_not_split(ticket, user) is None,
    }


@require_safe
def show_relations(request: HttpRequest, number: str) -> HttpResponse:
    """The panel of the ticket page, fetched when the page is there; a page of its own otherwise."""
    ticket = ticket_or_404(request, number)
    template = "tickets/relations.html" if getattr(request, "htmx", False) else "tickets/relations_page.html"
    return render(request, template, relations_context(ticket, request))


def _panel_again(request: HttpRequest, number: str) -> HttpResponse:
    """After a small change: the panel for HTMX, else the ticket."""
    ticket = ticket_or_404(request, number)
    if getattr(request, "htmx", False):
        return render(request, "tickets/relations.html", relations_context(ticket, request))
    return redirect(ticket)


@require_GET
def ticket_options(request: HttpRequest) -> JsonResponse:
    """For pickers: ``?q=…`` the tickets in the reader's scope that a number, a name or words may mean."""
    text = request.GET.get("q", "")[:100]
    found = queries.find_tickets(TicketFilter(text=text), visible_to=request.user).order_by("-opened_at", "-pk")
    results = [
        {
            "value": one.number,
            "label": f"{one.number} {masking.shown_words(one.title)}",
            "note": str(one.get_status_display()),
        }
        for one in found[:OPTIONS]
    ]
    return JsonResponse({"results": results})


# --- parent, children, links ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def relate_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """Put another ticket above or below this one, or link the two."""
    ticket = ticket_or_404(request, number)
    require(policies.why_not_mark(request.user))
    form = RelateForm(request.POST or None, ticket=ticket, user=request.user)
    if form.is_bound and form.is_valid():
        other, how = form.cleaned_data["other"], form.cleaned_data["how"]
        try:
            if how == CHILD:
                services.attach_child(ticket, other, by=request.user)
            elif how == PARENT:
                services.attach_child(other, ticket, by=request.user)
            else:
                services.link_tickets(ticket, other, kind=how, by=request.user)
            messages.success(request, _("Saved."))
            return redirect(ticket)
        except BusinessError as refusal:
            add_refusal(form, refusal)
    return render(
        request, "tickets/relate.html", {"ticket": ticket, "form": form}, status=422 if form.is_bound else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def create_child(request: HttpRequest, number: str) -> HttpResponse:
    """Register a ticket below this one."""
    ticket = ticket_or_404(request, number)
    require(policies.why_not_add_child(ticket, request.user))
    title = masking.shown_words(ticket.title)
    initial = {"request_key": uuid4(), "kind": ticket.kind, "category": ticket.category, "title": title}
    form = ChildForm(request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            child = services.create_child(ticket, like(ticket, **form.cleaned_data), by=request.user)
            messages.success(request, _("Child ticket %(number)s is registered.") % {"number": child.number})
            return redirect(ticket)
        except BusinessError as refusal:
            add_refusal(form, refusal)
    return render(request, "tickets/child.html", {"ticket": ticket, "form": form}, status=422 if form.is_bound else 200)


@require_POST
def detach_child(request: HttpRequest, number: str, child: str) -> HttpResponse:
    """Take a child ticket from below this one."""
    ticket = ticket_or_404(request, number)
    found = ticket_or_404(request, child)
    if found.parent_id != ticket.pk:
        raise Http404
    services.detach_child(found, by=request.user)
    return _panel_again(request, number)


@require_POST
def remove_link(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    link = related.find_link(ticket, pk)
    if link is None:
        raise Http404
    services.unlink_tickets(link, by=request.user)
    return _panel_again(request, number)


# --- tags -------------------------------------------------------------------------------------------------------


@require_POST
def add_tag(request: HttpRequest, number: str) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    wanted = request.POST.get("tag", "")
    tag = next((one for one in related.tags_for(request.user) if str(one.pk) == wanted), None)
    if tag is None:
        raise InvalidInput({"tag": _("Please choose from the list.")})
    services.tag_ticket(ticket, tag, by=request.user)
    return _panel_again(request, number)


@require_POST
def remove_tag(request: HttpRequest, number: str) -> HttpResponse:
    services.untag_ticket(ticket_or_404(request, number), request.POST.get("code", ""), by=request.user)
    return _panel_again(request, number)


# --- merging and splitting --------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def merge_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """Let this ticket and others about the same matter go on as one."""
    ticket = ticket_or_404(request, number)
    require(policies.why_not_move(ticket, "merge", request.user))
    candidates = related.alive_of_same_customer(ticket, visible_to=request.user)
    form = MergeForm(request.POST or None, ticket=ticket, user=request.user, candidates=candidates)
    asks_customers = False
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data["tickets"]
        survivor, merged = (ticket, chosen) if form.cleaned_data["survives"] == "this" else (chosen[0], [ticket])
        despite = form.cleaned_data["despite_customers"]
        try:
            services.merge_tickets(
                survivor, merged, reason=form.cleaned_data["reason"], despite_customers=despite, by=request.user
            )
            messages.success(request, _("Merged. %(number)s goes on.") % {"number": survivor.number})
            return redirect(survivor)
        except policies.DifferentCustomers as refusal:
            asks_customers = True
            form.add_error("despite_customers", str(refusal))
        except BusinessError as refusal:
            add_refusal(form, refusal)
    context = {"ticket": ticket, "form": form, "candidates": candidates, "asks_customers": asks_customers}
    return render(request, "tickets/merge.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def split_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """Make part of this ticket one of its own."""
    ticket = ticket_or_404(request, number)
    require(policies.why_not_split(ticket, request.user))
    files = queries.files_of(ticket)
    initial = {
        "request_key": uuid4(),
        "kind": ticket.kind,
        "category": ticket.category,
        "title": masking.shown_words(ticket.title),
        "description": masking.shown_words(ticket.description),
    }
    form = SplitForm(request.POST or None, initial=initial, files=files)
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        part = SplitPart(
            title=values["title"], description=values["description"], category=values["category"],
            kind=values["kind"], moved=form.files_that("move"), shared=form.files_that("share"),
            request_key=values["request_key"],
        )  # fmt: skip
        try:
            made = services.split_ticket(ticket, part, by=request.user)
            messages.success(request, _("%(number)s is split off.") % {"number": made.number})
            return redirect(made)
        except BusinessError as refusal:
            add_refusal(form, refusal)
    return render(request, "tickets/split.html", {"ticket": ticket, "form": form}, status=422 if form.is_bound else 200)

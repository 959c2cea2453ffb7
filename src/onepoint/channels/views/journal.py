"""Pages of the contact journal."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from onepoint.accounts import kept_lists
from onepoint.channels import category_names, policies, queries, services
from onepoint.channels.contact_columns import ContactRow
from onepoint.channels.forms.journal import SolveForm
from onepoint.channels.kept_list import LIST, find_rows
from onepoint.channels.models import Contact
from onepoint.channels.origins import variant_of
from onepoint.channels.replies import tickets_open_to
from onepoint.core import attachments, audit
from onepoint.core.errors import InvalidInput
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import make_page
from onepoint.core.timeline import told
from onepoint.customers.queries import find_customer

PANEL_LENGTH = 10
UNSETTLED_CAP = 99


def _contact_or_404(request: HttpRequest, number: str) -> Contact:
    contact = queries.find_contact(number, visible_to=request.user)
    if contact is None:
        raise Http404
    return contact


@require_GET
def contact_list(request: HttpRequest) -> HttpResponse:
    """The journal; ``?mine=1`` holds what the reader has begun and not settled."""
    opened = kept_lists.open_list(LIST, request.user, request.GET)
    if opened.way:
        return redirect(opened.way)
    found = find_rows(opened.form, request.user)
    page = make_page(found, opened.columns, request.GET, default_sort=opened.default_sort, moment=LIST.moment)
    categories = category_names.names_of(contact.category_code for contact in page.rows)
    is_ticket_shown = any(column.key == "ticket" for column in page.columns)
    numbers = {number for contact in page.rows if is_ticket_shown for number in contact.ticket_numbers}
    open_tickets = tickets_open_to(request.user, numbers)
    is_mine = request.GET.get("mine") == "1"
    count = queries.unsettled_of(request.user)[: UNSETTLED_CAP + 1].count()
    unsettled = f"{UNSETTLED_CAP}+" if count > UNSETTLED_CAP else str(count or "")
    mine = kept_lists.OwnTab(
        _("Mine, not settled"), f"{LIST.address}?mine=1", is_mine and not opened.current, unsettled
    )
    context = {
        **opened.context(request.user),
        "page": page,
        "rows": [ContactRow(contact, categories, open_tickets) for contact in page.rows],
        "is_mine": is_mine,
        "own_tabs": [mine],
        "is_own_tab": mine.is_current,
        "may_manage": policies.why_not_manage_journal(request.user) is None,
    }
    return render(request, "channels/list.html", context)


@require_GET
def contact_detail(request: HttpRequest, number: str) -> HttpResponse:
    contact = _contact_or_404(request, number)
    return _detail(request, contact, SolveForm(initial={"category": contact.category_code}))


def _detail(request: HttpRequest, contact: Contact, form: SolveForm, status: int = 200) -> HttpResponse:
    customer = find_customer(contact.customer.number, visible_to=request.user) if contact.customer else None
    context = {
        "contact": contact,
        "origin": queries.origin_of(contact.pk) if variant_of(contact.channel).asked else None,
        "customer": customer,
        "form": form,
        "category": category_names.names_of([contact.category_code]).get(contact.category_code, ""),
        "open_tickets": tickets_open_to(request.user, contact.ticket_numbers),
        "files": attachments.current_files("contact", contact.pk),
        "why_not_settle": policies.why_not_settle_contact(contact, request.user),
        "events": told(audit.entries_of("contact", contact.pk)),
    }
    return render(request, "channels/detail.html", context, status=status)


@require_POST
def contact_solve(request: HttpRequest, number: str) -> HttpResponse:
    contact = _contact_or_404(request, number)
    form = SolveForm(request.POST)
    if not form.is_valid():
        return _detail(request, contact, form, status=422)
    values = form.cleaned_data
    try:
        services.solve_contact(
            contact, by=request.user, result=values["result"], result_text=values["result_text"],
            category_code=values["category"],
        )  # fmt: skip
    except InvalidInput as refusal:
        add_refusal(form, refusal)
        return _detail(request, contact, form, status=422)
    messages.success(request, _("Noted as solved."))
    return redirect("contact-detail", contact.number)


@require_GET
def contact_text(request: HttpRequest, number: str) -> HttpResponse:
    """Fragment: what was said in a contact, with its files, where only its subject stood."""
    contact = _contact_or_404(request, number)
    context = {"contact": contact, "files": attachments.current_files("contact", contact.pk)}
    return render(request, "channels/_text.html", context)


@require_GET
def contact_file(request: HttpRequest, number: str, pk: int) -> FileResponse:
    """A file that came with a contact; ``?inline=1`` lets the browser show pictures, PDF and sound itself."""
    contact = _contact_or_404(request, number)
    found = next((file for file in attachments.current_files("contact", contact.pk) if file.pk == pk), None)
    if found is None:
        raise Http404
    try:
        return attachments.file_response(found, inline=request.GET.get("inline") == "1")
    except FileNotFoundError as missing:
        raise Http404 from missing


@require_GET
def contacts_of_customer(request: HttpRequest, number: str) -> HttpResponse:
    """Fragment for the customer page: the customer's latest contacts."""
    customer = find_customer(number, visible_to=request.user)
    if customer is None:
        raise Http404
    contacts = queries.contacts_of(customer, visible_to=request.user, limit=PANEL_LENGTH + 1)
    context = {"customer": customer, "contacts": contacts[:PANEL_LENGTH], "has_more": len(contacts) > PANEL_LENGTH}
    return render(request, "channels/_of_customer.html", context)

"""Pages of short messages that come in: what could not be matched, everything, and the conversation with a number."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.channels import policies, queries, services
from onepoint.channels.forms.texts import FileToCustomerForm, FileToTicketForm, TextFilter, TextRulesForm
from onepoint.channels.models import IncomingText
from onepoint.channels.replies import tickets_open_to
from onepoint.channels.states import TextState
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import Column, make_page
from onepoint.core.timeline import told

COLUMNS = [
    Column("received", gettext_lazy("Came in"), ("received_at",), "num"),
    Column("sender", gettext_lazy("Sender's number")),
    Column("text", gettext_lazy("Message text"), (), "wide"),
    Column("state", gettext_lazy("State")),
    Column("ticket", gettext_lazy("Ticket")),
]
UNMATCHED_COLUMNS = [
    Column("select", ""),
    *COLUMNS[:3],
    Column("reason", gettext_lazy("Why it could not be matched")),
]


def _text_or_404(request: HttpRequest, pk: int) -> IncomingText:
    text = queries.find_text(pk, visible_to=request.user)
    if text is None:
        raise Http404
    return text


@require_GET
def text_list(request: HttpRequest) -> HttpResponse:
    """What waits for people."""
    require(policies.why_not_see_texts(request.user))
    form = TextFilter(request.GET, only_unmatched=True)
    found = queries.filtered_texts(visible_to=request.user, **(form.criteria() | {"state": TextState.UNMATCHED}))
    page = make_page(found, UNMATCHED_COLUMNS, request.GET, default_sort="-received")
    context = {"form": form, "page": page, "is_unmatched": True, "may_file": request.user.may("text.file")}
    context["may_change_rules"] = policies.why_not_change_text_rules(request.user) is None
    return render(request, "channels/texts.html", context)


@require_GET
def text_list_all(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_see_texts(request.user))
    form = TextFilter(request.GET)
    found = queries.filtered_texts(visible_to=request.user, **form.criteria())
    page = make_page(found, COLUMNS, request.GET, default_sort="-received")
    may_change = policies.why_not_change_text_rules(request.user) is None
    context = {"form": form, "page": page, "is_unmatched": False, "may_change_rules": may_change}
    return render(request, "channels/texts.html", context)


@require_GET
def text_detail(request: HttpRequest, pk: int) -> HttpResponse:
    text = _text_or_404(request, pk)
    context = {
        "text": text,
        "numbers": [text.ticket_number],
        "open_tickets": tickets_open_to(request.user, [text.ticket_number]),
        "lines": queries.conversation_with(text.sender_key, visible_to=request.user),
        "refuses_advertising": queries.refuses_advertising(text.sender_key),
        "why_not_file": policies.why_not_file_text(text, request.user),
        "why_not_journal": policies.why_not_journal_contact(request.user),
        "ticket_form": FileToTicketForm(),
        "customer_form": FileToCustomerForm(user=request.user),
        "events": told(audit.entries_of("incoming_text", text.pk)),
    }
    return render(request, "channels/text.html", context)


@require_POST
def text_file(request: HttpRequest, pk: int) -> HttpResponse:
    """To a ticket, by its number."""
    text = _text_or_404(request, pk)
    services.file_to_ticket([text], ticket_number=request.POST.get("ticket", "")[:24], by=request.user)
    messages.success(request, _("It stands on the ticket now."))
    return redirect("text-detail", text.pk)


@require_POST
def text_journal(request: HttpRequest, pk: int) -> HttpResponse:
    """To a customer, as a contact that is not settled."""
    text = _text_or_404(request, pk)
    form = FileToCustomerForm(request.POST, user=request.user)
    if not form.is_valid():
        raise InvalidInput({"customer": _("Please choose a customer.")})
    contact = services.file_to_customer(text, customer=form.cleaned_data["customer"], by=request.user)
    messages.success(request, _("Contact %(number)s is journaled.") % {"number": contact.number})
    return redirect("text-detail", text.pk)


@require_POST
def text_take_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Becomes a contact that the intake carries on."""
    text = _text_or_404(request, pk)
    contact = services.file_to_customer(text, customer=None, by=request.user)
    return redirect(f"{reverse('intake')}?contact={contact.number}")


@require_POST
def texts_act(request: HttpRequest) -> HttpResponse:
    """Ignore the ticked ones, or let them belong to one ticket."""
    require(policies.why_not_see_texts(request.user))
    ids = [int(pk) for pk in request.POST.getlist("text")[:200] if pk.isdecimal() and len(pk) < 19]
    chosen = queries.find_texts(ids, visible_to=request.user)
    if request.POST.get("verb") == "file":
        count = services.file_to_ticket(chosen, ticket_number=request.POST.get("ticket", "")[:24], by=request.user)
        text = ngettext(
            "%(count)s message stands on the ticket now.", "%(count)s messages stand on the ticket now.", count
        )
    else:
        count = services.ignore_texts(chosen, by=request.user)
        text = ngettext("%(count)s message is ignored.", "%(count)s messages are ignored.", count)
    messages.success(request, text % {"count": count})
    return redirect("text-list")


@require_http_methods(["GET", "HEAD", "POST"])
def text_rules(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_change_text_rules(request.user))
    form = TextRulesForm(request.POST or None, instance=queries.text_rules())
    if request.method == "POST" and form.is_valid():
        try:
            services.change_text_rules(**form.cleaned_data, by=request.user)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The rules are changed."))
            return redirect("text-rules")
    return render(request, "channels/text_rules.html", {"form": form}, status=422 if form.errors else 200)

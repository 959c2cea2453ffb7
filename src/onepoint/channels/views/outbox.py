"""Pages of the outbox."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from onepoint.channels import policies, queries, services
from onepoint.channels.forms import CancelForm, MessageFilter
from onepoint.channels.models import OutgoingMessage
from onepoint.channels.states import ALIVE
from onepoint.core import audit
from onepoint.core.errors import require
from onepoint.core.tables import Column, make_page
from onepoint.core.timeline import subject_labels, told
from onepoint.core.ways_back import redirect_back

COLUMNS = [
    Column("created", gettext_lazy("Created"), ("created_at",), "num"),
    Column("medium", gettext_lazy("Medium")),
    Column("address", gettext_lazy("Address"), (), "wide"),
    Column("subject", gettext_lazy("Subject"), (), "wide"),
    Column("about", gettext_lazy("About")),
    Column("state", gettext_lazy("State")),
    Column("attempts", gettext_lazy("Attempts"), (), "num"),
    Column("gateway", gettext_lazy("Gateway")),
]
DEAD_COLUMNS = [
    Column("select", ""),
    Column("number", gettext_lazy("Created"), ("pk",), "num"),
    *(column for column in COLUMNS[1:] if column.key not in ("state", "subject")),
    Column("error", gettext_lazy("Reason"), (), "wide"),
]


def _message_or_404(request: HttpRequest, pk: int) -> OutgoingMessage:
    message = queries.find_message(pk, visible_to=request.user)
    if message is None:
        raise Http404
    return message


def _abouts(rows: list[OutgoingMessage]) -> dict[tuple[str, int], str]:
    """What the messages concern, in words; one query per kind of thing."""
    found: dict[tuple[str, int], str] = {}
    for kind in {row.about_type for row in rows if row.about_type}:
        ids = {row.about_id for row in rows if row.about_type == kind and row.about_id}
        found |= {(kind, pk): label for pk, label in subject_labels(kind, ids).items()}
    return found


def _list(request: HttpRequest, *, only_dead: bool) -> HttpResponse:
    require(policies.why_not_see_messages(request.user))
    form = MessageFilter(request.GET, only_dead=only_dead)
    found = queries.filtered_messages(visible_to=request.user, only_dead=only_dead, **form.criteria())
    columns, default = (DEAD_COLUMNS, "-number") if only_dead else (COLUMNS, "-created")
    page = make_page(found, columns, request.GET, default_sort=default)
    abouts = _abouts(page.rows)
    context = {
        "form": form,
        "page": page,
        "rows": [(row, abouts.get((row.about_type, row.about_id or 0), "")) for row in page.rows],
        "only_dead": only_dead,
        "may_resend": request.user.may("outbox.resend"),
        "hold": queries.current_hold(),
    }
    return render(request, "channels/dead_letters.html" if only_dead else "channels/outbox.html", context)


@require_GET
def message_list(request: HttpRequest) -> HttpResponse:
    return _list(request, only_dead=False)


@require_GET
def dead_letter_list(request: HttpRequest) -> HttpResponse:
    return _list(request, only_dead=True)


@require_GET
def message_detail(request: HttpRequest, pk: int) -> HttpResponse:
    message = _message_or_404(request, pk)
    context = {
        "message": message,
        "about": _abouts([message]).get((message.about_type, message.about_id or 0), ""),
        "attempts": queries.attempts_of(message),
        "is_alive": message.state in ALIVE,
        "why_not_resend": policies.why_not_resend_message(message, request.user),
        "why_not_cancel": policies.why_not_cancel_message(message, request.user),
        "events": told(audit.entries_of("outgoing_message", message.pk)),
        "unserved": message.state in ALIVE and message.medium in {one.medium for one in queries.unserved_media()},
        "hold": queries.current_hold() if message.state in ALIVE else None,
    }
    return render(request, "channels/message.html", context)


@require_POST
def message_resend(request: HttpRequest, pk: int) -> HttpResponse:
    services.resend_messages([_message_or_404(request, pk)], by=request.user)
    messages.success(request, _("The message is sent again."))
    return redirect("message-detail", pk)


@require_POST
def message_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    message = _message_or_404(request, pk)
    form = CancelForm(request.POST)
    services.cancel_messages([message], reason=form.data.get("reason", ""), by=request.user)
    messages.success(request, _("The message is cancelled."))
    return redirect("message-detail", pk)


@require_POST
def dead_letters_act(request: HttpRequest) -> HttpResponse:
    """Send the ticked ones again, or give them up for good."""
    require(policies.why_not_see_messages(request.user))
    ids = [
        int(pk) for pk in request.POST.getlist("message")[: services.MOST_AT_ONCE] if pk.isdecimal() and len(pk) < 19
    ]
    chosen = queries.find_messages(ids, visible_to=request.user)
    if request.POST.get("verb") == "cancel":
        count = services.cancel_messages(chosen, reason=request.POST.get("reason", ""), by=request.user)
        text = ngettext("%(count)s message is cancelled.", "%(count)s messages are cancelled.", count)
    else:
        count = services.resend_messages(chosen, by=request.user)
        text = ngettext("%(count)s message is sent again.", "%(count)s messages are sent again.", count)
    messages.success(request, text % {"count": count})
    return redirect_back(request, request.POST.get("next", ""), reverse("dead-letter-list"))

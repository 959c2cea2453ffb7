"""Pages of the mailboxes."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.channels import category_names
from onepoint.channels.forms.mail import MailboxForm
from onepoint.channels.models import Mailbox
from onepoint.channels.policies import mail as policies
from onepoint.channels.queries import mail as queries
from onepoint.channels.services import mailboxes as services
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import Column, make_page
from onepoint.core.timeline import told

COLUMNS = [
    Column("name", gettext_lazy("Name"), ("name",), "wide"),
    Column("address", gettext_lazy("Address"), ("address",)),
    Column("unit", gettext_lazy("Unit"), ("unit__name",)),
    Column("becomes", gettext_lazy("Its mail becomes")),
    Column("state", gettext_lazy("State"), css="wide"),
    Column("fetched", gettext_lazy("Last looked"), ("fetched_at",), "num"),
]


def _mailbox_or_404(pk: int) -> Mailbox:
    mailbox = queries.find_mailbox(pk)
    if mailbox is None:
        raise Http404
    return mailbox


def _form(request: HttpRequest, mailbox: Mailbox | None = None) -> MailboxForm:
    return MailboxForm(
        request.POST or None, instance=mailbox, kinds=category_names.kinds(),
        knows_password=bool(mailbox and mailbox.sealed_secrets),
    )  # fmt: skip


def _submitted(form: MailboxForm, write: Any) -> bool:
    """Whether the form was good and the service took it; refusals of the service stand beside their fields."""
    if not form.is_valid():
        return False
    try:
        write(form.values, form.cleaned_data["password"])
    except InvalidInput as refusal:
        add_refusal(form, refusal)
        return False
    return True


@require_GET
def mailbox_list(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_see_mailboxes(request.user))
    page = make_page(queries.mailboxes(), COLUMNS, request.GET, default_sort="name")
    names = category_names.names_of(one.category_code for one in page.rows)
    context = {
        "page": page,
        "rows": [(one, names.get(one.category_code, "")) for one in page.rows],
        "may_change": policies.why_not_change_mailboxes(request.user) is None,
    }
    return render(request, "channels/mailboxes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def mailbox_create(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_change_mailboxes(request.user))
    form = _form(request)
    made: list[Mailbox] = []
    if request.method == "POST" and _submitted(
        form,
        lambda values, password: made.append(
            services.create_mailbox(values=values, password=password, is_active=False, by=request.user)
        ),
    ):
        messages.success(request, _("The mailbox is set up. Please test it, then switch it on."))
        return redirect("mailbox-detail", made[0].pk)
    return render(request, "channels/mailbox_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def mailbox_detail(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_see_mailboxes(request.user))
    mailbox = _mailbox_or_404(pk)
    may_change = policies.why_not_change_mailboxes(request.user) is None
    if request.method == "POST":
        require(policies.why_not_change_mailboxes(request.user))
    form = _form(request, mailbox)
    seen = request.POST.get("revision", "")
    revision = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
    if request.method == "POST" and _submitted(
        form,
        lambda values, password: services.change_mailbox(
            mailbox, revision=revision, values=values, password=password, by=request.user
        ),
    ):
        messages.success(request, _("The mailbox is changed; its connection begins anew."))
        return redirect("mailbox-detail", mailbox.pk)
    context = {
        "mailbox": mailbox,
        "form": form,
        "may_change": may_change,
        "category": category_names.names_of([mailbox.category_code]).get(mailbox.category_code, ""),
        "events": told(audit.entries_of("mailbox", mailbox.pk)),
    }
    return render(request, "channels/mailbox.html", context, status=422 if form.is_bound else 200)


@require_POST
def mailbox_switch(request: HttpRequest, pk: int, on: str) -> HttpResponse:
    mailbox = _mailbox_or_404(pk)
    if on not in ("on", "off"):
        raise Http404
    services.switch_mailbox(mailbox, on=on == "on", by=request.user)
    messages.success(request, _("The mailbox is switched on.") if on == "on" else _("The mailbox is switched off."))
    return redirect("mailbox-detail", mailbox.pk)


@require_POST
def mailbox_remove(request: HttpRequest, pk: int) -> HttpResponse:
    services.remove_mailbox(_mailbox_or_404(pk), by=request.user)
    messages.success(request, _("The mailbox is removed."))
    return redirect("mailbox-list")


@require_POST
def mailbox_try(request: HttpRequest, pk: int) -> HttpResponse:
    """Log in now and say what is there."""
    mailbox = _mailbox_or_404(pk)
    tried = services.try_mailbox(mailbox, by=request.user)
    if tried.problem:
        messages.error(request, tried.problem)
    else:
        waits = _("The server tells of new mail by itself.") if tried.can_wait else _("It is looked into regularly.")
        found = _("Logged in. Mails that would be fetched: %(count)s.") % {"count": tried.count}
        messages.success(request, f"{found} {waits}")
    return redirect("mailbox-detail", mailbox.pk)

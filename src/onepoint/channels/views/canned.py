"""Pages of the canned texts."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from onepoint.channels import policies, queries, services
from onepoint.channels.canned import VARIABLES
from onepoint.channels.forms import CannedTextForm
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import Column, make_page
from onepoint.core.timeline import told

COLUMNS = [
    Column("code", gettext_lazy("Code"), ("code",)),
    Column("name", gettext_lazy("Name"), ("name",)),
    Column("text", gettext_lazy("What it says"), css="wide"),
    Column("media", gettext_lazy("For")),
    Column("unit", gettext_lazy("Only for unit"), ("unit__path", "code")),
    Column("state", gettext_lazy("State"), ("-is_active", "code")),
]


def _written(form: forms.Form, write: Any) -> bool:
    """Whether the form was good and the service took it; what the service did not like stands beside its field."""
    if not form.is_valid():
        return False
    try:
        write(form.cleaned_data)
    except InvalidInput as refusal:
        add_refusal(form, refusal)
        return False
    return True


def _page(request: HttpRequest, form: forms.Form, **more: Any) -> HttpResponse:
    context = {"form": form, "variables": [(f"{{{name}}}", meaning) for name, meaning in VARIABLES.items()], **more}
    return render(request, "channels/canned_text_form.html", context, status=422 if form.errors else 200)


@require_GET
def canned_text_list(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_change_canned_texts(request.user))
    page = make_page(queries.all_canned_texts(), COLUMNS, request.GET, default_sort="code")
    return render(request, "channels/canned_texts.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def canned_text_create(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_change_canned_texts(request.user))
    form = CannedTextForm(request.POST or None, is_new=True)
    if request.method == "POST" and _written(form, lambda data: services.create_canned_text(**data, by=request.user)):
        messages.success(request, _("The text is ready to be used."))
        return redirect("canned-text-list")
    return _page(request, form, title=_("New canned text"))


@require_http_methods(["GET", "HEAD", "POST"])
def canned_text_change(request: HttpRequest, code: str) -> HttpResponse:
    require(policies.why_not_change_canned_texts(request.user))
    canned = queries.find_canned_text(code)
    if canned is None:
        raise Http404
    names = ["name", "name_en", "text", "text_en", "media", "unit", "is_active", "revision"]
    form = CannedTextForm(
        request.POST or None, is_new=False, initial={name: getattr(canned, name) for name in names}
    )  # fmt: skip

    def write(data: dict[str, Any]) -> None:
        services.change_canned_text(canned, **{**data, "revision": data["revision"] or 0}, by=request.user)

    if request.method == "POST" and _written(form, write):
        messages.success(request, _("Saved."))
        return redirect("canned-text-list")
    events = told(audit.entries_of("canned_text", canned.pk))
    return _page(request, form, title=canned.label, canned=canned, events=events)

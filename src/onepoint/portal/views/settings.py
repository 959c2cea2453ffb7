"""Screens of the house about its portal: rules, web sites that frame the form, words for customers."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.portal import policies, queries, services
from onepoint.portal.forms import OriginForm, RulesForm, WordingForm
from onepoint.portal.models import PublicWording
from onepoint.portal.services import WordingItems


def _settings_page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "rules_form": RulesForm(instance=queries.rules()),
        "origin_form": OriginForm(),
        "origins": queries.framing_origins(),
        "portal_url": request.build_absolute_uri(reverse("portal")),
        "snippet": _snippet(request),
        "ways": queries.code_ways(),
        **more,
    }
    return render(request, "portal/settings.html", context, status=status)


def _snippet(request: HttpRequest) -> str:
    """What goes into the page of a web site."""
    address = request.build_absolute_uri(reverse("portal-embed"))
    title = _("Customer service")
    return f'<iframe src="{address}" title="{title}" width="100%" height="900" loading="lazy"></iframe>'


@require_GET
def show_settings(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage(request.user))
    return _settings_page(request)


@require_POST
def change_rules(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage(request.user))
    form = RulesForm(request.POST, instance=queries.rules())
    if form.is_valid():
        services.change_rules(**form.cleaned_data, by=request.user)
        messages.success(request, _("Saved."))
        return redirect("portal-settings")
    return _settings_page(request, 422, rules_form=form)


@require_POST
def add_origin(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage(request.user))
    form = OriginForm(request.POST)
    if form.is_valid():
        try:
            services.add_origin(**form.cleaned_data, by=request.user)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("portal-settings")
    return _settings_page(request, 422, origin_form=form)


@require_POST
def change_origin(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_manage(request.user))
    origin = queries.find_origin(pk)
    if origin is None:
        raise Http404
    services.change_origin(origin, is_active=request.POST.get("use") == "yes", by=request.user)
    return redirect("portal-settings")


@require_GET
def list_wordings(request: HttpRequest) -> HttpResponse:
    """The usual words of each status with the house's own beside them, then the steps that have words."""
    require(policies.why_not_manage(request.user))
    return render(request, "portal/wordings.html", queries.wording_table())


@require_http_methods(["GET", "HEAD", "POST"])
def write_wording(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage(request.user))
    process = (request.POST or request.GET).get("process_key", "").replace("\x00", "")[:80]
    initial = {"process_key": process, "place": f"status:{request.GET.get('status', '')}"}
    form = WordingForm(request.POST or None, process=process, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        kind, _colon, code = given["place"].partition(":")
        items = WordingItems(
            words=given["words"], words_en=given["words_en"], process_key=given["process_key"], stage=given["stage"],
            status=code if kind == "status" else "", node_id=code if kind == "step" else "",
        )  # fmt: skip
        try:
            services.write_wording(items, by=request.user)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("portal-wording-list")
    return render(request, "portal/wording_form.html", {"form": form}, status=422 if form.errors else 200)


def _found(pk: int) -> PublicWording:
    wording = queries.find_wording(pk)
    if wording is None:
        raise Http404
    return wording


@require_http_methods(["GET", "HEAD", "POST"])
def change_wording(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_manage(request.user))
    wording = _found(pk)
    initial = {"words": wording.words, "words_en": wording.words_en, "stage": wording.stage}
    form = WordingForm(request.POST or None, is_new=False, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_wording(wording, **form.cleaned_data, by=request.user)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("portal-wording-list")
    context = {"form": form, "wording": wording, "place": queries.place_of(wording)}
    return render(request, "portal/wording_form.html", context, status=422 if form.errors else 200)


@require_POST
def remove_wording(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_manage(request.user))
    services.remove_wording(_found(pk), by=request.user)
    messages.success(request, _("The usual words are shown again."))
    return redirect("portal-wording-list")

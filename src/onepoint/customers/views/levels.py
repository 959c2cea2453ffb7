"""The screen of the customer levels."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.customers import policies, queries, services
from onepoint.customers.forms import LevelChangeForm, LevelForm


@require_http_methods(["GET", "POST"])
def level_list(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage_levels(request.user))
    form = LevelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.create_level(by=request.user, **form.cleaned_data)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Added."))
            return redirect("customer-level-list")
    context = {"levels": queries.levels(only_in_use=False), "form": form}
    return render(request, "customers/levels.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
def level_edit(request: HttpRequest, level_id: int) -> HttpResponse:
    require(policies.why_not_manage_levels(request.user))
    level = queries.find_level(level_id)
    if level is None:
        raise Http404
    initial = {name: getattr(level, name) for name in LevelChangeForm.base_fields}
    form = LevelChangeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_level(level, by=request.user, **form.cleaned_data)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("customer-level-list")
    context = {"levels": queries.levels(only_in_use=False), "form": form, "level": level}
    return render(request, "customers/levels.html", context, status=422 if request.method == "POST" else 200)

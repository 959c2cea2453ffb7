"""The screens of what contacts end in, and of the journal's rules."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from onepoint.channels import policies, queries, services
from onepoint.channels.forms.journal import JournalRuleForm, ResultChangeForm, ResultForm
from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal


def _shown(request: HttpRequest, form: forms.Form, **more: Any) -> HttpResponse:
    context = {"results": queries.contact_results(only_in_use=False), "form": form, **more}
    status = 422 if request.method == "POST" else 200
    return render(request, "channels/results.html", context, status=status)


@require_http_methods(["GET", "POST"])
def result_list(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage_journal(request.user))
    form = ResultForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.create_contact_result(by=request.user, **form.cleaned_data)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Added."))
            return redirect("contact-result-list")
    return _shown(request, form)


@require_http_methods(["GET", "POST"])
def result_edit(request: HttpRequest, result_id: int) -> HttpResponse:
    require(policies.why_not_manage_journal(request.user))
    result = queries.find_contact_result(result_id)
    if result is None:
        raise Http404
    initial = {name: getattr(result, name) for name in ResultChangeForm.base_fields}
    form = ResultChangeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_contact_result(result, by=request.user, **form.cleaned_data)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("contact-result-list")
    return _shown(request, form, result=result)


@require_http_methods(["GET", "POST"])
def journal_rule(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage_journal(request.user))
    rule = queries.journal_rule()
    initial = {name: getattr(rule, name) for name in JournalRuleForm.base_fields}
    form = JournalRuleForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_journal_rule(by=request.user, **form.cleaned_data)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("journal-rule")
    status = 422 if request.method == "POST" else 200
    return render(request, "channels/journal_rule.html", {"form": form}, status=status)

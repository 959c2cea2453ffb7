"""Groups and their members."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from onepoint.accounts import forms, policies, queries, services
from onepoint.accounts.models import Group
from onepoint.accounts.views.submitting import needs
from onepoint.core.submitting import status_of, succeeds
from onepoint.core.tables import Column, make_page

COLUMNS = [
    Column("code", gettext_lazy("Code"), ("code",)),
    Column("name", gettext_lazy("Name"), ("name",), css="wide"),
    Column("members", gettext_lazy("Members"), ("member_count",), css="num right"),
    Column("state", gettext_lazy("State"), ("-is_active",)),
]


def _group(code: str) -> Group:
    return get_object_or_404(queries.groups(), code=code)


@needs("organisation.view")
def list_groups(request: HttpRequest) -> HttpResponse:
    context = {
        "page": make_page(queries.groups(), COLUMNS, request.GET, default_sort="code"),
        "may_create": policies.why_not_change_group(request.user) is None,
    }
    return render(request, "accounts/group_list.html", context)


@needs("organisation.view")
def show_group(request: HttpRequest, code: str) -> HttpResponse:
    return _render_group(request, _group(code))


def _render_group(request: HttpRequest, group: Group, **changed: Any) -> HttpResponse:
    context = {
        "group": group,
        "members": queries.members_of(group),
        "may_change": policies.why_not_change_group(request.user) is None,
        "member_form": forms.MemberForm(),
        **changed,
    }
    status = max((status_of(form) for form in changed.values()), default=200)
    return render(request, "accounts/group_detail.html", context, status=status)


@needs("organisation.manage")
def create_group(request: HttpRequest) -> HttpResponse:
    form = forms.GroupForm(request.POST or None)
    if request.method == "POST" and succeeds(form, lambda data: services.create_group(**data, by=request.user)):
        messages.success(request, _("Group created."))
        return redirect("group-detail", form.cleaned_data["code"])
    context = {"form": form, "title": _("New group"), "back": None}
    return render(request, "accounts/group_form.html", context, status=status_of(form))


@needs("organisation.manage")
def change_group(request: HttpRequest, code: str) -> HttpResponse:
    group = _group(code)
    form = forms.GroupChangeForm(request.POST or None, initial={"name": group.name, "name_en": group.name_en})
    if request.method == "POST" and succeeds(form, lambda data: services.change_group(group, **data, by=request.user)):
        messages.success(request, _("Saved."))
        return redirect("group-detail", code)
    context = {"form": form, "title": group.label, "back": group}
    return render(request, "accounts/group_form.html", context, status=status_of(form))


@require_POST
@needs("organisation.manage")
def add_member(request: HttpRequest, code: str) -> HttpResponse:
    group = _group(code)
    form = forms.MemberForm(request.POST)
    if succeeds(form, lambda data: services.add_member(group, data["person"], by=request.user)):
        return redirect("group-detail", code)
    return _render_group(request, group, member_form=form)


@require_POST
@needs("organisation.manage")
def remove_member(request: HttpRequest, code: str, username: str) -> HttpResponse:
    group = _group(code)
    services.remove_member(group, get_object_or_404(queries.members_of(group), username=username), by=request.user)
    return redirect("group-detail", code)


@require_POST
@needs("organisation.manage")
def deactivate_group(request: HttpRequest, code: str) -> HttpResponse:
    services.deactivate_group(_group(code), by=request.user)
    messages.success(request, _("Taken out of use."))
    return redirect("group-detail", code)


@require_POST
@needs("organisation.manage")
def reactivate_group(request: HttpRequest, code: str) -> HttpResponse:
    services.reactivate_group(_group(code), by=request.user)
    messages.success(request, _("Back in use."))
    return redirect("group-detail", code)

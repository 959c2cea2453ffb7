"""Roles: the list, and one role as a matrix of permissions."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from onepoint.accounts import forms, policies, queries, services
from onepoint.accounts.views.submitting import needs
from onepoint.core.submitting import status_of, succeeds
from onepoint.core.tables import Column, make_page

COLUMNS = [
    Column("code", gettext_lazy("Code"), ("code",)),
    Column("name", gettext_lazy("Name"), ("name",)),
    Column("scope", gettext_lazy("Data scope"), ("data_scope",)),
    Column("permissions", gettext_lazy("Permissions"), css="num right"),
    Column("holders", gettext_lazy("People"), ("holder_count",), css="num right"),
    Column("state", gettext_lazy("State"), ("-is_active",)),
]
#: Thousands may have a role; the rest stand in the list of people.
HOLDERS_SHOWN = 50


@needs("organisation.view")
def list_roles(request: HttpRequest) -> HttpResponse:
    context = {
        "page": make_page(queries.roles(), COLUMNS, request.GET, default_sort="code"),
        "may_create": policies.why_not_permitted("role.manage", request.user) is None,
    }
    return render(request, "accounts/role_list.html", context)


@needs("organisation.view")
def show_role(request: HttpRequest, code: str) -> HttpResponse:
    """The matrix to read, and to change for who may manage roles."""
    role = get_object_or_404(queries.roles(), code=code)
    names = ("name", "name_en", "data_scope", "description", "permissions")
    form = forms.RoleChangeForm(request.POST or None, initial={name: getattr(role, name) for name in names})
    if request.method == "POST" and succeeds(form, lambda data: services.change_role(role, **data, by=request.user)):
        messages.success(request, _("Saved. It counts from each holder's next click."))
        return redirect("role-detail", code)
    may_change = policies.why_not_permitted("role.manage", request.user) is None
    context = {
        "role": role,
        "form": form,
        "may_change": may_change,
        "holders": queries.holders_of(role, visible_to=request.user)[:HOLDERS_SHOWN],
    }
    return render(request, "accounts/role_detail.html", context, status=status_of(form))


@needs("role.manage")
def create_role(request: HttpRequest) -> HttpResponse:
    form = forms.RoleForm(request.POST or None)
    if request.method == "POST" and succeeds(form, lambda data: services.create_role(**data, by=request.user)):
        messages.success(request, _("Role created."))
        return redirect("role-detail", form.cleaned_data["code"])
    return render(request, "accounts/role_create.html", {"form": form, "may_change": True}, status=status_of(form))


@require_POST
@needs("role.manage")
def deactivate_role(request: HttpRequest, code: str) -> HttpResponse:
    services.deactivate_role(get_object_or_404(queries.roles(), code=code), by=request.user)
    messages.success(request, _("Taken out of use."))
    return redirect("role-detail", code)


@require_POST
@needs("role.manage")
def reactivate_role(request: HttpRequest, code: str) -> HttpResponse:
    services.reactivate_role(get_object_or_404(queries.roles(), code=code), by=request.user)
    messages.success(request, _("Back in use."))
    return redirect("role-detail", code)

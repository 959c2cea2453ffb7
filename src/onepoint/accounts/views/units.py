"""Units: the tree with the chosen unit beside it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onepoint.accounts import forms, policies, queries, services
from onepoint.accounts.models import OrgUnit
from onepoint.accounts.views.submitting import needs
from onepoint.core.submitting import status_of, succeeds
from onepoint.core.text import clean


def _unit(request: HttpRequest, code: str) -> OrgUnit:
    return get_object_or_404(queries.units(visible_to=request.user), code=code)


@needs("organisation.view")
def list_units(request: HttpRequest) -> HttpResponse:
    may_create = policies.why_not_create_unit(None, request.user) is None
    context = {"tree": queries.unit_tree(visible_to=request.user), "may_create": may_create}
    return render(request, "accounts/unit_list.html", context)


@needs("organisation.view")
def show_unit(request: HttpRequest, code: str) -> HttpResponse:
    return _render_unit(request, _unit(request, code))


@needs("organisation.view")
def show_branch(request: HttpRequest, code: str) -> HttpResponse:
    """What stands directly under a unit, for a tree too large to be drawn at once."""
    nodes = queries.unit_branch(_unit(request, code), visible_to=request.user)
    return render(request, "accounts/tree_branches.html", {"nodes": nodes, "url_name": "unit-detail"})


def _render_unit(request: HttpRequest, unit: OrgUnit, **changed: Any) -> HttpResponse:
    user, tree = request.user, queries.unit_tree(visible_to=request.user, current=unit)
    context = {
        "tree": tree,
        "unit": unit,
        "way": [node for node in tree if node.pk in unit.ancestor_ids[:-1]],
        "children": [node for node in tree if node.parent_id == unit.pk],
        "lines": queries.lines_of(unit),
        "positions": queries.positions_of(unit),
        "staff": queries.staff_of(unit),
        "interface_posts": queries.interface_posts_of(unit),
        "may_change": policies.why_not_change_unit(unit, user) is None,
        "may_create": policies.why_not_create_unit(unit, user) is None,
        "may_create_people": policies.why_not_create_person(unit, user) is None,
        "deactivation_refusal": policies.why_not_deactivate_unit(unit, user) if unit.is_active else None,
        "position_form": forms.PositionForm(),
        "interface_form": forms.InterfacePersonForm(),
        **changed,
    }
    status = max((status_of(form) for form in changed.values()), default=200)
    return render(request, "accounts/unit_detail.html", context, status=status)


@needs("organisation.manage")
def create_unit(request: HttpRequest) -> HttpResponse:
    parent = queries.units(visible_to=request.user).filter(code=clean(request.GET.get("parent", ""))).first()
    initial = {"parent": parent, "region": parent.region_id if parent else None}
    form = forms.UnitForm(request.POST or None, initial=initial)
    if request.method == "POST" and succeeds(form, lambda data: services.create_unit(**data, by=request.user)):
        messages.success(request, _("Unit created."))
        return redirect("unit-detail", form.cleaned_data["code"])
    context = {"form": form, "title": _("New unit"), "back": parent}
    return render(request, "accounts/unit_form.html", context, status=status_of(form))


@needs("organisation.manage")
def change_unit(request: HttpRequest, code: str) -> HttpResponse:
    unit = _unit(request, code)
    names = ("name", "name_en", "kind", "receives_tickets", "position_order")
    initial = {name: getattr(unit, name) for name in names} | {
        "region": unit.region_id,
        "function": unit.function_id,
        "business_lines": [line.pk for line in unit.business_lines.all()],
    }
    form = forms.UnitChangeForm(request.POST or None, initial=initial)
    if request.method == "POST" and succeeds(form, lambda data: services.change_unit(unit, **data, by=request.user)):
        messages.success(request, _("Saved."))
        return redirect("unit-detail", code)
    context = {"form": form, "title": unit.label, "back": unit}
    return render(request, "accounts/unit_form.html", context, status=status_of(form))


@needs("organisation.manage")
def move_unit(request: HttpRequest, code: str) -> HttpResponse:
    unit = _unit(request, code)
    form = forms.UnitMoveForm(request.POST or None, initial={"parent": unit.parent_id})
    if request.method == "POST" and succeeds(
        form, lambda data: services.move_unit(unit, parent=data["parent"], by=request.user)
    ):
        messages.success(request, _("Moved with everything below it."))
        return redirect("unit-detail", code)
    context = {"form": form, "unit": unit}
    return render(request, "accounts/unit_move.html", context, status=status_of(form))


@require_POST
@needs("organisation.manage")
def deactivate_unit(request: HttpRequest, code: str) -> HttpResponse:
    services.deactivate_unit(_unit(request, code), by=request.user)
    messages.success(request, _("Taken out of use."))
    return redirect("unit-detail", code)


@require_POST
@needs("organisation.manage")
def reactivate_unit(request: HttpRequest, code: str) -> HttpResponse:
    services.reactivate_unit(_unit(request, code), by=request.user)
    messages.success(request, _("Back in use."))
    return redirect("unit-detail", code)


@require_POST
@needs("organisation.manage")
def create_position(request: HttpRequest, code: str) -> HttpResponse:
    unit = _unit(request, code)
    form = forms.PositionForm(request.POST)
    if succeeds(form, lambda data: services.create_position(unit, **data, by=request.user)):
        return redirect("unit-detail", code)
    return _render_unit(request, unit, position_form=form)


@needs("organisation.manage")
def change_position(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    unit = _unit(request, code)
    position = get_object_or_404(unit.positions, pk=pk)
    form = forms.PositionForm(request.POST or None, initial={"name": position.name, "name_en": position.name_en})
    if request.method == "POST" and succeeds(
        form, lambda data: services.change_position(position, **data, by=request.user)
    ):
        messages.success(request, _("Saved."))
        return redirect("unit-detail", code)
    context = {"form": form, "title": position.label, "back": unit}
    return render(request, "accounts/unit_form.html", context, status=status_of(form))


@require_POST
@needs("organisation.manage")
def close_position(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    position = get_object_or_404(_unit(request, code).positions, pk=pk)
    services.deactivate_position(position, by=request.user)
    return redirect("unit-detail", code)


@require_POST
@needs("organisation.manage")
def reopen_position(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    position = get_object_or_404(_unit(request, code).positions, pk=pk)
    services.reactivate_position(position, by=request.user)
    return redirect("unit-detail", code)


@require_POST
@needs("organisation.manage")
def arrange_interface_people(request: HttpRequest, code: str) -> HttpResponse:
    """Add a person at the end, or move (``up``) or take out (``remove``) the one with the posted staff number."""
    unit = _unit(request, code)
    people = [post.user for post in queries.interface_posts_of(unit)]
    if "person" in request.POST:
        form = forms.InterfacePersonForm(request.POST)
        if not form.is_valid():
            return _render_unit(request, unit, interface_form=form)
        people.append(form.cleaned_data["person"])
    for index, person in enumerate(list(people)):
        if person.username == request.POST.get("remove"):
            people.remove(person)
        elif person.username == request.POST.get("up") and index > 0:
            people[index - 1], people[index] = people[index], people[index - 1]
    services.arrange_interface_people(unit, people=people, by=request.user)
    return redirect("unit-detail", code)

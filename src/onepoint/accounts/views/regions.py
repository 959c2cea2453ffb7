"""Regions: the tree with the chosen region beside it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onepoint.accounts import forms, policies, queries, services
from onepoint.accounts.models import Region
from onepoint.accounts.views.submitting import needs
from onepoint.core.submitting import status_of, succeeds
from onepoint.core.text import clean


@needs("organisation.view")
def list_regions(request: HttpRequest) -> HttpResponse:
    may_create = policies.why_not_create_region(None, request.user) is None
    context = {"tree": queries.region_tree(), "may_create": may_create}
    return render(request, "accounts/region_list.html", context)


@needs("organisation.view")
def show_region(request: HttpRequest, code: str) -> HttpResponse:
    region, user = get_object_or_404(Region, code=code), request.user
    tree = queries.region_tree(region)
    context = {
        "tree": tree,
        "region": region,
        "way": [node for node in tree if node.pk in region.ancestor_ids[:-1]],
        "children": [node for node in tree if node.parent_id == region.pk],
        "units": queries.units(visible_to=user).filter(region=region),
        "may_change": policies.why_not_change_region(region, user) is None,
        "may_create": policies.why_not_create_region(region, user) is None,
        "deactivation_refusal": policies.why_not_deactivate_region(region, user) if region.is_active else None,
    }
    return render(request, "accounts/region_detail.html", context)


@needs("organisation.view")
def show_branch(request: HttpRequest, code: str) -> HttpResponse:
    """What stands directly under a region, for a tree too large to be drawn at once."""
    nodes = queries.region_branch(get_object_or_404(Region, code=code))
    return render(request, "accounts/tree_branches.html", {"nodes": nodes, "url_name": "region-detail"})


@needs("organisation.manage")
def create_region(request: HttpRequest) -> HttpResponse:
    parent = queries.find_region(clean(request.GET.get("parent", "")))
    form = forms.RegionForm(request.POST or None, initial={"parent": parent.pk if parent else None})
    if request.method == "POST" and succeeds(form, lambda data: services.create_region(**data, by=request.user)):
        messages.success(request, _("Region created."))
        return redirect("region-detail", form.cleaned_data["code"])
    context = {"form": form, "title": _("New region"), "back": parent}
    return render(request, "accounts/region_form.html", context, status=status_of(form))


@needs("organisation.manage")
def change_region(request: HttpRequest, code: str) -> HttpResponse:
    region = get_object_or_404(Region, code=code)
    names = ("name", "name_en", "kind", "area_code", "position_order")
    form = forms.RegionChangeForm(request.POST or None, initial={name: getattr(region, name) for name in names})
    if request.method == "POST" and succeeds(
        form, lambda data: services.change_region(region, **data, by=request.user)
    ):
        messages.success(request, _("Saved."))
        return redirect("region-detail", code)
    context = {"form": form, "title": region.label, "back": region}
    return render(request, "accounts/region_form.html", context, status=status_of(form))


@needs("organisation.manage")
def move_region(request: HttpRequest, code: str) -> HttpResponse:
    region = get_object_or_404(Region, code=code)
    form = forms.RegionMoveForm(request.POST or None, initial={"parent": region.parent_id})
    if request.method == "POST" and succeeds(
        form, lambda data: services.move_region(region, parent=data["parent"], by=request.user)
    ):
        messages.success(request, _("Moved with everything below it."))
        return redirect("region-detail", code)
    context = {"form": form, "title": _("Move %(name)s") % {"name": region.label}, "back": region}
    return render(request, "accounts/region_form.html", context, status=status_of(form))


@require_POST
@needs("organisation.manage")
def deactivate_region(request: HttpRequest, code: str) -> HttpResponse:
    services.deactivate_region(get_object_or_404(Region, code=code), by=request.user)
    messages.success(request, _("Taken out of use."))
    return redirect("region-detail", code)


@require_POST
@needs("organisation.manage")
def reactivate_region(request: HttpRequest, code: str) -> HttpResponse:
    services.reactivate_region(get_object_or_404(Region, code=code), by=request.user)
    messages.success(request, _("Back in use."))
    return redirect("region-detail", code)

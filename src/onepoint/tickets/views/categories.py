"""The category tree: administration, and the options every picker asks for."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.core.errors import InvalidInput, require
from onepoint.tickets import policies, queries, services
from onepoint.tickets.forms import CategoryForm
from onepoint.tickets.models import Category


def category_or_404(pk: int) -> Category:
    category = queries.category_by_id(pk)
    if category is None:
        raise Http404
    return category


@require_safe
def category_options(request: HttpRequest) -> JsonResponse:
    """``?q=…&kind=…``: categories by Chinese, pinyin, initials or English, with their path."""
    options = queries.category_options(request.GET.get("q", "")[:100], kind=request.GET.get("kind", "")[:20])
    results = [
        {
            "value": option.category.pk,
            "label": option.path_label,
            "note": "" if option.is_leaf else _("branch"),
            "form": option.category.form_key,
        }
        for option in options
    ]
    return JsonResponse({"results": results})


@require_safe
def list_categories(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage_categories(request.user))
    return render(request, "tickets/categories.html", {"nodes": queries.categories(active=False)})


def _save(request: HttpRequest, category: Category | None, initial: dict[str, Any]) -> HttpResponse:
    form = CategoryForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                if category is None:
                    category = services.create_category(form.items(), by=request.user)
                else:
                    category = services.change_category(category, form.items(), by=request.user)
                messages.success(request, _("Saved."))
                return redirect("category-detail", category.pk)
            except InvalidInput as refusal:
                for name, text in refusal.errors.items():
                    form.add_error(name, str(text))
    context = {"form": form, "category": category, "nodes": queries.categories(active=False)}
    return render(request, "tickets/category.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def create_category(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage_categories(request.user))
    parent = queries.category_by_code(request.GET.get("parent", "")[:40])
    inherited = {"process_key": parent.process_key, "kind_processes": parent.kind_processes} if parent else {}
    return _save(request, None, {"parent": parent, "process_key": "complaint"} | inherited)


@require_http_methods(["GET", "HEAD", "POST"])
def change_category(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_manage_categories(request.user))
    category = category_or_404(pk)
    names = (*CategoryForm.base_fields, "kind_processes")
    return _save(request, category, {name: getattr(category, name) for name in names})


@require_POST
def deactivate_category(request: HttpRequest, pk: int) -> HttpResponse:
    category = category_or_404(pk)
    services.deactivate_category(category, by=request.user)
    messages.success(request, _("The category and everything below it are out of use."))
    return redirect("category-detail", category.pk)

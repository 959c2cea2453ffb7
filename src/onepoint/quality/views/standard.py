"""The published standard: reading it, its versions, comparing two, and the draft of the next."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.core.timeline import told
from onepoint.quality import policies, services
from onepoint.quality.models import Standard
from onepoint.quality.queries import standard as queries
from onepoint.quality.standard_forms import StandardForm, code_rows, items_of
from onepoint.quality.states import CodeDirection


def _manages(request: HttpRequest) -> bool:
    return policies.why_not_manage_standard(request.user) is None


def _standard_or_404(request: HttpRequest, number: int) -> Standard:
    found = queries.find_standard(number, with_draft=_manages(request)) if number < 30_000 else None
    if found is None:
        raise Http404
    return found


def _shown(request: HttpRequest, standard: Standard | None, **more: Any) -> HttpResponse:
    codes = queries.codes_of(standard) if standard else []
    context = {
        "standard": standard,
        "groups": [(side.label, [row for row in codes if row.direction == side]) for side in CodeDirection],
        "versions": queries.standards(with_draft=_manages(request)),
        "draft": queries.draft_of_standard() if _manages(request) else None,
        "manages": _manages(request),
        **more,
    }
    return render(request, "quality/standard.html", context)


@require_safe
def show_standard(request: HttpRequest) -> HttpResponse:
    """The standard in force: published to everybody."""
    return _shown(request, queries.standard_in_force())


@require_safe
def show_version(request: HttpRequest, number: int) -> HttpResponse:
    """One version, as it was published."""
    return _shown(request, _standard_or_404(request, number), is_version=True)


@require_safe
def print_standard(request: HttpRequest, number: int) -> HttpResponse:
    """One version on paper."""
    standard = _standard_or_404(request, number)
    return render(request, "quality/standard_print.html", {"standard": standard, "codes": queries.codes_of(standard)})


@require_safe
def compare_standards(request: HttpRequest, number: int) -> HttpResponse:
    """A version beside another one, the one before it unless ``?with=`` says which."""
    after = _standard_or_404(request, number)
    wanted = request.GET.get("with", "")
    other = int(wanted) if wanted.isdecimal() and len(wanted) < 6 else number - 1
    before = _standard_or_404(request, other) if other > 0 else None
    rows = queries.differences(queries.codes_of(before) if before else [], queries.codes_of(after))
    context = {
        "before": before,
        "after": after,
        "rows": rows,
        "versions": queries.standards(with_draft=_manages(request)),
    }
    return render(request, "quality/standard_compare.html", context)


@require_POST
def begin_draft(request: HttpRequest) -> HttpResponse:
    services.begin_draft(by=request.user)
    messages.success(request, _("The draft of the next version is open; what is in force stays until it is published."))
    return redirect("standard-draft")


@require_http_methods(["GET", "HEAD", "POST"])
def change_draft(request: HttpRequest) -> HttpResponse:
    """The draft: saved as often as one likes, published once."""
    require(policies.why_not_manage_standard(request.user))
    draft = queries.draft_of_standard()
    if draft is None:
        return redirect("standard")
    data = request.POST if request.method == "POST" else None
    form, rows = StandardForm.of(draft, data), code_rows(queries.codes_of(draft), data)
    if data is not None and form.is_valid() and rows.is_valid():
        try:
            services.write_draft_of_standard(
                draft, items_of(form, rows), lock_version=form.cleaned_data["lock_version"], by=request.user
            )
            messages.success(request, _("Saved as a draft."))
            return redirect("standard-draft")
        except InvalidInput as refusal:
            add_refusal(form, refusal)
    context = {"draft": draft, "form": form, "rows": rows, "history": told(queries.history_of_version(draft))}
    return render(request, "quality/standard_draft.html", context, status=422 if form.is_bound else 200)


@require_POST
def publish_draft(request: HttpRequest) -> HttpResponse:
    draft = queries.draft_of_standard()
    require(policies.why_not_manage_standard(request.user))
    if draft is None:
        return redirect("standard")
    published = services.publish_standard(draft, by=request.user)
    messages.success(request, _("Version %(number)s is in force.") % {"number": published.number})
    return redirect("standard")


@require_POST
def discard_draft(request: HttpRequest) -> HttpResponse:
    draft = queries.draft_of_standard()
    require(policies.why_not_manage_standard(request.user))
    if draft is not None:
        services.discard_draft_of_standard(draft, by=request.user)
        messages.success(request, _("The draft is gone."))
    return redirect("standard")

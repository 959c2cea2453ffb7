"""Importing customers in the browser: upload, mapping with a preview, rehearsal, run with progress, report."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import Column, make_page
from onepoint.customers import policies, services
from onepoint.customers.forms.imports import MappingForm, RowFilter, UploadForm
from onepoint.customers.importing import preview, report
from onepoint.customers.models import CustomerImport
from onepoint.customers.queries import imports as queries
from onepoint.customers.states import RowOutcome

COLUMNS = [
    Column("uploaded", gettext_lazy("Uploaded"), ("created_at",), "num"),
    Column("file", gettext_lazy("File"), ("file_name",), "wide"),
    Column("state", gettext_lazy("State"), ("state",)),
    Column("rows", gettext_lazy("Number of rows"), ("total",), "num right"),
    Column("by", gettext_lazy("Uploaded by")),
]
ROW_COLUMNS = [
    Column("row", gettext_lazy("Row"), ("row",), "num"),
    Column("who", gettext_lazy("Customer in the file"), (), "wide"),
    Column("outcome", gettext_lazy("Outcome")),
    Column("customer", gettext_lazy("Customer"), (), "num"),
    Column("reason", gettext_lazy("Reason"), (), "wide"),
]
TONES = {"created": "good", "updated": "accent", "same": "muted", "refused": "bad"}
VERBS = {"check": services.check_import, "run": services.start_import, "cancel": services.cancel_import}


def _import_or_404(request: HttpRequest, import_id: int) -> CustomerImport:
    source = queries.find_import(import_id, visible_to=request.user)
    if source is None:
        raise Http404
    return source


@require_http_methods(["GET", "POST"])
def import_list(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_import(request.user))
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            source = services.upload_import(form.cleaned_data["file"], by=request.user)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("customer-import-mapping", source.pk)
    page = make_page(queries.imports_visible_to(request.user), COLUMNS, request.GET, default_sort="-uploaded")
    status = 422 if request.method == "POST" else 200
    return render(request, "customers/imports.html", {"form": form, "page": page}, status=status)


@require_http_methods(["GET", "POST"])
def import_mapping(request: HttpRequest, import_id: int) -> HttpResponse:
    source = _import_or_404(request, import_id)
    require(policies.why_not_act_on_import(source, "map", request.user))
    form = MappingForm(request.POST or None, source=source)
    if request.method == "POST" and form.is_valid():
        try:
            services.map_import(source, by=request.user, **form.values())
        except InvalidInput as refusal:
            for sentence in refusal.errors.values():
                form.add_error(None, str(sentence))
        else:
            return redirect("customer-import-detail", source.pk)
    columns = {field: head for field, head in source.columns.items() if head}
    context = {"source": source, "form": form, "sample": preview.raw(source), "known": len(columns)}
    return render(request, "customers/import_mapping.html", context, status=422 if request.method == "POST" else 200)


@require_GET
def import_detail(request: HttpRequest, import_id: int) -> HttpResponse:
    """Where the import stands; the progress alone for HTMX while it moves."""
    source = _import_or_404(request, import_id)
    context: dict[str, Any] = {
        "source": source,
        "figures": [
            (RowOutcome(outcome).label, source.counts.get(outcome, 0), TONES[outcome], outcome)
            for outcome in RowOutcome.values
        ],
        "rehearsed": queries.is_rehearsed(source),
        "verbs": {verb: policies.why_not_act_on_import(source, verb, request.user) is None for verb in (*VERBS, "map")},
    }
    if request.htmx and request.GET.get("part") == "progress" and source.is_moving:
        return render(request, "customers/_import_progress.html", context)
    form = RowFilter(request.GET)
    page = make_page(queries.rows_of(source, **form.criteria()), ROW_COLUMNS, request.GET, default_sort="row")
    context |= {"form": form, "page": page, "tones": TONES}
    if not source.counts and not source.is_moving and source.columns:
        context["preview"] = preview.understood(source)
    response = render(request, "customers/import.html", context)
    if request.htmx and request.GET.get("part") == "progress":
        response["HX-Refresh"] = "true"  # it ended: the whole page is another one now
    return response


@require_POST
def import_act(request: HttpRequest, import_id: int, verb: str) -> HttpResponse:
    source = _import_or_404(request, import_id)
    if verb not in VERBS:
        raise Http404
    VERBS[verb](source, by=request.user)
    if verb == "cancel":
        messages.success(request, _("Cancelled. What came in before stays."))
    return redirect("customer-import-detail", source.pk)


@require_GET
def import_report(request: HttpRequest, import_id: int, ending: str) -> HttpResponse:
    """What became of every row, as a file."""
    source = _import_or_404(request, import_id)
    response: Any
    if ending == "csv":
        response = StreamingHttpResponse(
            report.as_csv(queries.all_rows_of(source)), content_type="text/csv; charset=utf-8"
        )
    elif ending == "xlsx":
        content = report.as_workbook(queries.all_rows_of(source))
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        response = HttpResponse(content, content_type=kind)
    else:
        raise Http404
    response["Content-Disposition"] = f'attachment; filename="import-{source.pk}.{ending}"'
    return response

"""One's own exports: ask for a list as a file, watch it being written, fetch it, throw it away."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from onepoint.core import exporting
from onepoint.core.models import Export
from onepoint.core.tables import Column, make_page

COLUMNS = [Column("asked", "", ("pk",))]
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


def _export_or_404(request: HttpRequest, pk: int) -> Export:
    export = exporting.find_export(pk, by=request.user)
    if export is None:
        raise Http404
    return export


@require_safe
@never_cache
def list_exports(request: HttpRequest) -> HttpResponse:
    """While one of them is under way the page asks again by itself."""
    page = make_page(exporting.exports_of(request.user), COLUMNS, request.GET, default_sort="-asked")
    rows = [(export, exporting.find_list(export.list_code)) for export in page.rows]
    is_under_way = any(export.is_open for export in page.rows)
    return render(request, "workspace/exports.html", {"page": page, "rows": rows, "is_under_way": is_under_way})


@require_POST
def start_export(request: HttpRequest) -> HttpResponse:
    columns = [key for key in request.POST.get("columns", "").split(",") if key]
    exporting.start_export(
        request.POST.get("list", "")[:40],
        query=request.POST.get("query", ""),
        columns=columns,
        file_format=request.POST.get("format", ""),
        by=request.user,
    )
    messages.success(request, _("The file is being written. You may go on working; it will be waiting here."))
    return redirect("export-list")


@require_POST
def cancel_export(request: HttpRequest, pk: int) -> HttpResponse:
    exporting.cancel_export(_export_or_404(request, pk), by=request.user)
    return redirect("export-list")


@require_safe
@never_cache
def fetch_export(request: HttpRequest, pk: int) -> FileResponse:
    export = _export_or_404(request, pk)
    path = exporting.open_export(export, by=request.user)
    exported = exporting.find_list(export.list_code)
    label = str(exported.label) if exported else export.list_code
    moment = timezone.localtime(export.finished_at or export.asked_at)
    return FileResponse(
        path.open("rb"),  # closed by the response
        as_attachment=True,
        filename=f"{label}-{moment:%Y%m%d-%H%M}.{export.file_format}",
        content_type=CONTENT_TYPES[export.file_format],
        headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"},
    )

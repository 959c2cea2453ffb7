"""Pages of faxes and letters: what waits, one of them with its picture, and the watched folders."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.channels import policies, queries, scan_pages, services
from onepoint.channels.forms.scans import ScanFilter, ScanForm, ScanSourceForm, ScanUploadForm
from onepoint.channels.models import IncomingScan, ScanSource
from onepoint.channels.queries import mail as mail_queries
from onepoint.channels.queries import scans as scan_queries
from onepoint.channels.replies import tickets_open_to
from onepoint.core import attachments, audit
from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import Column, make_page
from onepoint.core.timeline import told

COLUMNS = [
    Column("received", gettext_lazy("Came in"), ("received_at",), "num"),
    Column("channel", gettext_lazy("Channel"), ("channel",)),
    Column("name", gettext_lazy("File name"), (), "wide"),
    Column("sender", gettext_lazy("Sender")),
    Column("pages", gettext_lazy("Number of pages"), (), "num"),
    Column("state", gettext_lazy("State")),
    Column("agent", gettext_lazy("Agent")),
]
SOURCE_COLUMNS = [
    Column("name", gettext_lazy("Name"), ("name",), "wide"),
    Column("channel", gettext_lazy("Channel"), ("channel",)),
    Column("folder", gettext_lazy("Folder"), ("folder",)),
    Column("unit", gettext_lazy("Unit"), ("unit__path",)),
    Column("last", gettext_lazy("Last file"), ("last_taken_at",), "num"),
    Column("state", gettext_lazy("State"), (), "wide"),
]


def _scan_or_404(request: HttpRequest, pk: int) -> IncomingScan:
    scan = scan_queries.find_scan(pk, visible_to=request.user)
    if scan is None:
        raise Http404
    return scan


def _list(request: HttpRequest, *, only_open: bool) -> HttpResponse:
    require(policies.why_not_see_scans(request.user))
    form = ScanFilter(request.GET, only_open=only_open)
    found = scan_queries.filtered_scans(visible_to=request.user, only_open=only_open, **form.criteria())
    page = make_page(found, COLUMNS, request.GET, default_sort="received" if only_open else "-received")
    context = {
        "form": form, "page": page, "only_open": only_open, "upload_form": ScanUploadForm(auto_id="id_scan_%s"),
        "may_take_in": request.user.may("scan.take_in"),
        "may_arrange": policies.why_not_arrange_scans(request.user) is None,
    }  # fmt: skip
    return render(request, "channels/scans.html", context)


@require_GET
def scan_list(request: HttpRequest) -> HttpResponse:
    return _list(request, only_open=True)


@require_GET
def scan_list_all(request: HttpRequest) -> HttpResponse:
    return _list(request, only_open=False)


@require_POST
def scan_upload(request: HttpRequest) -> HttpResponse:
    """A letter scanned at one's own desk; it belongs to one's unit."""
    require(policies.why_not_upload_scan(request.user))
    form = ScanUploadForm(request.POST, request.FILES)
    if not form.is_valid():
        raise InvalidInput({"file": _("Please choose a file.")})
    scan = services.take_in_scan(
        form.cleaned_data["file"], channel=form.cleaned_data["channel"], unit=request.user.unit, by=request.user
    )
    return redirect("scan-detail", scan.pk)


@require_GET
def scan_detail(request: HttpRequest, pk: int) -> HttpResponse:
    scan = _scan_or_404(request, pk)
    initial = {name: getattr(scan, name) for name in ScanForm.base_fields}
    numbers = scan.contact.ticket_numbers if scan.contact else []
    context = {
        "scan": scan,
        "mails": mail_queries.mails_of_scan(scan, visible_to=request.user),
        "numbers": numbers,
        "open_tickets": tickets_open_to(request.user, numbers),
        "form": ScanForm(initial=initial),
        "is_pdf": scan.file is not None and scan.file.content_type == "application/pdf",
        "pages": range(scan.page_count or 0),
        "why_not": {verb: policies.why_not_move_scan(verb, scan, request.user) for verb in ("claim", "release", "take_in", "set_aside", "bring_back")},
        "events": told(audit.entries_of("incoming_scan", scan.pk)),
    }  # fmt: skip
    return render(request, "channels/scan.html", context)


@require_GET
def scan_page(request: HttpRequest, pk: int, page: int) -> HttpResponse:
    """One page as a picture."""
    scan = _scan_or_404(request, pk)
    if scan.file is None:
        raise Http404
    try:
        with attachments.open_file(scan.file) as stored:
            content = scan_pages.page_as_png(stored, scan.file.content_type, page - 1)
    except FileNotFoundError as missing:
        raise attachments.FileNotFound(name=scan.file.name) from missing
    if content is None:
        raise Http404
    return HttpResponse(content, content_type="image/png", headers={"Cache-Control": "private, no-store"})


@require_GET
@xframe_options_sameorigin
def scan_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file as it came: a PDF is shown by the browser, everything else is downloaded."""
    scan = _scan_or_404(request, pk)
    if scan.file is None:
        raise Http404
    return attachments.file_response(scan.file, inline=request.GET.get("inline") == "1")


@require_POST
def scan_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Claim it, give it back, set it aside, bring it back."""
    scan = _scan_or_404(request, pk)
    if verb == "set-aside":
        services.set_scan_aside(scan, reason=request.POST.get("reason", ""), by=request.user)
        messages.success(request, _("It is set aside."))
        return redirect("scan-list")
    acts = {"claim": services.claim_scan, "release": services.release_scan, "bring-back": services.bring_scan_back}
    if verb not in acts:
        raise Http404
    acts[verb](scan, by=request.user)
    return redirect("scan-detail", pk)


@require_POST
def scan_take_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Becomes a contact that the intake carries on, with the picture beside the form."""
    scan = _scan_or_404(request, pk)
    form = ScanForm(request.POST)
    if not form.is_valid():
        raise InvalidInput({name: " ".join(map(str, texts)) for name, texts in form.errors.items()})
    contact = services.describe_and_take_in(scan, **form.cleaned_data, by=request.user)
    return redirect(f"{reverse('intake')}?contact={contact.number}")


@require_GET
def scan_of_contact(request: HttpRequest, number: str) -> HttpResponse:
    """Fragment beside the intake: the pages of the fax or letter the contact is about; empty for other contacts."""
    contact = queries.find_contact(number, visible_to=request.user)
    if contact is None:
        raise Http404
    scan = scan_queries.scan_of_contact(contact)
    if scan is None or scan.file is None or scan.file.removed_at:
        return HttpResponse("")
    context = {
        "scan": scan,
        "is_pdf": scan.file.content_type == "application/pdf",
        "pages": range(scan.page_count or 0),
    }
    return render(request, "channels/scan_pages.html", context)


@require_GET
def scan_source_list(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_arrange_scans(request.user))
    page = make_page(scan_queries.scan_sources(), SOURCE_COLUMNS, request.GET, default_sort="name")
    return render(request, "channels/scan_sources.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def scan_source_edit(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """A new folder, or one that is there."""
    require(policies.why_not_arrange_scans(request.user))
    source = scan_queries.find_scan_source(pk) if pk else None
    if pk and source is None:
        raise Http404
    form = ScanSourceForm(request.POST or None, instance=source)
    if request.method == "POST" and _saved(form, pk, request):
        messages.success(request, _("The folder is watched from now on."))
        return redirect("scan-source-list")
    return render(
        request, "channels/scan_source.html", {"form": form, "source": source}, status=422 if form.errors else 200
    )


def _saved(form: ScanSourceForm, pk: int, request: HttpRequest) -> ScanSource | None:
    if not form.is_valid():
        return None
    try:
        return services.save_scan_source(scan_queries.find_scan_source(pk), **form.cleaned_data, by=request.user)
    except InvalidInput as refusal:
        add_refusal(form, refusal)
    return None

"""Files of a ticket; each goes through the ticket's own visibility."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from onepoint.core.attachments import file_response
from onepoint.core.errors import InvalidInput
from onepoint.core.models import Attachment
from onepoint.tickets import queries, services
from onepoint.tickets.models import Ticket
from onepoint.tickets.views.detail import refused, ticket_or_404
from onepoint.tickets.views.task_panels import Typed


def _file_or_404(ticket: Ticket, pk: int) -> Attachment:
    attachment = queries.find_file(ticket, pk)
    if attachment is None:
        raise Http404
    return attachment


@require_safe
def read_file(request: HttpRequest, number: str, pk: int) -> FileResponse:
    """The file; ``?inline=1`` lets the browser show pictures, PDF and sound itself."""
    attachment = _file_or_404(ticket_or_404(request, number), pk)
    try:
        return file_response(attachment, inline=request.GET.get("inline") == "1")
    except FileNotFoundError as missing:
        raise Http404 from missing


@require_POST
def add_file(request: HttpRequest, number: str) -> HttpResponse:
    """Add one or several files; those before a refused one stay added."""
    ticket = ticket_or_404(request, number)
    uploads = request.FILES.getlist("files")
    if not uploads:
        return refused(request, number, InvalidInput({"file": _("Please choose a file.")}), Typed(0, "file"))
    for upload in uploads:
        try:
            services.add_attachment(ticket, upload, by=request.user)
        except InvalidInput as refusal:
            return refused(request, number, refusal, Typed(0, "file"))
    messages.success(request, _("File added."))
    return redirect(ticket)


@require_POST
def replace_file(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    attachment = _file_or_404(ticket, pk)
    upload = request.FILES.get("files")
    try:
        if upload is None:
            raise InvalidInput({"file": _("Please choose a file.")})
        services.replace_attachment(ticket, attachment, upload, by=request.user)
    except InvalidInput as refusal:
        return refused(request, number, refusal, Typed(0, "file"))
    messages.success(request, _("The new version is in place."))
    return redirect(ticket)


@require_POST
def delete_file(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    services.delete_attachment(ticket, _file_or_404(ticket, pk), by=request.user)
    messages.success(request, _("Deleted."))
    return redirect(ticket)

"""Pages of incoming e-mails: what is to be reviewed, everything, one mail, its original."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from onepoint.channels import mail_pages
from onepoint.channels.forms.mail import MailFilter
from onepoint.channels.models import IncomingMail
from onepoint.channels.policies import mail as policies
from onepoint.channels.queries import mail as queries
from onepoint.channels.queries import scans as scan_queries
from onepoint.channels.replies import tickets_open_to
from onepoint.channels.services import mails as services
from onepoint.channels.states import MailState
from onepoint.core import audit
from onepoint.core.errors import require
from onepoint.core.tables import Column, make_page
from onepoint.core.timeline import told

COLUMNS = [
    Column("received", gettext_lazy("Came in"), ("pk",), "num"),
    Column("sender", gettext_lazy("Sender of the mail"), (), "wide"),
    Column("subject", gettext_lazy("Subject"), (), "wide"),
    Column("mailbox", gettext_lazy("Mailbox")),
    Column("state", gettext_lazy("State")),
    Column("ticket", gettext_lazy("Ticket")),
]
REVIEW_COLUMNS = [Column("select", ""), *COLUMNS[:4], Column("reason", gettext_lazy("Why"), (), "wide")]


def mail_or_404(request: HttpRequest, pk: int) -> IncomingMail:
    """The mail in the reader's scope."""
    mail = queries.find_mail(pk, visible_to=request.user)
    if mail is None:
        raise Http404
    return mail


def _list(request: HttpRequest, *, is_review: bool) -> HttpResponse:
    require(policies.why_not_see_mails(request.user))
    form = MailFilter(request.GET, has_state=not is_review)
    criteria = form.criteria() | ({"state": MailState.QUARANTINED} if is_review else {})
    found = queries.filtered_mails(visible_to=request.user, **criteria)
    page = make_page(found, REVIEW_COLUMNS if is_review else COLUMNS, request.GET, default_sort="-received")
    context = {
        "form": form,
        "page": page,
        "is_review": is_review,
        "may_file": request.user.may("mail.file"),
        "muted": queries.muted_senders() if is_review and request.user.may("mail.file") else [],
    }
    return render(request, "channels/mails.html", context)


@require_GET
def mail_list(request: HttpRequest) -> HttpResponse:
    """What waits for people."""
    return _list(request, is_review=True)


@require_GET
def mail_list_all(request: HttpRequest) -> HttpResponse:
    return _list(request, is_review=False)


@require_GET
def mail_detail(request: HttpRequest, pk: int) -> HttpResponse:
    mail = mail_or_404(request, pk)
    context = {
        "mail": mail,
        "numbers": [mail.ticket_number],
        "open_tickets": tickets_open_to(request.user, [mail.ticket_number]),
        "scans": scan_queries.scans_of_mail(mail, visible_to=request.user),
        "files": queries.files_of_mail(mail),
        "why_not_download": policies.why_not_read_original(request.user),
        "why_not_file": policies.why_not_move_mail("file", mail, request.user),
        "why_not_retry": policies.why_not_move_mail("retry", mail, request.user),
        "why_not_ignore": policies.why_not_move_mail("ignore", mail, request.user),
        "events": told(audit.entries_of("incoming_mail", mail.pk)),
    }
    return render(request, "channels/mail.html", context)


@require_GET
def mail_shown(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail as it was written, for the frame of its page."""
    mail = mail_or_404(request, pk)
    return mail_pages.shown_response(mail, lambda file: f"{reverse('mail-part', args=[mail.pk, file])}?inline=1")


@require_GET
def mail_part(request: HttpRequest, pk: int, part: int) -> FileResponse:
    return mail_pages.file_of_mail(mail_or_404(request, pk), part, inline=request.GET.get("inline") == "1")


@require_GET
def mail_original(request: HttpRequest, pk: int) -> FileResponse:
    mail = mail_or_404(request, pk)
    services.note_download(mail, by=request.user)
    return mail_pages.original_response(mail)


@require_POST
def mail_retry(request: HttpRequest, pk: int) -> HttpResponse:
    services.retry_mail(mail_or_404(request, pk), by=request.user)
    messages.success(request, _("The mail is read anew."))
    return redirect("mail-detail", pk)


@require_POST
def mails_ignore(request: HttpRequest) -> HttpResponse:
    """Put the ticked ones aside."""
    require(policies.why_not_file_mails(request.user))
    ids = [int(pk) for pk in request.POST.getlist("mail")[:200] if pk.isdecimal() and len(pk) < 19]
    count = services.ignore_mails(queries.find_mails(ids, visible_to=request.user), by=request.user)
    text = ngettext("%(count)s mail is put aside.", "%(count)s mails are put aside.", count)
    messages.success(request, text % {"count": count})
    return redirect("mail-list")


@require_POST
def mail_journal(request: HttpRequest, pk: int) -> HttpResponse:
    """A contact that is not settled; the intake carries it on."""
    contact = services.file_as_contact(mail_or_404(request, pk), by=request.user)
    messages.success(request, _("Contact %(number)s is journaled.") % {"number": contact.number})
    return redirect("contact-detail", contact.number)


@require_POST
def mute_lift(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_lift_mutes(request.user))
    muted = queries.find_muted(pk)
    if muted is None:
        raise Http404
    services.lift_mute(muted, by=request.user)
    messages.success(request, _("The sender is listened to again."))
    return redirect("mail-list")

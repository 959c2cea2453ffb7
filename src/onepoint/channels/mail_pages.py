"""Showing a stranger's e-mail: as a document of its own that can neither act nor call home, whoever may see it."""

from collections.abc import Callable

from django.http import FileResponse, Http404, HttpResponse
from django.template.loader import render_to_string

from onepoint.channels.mail import html, reading
from onepoint.channels.mail.caps import TooMuch
from onepoint.channels.models import IncomingMail
from onepoint.channels.queries import mail as queries
from onepoint.core import masking
from onepoint.core.attachments import FileNotFound, FileRemoved, file_response
from onepoint.core.errors import BusinessError
from onepoint.core.models import Attachment

#: No script, no form, no frame; pictures only from ourselves. The sandbox holds even where the cleaner were mistaken:
#: without allow-scripts nothing in the document runs, and same-origin only lets our own pictures be loaded.
POLICY = (
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src 'self';"
    " style-src 'self' 'unsafe-inline'; frame-ancestors 'self'; form-action 'none'; base-uri 'none'"
)


def shown_response(mail: IncomingMail, picture_url: Callable[[int], str]) -> HttpResponse:
    """The mail as it was written, made safe; as plain text where its HTML asks too much."""
    try:
        letter = reading.read_mail(queries.content_of(mail))
    except FileNotFoundError:
        return _in_words(FileNotFound(name=mail.subject))
    except FileRemoved as removed:
        return _in_words(removed)
    except TooMuch:
        return _document("", "", is_unreadable=True)
    pictures = {
        file.context["content_id"]: picture_url(file.pk)
        for file in queries.files_of_mail(mail)
        if file.context.get("content_id")
    }

    # Masking looks at words and not at marks: who may not see all of it reads the text, where no number hides between marks.
    sees_all = all(masking.sees(group) for group in masking.GROUPS)
    body = html.cleaned(letter.html, pictures) if letter.html and sees_all else None
    text = "\n\n".join(part for part in (letter.text, letter.quoted) if part) if body is None else ""
    return _document(body or "", masking.shown_words(text))


def _in_words(why: BusinessError) -> HttpResponse:
    """Inside a frame the sentence alone, without the page around it."""
    response = _document("", str(why))
    response.status_code = why.status
    return response


def _document(body: str, text: str, *, is_unreadable: bool = False) -> HttpResponse:
    # ``body`` is what the cleaner let through, and nothing else; the template marks it as safe.
    context = {"body": body, "text": text, "is_unreadable": is_unreadable}
    response = HttpResponse(render_to_string("channels/mail_document.html", context))
    response["Content-Security-Policy"] = POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response


def file_of_mail(mail: IncomingMail, pk: int, *, inline: bool) -> FileResponse:
    """A file that came with the mail: shown where that is safe and asked for, else downloaded."""
    file = next((one for one in queries.files_of_mail(mail) if one.pk == pk), None)
    if file is None:
        raise Http404
    return _response_of(file, inline)


def original_response(mail: IncomingMail) -> FileResponse:
    """The mail byte for byte, to be downloaded."""
    if mail.raw is None or mail.raw.deleted_at is not None:
        raise Http404
    return _response_of(mail.raw, inline=False)


def _response_of(file: Attachment, inline: bool) -> FileResponse:
    try:
        return file_response(file, inline=inline)
    except FileNotFoundError as missing:
        raise Http404 from missing

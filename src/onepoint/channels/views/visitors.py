"""The visitor's side of web chats: pages for everybody. Whoever knows a conversation's secret is its visitor.

The secret is part of the address, not a cookie: in a frame of another web site browsers give no cookies back. No other
site can know an address, so that these forms need no CSRF token.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.assignment import queries as assignment_queries
from onepoint.assignment.models import Queue
from onepoint.channels import chat_identity
from onepoint.channels.chat_states import ChatState, EndedBy
from onepoint.channels.forms.chats import BeginForm, LetterForm, RatingForm, SayForm, TranscriptForm
from onepoint.channels.models.chat import ChatMessage, ChatSession
from onepoint.channels.policies.chats import ChatIsClosed
from onepoint.channels.queries import chats as queries
from onepoint.channels.services import chat_endings as endings
from onepoint.channels.services import chats as services
from onepoint.core import throttling
from onepoint.core.attachments import file_response, is_previewed
from onepoint.core.errors import BusinessError, InvalidInput
from onepoint.core.submitting import add_refusal

LANGUAGES = {"zh": "zh-hans", "zh-hans": "zh-hans", "en": "en"}
HOUR = timedelta(hours=1)
#: Limits: conversations begun from one network address in an hour; messages, files and signs of typing in a minute.
BEGUN, SAID, SENT, TYPED = 30, 40, 10, 60


def _guard(name: str, count: int, per: timedelta = timedelta(minutes=1)) -> None:
    if not throttling.within_limit(name, count=count, per=per):
        raise throttling.TooManyTries


def _address(request: HttpRequest) -> str:
    return throttling.network_of(request.META.get("REMOTE_ADDR"))


def _framed(response: HttpResponse) -> HttpResponse:
    """Let the listed web sites, and no others, show this page in a frame; its address is told to nobody."""
    response._csp_replace = {"frame-ancestors": ["'self'", *queries.allowed_origins()]}  # type: ignore[attr-defined]
    response["Referrer-Policy"] = "no-referrer"
    return response


def _session_or_404(token: str) -> ChatSession:
    session = queries.find_session_of_visitor(token)
    if session is None or session.state == ChatState.LETTER:
        raise Http404
    translation.activate(session.language)
    return session


def _language(request: HttpRequest) -> str:
    """The one asked for by the embedding page, else the browser's."""
    asked = LANGUAGES.get(request.GET.get("lang", "").lower())
    if asked:
        translation.activate(asked)
    return translation.get_language() or "zh-hans"


def _site(request: HttpRequest) -> str:
    """The page one came from: only its origin and path."""
    parts = urlsplit(request.GET.get("from", "")[:500])
    return f"{parts.scheme}://{parts.netloc}{parts.path}"[:200] if parts.scheme in ("http", "https") else ""


def _queues(request: HttpRequest) -> list[Queue]:
    """The queue of the embedding site or the one asked for, else all of them."""
    found = queries.chat_queues()
    parts = urlsplit(request.GET.get("from", "")[:500])
    site = queries.site_of_origin(f"{parts.scheme}://{parts.netloc}") if parts.netloc else None
    asked = site.queue.code if site and site.queue else request.GET.get("queue", "")
    return [queue for queue in found if queue.code == asked] or found


@csrf_exempt
@xframe_options_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def chat_begin(request: HttpRequest) -> HttpResponse:
    """Say who one is and what it is about; when nobody can answer, leave a message."""
    language = _language(request)
    queues = _queues(request)
    identity = chat_identity.customer_of(request.GET.get("id", ""))
    is_open = any(assignment_queries.is_open(queue) for queue in queues)
    if not queues or not is_open:
        return _letter_page(request, queues)
    about = request.GET.get("about", "")[:20]
    initial = {"name": identity.name if identity else "", "question": f"{about} " if about else ""}
    form = BeginForm(request.POST or None, queues=queues, initial=initial)
    if request.method == "POST" and form.is_valid():
        _guard(f"chat-begin:{_address(request)}", BEGUN, HOUR)
        data = form.cleaned_data
        try:
            services.begin_chat(
                request_key=data["request_key"], queue=data["queue"], name=data["name"], phone=data["phone"],
                question=data["question"], language=language, site=_site(request), customer=identity, by=None,
            )  # fmt: skip
            return _framed(redirect("chat-visitor", services.token_of(data["request_key"])))
        except ChatIsClosed:
            return _letter_page(request, queues, tried=data)
        except BusinessError as refusal:
            add_refusal(form, refusal)
    context = {"form": form, "identity": identity, "framed": "framed" in request.GET}
    return _framed(render(request, "channels/chat_begin.html", context, status=422 if form.errors else 200))


def _letter_page(request: HttpRequest, queues: list[Queue], tried: dict[str, Any] | None = None) -> HttpResponse:
    if not queues:
        return _framed(render(request, "channels/chat_letter.html", {"form": None}, status=404))
    is_sent = request.method == "POST" and "text" in request.POST
    wanted = {"name": tried["name"], "phone": tried["phone"], "text": tried["question"]} if tried else {}
    form = LetterForm(request.POST if is_sent else None, initial=wanted)
    if is_sent and form.is_valid():
        _guard(f"chat-letter:{_address(request)}", BEGUN, HOUR)
        data = form.cleaned_data
        try:
            endings.leave_letter(
                request_key=data["request_key"], queue=queues[0], name=data["name"], phone=data["phone"],
                text=data["text"], language=_language(request), site=_site(request), by=None,
            )  # fmt: skip
            return _framed(render(request, "channels/chat_letter.html", {"form": None, "is_kept": True}))
        except BusinessError as refusal:
            add_refusal(form, refusal)
    return _framed(
        render(request, "channels/chat_letter.html", {"form": form}, status=422 if form.errors else 200)
    )  # fmt: skip


@xframe_options_exempt
@never_cache
@require_GET
def chat_visitor(request: HttpRequest, token: str) -> HttpResponse:
    """The conversation as its visitor sees it."""
    session = _session_or_404(token)
    services.note_visitor(session, read_to=session.last_sequence, by=None)
    return _framed(render(request, "channels/chat_visitor.html", _context(session, token)))


def _context(session: ChatSession, token: str) -> dict[str, Any]:
    place, wait = queries.place_and_wait(session)
    return {
        "chat": session,
        "token": token,
        "lines": lines_of(session, token, 0),
        "form": SayForm(),
        "rating_form": RatingForm(),
        "transcript_form": TranscriptForm(),
        "place": place,
        "minutes": max(1, round(wait.total_seconds() / 60)),
    }


def lines_of(session: ChatSession, token: str, after: int) -> list[dict[str, Any]]:
    """Messages as the template shows them to the visitor."""
    return [
        {"message": one, "file_url": _file_url(token, one), "is_picture": _is_picture(one)}
        for one in queries.messages_after(session, after, for_visitor=True)
    ]


def _file_url(token: str, message: ChatMessage) -> str:
    return reverse("chat-visitor-file", args=[token, message.attachment_id]) if message.attachment_id else ""


def _is_picture(message: ChatMessage) -> bool:
    file = message.attachment
    return file is not None and file.content_type.startswith("image/") and is_previewed(file)


@never_cache
@require_GET
def chat_news(request: HttpRequest, token: str) -> JsonResponse:
    """What is new after a message, and how the conversation stands; asked by the page whenever something happened."""
    session = _session_or_404(token)
    text = request.GET.get("after", "")
    after = int(text) if text.isdecimal() and len(text) < 9 else 0
    services.note_visitor(session, read_to=after, by=None)
    lines = lines_of(session, token, after)
    context = _context_of_state(session)
    return JsonResponse(
        {
            "state": session.state,
            "html": render_to_string("channels/_chat_lines.html", {"lines": lines, "is_visitor": True}),
            "last": lines[-1]["message"].sequence if lines else after,
            "standing": render_to_string("channels/_chat_standing.html", {**context, "token": token}),
        }
    )


def _context_of_state(session: ChatSession) -> dict[str, Any]:
    place, wait = queries.place_and_wait(session)
    return {"chat": session, "place": place, "minutes": max(1, round(wait.total_seconds() / 60))}


@csrf_exempt
@xframe_options_exempt
@require_POST
def chat_say(request: HttpRequest, token: str) -> HttpResponse:
    session = _session_or_404(token)
    form = SayForm(request.POST)
    _guard(f"chat-say:{session.pk}", SAID)
    files = request.FILES.getlist("files")
    if files:
        _guard(f"chat-file:{session.pk}", SENT)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.say_as_visitor(session, text=data["text"], request_key=data["request_key"], files=files, by=None)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
    if _wants_json(request):
        errors = " ".join(str(error) for found in form.errors.values() for error in found)
        return JsonResponse({"error": errors}, status=422 if errors else 200)
    if form.errors:
        context = {**_context(session, token), "form": form}
        return _framed(render(request, "channels/chat_visitor.html", context, status=422))
    return _framed(redirect("chat-visitor", token))


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


@csrf_exempt
@require_POST
def chat_type(request: HttpRequest, token: str) -> HttpResponse:
    session = _session_or_404(token)
    if throttling.within_limit(f"chat-type:{session.pk}", count=TYPED, per=timedelta(minutes=1)):
        services.note_typing(session, by=None)
    return HttpResponse(status=204)


@csrf_exempt
@xframe_options_exempt
@require_POST
def chat_end(request: HttpRequest, token: str) -> HttpResponse:
    session = _session_or_404(token)
    endings.end_chat(session, ended_by=EndedBy.VISITOR, by=None)
    return _framed(redirect("chat-visitor", token))


@csrf_exempt
@xframe_options_exempt
@require_POST
def chat_rate(request: HttpRequest, token: str) -> HttpResponse:
    session = _session_or_404(token)
    form = RatingForm(request.POST)
    if form.is_valid():
        endings.rate_chat(session, **form.cleaned_data, by=None)
        return _framed(redirect("chat-visitor", token))
    context = {**_context(session, token), "rating_form": form}
    return _framed(render(request, "channels/chat_visitor.html", context, status=422))


@csrf_exempt
@xframe_options_exempt
@require_POST
def chat_transcript(request: HttpRequest, token: str) -> HttpResponse:
    session = _session_or_404(token)
    form = TranscriptForm(request.POST)
    _guard(f"chat-transcript:{_address(request)}", 10, HOUR)
    if form.is_valid():
        endings.send_transcript(session, email=form.cleaned_data["email"], by=None)
        return _framed(redirect("chat-visitor", token))
    context = {**_context(session, token), "transcript_form": form}
    return _framed(render(request, "channels/chat_visitor.html", context, status=422))


@require_GET
def chat_visitor_file(request: HttpRequest, token: str, pk: int) -> FileResponse:
    """A file of this conversation; pictures may be shown, everything else is downloaded."""
    session = _session_or_404(token)
    file = queries.file_of(session, pk)
    if file is None:
        raise Http404
    return file_response(file, inline="inline" in request.GET)


@require_GET
def chat_widget(request: HttpRequest) -> HttpResponse:
    """The script another web site includes: a button that opens the chat in a frame."""
    labels = {}
    for name, language in (("label_zh", "zh-hans"), ("label_en", "en")):
        with translation.override(language):
            labels[name] = _("Chat with us")
    response = render(request, "channels/chat_widget.js", labels, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=300"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response

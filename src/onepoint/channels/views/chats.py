"""The agent's side of web chats: several at once, and what a supervisor sees."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.accounts.models import User
from onepoint.assignment import policies as assignment_policies
from onepoint.assignment import queries as assignment_queries
from onepoint.channels import canned
from onepoint.channels import queries as channel_queries
from onepoint.channels.chat_states import ChatState, EndedBy
from onepoint.channels.forms.chats import AnswerForm, PassForm, SiteForm, WrapUpForm
from onepoint.channels.models.chat import ChatMessage, ChatSession
from onepoint.channels.policies import chats as policies
from onepoint.channels.queries import chats as queries
from onepoint.channels.replies import tickets_open_to
from onepoint.channels.services import chat_endings as endings
from onepoint.channels.services import chat_sites
from onepoint.channels.services import chats as services
from onepoint.channels.states import CannedMedium
from onepoint.core import clock
from onepoint.core.attachments import file_response, is_previewed
from onepoint.core.errors import BusinessError, InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.customers import queries as customer_queries

#: More columns than this are too narrow to read.
MOST_BESIDE = 4


def _chat_or_404(request: HttpRequest, pk: int) -> ChatSession:
    session = queries.find_session(pk, visible_to=request.user)
    if session is None:
        raise Http404
    return session


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else 0


def lines_of(session: ChatSession, after: int) -> list[dict[str, Any]]:
    """Messages as the template shows them to colleagues."""
    return [
        {
            "message": one,
            "file_url": reverse("chat-file", args=[session.pk, one.attachment_id]) if one.attachment_id else "",
            "is_picture": _is_picture(one),
        }
        for one in queries.messages_after(session, after, for_visitor=False)
    ]


def _is_picture(message: ChatMessage) -> bool:
    file = message.attachment
    return file is not None and file.content_type.startswith("image/") and is_previewed(file)


@require_GET
@never_cache
def chat_desk(request: HttpRequest) -> HttpResponse:
    """One's chats; the first one that has something unread is opened."""
    require(assignment_policies.why_not_work_in_queues(request.user))
    chats = queries.chats_of(request.user)
    chosen = next((chat for chat in chats if chat.unread_count), chats[0] if chats else None)
    if chosen is not None and "list" not in request.GET:
        return redirect("chat-detail", chosen.pk)
    return render(request, "channels/chat_desk.html", {"chats": chats, "agent": _agent(request)})


def _agent(request: HttpRequest) -> Any:
    return assignment_queries.agent_of(request.user)


@require_GET
@never_cache
def chat_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _chat_or_404(request, pk))


def _page(request: HttpRequest, session: ChatSession, status: int = 200, **more: Any) -> HttpResponse:
    lines = lines_of(session, 0)
    services.mark_read(session, until=session.last_sequence, by=request.user)
    is_own = session.agent_id == request.user.pk
    customer = None
    if session.customer is not None:
        customer = customer_queries.find_customer(session.customer.number, visible_to=request.user)
    people = assignment_queries.people_at_work(besides=session.agent_id)
    chat_queues = [queue for queue in queries.chat_queues() if queue.pk != session.queue_id]
    context = {
        "chats": queries.chats_of(request.user),
        "chat": session,
        "is_own": is_own,
        "may_work": request.user.may("queue.work"),
        "agent": _agent(request),
        "lines": lines,
        "customer": customer,
        "open_tickets": tickets_open_to(request.user, session.contact.ticket_numbers if session.contact else ()),
        "why_not_answer": policies.why_not_lead(session, request.user),
        "why_not_pass": policies.why_not_reassign(session, request.user),
        "may_wrap_up": is_own and not session.is_open,
        "canned": _canned(request, session),
        "form": AnswerForm(),
        "pass_form": PassForm(people=people, queues=chat_queues),
        "wrap_up_form": WrapUpForm(
            initial={"category": session.contact.category_code if session.contact else "", "outcome": "solved"}
        ),
        **more,
    }
    return render(request, "channels/chat.html", context, status=status)


def _canned(request: HttpRequest, session: ChatSession) -> list[dict[str, str]]:
    """Canned texts filled in for this conversation, in the visitor's language."""
    with translation.override(session.language):
        return _filled(request.user, session)


def _filled(person: User, session: ChatSession) -> list[dict[str, str]]:
    facts = {
        "customer": session.visitor_label, "agent": person.label, "unit": person.unit.label if person.unit else "",
        "ticket": session.contact.ticket_number if session.contact else "", "date": f"{clock.today():%Y-%m-%d}",
    }  # fmt: skip
    return [
        {"code": one.code, "name": one.label, "text": canned.fill(one.text_in(session.language), facts)}
        for one in channel_queries.canned_texts(CannedMedium.CHAT, visible_to=person)
    ]


@require_GET
@never_cache
def chat_beside(request: HttpRequest) -> HttpResponse:
    """One's chats in columns, so that several are in sight and written in at once; as JSON, which they are."""
    require(assignment_policies.why_not_work_in_queues(request.user))
    chats = queries.chats_of(request.user)[:MOST_BESIDE]
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"chats": [{"pk": one.pk, "url": reverse("chat-column", args=[one.pk])} for one in chats]})
    context = {"columns": [_column(request, one) for one in chats], "most": MOST_BESIDE}
    return render(request, "channels/chat_beside.html", context)


def _column(request: HttpRequest, session: ChatSession) -> dict[str, Any]:
    return {
        "chat": session, "lines": lines_of(session, 0), "form": AnswerForm(), "canned": _canned(request, session),
        "why_not_answer": policies.why_not_lead(session, request.user), "is_own": True,
    }  # fmt: skip


@require_GET
@never_cache
def chat_column(request: HttpRequest, pk: int) -> HttpResponse:
    """Fragment: the column of a chat one has just taken."""
    session = _chat_or_404(request, pk)
    if session.agent_id != request.user.pk:
        raise Http404
    return render(request, "channels/_chat_column.html", _column(request, session))


@require_GET
@never_cache
def chat_part(request: HttpRequest, pk: int) -> JsonResponse:
    """What is new in a conversation after a message; seen by its agent it counts as read."""
    session = _chat_or_404(request, pk)
    lines = lines_of(session, _number(request.GET.get("after")))
    last = lines[-1]["message"].sequence if lines else _number(request.GET.get("after"))
    if "seen" in request.GET:
        services.mark_read(session, until=last, by=request.user)
    html = render_to_string("channels/_chat_lines.html", {"lines": lines, "is_visitor": False, "chat": session})
    return JsonResponse(
        {"html": html, "last": last, "state": session.state, "own": session.agent_id == request.user.pk}
    )


@require_GET
@never_cache
def chat_threads(request: HttpRequest) -> HttpResponse:
    """Fragment: one's chats with what is unread."""
    require(assignment_policies.why_not_work_in_queues(request.user))
    context = {"chats": queries.chats_of(request.user), "chat": {"pk": _number(request.GET.get("at"))}}
    return render(request, "channels/_chat_threads.html", context)


@require_POST
def chat_answer(request: HttpRequest, pk: int) -> HttpResponse:
    session = _chat_or_404(request, pk)
    form = AnswerForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.say_as_agent(
                session, text=data["text"], request_key=data["request_key"], is_note=data["is_note"],
                files=request.FILES.getlist("files"), by=request.user,
            )  # fmt: skip
        except InvalidInput as refusal:
            add_refusal(form, refusal)
    if request.headers.get("Accept") == "application/json":
        errors = " ".join(str(error) for found in form.errors.values() for error in found)
        return JsonResponse({"error": errors}, status=422 if errors else 200)
    if form.errors:
        return _page(request, session, status=422, form=form)
    return redirect("chat-detail", session.pk)


@require_POST
def chat_agent_types(request: HttpRequest, pk: int) -> HttpResponse:
    services.note_typing(_chat_or_404(request, pk), by=request.user)
    return HttpResponse(status=204)


@require_POST
def chat_finish(request: HttpRequest, pk: int) -> HttpResponse:
    session = _chat_or_404(request, pk)
    endings.end_chat(session, ended_by=EndedBy.AGENT, by=request.user)
    return redirect("chat-detail", session.pk)


@require_POST
def chat_pass(request: HttpRequest, pk: int) -> HttpResponse:
    session = _chat_or_404(request, pk)
    people = assignment_queries.people_at_work(besides=session.agent_id)
    form = PassForm(request.POST, people=people, queues=queries.chat_queues())
    if form.is_valid():
        try:
            services.pass_chat(session, **form.cleaned_data, by=request.user)
        except BusinessError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Passed on."))
            return redirect("chat-live" if session.agent_id != request.user.pk else "chat-desk")
    return _page(request, session, status=422, pass_form=form)


@require_POST
def chat_ticket(request: HttpRequest, pk: int) -> HttpResponse:
    """To the intake, which carries on the contact with what was said."""
    contact = endings.note_transcript(_chat_or_404(request, pk), by=request.user)
    if contact.ticket_number:
        return redirect("contact-detail", contact.number)
    return redirect(f"{reverse('intake')}?contact={contact.number}")


@require_POST
def chat_wrap_up(request: HttpRequest, pk: int) -> HttpResponse:
    session = _chat_or_404(request, pk)
    form = WrapUpForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            endings.wrap_up_chat(
                session, category_code=data["category"], is_solved=data["outcome"] == "solved", by=request.user,
                **form.solution(),
            )  # fmt: skip
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Wrapped up."))
            return redirect("chat-desk")
    return _page(request, session, status=422, wrap_up_form=form)


@require_POST
def chat_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    session = _chat_or_404(request, pk)
    customer = customer_queries.find_customer(request.POST.get("customer", "")[:24], visible_to=request.user)
    if customer is None:
        raise Http404
    services.confirm_customer(session, customer=customer, by=request.user)
    return redirect("chat-detail", session.pk)


@require_GET
def chat_file(request: HttpRequest, pk: int, file_id: int) -> FileResponse:
    file = queries.file_of(_chat_or_404(request, pk), file_id)
    if file is None:
        raise Http404
    return file_response(file, inline="inline" in request.GET)


@require_GET
@never_cache
def chat_live(request: HttpRequest) -> HttpResponse:
    """What waits and runs now, within sight of whoever watches."""
    require(assignment_policies.why_not_watch_queues(request.user))
    chats = queries.open_chats(visible_to=request.user)
    context = {
        "waiting": [chat for chat in chats if chat.state == ChatState.WAITING],
        "running": [chat for chat in chats if chat.state == ChatState.ACTIVE],
        "figures": assignment_queries.figures_of(queries.chat_queues()),
    }
    return render(request, "channels/chat_live.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def chat_sites_list(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_change_sites(request.user))
    form = SiteForm(request.POST or None, queues=queries.chat_queues())
    if request.method == "POST" and form.is_valid():
        try:
            chat_sites.add_site(**form.cleaned_data, by=request.user)
        except InvalidInput as refusal:
            for name, text in refusal.errors.items():
                form.add_error(name, str(text))
        else:
            messages.success(request, _("The web site may show the chat."))
            return redirect("chat-site-list")
    context = {"sites": queries.chat_sites(), "form": form, "widget_url": _widget_url(request)}
    return render(request, "channels/chat_sites.html", context, status=422 if form.errors else 200)


def _widget_url(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("chat-widget"))


@require_POST
def chat_site_switch(request: HttpRequest, pk: int, on: str) -> HttpResponse:
    require(policies.why_not_change_sites(request.user))
    site = queries.find_site(pk)
    if site is None or on not in ("on", "off"):
        raise Http404
    chat_sites.switch_site(site, on=on == "on", by=request.user)
    return redirect("chat-site-list")

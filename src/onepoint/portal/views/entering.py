"""Coming in by a code, leaving, and the first page."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from onepoint.channels.queries.chats import chat_queues
from onepoint.core.errors import BusinessError
from onepoint.core.submitting import add_refusal
from onepoint.portal import limits, queries, services, standing
from onepoint.portal.forms import CodeForm, EnterForm
from onepoint.portal.models import OneTimeCode, PortalSession
from onepoint.portal.views.guard import for_everybody, let_in, let_out, network, session_of

PAGE = 20


@for_everybody
@require_http_methods(["GET", "HEAD"])
def show_portal(request: HttpRequest) -> HttpResponse:
    """One's own requests, or what one may do here."""
    session = session_of(request)
    if session is None:
        return render(request, "portal/welcome.html", {"form": EnterForm(), "rules": queries.rules()})
    page = Paginator(queries.newest_tickets(session), PAGE).get_page(request.GET.get("page"))
    standings = standing.standings_of(page)
    rows = [(ticket, standing.subject_of(ticket), standings[ticket.pk]) for ticket in page]
    return render(
        request,
        "portal/requests.html",
        {"session": session, "page": page, "rows": rows, "has_chat": bool(chat_queues())},
    )


@sensitive_post_parameters("address")
@for_everybody
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Ask for a code. The answer is the same whether the number is known or not."""
    number = request.GET.get("number", "").replace("\x00", "")[:20]
    session = session_of(request)
    if request.method != "POST" and session is not None:
        return _after(session, number)
    form = EnterForm(request.POST or None, initial={"number": number})
    if request.method == "POST" and form.is_valid():
        try:
            code = services.ask_code(
                form.cleaned_data["address"], network=network(request), wanted_number=form.cleaned_data["number"],
                by=session,
            )  # fmt: skip
            return redirect("portal-code", code.token)
        except BusinessError as refusal:
            add_refusal(form, refusal)
    status = 422 if form.errors else 200
    context = {"form": form, "number": number, "rules": queries.rules()}
    return render(request, "portal/enter.html", context, status=status)


def _after(session: PortalSession, number: str) -> HttpResponse:
    """Where somebody who is in goes: to the request he came for if it is his own."""
    if number and queries.find_ticket(session, number) is not None:
        return redirect("portal-request", number)
    return redirect("portal")


@sensitive_post_parameters("digits")
@for_everybody
@require_http_methods(["GET", "HEAD", "POST"])
def enter_code(request: HttpRequest, token: UUID) -> HttpResponse:
    """The digits that were sent; the right ones let in, and send off what was written down before."""
    code = queries.find_code(token)
    if code is None:
        return render(request, "portal/code_over.html", status=410)
    if request.method == "POST" and "again" in request.POST:
        return _send_again(request, code)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            entered = services.enter_code(code, digits=form.cleaned_data["digits"], network=network(request))
        except BusinessError as refusal:
            add_refusal(form, refusal)
        else:
            return let_in(request, _where_to(entered), entered)
    return _code_page(request, code, form)


def _where_to(entered: services.Entered) -> HttpResponse:
    if entered.ticket is not None:
        return redirect("portal-filed", entered.ticket.number)
    return _after(entered.session, entered.wanted_number)


def _send_again(request: HttpRequest, code: OneTimeCode) -> HttpResponse:
    form = CodeForm({})
    try:
        again = services.ask_code(
            code.reached_by, network=network(request), filing=code.filing, wanted_number=code.wanted_number, by=None
        )
    except BusinessError as refusal:
        form.errors.clear()
        add_refusal(form, refusal)
        return _code_page(request, code, form)
    return redirect("portal-code", again.token)


def _code_page(request: HttpRequest, code: OneTimeCode, form: CodeForm) -> HttpResponse:
    return render(request, "portal/code.html", code_context(code, form), status=422 if form.errors else 200)


def code_context(code: OneTimeCode, form: CodeForm) -> dict[str, object]:
    """What a page for entering digits shows; wrong ones are not shown again."""
    if form.errors:
        form.data = {}
    return {"form": form, "code": code, "minutes": int(limits.CODE_LIFE.total_seconds() // 60)}


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    session = session_of(request)
    if session is not None:
        services.end_session(session, by=session)
    return let_out(redirect("portal"))

"""Hidden risks: the list, the counts, raising one, one and its moves, the panel of a ticket."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.core import attachments
from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import status_of, succeeds
from onepoint.core.tables import make_page
from onepoint.core.timeline import told
from onepoint.quality import hidden_risk_columns as columns
from onepoint.quality import hidden_risk_rights as rights
from onepoint.quality.hidden_risk_forms import (
    ChargeForm,
    QuickRiskForm,
    RemovalForm,
    RiskFilterForm,
    RiskForm,
    SendBackForm,
    WordsForm,
)
from onepoint.quality.models import HiddenRisk
from onepoint.quality.queries import hidden_risks as queries
from onepoint.quality.services import hidden_risks as services
from onepoint.quality.services.hidden_risks import Charge, NewRisk
from onepoint.tickets.models import Ticket
from onepoint.tickets.queries import find_ticket


def _risk(request: HttpRequest, number: str) -> HiddenRisk:
    """The hidden risk in the reader's scope; 404 hides whether it exists at all."""
    risk = queries.find_risk(number, visible_to=request.user)
    if risk is None:
        raise Http404
    return risk


def _ticket(request: HttpRequest, number: str) -> Ticket | None:
    """The ticket somebody named; one out of his sight does not exist."""
    if not number.strip():
        return None
    ticket = find_ticket(number.strip().upper(), visible_to=request.user)
    if ticket is None:
        raise InvalidInput({"ticket_number": _("There is no such ticket.")})
    return ticket


@require_safe
def list_risks(request: HttpRequest) -> HttpResponse:
    require(rights.why_not_list(request.user))
    form = RiskFilterForm(request.GET)
    rows = queries.find_risks(form.chosen(), visible_to=request.user)
    page = make_page(rows, columns.RISKS, request.GET, default_sort="-raised")
    context = {"page": page, "form": form, "may_raise": rights.why_not_raise(request.user) is None}
    context["may_manage"] = rights.why_not_manage_kinds(request.user) is None
    return render(request, "quality/hidden_risks/list.html", context)


@require_safe
def count_risks(request: HttpRequest) -> HttpResponse:
    """How many there are by unit, kind, month or raiser."""
    require(rights.why_not_list(request.user))
    asked = request.GET.copy()
    asked.setdefault("state", "all")
    form = RiskFilterForm(asked)
    by = request.GET.get("by", "")
    by = by if by in queries.GROUPINGS else "unit"
    chosen = form.chosen(state="all")
    lines = queries.count_risks(by, chosen, visible_to=request.user)
    context = {"form": form, "lines": lines, "by": by, "groupings": _groupings(request, by)}
    return render(request, "quality/hidden_risks/counts.html", context)


def _groupings(request: HttpRequest, by: str) -> list[tuple[str, str, bool]]:
    labels = {"unit": _("By unit"), "kind": _("By kind"), "month": _("By month"), "raiser": _("By raiser")}
    found = []
    for key, label in labels.items():
        parameters = request.GET.copy()
        parameters["by"] = key
        found.append((label, f"?{parameters.urlencode()}", key == by))
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def raise_risk(request: HttpRequest) -> HttpResponse:
    require(rights.why_not_raise(request.user))
    is_sent = request.method == "POST"
    initial = {"ticket_number": request.GET.get("ticket", "")[:20]}
    form = RiskForm(request.POST if is_sent else None, request.FILES if is_sent else None, initial=initial)
    made: list[HiddenRisk] = []

    def write(values: dict[str, Any]) -> None:
        ticket = _ticket(request, values["ticket_number"])
        new = {
            name: values[name] for name in ("kind", "title", "words", "category", "place", "product", "region", "unit")
        }
        made.append(
            services.raise_risk(
                NewRisk(
                    request_key=values["request_key"] or uuid4(), ticket=ticket, files=values["attachments"], **new
                ),
                by=request.user,
            )
        )

    if is_sent and succeeds(form, write):
        messages.success(request, _("Raised as %(number)s; you will hear of every move.") % {"number": made[0].number})
        return redirect(made[0] if queries.find_risk(made[0].number, visible_to=request.user) else "hidden-risk-create")
    return render(request, "quality/hidden_risks/raise.html", {"form": form}, status=status_of(form))


def _page(request: HttpRequest, risk: HiddenRisk, status: int = 200, **more: Any) -> HttpResponse:
    user = request.user
    charge: dict[str, Any] = {"owner_unit": risk.owner_unit_id or risk.unit_id, "owner": risk.owner_id}
    charge |= {"due_at": risk.due_at} if risk.due_at else {}
    verbs = ("accept", "hand_over", "refuse", "insist", "start", "remove", "verify", "send_back")
    context = {
        "risk": risk,
        "files": queries.files_of(risk),
        "timeline": told(queries.timeline_of(risk)),
        "opens_ticket": risk.ticket is not None and find_ticket(risk.ticket.number, visible_to=user) is not None,
        "may": {verb: getattr(rights, f"why_not_{verb}")(risk, user) is None for verb in verbs},
        "why_not_verify": rights.why_not_verify(risk, user) if risk.removed_by_id == user.pk else None,
        "charge_form": ChargeForm(initial=charge),
        "words_form": WordsForm(),
        "removal_form": RemovalForm(),
        "send_back_form": SendBackForm(),
        **more,
    }
    return render(request, "quality/hidden_risks/detail.html", context, status=status)


@require_safe
def show_risk(request: HttpRequest, number: str) -> HttpResponse:
    return _page(request, _risk(request, number))


def _charge(values: dict[str, Any]) -> Charge:
    return Charge(values["owner_unit"], values["owner"], values["due_at"])


@require_POST
def accept_risk(request: HttpRequest, number: str) -> HttpResponse:
    """Accept it, or hand over what is accepted."""
    risk = _risk(request, number)
    hands_over = risk.has_limit
    require((rights.why_not_hand_over if hands_over else rights.why_not_accept)(risk, request.user))
    write = services.hand_over_risk if hands_over else services.accept_risk
    form = ChargeForm(request.POST)
    if succeeds(form, lambda said: write(risk, _charge(said), words=said["words"], by=request.user)):
        messages.success(request, _("Saved; whoever removes it was told."))
        return redirect(risk)
    return _page(request, risk, status_of(form), charge_form=form)


@require_POST
def move_risk(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Refuse it, insist on it, begin to remove it, or verify: a move with some words."""
    risk = _risk(request, number)
    moves: dict[str, Any] = {
        "refuse": services.refuse_risk, "insist": services.insist_on_risk, "start": services.start_removal,
        "verify": services.verify_removal,
    }  # fmt: skip
    write = moves[verb]
    require(getattr(rights, f"why_not_{verb}")(risk, request.user))
    form = WordsForm(request.POST)
    if succeeds(form, lambda said: write(risk, words=said["words"], by=request.user)):
        messages.success(request, _("Saved."))
        return redirect(risk)
    return _page(request, risk, status_of(form), words_form=form, moved=verb)


@require_POST
def remove_risk(request: HttpRequest, number: str) -> HttpResponse:
    risk = _risk(request, number)
    require(rights.why_not_remove(risk, request.user))
    form = RemovalForm(request.POST, request.FILES)

    def write(said: dict[str, Any]) -> None:
        services.remove_risk(risk, words=said["words"], files=said["attachments"], by=request.user)

    if succeeds(form, write):
        messages.success(request, _("Saved; it is to be verified now."))
        return redirect(risk)
    return _page(request, risk, status_of(form), removal_form=form)


@require_POST
def send_back_removal(request: HttpRequest, number: str) -> HttpResponse:
    risk = _risk(request, number)
    require(rights.why_not_send_back(risk, request.user))
    form = SendBackForm(request.POST)
    if succeeds(form, lambda said: services.send_back_removal(risk, by=request.user, **said)):
        messages.success(request, _("Sent back."))
        return redirect(risk)
    return _page(request, risk, status_of(form), send_back_form=form)


@require_safe
def read_file(request: HttpRequest, number: str, pk: int) -> FileResponse:
    """A file of the hidden risk; ``?inline=1`` lets the browser show pictures and PDF itself."""
    found = queries.find_file(_risk(request, number), pk)
    if found is None:
        raise Http404
    try:
        return attachments.file_response(found, inline=request.GET.get("inline") == "1")
    except FileNotFoundError as missing:
        raise Http404 from missing


@require_http_methods(["GET", "HEAD", "POST"])
def risks_of_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """The panel of the ticket's page: what was found there, and raising one in passing."""
    ticket = find_ticket(number, visible_to=request.user)
    if ticket is None:
        raise Http404
    is_sent = request.method == "POST"
    if is_sent:
        require(rights.why_not_raise(request.user))
    form = QuickRiskForm(request.POST if is_sent else None)

    def write(values: dict[str, Any]) -> None:
        values["request_key"] = values["request_key"] or uuid4()
        services.raise_risk(NewRisk(ticket=ticket, **values), by=request.user)

    status = 200
    if is_sent:
        if succeeds(form, write):
            form = QuickRiskForm()
        else:
            status = status_of(form)
    is_fragment = bool(getattr(request, "htmx", False)) and not request.htmx.boosted
    if is_sent and status == 200 and not is_fragment:
        messages.success(request, _("The hidden risk was raised; you will hear of every move."))
        return redirect(ticket)
    risks = queries.risks_of_ticket(ticket)
    context = {
        "ticket": ticket, "risks": risks, "form": form, "may_raise": rights.why_not_raise(request.user) is None,
        "is_raised": is_sent and status == 200, "opens": request.user.may("hidden_risk.view"),
    }  # fmt: skip
    template = "quality/hidden_risks/panel.html" if is_fragment else "quality/hidden_risks/panel_page.html"
    return render(request, template, context, status=status)


@require_safe
def waiting_risks(request: HttpRequest) -> HttpResponse:
    """What the desk says of hidden risks; nothing at all where nothing waits."""
    if rights.why_not_list(request.user):
        return HttpResponse("")
    waiting = queries.waiting_for(request.user)
    if not (waiting.to_remove or waiting.to_verify):
        return HttpResponse("")
    return render(request, "quality/hidden_risks/waiting.html", {"waiting": waiting})

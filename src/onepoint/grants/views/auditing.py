"""The central audit queue: the list, what an auditor does with a grant, corrections owed, statistics."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from onepoint.core.errors import InvalidInput, require
from onepoint.core.tables import make_page
from onepoint.grants import columns, policies, queries, services
from onepoint.grants.forms import DemandForm, ObjectionForm
from onepoint.grants.list_forms import AuditFilterForm, PeriodForm
from onepoint.grants.models import AuditItem, Grant
from onepoint.grants.views.grants import act
from onepoint.grants.views.submitting import tabs_of


@require_safe
def list_audits(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_list_audits(request.user))
    form = AuditFilterForm(request.GET)
    rows = queries.find_audits(form.chosen(), visible_to=request.user)
    page = make_page(rows, columns.AUDITS, request.GET, default_sort="queued")
    return render(request, "grants/audits.html", {"page": page, "form": form})


@require_safe
def list_corrections(request: HttpRequest) -> HttpResponse:
    """Objections the reader has to answer."""
    require(policies.why_not_give(request.user))
    page = make_page(queries.corrections_owed(request.user), columns.CORRECTIONS, request.GET, default_sort="due")
    return render(request, "grants/corrections.html", {"page": page, "may": tabs_of(request)})


@require_safe
def show_figures(request: HttpRequest) -> HttpResponse:
    """Grants and what audits found, by person, unit or kind, in a period."""
    require(policies.why_not_list_audits(request.user))
    group, since, until = PeriodForm(request.GET).chosen()
    english = (get_language() or "").startswith("en")
    lines = queries.audit_figures(group, since, until, visible_to=request.user, english=english)
    initial = {"since": since, "until": until, "by": group}
    return render(
        request, "grants/figures.html",
        {"lines": lines, "form": PeriodForm(initial), "group": group, "since": since, "until": until},
    )  # fmt: skip


def _item(grant: Grant) -> AuditItem:
    item = queries.audit_of(grant)
    if item is None:
        raise Http404
    return item


def _cleaned(form: ObjectionForm | DemandForm) -> dict:
    if not form.is_valid():
        raise InvalidInput({name: " ".join(map(str, errors)) for name, errors in form.errors.items()})
    return form.cleaned_data


@require_POST
def claim_audit(request: HttpRequest, number: str) -> HttpResponse:
    return act(
        request, number, "audit", _("It is yours."), lambda grant: services.claim_audit(_item(grant), by=request.user)
    )


@require_POST
def release_audit(request: HttpRequest, number: str) -> HttpResponse:
    return act(
        request, number, "audit", _("Given back."), lambda grant: services.release_audit(_item(grant), by=request.user)
    )


@require_POST
def pass_audit(request: HttpRequest, number: str) -> HttpResponse:
    text = request.POST.get("text", "")
    return act(
        request, number, "audit", _("Passed."),
        lambda grant: services.pass_audit(_item(grant), words=text, by=request.user),
    )  # fmt: skip


@require_POST
def object_to_grant(request: HttpRequest, number: str) -> HttpResponse:
    def run(grant: Grant) -> None:
        values = _cleaned(ObjectionForm(request.POST))
        services.object_to_grant(
            _item(grant), code=values["code"], words=values["words"], hours=values["hours"], by=request.user
        )

    return act(request, number, "objection", _("Objected."), run)


@require_POST
def answer_objection(request: HttpRequest, number: str) -> HttpResponse:
    text = request.POST.get("text", "")
    return act(
        request, number, "answer", _("Answered."),
        lambda grant: services.answer_objection(_item(grant), text=text, by=request.user),
    )  # fmt: skip


@require_POST
def accept_correction(request: HttpRequest, number: str) -> HttpResponse:
    return act(
        request, number, "audit", _("Accepted."),
        lambda grant: services.accept_correction(_item(grant), by=request.user),
    )  # fmt: skip


@require_POST
def demand_again(request: HttpRequest, number: str) -> HttpResponse:
    def run(grant: Grant) -> None:
        values = _cleaned(DemandForm(request.POST))
        services.demand_again(_item(grant), words=values["words"], hours=values["hours"], by=request.user)

    return act(request, number, "demand", _("Another correction is owed."), run)

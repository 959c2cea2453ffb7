"""The rules of return visits, and the words of risk."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.core import audit
from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import Column, make_page
from onepoint.core.timeline import told
from onepoint.follow_ups import policies, queries, services
from onepoint.follow_ups.forms import RiskWordForm, RuleForm
from onepoint.follow_ups.models import VisitRule

COLUMNS = [
    Column("rank", gettext_lazy("Order"), ("rank",), "num"),
    Column("name", gettext_lazy("Name"), ("rule__name",), "wide"),
    Column("endings", gettext_lazy("After a ticket was")),
    Column("kinds", gettext_lazy("Kinds of ticket")),
    Column("share", gettext_lazy("Share (%)"), ("share",), "right"),
    Column("ways", gettext_lazy("By")),
    Column("questionnaire", gettext_lazy("Questionnaire")),
    Column("active", gettext_lazy("In use"), ("rule__is_active",)),
]


def _rule_or_404(request: HttpRequest, pk: int) -> VisitRule:
    require(policies.why_not_manage(request.user))
    rule = queries.find_rule(pk)
    if rule is None:
        raise Http404
    return rule


@require_safe
def list_rules(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage(request.user))
    page = make_page(queries.newest_versions(), COLUMNS, request.GET, default_sort="rank")
    return render(request, "follow_ups/rules.html", {"page": page})


def _save(request: HttpRequest, rule: VisitRule | None) -> HttpResponse:
    version = queries.version_in_force(rule) if rule else None
    data = request.POST if request.method == "POST" else None
    form = RuleForm.of(rule, version, data) if rule and version else RuleForm(data)
    if request.method == "POST" and form.is_valid():
        names = {"name": form.cleaned_data["name"], "name_en": form.cleaned_data["name_en"]}
        try:
            if rule is None:
                services.create_rule(**names, items=form.items(), by=request.user)
            else:
                number = form.cleaned_data["number"] or 0
                services.change_rule(rule, **names, items=form.items(), number=number, by=request.user)
            messages.success(request, _("Saved. It counts for tickets that are closed from now on."))
            return redirect("visit-rule-list")
        except InvalidInput as refusal:
            for name, text in refusal.errors.items():
                form.add_error("way1" if name == "ways" else name if name in form.fields else None, str(text))
    history = told(audit.entries_of("visit_rule", rule.pk).order_by("-id")[:50]) if rule else []
    status = 422 if form.is_bound and form.errors else 200
    context = {"form": form, "rule": rule, "version": version, "history": history}
    return render(request, "follow_ups/rule.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def create_rule(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage(request.user))
    return _save(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def change_rule(request: HttpRequest, pk: int) -> HttpResponse:
    return _save(request, _rule_or_404(request, pk))


@require_POST
def switch_rule(request: HttpRequest, pk: int) -> HttpResponse:
    rule = _rule_or_404(request, pk)
    services.switch_rule(rule, is_active="on" in request.POST, by=request.user)
    messages.success(request, _("Saved. It counts for tickets that are closed from now on."))
    return redirect("visit-rule-detail", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def list_risk_words(request: HttpRequest) -> HttpResponse:
    """The table of words, and one more."""
    require(policies.why_not_manage(request.user))
    form = RiskWordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_risk_word(**form.cleaned_data, by=request.user)
            return redirect("risk-word-list")
        except InvalidInput as refusal:
            add_refusal(form, refusal)
    page = make_page(queries.risk_words(), RISK_COLUMNS, request.GET, default_sort="word")
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "follow_ups/risk_words.html", {"page": page, "form": form}, status=status)


RISK_COLUMNS = [
    Column("word", gettext_lazy("Word"), ("word",)),
    Column("note", gettext_lazy("Note"), css="wide"),
    Column("active", gettext_lazy("In use"), ("is_active",)),
    Column("actions", "", css="actions"),
]


@require_POST
def switch_risk_word(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_manage(request.user))
    word = queries.find_risk_word(pk)
    if word is None:
        raise Http404
    services.switch_risk_word(word, is_active="on" in request.POST, by=request.user)
    return redirect("risk-word-list")

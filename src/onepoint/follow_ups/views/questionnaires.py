"""Questionnaires: the list, one with its draft, the preview, publishing."""

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
from onepoint.follow_ups.forms import AnswerForm, QuestionnaireForm, WordsForm, question_rows, schema_of
from onepoint.follow_ups.models import Questionnaire
from onepoint.follow_ups.questions import sheet_of

COLUMNS = [
    Column("name", gettext_lazy("Name"), ("name",), "wide"),
    Column("code", gettext_lazy("Code"), ("code",)),
    Column("kinds", gettext_lazy("Kinds of ticket")),
    Column("version", gettext_lazy("Version"), css="right"),
    Column("state", gettext_lazy("State")),
]


def _questionnaire_or_404(request: HttpRequest, code: str) -> Questionnaire:
    require(policies.why_not_manage(request.user))
    found = queries.find_questionnaire(code)
    if found is None:
        raise Http404
    return found


@require_safe
def list_questionnaires(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage(request.user))
    page = make_page(queries.questionnaires(), COLUMNS, request.GET, default_sort="name")
    return render(request, "follow_ups/questionnaires.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def create_questionnaire(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage(request.user))
    data = request.POST if request.method == "POST" else None
    form, words, rows = QuestionnaireForm(data), WordsForm(data), question_rows({}, data)
    if request.method == "POST" and form.is_valid() and words.is_valid() and rows.is_valid():
        try:
            made = services.create_questionnaire(
                **form.cleaned_data, schema=schema_of(words.cleaned_data, rows), by=request.user
            )
            messages.success(request, _("Saved as a draft. Look at the preview, then publish it."))
            return redirect("questionnaire-detail", made.code)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
    status = 422 if form.is_bound else 200
    return render(request, "follow_ups/questionnaire.html", {"form": form, "words": words, "rows": rows}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def change_questionnaire(request: HttpRequest, code: str) -> HttpResponse:
    """What a questionnaire asks; saving writes the draft, and what is in force stays until that is published."""
    questionnaire = _questionnaire_or_404(request, code)
    newest = queries.newest_of(questionnaire)
    data = request.POST if request.method == "POST" else None
    initial = {**newest.schema, "lock_version": newest.lock_version if newest.is_draft else 0}
    words, rows = WordsForm(data, initial=initial), question_rows(newest.schema, data)
    if request.method == "POST" and words.is_valid() and rows.is_valid():
        try:
            services.write_draft(
                questionnaire, schema=schema_of(words.cleaned_data, rows),
                lock_version=words.cleaned_data["lock_version"] or 0, by=request.user,
            )  # fmt: skip
            messages.success(request, _("Saved as a draft. Look at the preview, then publish it."))
            return redirect("questionnaire-detail", code)
        except InvalidInput as refusal:
            add_refusal(words, refusal)
    context = {
        "questionnaire": questionnaire,
        "version": newest,
        "words": words,
        "rows": rows,
        "history": told(audit.entries_of("questionnaire", questionnaire.pk).order_by("-id")[:50]),
    }
    return render(request, "follow_ups/questionnaire.html", context, status=422 if words.is_bound else 200)


@require_safe
def preview_questionnaire(request: HttpRequest, code: str) -> HttpResponse:
    """As the customer sees it on a telephone, and as an agent asks it; nothing is sent."""
    questionnaire = _questionnaire_or_404(request, code)
    version = queries.newest_of(questionnaire)
    sheet = sheet_of(version.schema)
    form = AnswerForm(sheet, [], is_asked=False)
    context = {"questionnaire": questionnaire, "version": version, "sheet": sheet, "form": form}
    return render(request, "follow_ups/preview.html", context)


@require_POST
def publish_questionnaire(request: HttpRequest, code: str) -> HttpResponse:
    questionnaire = _questionnaire_or_404(request, code)
    services.publish_questionnaire(questionnaire, by=request.user)
    messages.success(request, _("Published. Visits made from now on ask it."))
    return redirect("questionnaire-detail", code)


@require_POST
def switch_questionnaire(request: HttpRequest, code: str) -> HttpResponse:
    questionnaire = _questionnaire_or_404(request, code)
    services.switch_questionnaire(questionnaire, is_active="on" in request.POST, by=request.user)
    return redirect("questionnaire-detail", code)

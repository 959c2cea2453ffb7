"""Decision tables: read, tried, drawn, published, imported and exported."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.core.errors import InvalidInput, require
from onepoint.core.feel import FeelError, FeelLimitError, compile_expression
from onepoint.workflow import policies, services
from onepoint.workflow.decisions import DecisionConflict, Table
from onepoint.workflow.designing import decisions
from onepoint.workflow.designing.texts import TABLE, TABLE_WORDS, by_source
from onepoint.workflow.errors import TableRefused
from onepoint.workflow.forms import DrawingForm, NewDecisionForm
from onepoint.workflow.models import DecisionDefinition
from onepoint.workflow.views.drawings import drawing


def _definition(key: str) -> DecisionDefinition:
    definition = decisions.find_definition(key)
    if definition is None:
        raise Http404
    return definition


@require_safe
def list_decisions(request: HttpRequest) -> HttpResponse:
    """Every decision table with the version in force."""
    require(policies.why_not_view(request.user))
    context = {
        "definitions": [(one, _in_force(one)) for one in decisions.definitions()],
        "may_manage": policies.why_not_manage(request.user) is None,
    }
    return render(request, "workflow/decisions.html", context)


def _in_force(definition: DecisionDefinition) -> Any:
    return next((version for version in definition.versions.all() if version.is_published), None)


@require_http_methods(["GET", "HEAD", "POST"])
def create_decision(request: HttpRequest) -> HttpResponse:
    """Name a new table."""
    require(policies.why_not_manage(request.user))
    form = NewDecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            definition = services.create_decision(**form.cleaned_data, by=request.user)
        except InvalidInput as refusal:
            for field, text in refusal.errors.items():
                form.add_error(field, str(text))
        else:
            return redirect("decision-draw", definition.key)
    return render(
        request, "workflow/decision_create.html", {"form": form}, status=422 if request.method == "POST" else 200
    )


@never_cache
@require_safe
def show_decision(request: HttpRequest, key: str) -> HttpResponse:
    """The rules as a table, its versions, and a form to try it: ``?try=1&v-severity=…`` decides."""
    require(policies.why_not_view(request.user))
    definition = _definition(key)
    version = decisions.table_to_edit(definition)
    wanted = request.GET.get("version", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 10:
        version = decisions.find_version(key, int(wanted)) or version
    table, problems = decisions.read(version.dmn)
    context: dict[str, Any] = {
        "definition": definition, "versions": list(definition.versions.all()), "shown": version, "table": table,
        "problems": problems, "may_manage": policies.why_not_manage(request.user) is None, "import_form": DrawingForm(),
    }  # fmt: skip
    if table:
        context |= {"rows": decisions.rows_of(table), **_tried(request, table)}
    return render(request, "workflow/decision.html", context)


def _tried(request: HttpRequest, table: Table) -> dict[str, Any]:
    """The questions of the try-out form with what was entered, and what the table says."""
    names = decisions.variables_of(table)
    entered = {name: request.GET.get(f"v-{name}", "")[:200] for name in names}
    if "try" not in request.GET:
        return {"questions": entered.items()}
    try:
        outcome = table.decide({name: _value(text) for name, text in entered.items()})
    except DecisionConflict as conflict:
        numbers = ", ".join(map(str, conflict.rules))
        return {"questions": entered.items(), "conflict": _("The rules %s contradict each other.") % numbers}
    except FeelLimitError as error:
        return {"questions": entered.items(), "conflict": str(error)}
    return {"questions": entered.items(), "outcome": outcome, "said": decisions.shown_value(outcome.value)}


def _value(text: str) -> Any:
    """What somebody enters: a number, true, a list … where it is one in FEEL, else the text itself."""
    if not text:
        return None
    try:
        expression = compile_expression(text)
        return text if expression.free_names else expression({})
    except FeelError:
        return text


@never_cache
@require_safe
def draw_decision(request: HttpRequest, key: str) -> HttpResponse:
    """The page one draws the table on."""
    require(policies.why_not_manage(request.user))
    return render(
        request, "workflow/decision_draw.html",
        {"definition": _definition(key), "texts": {**by_source(TABLE_WORDS), **{name: str(text) for name, text in TABLE.items()}}},
    )  # fmt: skip


@never_cache
@require_safe
def serve_table(request: HttpRequest, key: str) -> JsonResponse:
    """What one draws on, with the version and revision that saving must name."""
    require(policies.why_not_manage(request.user))
    version = decisions.table_to_edit(_definition(key))
    return JsonResponse({"dmn": version.dmn, "number": version.number, "revision": version.revision})


def _sent(request: HttpRequest) -> tuple[str, int, int, str]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput from error
    if not isinstance(body, dict):
        raise InvalidInput
    dmn, number, revision, comment = (body.get(name) for name in ("dmn", "number", "revision", "comment"))
    if not isinstance(number, int) or not isinstance(revision, int) or "\x00" in str(dmn) + str(comment):
        raise InvalidInput
    return str(dmn or ""), number, revision, str(comment or "").strip()[:200]


@require_POST
def save_decision(request: HttpRequest, key: str) -> JsonResponse:
    """``{"dmn", "number", "revision"}``: keep what is drawn; 422 with what is wrong with it."""
    require(policies.why_not_manage(request.user))
    dmn, number, revision, _comment = _sent(request)
    saved = services.save_decision(_definition(key), dmn, number=number, revision=revision, by=request.user)
    return JsonResponse({"number": saved.number, "revision": saved.revision})


@require_POST
def publish_decision(request: HttpRequest, key: str) -> HttpResponse:
    """Let processes decide by the draft."""
    require(policies.why_not_manage(request.user))
    definition = _definition(key)
    sent = [request.POST.get(name, "") for name in ("number", "revision")]
    if not all(value.isascii() and value.isdigit() and len(value) < 10 for value in sent):
        raise InvalidInput
    comment = request.POST.get("comment", "").strip()[:200]
    version = services.publish_decision(
        definition, number=int(sent[0]), revision=int(sent[1]), comment=comment, by=request.user
    )
    messages.success(request, _("Version %d is published.") % version.number)
    return redirect("decision-detail", key)


@require_POST
def import_decision(request: HttpRequest, key: str) -> HttpResponse:
    """Take a DMN file in as the draft."""
    require(policies.why_not_manage(request.user))
    definition = _definition(key)
    form = DrawingForm(request.POST, request.FILES)
    if not form.is_valid():
        raise InvalidInput({name: " ".join(map(str, errors)) for name, errors in form.errors.items()})
    try:
        dmn = decisions.as_edited(form.cleaned_data["file"].read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise TableRefused([_("The file is not UTF-8 text.")]) from error
    latest = decisions.table_to_edit(definition)
    services.save_decision(definition, dmn, number=latest.number, revision=latest.revision, by=request.user)
    return redirect("decision-draw", key)


@require_safe
def serve_version(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """A version as a DMN file."""
    require(policies.why_not_view(request.user))
    version = decisions.find_version(key, number)
    if version is None:
        raise Http404
    return drawing(version.dmn, f"{key}-{number}.dmn")

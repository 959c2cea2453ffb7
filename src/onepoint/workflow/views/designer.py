"""The process designer: drawing, checking, trying out and publishing."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.workflow import policies, queries, services
from onepoint.workflow.designing import drawings
from onepoint.workflow.designing.findings import examine
from onepoint.workflow.designing.library import templates
from onepoint.workflow.designing.offers import offers
from onepoint.workflow.designing.trial import find_facts, run_trial
from onepoint.workflow.designing.wording import explain_expression
from onepoint.workflow.errors import ProcessRefused
from onepoint.workflow.forms import DrawingForm, NewProcessForm
from onepoint.workflow.models import ProcessDefinition
from onepoint.workflow.views.drawings import drawing


def _definition(request: HttpRequest, key: str) -> ProcessDefinition:
    require(policies.why_not_manage(request.user))
    definition = queries.find_definition(key)
    if definition is None:
        raise Http404
    return definition


def _sent(request: HttpRequest) -> dict[str, Any]:
    """The JSON object an island posts."""
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput from error
    if not isinstance(body, dict) or not isinstance(body.get("bpmn", ""), str):
        raise InvalidInput
    if "\x00" in body.get("bpmn", ""):
        raise InvalidInput
    return body


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else 0


@require_http_methods(["GET", "HEAD", "POST"])
def create_process(request: HttpRequest) -> HttpResponse:
    """Choose what to begin from and name the new process."""
    require(policies.why_not_manage(request.user))
    form = NewProcessForm(request.POST or None, initial={"template": "two_steps"})
    if request.method == "POST" and form.is_valid():
        try:
            definition = services.create_process(**form.cleaned_data, by=request.user)
        except InvalidInput as refusal:
            for field, text in refusal.errors.items():
                form.add_error(field, str(text))
        else:
            return redirect("process-design", definition.key)
    status = 422 if request.method == "POST" else 200
    return render(request, "workflow/process_create.html", {"form": form, "templates": templates()}, status=status)


@never_cache
@require_safe
def design_process(request: HttpRequest, key: str) -> HttpResponse:
    """The page one draws on."""
    definition = _definition(request, key)
    begun = drawings.drawing_to_edit(definition)
    context = {
        "definition": definition,
        "begun": begun,
        "other": drawings.somebody_else(begun, request.user),
        "versions": list(definition.versions.all()),
        "set_aside": drawings.set_aside_drawings(definition),
        "offers": offers(definition, begun.bpmn, request.user),
        "import_form": DrawingForm(),
    }
    return render(request, "workflow/design.html", context)


@never_cache
@require_safe
def serve_drawing(request: HttpRequest, key: str) -> JsonResponse:
    """What one draws on, with the revision that saving must name."""
    begun = drawings.drawing_to_edit(_definition(request, key))
    return JsonResponse({"bpmn": begun.bpmn, "revision": begun.revision})


@require_POST
def save_draft(request: HttpRequest, key: str) -> JsonResponse:
    """``{"bpmn", "revision", "over"}``: keep what is drawn; 409 with ``draft_changed`` where somebody was faster."""
    definition = _definition(request, key)
    body = _sent(request)
    draft = services.save_draft(
        definition, body.get("bpmn", ""), revision=_number(body.get("revision")), over=body.get("over") is True,
        by=request.user,
    )  # fmt: skip
    return JsonResponse({"revision": draft.revision})


@require_POST
def check_drawing(request: HttpRequest, key: str) -> JsonResponse:
    """Everything that is wrong or doubtful in what is drawn."""
    definition = _definition(request, key)
    examined = examine(_sent(request).get("bpmn", ""), definition.key)
    return JsonResponse({"findings": [finding.to_json() for finding in examined.findings]})


@require_POST
def check_expression(request: HttpRequest) -> JsonResponse:
    """Whether a text is an expression, and what it says in words."""
    require(policies.why_not_manage(request.user))
    body = _sent(request)
    words = body.get("words")
    named = {str(name): str(label) for name, label in words.items()} if isinstance(words, dict) else {}
    return JsonResponse(explain_expression(str(body.get("text", ""))[:4000], named))


@require_POST
def try_drawing(request: HttpRequest, key: str) -> JsonResponse:
    """``{"bpmn", "facts", "moves"}``: play the drawing to where the moves lead. ``{"number"}``: the facts of a ticket."""
    definition = _definition(request, key)
    body = _sent(request)
    if "number" in body:
        return JsonResponse({"facts": find_facts(clean(str(body["number"])[:40]), request.user)})
    examined = examine(body.get("bpmn", ""), definition.key)
    # What cannot be published yet may still be tried; what cannot be read cannot.
    if examined.definitions is None or any(finding.is_fatal for finding in examined.errors):
        return JsonResponse({"findings": [finding.to_json() for finding in examined.errors]}, status=422)
    facts, moves = body.get("facts"), body.get("moves")
    played = run_trial(
        body["bpmn"], facts if isinstance(facts, dict) else {}, moves if isinstance(moves, list) else [], request.user
    )
    return JsonResponse(played)


@require_POST
def publish_draft(request: HttpRequest, key: str) -> JsonResponse:
    """``{"revision", "comment"}``: make the draft the version in force."""
    definition = _definition(request, key)
    body = _sent(request)
    comment = str(body.get("comment") or "").strip()[:200]
    version = services.publish_draft(
        definition, revision=_number(body.get("revision")), comment=comment, by=request.user
    )
    messages.success(request, _("Version %d is published.") % version.number)
    return JsonResponse({"number": version.number, "url": reverse("process-detail", args=[key])})


@require_POST
def begin_draft(request: HttpRequest, key: str) -> HttpResponse:
    """Begin the drawing anew from a version, a drawing set aside or a file."""
    definition = _definition(request, key)
    form = DrawingForm(request.POST, request.FILES)
    base = None
    if request.FILES:
        if not form.is_valid():
            raise InvalidInput({name: " ".join(map(str, errors)) for name, errors in form.errors.items()})
        try:
            bpmn = form.cleaned_data["file"].read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ProcessRefused([_("The file is not UTF-8 text.")]) from error
    else:
        base, bpmn = drawings.find_beginning(definition, request.POST.get("version", ""), request.POST.get("aside", ""))
        if not bpmn:
            raise Http404
    services.begin_draft(definition, bpmn, base=base, by=request.user)
    return redirect("process-design", key)


@require_POST
def discard_draft(request: HttpRequest, key: str) -> HttpResponse:
    """Give up the draft."""
    services.discard_draft(_definition(request, key), by=request.user)
    messages.success(request, _("The draft is given up; it is kept among the drawings set aside."))
    return redirect("process-detail", key)


@require_safe
def serve_set_aside(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """A drawing set aside, as a file."""
    _base, bpmn = drawings.find_beginning(_definition(request, key), "", str(pk))
    if not bpmn:
        raise Http404
    return drawing(bpmn, f"{key}-{pk}.bpmn")

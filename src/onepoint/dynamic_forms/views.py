"""The designer's pages: forms, their versions, trying one out, the table editor."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import Column, make_page
from onepoint.dynamic_forms import policies, queries, services
from onepoint.dynamic_forms.display import display_items
from onepoint.dynamic_forms.editing import applied, rows_of_post, rows_of_schema, schema_of
from onepoint.dynamic_forms.fields import TYPES
from onepoint.dynamic_forms.filling import build_form
from onepoint.dynamic_forms.forms import FormCreateForm, FormNameForm
from onepoint.dynamic_forms.models import FormDefinition, FormVersion
from onepoint.dynamic_forms.schema import schema_problems
from onepoint.dynamic_forms.states import FormStatus
from onepoint.dynamic_forms.validation import shown_and_required

COLUMNS = [
    Column("key", gettext_lazy("Key"), ("key",)),
    Column("name", gettext_lazy("Name"), ("name",), css="wide"),
    Column("in_force", gettext_lazy("In force")),
    Column("published", gettext_lazy("Published")),
    Column("draft", gettext_lazy("Draft")),
    Column("versions", gettext_lazy("Versions"), ("version_count",), css="num right"),
]
TONES: dict[str, str] = {FormStatus.DRAFT: "warn", FormStatus.PUBLISHED: "good", FormStatus.RETIRED: "muted"}


def list_forms(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage_forms(request.user))
    page = make_page(queries.forms_with_versions(), COLUMNS, request.GET, default_sort="key")
    return render(request, "dynamic_forms/form_list.html", {"page": page})


def create_form(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage_forms(request.user))
    form = FormCreateForm(request.POST or None)
    if form.is_valid():
        try:
            services.create_form(**form.cleaned_data, by=request.user)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Form created. Now begin its first version."))
            return redirect("form-detail", form.cleaned_data["key"])
    return render(request, "dynamic_forms/form_create.html", {"form": form}, status=_status(form))


def show_form(request: HttpRequest, key: str) -> HttpResponse:
    """The form with its versions; a POST renames it."""
    require(policies.why_not_manage_forms(request.user))
    definition = _found_form(key)
    versions = definition.versions.all()
    names = {"name": definition.name, "name_en": definition.name_en}
    form = FormNameForm(request.POST or None, initial=names)
    if form.is_valid():
        services.rename_form(definition, **form.cleaned_data, by=request.user)
        messages.success(request, _("Saved."))
        return redirect("form-detail", key)
    context = {
        "definition": definition,
        "form": form,
        "versions": [(version, TONES[version.status]) for version in versions],
        "draft": next((v for v in versions if v.status == FormStatus.DRAFT), None),
    }
    return render(request, "dynamic_forms/form_detail.html", context, status=_status(form))


@require_POST
def draft_version(request: HttpRequest, key: str) -> HttpResponse:
    version = services.draft_version(_found_form(key), by=request.user)
    return redirect("form-version-edit", key, version.number)


def show_version(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """What a version holds; a POST tries it out and shows what would be stored."""
    require(policies.why_not_manage_forms(request.user))
    version = _found_version(key, number)
    problems = schema_problems(version.schema) if version.status == FormStatus.DRAFT else []
    is_trial = request.method == "POST" and not problems
    trial = None if problems else build_form(version, request.POST if is_trial else None)
    accepted = display_items(version, trial.items) if trial and is_trial and trial.is_valid() else None
    context = {
        "version": version,
        "tone": TONES[version.status],
        "fields": [(field, TYPES[field["type"]].label) for field in version.fields] if not problems else [],
        "problems": problems,
        "trial": trial,
        "accepted": accepted,
        "is_draft": version.status == FormStatus.DRAFT,
    }
    return render(request, "dynamic_forms/version_detail.html", context, status=_status(trial))


def edit_version(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The table editor. Every button posts the whole table; only "save" and "publish" write."""
    require(policies.why_not_manage_forms(request.user))
    version = _found_version(key, number)
    require(policies.why_not_change_version(version, request.user))
    if request.method != "POST":
        return _editor(request, version, rows_of_schema(version.schema), version.changed_at.isoformat())
    rows, action = rows_of_post(request.POST), request.POST.get("action", "")
    began_at = request.POST.get("began-at", "")
    if action not in ("save", "publish"):
        return _editor(request, version, applied(rows, action), began_at, unsaved=True)
    schema = schema_of(rows)
    if schema is None:
        return _editor(request, version, rows, began_at, unsaved=True, status=422)
    try:
        services.change_draft(version, schema=schema, by=request.user, expected=began_at)
    except InvalidInput as refusal:
        messages.error(request, " ".join(str(sentence) for sentence in refusal.errors.values()))
        return _editor(request, version, rows, began_at, unsaved=True, status=422)
    if action == "publish":
        if not schema_problems(schema):
            return publish_version(request, key, number)
        messages.error(request, _("Saved, but it cannot be published yet."))
    else:
        messages.success(request, _("Draft saved."))
    return redirect("form-version-edit", key, number)


@require_POST
def publish_version(request: HttpRequest, key: str, number: int) -> HttpResponse:
    services.publish_version(_found_version(key, number), by=request.user)
    messages.success(request, _("In force. New tickets are filled in with this version; existing ones keep theirs."))
    return redirect("form-version", key, number)


@require_POST
def discard_draft(request: HttpRequest, key: str, number: int) -> HttpResponse:
    services.discard_draft(_found_version(key, number), by=request.user)
    messages.success(request, _("Draft discarded."))
    return redirect("form-detail", key)


@require_POST
def shown_fields(request: HttpRequest, pk: int) -> HttpResponse:
    """Which fields to show and which to mark, for what has been entered so far; the page's script asks while one fills in."""
    version = queries.find_version(pk)
    if version is None:
        raise Http404
    form = build_form(version, request.POST, prefix=request.POST.get("prefix", "items")[:40])
    shown, required = shown_and_required(version.schema, {key: form[key].data for key in form.fields})
    return JsonResponse({"shown": shown, "required": required})


def _editor(
    request: HttpRequest,
    version: FormVersion,
    rows: list[Any],
    began_at: str,
    *,
    unsaved: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "version": version,
        "rows": rows,
        "began_at": began_at,
        "unsaved": unsaved,
        "problems": [] if unsaved else schema_problems(version.schema),
    }
    return render(request, "dynamic_forms/version_edit.html", context, status=status)


def _found_form(key: str) -> FormDefinition:
    form = queries.find_form(key)
    if form is None:
        raise Http404
    return form


def _found_version(key: str, number: int) -> FormVersion:
    version = queries.find_version_by_number(key, number)
    if version is None:
        raise Http404
    return version


def _status(form: Any) -> int:
    return 422 if form is not None and form.is_bound and form.errors else 200

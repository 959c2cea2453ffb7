"""Two versions of a process beside each other."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from onepoint.core.errors import require
from onepoint.workflow import policies, queries
from onepoint.workflow.designing import drawings
from onepoint.workflow.designing.comparison import compare_drawings
from onepoint.workflow.models import ProcessDefinition

DRAFT = "draft"
CHANGES = {
    "added": (gettext_lazy("added"), "good"),
    "changed": (gettext_lazy("changed"), "warn"),
    "moved": (gettext_lazy("only moved"), "muted"),
    "removed": (gettext_lazy("removed"), "bad"),
}


def _drawing_of(definition: ProcessDefinition, wanted: str) -> tuple[str, str]:
    """The file and its address; empty where there is no such version."""
    if wanted == DRAFT:
        begun = drawings.drawing_to_edit(definition)
        return (begun.bpmn, reverse("process-drawing", args=[definition.key])) if begun.draft else ("", "")
    version, bpmn = drawings.find_beginning(definition, wanted, "")
    return bpmn, reverse("process-bpmn", args=[definition.key, version.number]) if version else ""


@never_cache
@require_safe
def compare_versions(request: HttpRequest, key: str) -> HttpResponse:
    """``?old=1&new=2``; ``draft`` is what is being drawn, for those who may draw."""
    require(policies.why_not_view(request.user))
    definition = queries.find_definition(key)
    if definition is None:
        raise Http404
    may_manage = policies.why_not_manage(request.user) is None
    has_draft = may_manage and drawings.drawing_to_edit(definition).draft is not None
    choices = [(str(version.number), _("Version %d") % version.number) for version in definition.versions.all()]
    choices = [(DRAFT, _("Draft")), *choices] if has_draft else choices
    codes = [code for code, _label in choices]
    new = request.GET.get("new", "") if request.GET.get("new", "") in codes else next(iter(codes), "")
    older = codes[codes.index(new) + 1 :] if new else []
    old = request.GET.get("old", "") if request.GET.get("old", "") in codes else next(iter(older), new)
    (old_bpmn, old_url), (new_bpmn, new_url) = _drawing_of(definition, old), _drawing_of(definition, new)
    changes = compare_drawings(old_bpmn, new_bpmn) if old_bpmn and new_bpmn else []
    rows = [(change, *CHANGES[change.change]) for change in changes]
    context = {
        "definition": definition, "choices": choices, "old": old, "new": new, "rows": rows, "old_url": old_url,
        "new_url": new_url, "marks": [{"id": change.id, "change": change.change} for change in changes],
    }  # fmt: skip
    return render(request, "workflow/compare.html", context)

"""The picture of one instance."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from onepoint.workflow import picture, queries, registry
from onepoint.workflow.views.drawings import drawing


def _visible_instance(request: HttpRequest, pk: int) -> Any:
    """The instance if the capability that owns its subject lets this person see it, else 404."""
    instance = queries.find_instance(pk)
    if instance is None or not registry.may_see_subject(request.user, instance.subject_type, instance.subject_id):
        raise Http404
    return instance


@never_cache
@require_safe
def serve_instance(request: HttpRequest, pk: int) -> HttpResponse:
    """The drawing an instance runs on."""
    instance = _visible_instance(request, pk)
    return drawing(picture.bpmn_shown(instance.version.bpmn), f"{instance.version.definition.key}.bpmn")


@never_cache
@require_safe
def serve_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """Where an instance is and was, for the process picture."""
    return JsonResponse(picture.process_picture(_visible_instance(request, pk)))

"""A drawing as an answer: for the viewer and for saving."""

from django.http import HttpResponse

XML = "application/xml; charset=utf-8"


def drawing(bpmn: str, name: str) -> HttpResponse:
    """XML for the viewer and for saving; never opened as a page, since a browser would run what it holds."""
    return HttpResponse(bpmn, content_type=XML, headers={"Content-Disposition": f'attachment; filename="{name}"'})

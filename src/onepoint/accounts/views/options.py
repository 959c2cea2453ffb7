"""What pickers ask for. Everybody with a login may choose colleagues and departments, so only names are told."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from onepoint.accounts import forms, queries


@require_GET
def people_options(request: HttpRequest) -> JsonResponse:
    """``?q=…&unit=<code>&role=<code>&may=<permission>&value=username``: people who may log in."""
    form = forms.OptionsQuery(request.GET)
    if not form.is_valid():
        return JsonResponse({"results": []})
    data = form.cleaned_data
    people = queries.person_options(text=data["q"], unit=data["unit"], role=data["role"], may=data["may"])
    by_number = request.GET.get("value") == "username"
    results = [
        {
            "value": person.username if by_number else person.pk,
            "label": person.label,
            "note": " · ".join(filter(None, [person.username, person.unit.label if person.unit else ""])),
        }
        for person in people
    ]
    return JsonResponse({"results": results})


@require_GET
def unit_options(request: HttpRequest) -> JsonResponse:
    """``?q=…&receives_tickets=1&value=code``: units in use."""
    form = forms.OptionsQuery(request.GET)
    if not form.is_valid():
        return JsonResponse({"results": []})
    data = form.cleaned_data
    units = queries.unit_options(text=data["q"], receives_tickets=data["receives_tickets"])
    by_code = request.GET.get("value") == "code"
    results = [
        {
            "value": unit.code if by_code else unit.pk,
            "label": unit.label,
            "note": unit.parent.label if unit.parent else "",
        }
        for unit in units
    ]
    return JsonResponse({"results": results})

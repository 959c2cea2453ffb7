"""The page that answers “why can or can't this person see or do this?”."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from onepoint.accounts.privacy_forms import ExplainForm
from onepoint.accounts.queries import staff
from onepoint.accounts.queries.explaining import explanation
from onepoint.accounts.views.submitting import needs


@require_GET
@needs("access.explain")
def explain_access(request: HttpRequest) -> HttpResponse:
    given = request.GET.copy()
    if username := given.get("staff"):  # a link from somebody's page
        person = staff.find_by_username(username, visible_to=request.user)
        given["person"] = str(person.pk) if person else ""
    asked = bool(given.get("person") and given.get("about"))
    form = ExplainForm(given if asked else None, initial=given.dict(), visible_to=request.user)
    context: dict[str, object] = {"form": form}
    if asked and form.is_valid():
        person = form.cleaned_data["person"]
        answer = explanation(form.cleaned_data["about"], person, asker=request.user)
        context |= {"person": person, "answer": answer, "nothing": answer is None}
    return render(request, "accounts/explain.html", context, status=422 if asked and form.errors else 200)

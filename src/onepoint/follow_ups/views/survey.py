"""The page behind a link: the customer answers without a login, once."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from onepoint.core import throttling
from onepoint.core.errors import BusinessError
from onepoint.follow_ups import policies, queries, services
from onepoint.follow_ups.forms import AnswerForm
from onepoint.follow_ups.questions import sheet_of

#: Tries of one connection with tokens, right or wrong.
TRIES, WITHIN = 60, timedelta(minutes=10)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer_survey(request: HttpRequest, token: str) -> HttpResponse:
    """Shows the number of the ticket and the questions, nothing else of it; what was answered is not shown again."""
    network = throttling.network_of(request.META.get("REMOTE_ADDR"))
    if not throttling.within_limit(f"survey:{network}", count=TRIES, per=WITHIN):
        raise throttling.TooManyTries
    follow_up = queries.visit_of_token(token)
    if follow_up is None or follow_up.questionnaire is None:
        raise Http404
    refusal = policies.why_not_answer(follow_up)
    if refusal is not None:
        is_thanked = follow_up.answered_at is not None
        context = {"is_thanked": is_thanked, "visit": follow_up}
        return render(request, "follow_ups/survey_over.html", context, status=200 if is_thanked else 410)
    sheet = sheet_of(follow_up.questionnaire.schema)
    merged = queries.merged_into(follow_up)
    form = AnswerForm(sheet, merged, request.POST if request.method == "POST" else None, is_asked=False)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                services.answer_by_link(follow_up, form.given, words=form.words, also_unsettled=form.also_unsettled)
                return redirect("survey", token)
            except BusinessError as problem:
                form.add_error(None, str(problem))
        status = 422
    context = {"form": form, "visit": follow_up, "sheet": sheet, "merged": merged}
    return render(request, "follow_ups/survey.html", context, status=status)

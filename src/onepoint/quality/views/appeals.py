"""Appealing against a mark; the appeal itself is a ticket."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onepoint.core.errors import require
from onepoint.core.submitting import status_of, succeeds
from onepoint.quality import policies, services
from onepoint.quality.mark_forms import AppealForm
from onepoint.quality.views.marks import mark_or_404, mark_page


@require_POST
def file_appeal(request: HttpRequest, number: str) -> HttpResponse:
    mark = mark_or_404(request, number)
    require(policies.why_not_appeal(mark, request.user))
    form = AppealForm(request.POST)

    def write(values: dict[str, Any]) -> None:
        services.file_appeal(mark, reason=values["reason"], by=request.user)

    if succeeds(form, write):
        messages.success(request, _("Appealed; it will be re-judged by somebody else."))
        return redirect(mark)
    return mark_page(request, mark, status_of(form), appeal_form=form)

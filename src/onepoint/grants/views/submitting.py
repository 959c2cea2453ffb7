"""What the pages of grants share."""

from django.contrib import messages
from django.http import Http404, HttpRequest

from onepoint.grants import policies, queries
from onepoint.grants.models import Grant


def grant_or_404(request: HttpRequest, number: str) -> Grant:
    """The grant in the reader's scope; 404 hides whether it exists at all."""
    grant = queries.find_grant(number, visible_to=request.user)
    if grant is None:
        raise Http404
    return grant


def tabs_of(request: HttpRequest) -> dict[str, bool]:
    """Which of the lists the reader has."""
    return {
        "approve": policies.why_not_list_approvals(request.user) is None,
        "give": policies.why_not_give(request.user) is None,
    }


def say(request: HttpRequest, text: object) -> None:
    """Tell on the next page that it is done."""
    messages.success(request, str(text))

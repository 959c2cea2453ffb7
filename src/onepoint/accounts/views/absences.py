"""Delegation while absent: one's own, somebody's by an administrator, and the list of who is away."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from onepoint.accounts import forms, policies, queries, services
from onepoint.accounts.models import User
from onepoint.accounts.views.submitting import needs
from onepoint.core.submitting import status_of, succeeds
from onepoint.core.tables import Column, make_page

COLUMNS = [
    Column("absentee", gettext_lazy("Away"), ("absentee__name_key", "starts_at")),
    Column("deputy", gettext_lazy("Deputy"), ("deputy__name_key", "starts_at")),
    Column("from", gettext_lazy("From"), ("starts_at",), "num"),
    Column("until", gettext_lazy("Until"), ("ends_at",), "num"),
    Column("covers", gettext_lazy("What"), (), "wide"),
    Column("state", gettext_lazy("State")),
]


@needs("organisation.view")
def list_delegations(request: HttpRequest) -> HttpResponse:
    rows = queries.standing_delegations(visible_to=request.user)
    page = make_page(rows, COLUMNS, request.GET, default_sort="from")
    return render(request, "accounts/delegation_list.html", {"page": page})


def own_delegations(request: HttpRequest) -> HttpResponse:
    return _delegations(request, request.user)


@needs("organisation.view")
def delegations_of_person(request: HttpRequest, username: str) -> HttpResponse:
    return _delegations(request, _person(request, username))


def _person(request: HttpRequest, username: str) -> User:
    return get_object_or_404(queries.people(visible_to=request.user), username=username)


def _delegations(request: HttpRequest, person: User) -> HttpResponse:
    form = forms.DelegationForm(request.POST or None, absentee=person)
    if request.method == "POST" and succeeds(
        form, lambda data: services.delegate_work(person, **data, by=request.user)
    ):
        messages.success(request, _("Saved. The deputy sees the work from the first moment to the last."))
        return redirect(request.path)
    context = {
        "person": person,
        "is_own": person.pk == request.user.pk,
        "form": form,
        "refusal": policies.why_not_delegate(person, request.user),
        "delegations": queries.delegations_of(person),
        "deputyships": queries.standing_deputyships_of(person),
    }
    return render(request, "accounts/delegations.html", context, status=status_of(form))


@require_POST
def end_own_delegation(request: HttpRequest, pk: int) -> HttpResponse:
    return _end(request, request.user, pk, redirect("own-delegations"))


@require_POST
@needs("organisation.view")
def end_delegation(request: HttpRequest, username: str, pk: int) -> HttpResponse:
    return _end(request, _person(request, username), pk, redirect("person-delegations", username))


def _end(request: HttpRequest, person: User, pk: int, response: HttpResponse) -> HttpResponse:
    delegation = get_object_or_404(queries.delegations_of(person), pk=pk)
    services.end_delegation(delegation, by=request.user)
    messages.success(request, _("The delegation has ended."))
    return response

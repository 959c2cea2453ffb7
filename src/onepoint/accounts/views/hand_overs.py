"""Handing over all work of somebody who leaves: what there is, who gets it, and the report."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onepoint.accounts import forms, policies, queries, services
from onepoint.accounts.models import User
from onepoint.accounts.views.submitting import needs
from onepoint.core.submitting import status_of, succeeds
from onepoint.core.tables import Column, make_page

COLUMNS = [
    Column("kind", gettext_lazy("Kind"), ("kind", "pk")),
    Column("label", gettext_lazy("What"), css="wide"),
    Column("receiver", gettext_lazy("Receiver")),
    Column("state", gettext_lazy("State"), ("-problem", "pk")),
]


def _person(request: HttpRequest, username: str) -> User:
    return get_object_or_404(queries.people(visible_to=request.user), username=username)


@needs("person.manage")
def hand_over(request: HttpRequest, username: str) -> HttpResponse:
    person = _person(request, username)
    held = queries.held_by(person)
    form = forms.HandOverForm(request.POST or None, held=held)
    made = {}

    def write(_data: object) -> None:
        made["row"] = services.start_hand_over(person, **form.order(), by=request.user)

    if request.method == "POST" and succeeds(form, write):
        messages.success(request, _("The hand-over has begun."))
        return redirect("hand-over-report", username, made["row"].pk)
    context = {
        "person": person,
        "form": form,
        "lines": [(one, form[one.holding.kind]) for one in held],
        "refusal": policies.why_not_hand_over(person, request.user),
        "hand_overs": queries.hand_overs_of(person),
    }
    return render(request, "accounts/hand_over.html", context, status=status_of(form))


@needs("person.manage")
def show_hand_over(request: HttpRequest, username: str, pk: int) -> HttpResponse:
    person = _person(request, username)
    row = get_object_or_404(queries.hand_overs_of(person), pk=pk)
    page = make_page(queries.items_of(row), COLUMNS, request.GET, default_sort="state")
    context = {
        "person": person,
        "hand_over": row,
        "progress": queries.progress_of(row),
        "page": page,
        "lines": [(item, queries.kind_label(item)) for item in page.rows],
        "left": queries.held_by(person) if row.finished_at else [],
    }
    return render(request, "accounts/hand_over_report.html", context)

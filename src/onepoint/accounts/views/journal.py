"""The audit journal and the login policy."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onepoint.accounts import forms, queries, services
from onepoint.accounts.sessions import SECOND_FACTOR_DUE
from onepoint.accounts.views.submitting import needs
from onepoint.core.submitting import status_of, succeeds
from onepoint.core.tables import Column, make_page
from onepoint.core.timeline import name_actors, sentence_of

COLUMNS = [
    Column("at", gettext_lazy("When"), ("id",)),
    Column("actor", gettext_lazy("Who")),
    Column("verb", gettext_lazy("What")),
    Column("subject", gettext_lazy("About")),
    Column("details", gettext_lazy("Details"), css="wide"),
    Column("address", gettext_lazy("Address"), css="num"),
]


@needs("audit.view")
def list_entries(request: HttpRequest) -> HttpResponse:
    form = forms.JournalFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    page = make_page(
        queries.journal_entries(visible_to=request.user, **chosen), COLUMNS, request.GET, default_sort="-at"
    )
    subjects = queries.subjects_of(page.rows, visible_to=request.user)
    name_actors(page.rows)
    lines = [
        {
            "entry": entry,
            "sentence": sentence_of(entry),
            "subject": subjects[entry.pk],
            "details": queries.details_of(entry),
        }
        for entry in page.rows
    ]
    return render(request, "accounts/audit_list.html", {"form": form, "page": page, "lines": lines})


@needs("role.manage")
def change_login_policy(request: HttpRequest) -> HttpResponse:
    form = forms.LoginPolicyForm(request.POST or None, instance=queries.login_policy())
    if request.method == "POST" and succeeds(form, lambda data: services.change_login_policy(**data, by=request.user)):
        if queries.lacks_second_factor(request.user):
            request.session[SECOND_FACTOR_DUE] = True
        messages.success(request, _("Saved."))
        return redirect("login-policy")
    return render(request, "accounts/login_policy.html", {"form": form}, status=status_of(form))

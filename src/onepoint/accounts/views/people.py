"""People: the list and one person's page with posts, roles, groups, sessions and what he may see."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from onepoint.accounts import forms, passwords, policies, queries, services
from onepoint.accounts.models import User
from onepoint.accounts.views.submitting import needs
from onepoint.core.submitting import status_of, succeeds
from onepoint.core.tables import Column, make_page
from onepoint.core.text import clean

COLUMNS = [
    Column("number", gettext_lazy("Staff number"), ("username",)),
    Column("name", pgettext_lazy("person", "Name"), ("name_key", "username")),
    Column("unit", gettext_lazy("Home unit"), ("unit__path", "name_key")),
    Column("roles", gettext_lazy("Roles"), css="wide"),
    Column("phone", gettext_lazy("Telephone"), css="num"),
    Column("state", gettext_lazy("State"), ("-is_active", "name_key")),
]


def _person(request: HttpRequest, username: str) -> User:
    found = queries.people(visible_to=request.user).select_related("unit", "second_factor")
    return get_object_or_404(found, username=username)


@needs("organisation.view")
def list_people(request: HttpRequest) -> HttpResponse:
    form = forms.PeopleFilter(request.GET, visible_to=request.user)
    chosen = form.cleaned_data if form.is_valid() else {}
    rows = queries.filtered_people(visible_to=request.user, **chosen)
    context = {
        "form": form,
        "page": make_page(rows, COLUMNS, request.GET, default_sort="name"),
        "may_create": policies.why_not_permitted("person.manage", request.user) is None,
    }
    return render(request, "accounts/person_list.html", context)


@needs("organisation.view")
def show_person(request: HttpRequest, username: str) -> HttpResponse:
    return _render_person(request, _person(request, username))


def _render_person(request: HttpRequest, person: User, **changed: Any) -> HttpResponse:
    user = request.user
    may_change = policies.why_not_change_person(person, user) is None
    context = {
        "person": person,
        "appointments": queries.appointments_of(person),
        "grants": queries.grants_in_words(person),
        "groups": person.work_groups.all(),
        "interface_posts": person.interface_posts.select_related("unit"),
        "delegations": [one for one in queries.delegations_of(person) if one.is_standing],
        "deputyships": queries.standing_deputyships_of(person),
        "access": queries.access_of(person),
        "may_change": may_change,
        "may_end_sessions": policies.why_not_end_sessions(person, user) is None,
        "role_refusal": policies.why_not_touch_roles(person, user),
        "state_refusal": (
            policies.why_not_deactivate_person(person, user)
            if person.is_active
            else policies.why_not_reactivate_person(person, user)
        ),
        "reset_refusal": policies.why_not_reset_password(person, user),
        "factor": getattr(person, "second_factor", None),
        **changed,
    }
    if context["may_end_sessions"]:
        context["sessions"] = queries.session_list(person)
        context["locked_until"] = queries.locked_until(person)
    if may_change:
        context.setdefault("appointment_form", forms.AppointmentForm(visible_to=user))
        context.setdefault("reset_form", forms.PasswordResetForm())
    if not context["role_refusal"]:
        context.setdefault("grant_form", forms.GrantForm(initial={"unit": person.unit_id}))
    if context["factor"]:
        context["factor_refusal"] = policies.why_not_reset_second_factor(person, user)
    status = max((status_of(form) for form in changed.values()), default=200)
    return render(request, "accounts/person_detail.html", context, status=status)


@never_cache
@needs("person.manage")
def create_person(request: HttpRequest) -> HttpResponse:
    unit = queries.units(visible_to=request.user).filter(code=clean(request.GET.get("unit", ""))).first()
    form = forms.PersonForm(request.POST or None, initial={"unit": unit, "language": "zh-hans"})
    made: dict[str, Any] = {}

    def write(data: dict[str, Any]) -> None:
        made["password"] = "" if data["password"] else passwords.make_password()
        password = data["password"] or made["password"]
        made["person"] = services.create_person(**{**data, "password": password}, by=request.user)

    if request.method == "POST" and succeeds(form, write):
        return _show_password(request, made)
    context = {"form": form, "title": _("New person"), "back": None}
    return render(request, "accounts/person_form.html", context, status=status_of(form))


def _show_password(request: HttpRequest, made: dict[str, Any]) -> HttpResponse:
    """A made password is shown once, in the answer itself: it is stored nowhere."""
    if made["password"]:
        return render(request, "accounts/password_shown.html", made)
    messages.success(request, _("Saved."))
    return redirect("person-detail", made["person"].username)


@needs("person.manage")
def change_person(request: HttpRequest, username: str) -> HttpResponse:
    person = _person(request, username)
    names = ("name", "name_en", "phone", "email", "language")
    initial = {name: getattr(person, name) for name in names} | {"unit": person.unit_id}
    form = forms.PersonChangeForm(request.POST or None, initial=initial)
    if request.method == "POST" and succeeds(
        form, lambda data: services.change_person(person, **data, by=request.user)
    ):
        messages.success(request, _("Saved."))
        return redirect("person-detail", username)
    context = {"form": form, "title": person.label, "back": person}
    return render(request, "accounts/person_form.html", context, status=status_of(form))


@require_POST
@needs("person.manage")
def deactivate_person(request: HttpRequest, username: str) -> HttpResponse:
    services.deactivate_person(_person(request, username), by=request.user)
    messages.success(request, _("Locked. All sessions have ended."))
    return redirect("person-detail", username)


@require_POST
@needs("person.manage")
def reactivate_person(request: HttpRequest, username: str) -> HttpResponse:
    services.reactivate_person(_person(request, username), by=request.user)
    messages.success(request, _("May log in again."))
    return redirect("person-detail", username)


@never_cache
@require_POST
@needs("person.manage")
def reset_password(request: HttpRequest, username: str) -> HttpResponse:
    person = _person(request, username)
    form = forms.PasswordResetForm(request.POST)
    made: dict[str, Any] = {"person": person}

    def write(data: dict[str, Any]) -> None:
        made["password"] = "" if data["password"] else passwords.make_password()
        services.reset_password(person, password=data["password"] or made["password"], by=request.user)

    return _show_password(request, made) if succeeds(form, write) else _render_person(request, person, reset_form=form)


@require_POST
@needs("person.manage")
def lift_lock_out(request: HttpRequest, username: str) -> HttpResponse:
    services.lift_lock_out(_person(request, username), by=request.user)
    messages.success(request, _("May try again at once."))
    return redirect("person-detail", username)


@require_POST
@needs("person.manage", "role.manage")
def reset_second_factor(request: HttpRequest, username: str) -> HttpResponse:
    services.reset_second_factor(_person(request, username), by=request.user)
    messages.success(request, _("The second factor is forgotten. All sessions have ended."))
    return redirect("person-detail", username)


@require_POST
@needs("person.manage")
def end_sessions(request: HttpRequest, username: str) -> HttpResponse:
    services.end_sessions_of(_person(request, username), by=request.user)
    messages.success(request, _("All sessions have ended."))
    return redirect("person-detail", username)


@require_POST
@needs("person.manage")
def appoint_person(request: HttpRequest, username: str) -> HttpResponse:
    person = _person(request, username)
    form = forms.AppointmentForm(request.POST, visible_to=request.user)
    if succeeds(form, lambda data: services.appoint_person(person, **data, by=request.user)):
        return redirect("person-detail", username)
    return _render_person(request, person, appointment_form=form)


@require_POST
@needs("person.manage")
def end_appointment(request: HttpRequest, username: str, pk: int) -> HttpResponse:
    appointment = get_object_or_404(queries.appointments_of(_person(request, username)), pk=pk)
    form = forms.LastDayForm(request.POST)
    last_day = form.cleaned_data["last_day"] if form.is_valid() else None
    services.end_appointment(appointment, last_day=last_day, by=request.user)
    return redirect("person-detail", username)


@require_POST
@needs("person.manage")
def choose_first_post(request: HttpRequest, username: str, pk: int) -> HttpResponse:
    appointment = get_object_or_404(queries.appointments_of(_person(request, username)), pk=pk)
    services.choose_first_post(appointment, by=request.user)
    return redirect("person-detail", username)


@require_POST
@needs("person.manage", "role.manage")
def grant_role(request: HttpRequest, username: str) -> HttpResponse:
    person = _person(request, username)
    form = forms.GrantForm(request.POST)
    if succeeds(form, lambda data: services.grant_role(person, **data, by=request.user)):
        return redirect("person-detail", username)
    return _render_person(request, person, grant_form=form)


@require_POST
@needs("person.manage", "role.manage")
def revoke_role(request: HttpRequest, username: str, pk: int) -> HttpResponse:
    grant = get_object_or_404(queries.grants_of(_person(request, username)), pk=pk)
    services.revoke_role(grant, by=request.user)
    return redirect("person-detail", username)

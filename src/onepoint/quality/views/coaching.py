"""The case library, case meetings, training."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import BusinessError, InvalidInput, require
from onepoint.core.tables import Column, make_page
from onepoint.core.timeline import told
from onepoint.quality import coaching_rights as rights
from onepoint.quality.coaching_forms import (
    CaseFilterForm,
    CaseForm,
    ConclusionForm,
    MeetingForm,
    ProofForm,
    TrainingForm,
)
from onepoint.quality.models import CaseMeeting, CoachingCase, Training
from onepoint.quality.queries import coaching as queries
from onepoint.quality.queries.inspections import find_inspection
from onepoint.quality.services import coaching as services

CASES = [
    Column("title", gettext_lazy("Title"), css="wide"),
    Column("kind", gettext_lazy("Kind of case"), ("kind",)),
    Column("category", gettext_lazy("Category")),
    Column("tags", gettext_lazy("Tags")),
    Column("made", gettext_lazy("Since"), ("made_at",)),
]
MEETINGS = [
    Column("topic", gettext_lazy("Topic"), css="wide"),
    Column("held", gettext_lazy("Date and time"), ("held_at",)),
    Column("unit", gettext_lazy("Unit")),
    Column("leader", gettext_lazy("Led by")),
    Column("state", gettext_lazy("State"), ("state",)),
]
TRAININGS = [
    Column("topic", gettext_lazy("Topic"), css="wide"),
    Column("person", gettext_lazy("Person"), ("person__name_key",)),
    Column("unit", gettext_lazy("Unit")),
    Column("reason", gettext_lazy("Why")),
    Column("due", gettext_lazy("Until"), ("due_on",)),
    Column("state", gettext_lazy("State"), ("state",)),
    Column("action", "", css="actions"),
]
TRAINING_TABS = [
    ("mine", gettext_lazy("Mine")),
    ("planned", gettext_lazy("To be done")),
    ("late", gettext_lazy("Late")),
    ("done", gettext_lazy("Done")),
]


def _add_refusal(form: Any, refusal: InvalidInput) -> None:
    for name, text in refusal.errors.items():
        form.add_error(name if name in form.fields else None, str(text))


def _coaches(user: User) -> bool:
    return rights.why_not_coach(user) is None


@require_safe
def list_cases(request: HttpRequest) -> HttpResponse:
    require(rights.why_not_see_cases(request.user))
    form = CaseFilterForm(request.GET)
    form.is_valid()
    found = form.cleaned_data
    rows = queries.find_cases(
        text=found.get("q") or "", kind=found.get("kind") or "", tag=found.get("tag") or "",
        with_retired=_coaches(request.user),
    )  # fmt: skip
    page = make_page(rows, CASES, request.GET, default_sort="-made")
    return render(request, "quality/cases.html", {"page": page, "form": form, "may_coach": _coaches(request.user)})


def _case_or_404(request: HttpRequest, pk: int) -> CoachingCase:
    require(rights.why_not_see_cases(request.user))
    found = queries.find_case(pk, with_retired=_coaches(request.user))
    if found is None:
        raise Http404
    return found


@require_safe
def show_case(request: HttpRequest, pk: int) -> HttpResponse:
    case = _case_or_404(request, pk)
    sees = case.inspection_id and find_inspection(case.inspection_id, visible_to=request.user) is not None
    context = {
        "case": case,
        "may_coach": _coaches(request.user),
        "inspection_pk": case.inspection_id if sees and _coaches(request.user) else None,
        "meetings": queries.meetings_of_case(case, visible_to=request.user),
        "history": told(audit.entries_of("coaching_case", pk).order_by("-id")[:20]),
    }
    return render(request, "quality/case.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def create_case(request: HttpRequest) -> HttpResponse:
    require(rights.why_not_coach(request.user))
    form = CaseForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        made = services.create_case(services.CaseItems(**form.given()), by=request.user)
        messages.success(request, _("Saved."))
        return redirect(made)
    return render(request, "quality/case_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def change_case(request: HttpRequest, pk: int) -> HttpResponse:
    case = _case_or_404(request, pk)
    require(rights.why_not_coach(request.user))
    form = CaseForm.of(case, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        found = form.cleaned_data
        services.change_case(
            case, services.CaseItems(**form.given()), is_active=found["is_active"],
            lock_version=found["lock_version"] or 0, by=request.user,
        )  # fmt: skip
        messages.success(request, _("Saved."))
        return redirect(case)
    return render(request, "quality/case_form.html", {"form": form, "case": case}, status=422 if form.is_bound else 200)


@require_POST
def take_into_library(request: HttpRequest, pk: int) -> HttpResponse:
    """One click on an inspection."""
    inspection = find_inspection(pk, visible_to=request.user)
    if inspection is None or not inspection.has_result:
        raise Http404
    made = services.take_into_library(inspection, by=request.user)
    messages.success(request, _("Taken into the library without names. Read it once more before others do."))
    return redirect("coaching-case-change", made.pk)


@require_safe
def list_meetings(request: HttpRequest) -> HttpResponse:
    page = make_page(queries.meetings(visible_to=request.user), MEETINGS, request.GET, default_sort="-held")
    return render(request, "quality/meetings.html", {"page": page, "may_coach": _coaches(request.user)})


def _meeting_or_404(request: HttpRequest, pk: int) -> CaseMeeting:
    found = queries.find_meeting(pk, visible_to=request.user)
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def create_meeting(request: HttpRequest) -> HttpResponse:
    require(rights.why_not_coach(request.user))
    initial = {"unit": request.user.unit_id, "leader": request.user.pk, "cases": request.GET.getlist("case")}
    form = MeetingForm(
        request.POST if request.method == "POST" else None, initial=initial, cases=queries.find_cases()
    )  # fmt: skip
    if form.is_bound and form.is_valid():
        try:
            made = services.plan_meeting(services.MeetingItems(**form.cleaned_data), by=request.user)
            messages.success(request, _("Planned. Those asked are told."))
            return redirect(made)
        except InvalidInput as refusal:
            _add_refusal(form, refusal)
        except BusinessError as refusal:
            form.add_error("unit", str(refusal))
    return render(request, "quality/meeting_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def show_meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """A meeting; posting notes who came and what was concluded."""
    meeting = _meeting_or_404(request, pk)
    asked = queries.attendances_of(meeting)
    why_not = rights.why_not_change_meeting(meeting, request.user)
    if request.method == "POST":
        require(why_not)
    form = ConclusionForm(meeting, asked, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        found = form.cleaned_data
        services.conclude_meeting(
            meeting, present=[int(one) for one in found["present"]], conclusions=found["conclusions"], by=request.user
        )
        messages.success(request, _("Noted."))
        return redirect(meeting)
    context = {
        "meeting": meeting,
        "asked": asked,
        "cases": list(meeting.cases.all()),
        "form": form if why_not is None else None,
        "sees_cases": rights.why_not_see_cases(request.user) is None,
    }
    return render(request, "quality/meeting.html", context, status=422 if form.is_bound else 200)


@require_safe
def list_trainings(request: HttpRequest) -> HttpResponse:
    coaches = _coaches(request.user)
    which = request.GET.get("which", "planned" if coaches else "mine")
    which = which if which in dict(TRAINING_TABS) else "mine"
    page = make_page(queries.find_trainings(which, visible_to=request.user), TRAININGS, request.GET, default_sort="due")
    context = {"page": page, "tabs": TRAINING_TABS, "which": which, "may_coach": coaches, "today": clock.today()}
    return render(request, "quality/trainings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_training(request: HttpRequest, username: str) -> HttpResponse:
    """Training of one person, with what that person was marked for lately as topics to take over."""
    require(rights.why_not_coach(request.user))
    person = queries.find_person(username, coached_by=request.user)
    if person is None:
        raise Http404
    topics = queries.topics_for(person)
    initial = {"due_on": clock.today() + timedelta(days=30), "topic": request.GET.get("topic", "")[:200]}
    form = TrainingForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            services.plan_training(services.TrainingItems(person=person, **form.cleaned_data), by=request.user)
            messages.success(request, _("Planned. The person is told."))
            return redirect("training-list")
        except InvalidInput as refusal:
            _add_refusal(form, refusal)
    context = {"form": form, "person": person, "topics": topics}
    return render(request, "quality/training_form.html", context, status=422 if form.is_bound else 200)


def _training_or_404(request: HttpRequest, pk: int) -> Training:
    found = queries.find_training(pk, visible_to=request.user)
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def finish_training(request: HttpRequest, pk: int) -> HttpResponse:
    """One training; posting says what proves that it was done."""
    training = _training_or_404(request, pk)
    why_not = rights.why_not_finish_training(training, request.user)
    if request.method == "POST":
        require(why_not)
    form = ProofForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        services.finish_training(training, proof=form.cleaned_data["proof"], by=request.user)
        messages.success(request, _("Noted."))
        return redirect("training-list")
    context = {
        "training": training,
        "form": form if why_not is None else None,
        "drops": rights.why_not_drop_training(training, request.user) is None,
    }
    return render(request, "quality/training.html", context, status=422 if form.is_bound else 200)


@require_POST
def drop_training(request: HttpRequest, pk: int) -> HttpResponse:
    services.drop_training(_training_or_404(request, pk), by=request.user)
    messages.success(request, _("Dropped."))
    return redirect("training-list")

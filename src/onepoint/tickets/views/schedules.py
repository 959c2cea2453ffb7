"""Tickets that open by themselves, and the tags of the house."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.core import clock
from onepoint.core.errors import BusinessError, require
from onepoint.core.tables import Column, make_page
from onepoint.tickets import policies, related, services
from onepoint.tickets.models import Tag, TicketSchedule
from onepoint.tickets.relation_forms import ScheduleForm, TagForm
from onepoint.tickets.services.schedules import recurrence_of
from onepoint.tickets.views.relations import add_refusal

COLUMNS = [
    Column("name", gettext_lazy("Name"), ("name",), css="wide"),
    Column("frequency", gettext_lazy("How often")),
    Column("next", gettext_lazy("Next date"), ("next_at",)),
    Column("category", gettext_lazy("Category")),
    Column("region", gettext_lazy("Region")),
    Column("owner", gettext_lazy("Responsible person")),
    Column("last", gettext_lazy("Last ticket")),
]


def _schedule_or_404(request: HttpRequest, pk: int) -> TicketSchedule:
    require(policies.why_not_manage_schedules(request.user))
    schedule = related.find_schedule(pk, visible_to=request.user)
    if schedule is None:
        raise Http404
    return schedule


@require_safe
def list_schedules(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage_schedules(request.user))
    page = make_page(related.schedules(visible_to=request.user), COLUMNS, request.GET, default_sort="next")
    last = related.last_occurrences([schedule.pk for schedule in page.rows])
    rows = [(schedule, last.get(schedule.pk)) for schedule in page.rows]
    return render(request, "tickets/schedules.html", {"page": page, "rows": rows})


def _save(request: HttpRequest, schedule: TicketSchedule | None) -> HttpResponse:
    initial = related.items_of_schedule(schedule) if schedule else {"starts_on": clock.today()}
    form = ScheduleForm(request.POST or None, initial=initial, user=request.user)
    preview = recurrence_of(schedule).preview(after=clock.now()) if schedule and schedule.is_active else []
    if form.is_bound and form.is_valid():
        items = form.items()
        preview = items.recurrence().preview(after=clock.now())
        if "preview" not in request.POST:
            try:
                if schedule is None:
                    services.create_schedule(items, by=request.user)
                else:
                    version = form.cleaned_data["version"] or 0
                    services.change_schedule(schedule, items, version=version, by=request.user)
                messages.success(request, _("Saved."))
                return redirect("schedule-list")
            except BusinessError as refusal:
                add_refusal(form, refusal)
    is_refused = form.is_bound and bool(form.errors)
    context = {
        "form": form,
        "schedule": schedule,
        "preview": preview,
        "was_previewed": "preview" in request.POST,
        "occurrences": related.occurrences_of(schedule) if schedule else [],
    }
    return render(request, "tickets/schedule.html", context, status=422 if is_refused else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def create_schedule(request: HttpRequest) -> HttpResponse:
    """Plan a ticket; the button “preview” shows its next dates and saves nothing."""
    require(policies.why_not_manage_schedules(request.user))
    return _save(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def change_schedule(request: HttpRequest, pk: int) -> HttpResponse:
    return _save(request, _schedule_or_404(request, pk))


@require_POST
def pause_schedule(request: HttpRequest, pk: int) -> HttpResponse:
    services.pause_schedule(_schedule_or_404(request, pk), by=request.user)
    messages.success(request, _("Paused: it opens nothing until it is resumed."))
    return redirect("schedule-list")


@require_POST
def resume_schedule(request: HttpRequest, pk: int) -> HttpResponse:
    services.resume_schedule(_schedule_or_404(request, pk), by=request.user)
    messages.success(request, _("It goes on with its next date."))
    return redirect("schedule-list")


# --- tags -------------------------------------------------------------------------------------------------------


@require_safe
def list_tags(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage_tags(request.user))
    return render(request, "tickets/tags.html", {"tags": related.all_tags()})


def _save_tag(request: HttpRequest, tag: Tag | None) -> HttpResponse:
    require(policies.why_not_manage_tags(request.user))
    form = TagForm(request.POST or None, instance=tag, initial={} if tag else {"is_active": True})
    if form.is_bound and form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("name", "name_en", "colour", "unit")}
        try:
            if tag is None:
                services.create_tag(**values, by=request.user)
            else:
                services.change_tag(tag, **values, is_active=form.cleaned_data["is_active"], by=request.user)
            messages.success(request, _("Saved."))
            return redirect("tag-list")
        except BusinessError as refusal:
            add_refusal(form, refusal)
    return render(request, "tickets/tag.html", {"form": form, "tag": tag}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def create_tag(request: HttpRequest) -> HttpResponse:
    return _save_tag(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def change_tag(request: HttpRequest, pk: int) -> HttpResponse:
    tag = related.find_tag(pk)
    if tag is None:
        raise Http404
    return _save_tag(request, tag)

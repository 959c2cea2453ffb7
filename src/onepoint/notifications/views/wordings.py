"""How the house words what it tells."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.core import audit
from onepoint.core.submitting import status_of
from onepoint.core.timeline import told
from onepoint.notifications import registry, services
from onepoint.notifications.forms import WordingForm
from onepoint.notifications.queries import wordings as queries
from onepoint.notifications.queries.wordings import Wordings
from onepoint.notifications.registry import LANGUAGES, Event
from onepoint.notifications.rendering import Preview, preview
from onepoint.notifications.services.wordings import stamp_of
from onepoint.notifications.states import Way
from onepoint.notifications.views.submitting import for_managers, succeeds


class Text(NamedTuple):
    """One text in the list."""

    way: str
    language: str
    label: str
    is_own: bool


LANGUAGE_NAMES = {"zh-hans": "中文", "en": "English"}  # each in itself


@require_GET
@for_managers
def list_wordings(request: HttpRequest) -> HttpResponse:
    changed = queries.changed_texts()
    groups = [
        (label, [(event, _texts(event, changed)) for event in registry.all_events() if event.group == group])
        for group, label in registry.all_groups()
    ]
    return render(request, "notifications/wordings.html", {"groups": groups, "ways": list(Way)})


def _texts(event: Event, changed: set[tuple[str, str, str]]) -> list[list[Text]]:
    """Per way, the languages."""
    return [
        [
            Text(way, language, LANGUAGE_NAMES[language], (event.name, way, language) in changed)
            for language in LANGUAGES
        ]
        for way in Way.values
    ]


def _event_or_404(name: str, way: str, language: str) -> Event:
    event = registry.find_event(name)
    if event is None or way not in Way.values or language not in LANGUAGES:
        raise Http404
    return event


@require_http_methods(["GET", "POST"])
@for_managers
def change_wording(request: HttpRequest, name: str, way: str, language: str) -> HttpResponse:
    """One text: to change, or (``do=preview``) to look at before it is saved."""
    event = _event_or_404(name, way, language)
    row = queries.find_template(event, way, language)
    now = Wordings([row] if row else []).of(event, way, language)
    initial = {"subject": now.subject, "body": now.body, "seen": stamp_of(row)}
    form = WordingForm(request.POST or None, way=way, initial=initial)
    wants_preview = request.POST.get("do") == "preview"
    if (
        request.method == "POST"
        and not wants_preview
        and succeeds(form, lambda: _change(request, event, form, way, language))
    ):
        messages.success(request, _("Saved."))
        return redirect("notification-text", name, way, language)
    context = {
        "event": event, "way": Way(way), "language": language, "form": form, "row": row, "now": now,
        "delivered": queries.delivered(event, way, language), "variables": queries.variables_of(event),
        "preview": _preview(event, form, way, language), "switches": _switches(event, way, language),
        "history": told(audit.entries_of("notification_text", row.pk)) if row else [],
    }  # fmt: skip
    return render(request, "notifications/wording.html", context, status=status_of(form))


def _change(request: HttpRequest, event: Event, form: WordingForm, way: str, language: str) -> None:
    values = form.cleaned_data
    services.change_wording(
        event, way, language, subject=values.get("subject", ""), body=values["body"], seen=values["seen"],
        by=request.user,
    )  # fmt: skip


def _preview(event: Event, form: WordingForm, way: str, language: str) -> Preview:
    values: Any = form.data if form.is_bound else form.initial
    return preview(event, way, language, subject=str(values.get("subject") or ""), body=str(values.get("body") or ""))


def _switches(event: Event, way: str, language: str) -> list[tuple[str, str, str, bool]]:
    """The other texts of the same event: label, way, language, whether it is this one."""
    return [
        (f"{other.label} · {LANGUAGE_NAMES[spoken]}", other.value, spoken, (other.value, spoken) == (way, language))
        for other in Way
        for spoken in LANGUAGES
    ]


@require_POST
@for_managers
def reset_wording(request: HttpRequest, name: str, way: str, language: str) -> HttpResponse:
    services.reset_wording(_event_or_404(name, way, language), way, language, by=request.user)
    messages.success(request, _("The delivered text is used again."))
    return redirect("notification-text", name, way, language)

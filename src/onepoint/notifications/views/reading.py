"""What somebody was told: the bell, its drop-down, the list."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from onepoint.core.tables import Column, make_page
from onepoint.notifications import registry, services
from onepoint.notifications.forms import NoticeFilter
from onepoint.notifications.models import Notification
from onepoint.notifications.queries import notices as queries
from onepoint.notifications.queries.conversations import unread_conversations
from onepoint.notifications.rendering import Told, in_words
from onepoint.notifications.states import Way, WayState

COLUMNS = [
    Column("told", gettext_lazy("Told"), ("id",), "num"),
    Column("what", gettext_lazy("Notification"), (), "wide"),
    Column("event", gettext_lazy("Event")),
    Column("state", ""),
]
NEWEST = 8
TONES = {WayState.FAILED.value: "bad", WayState.NO_ADDRESS.value: "warn"}


class Line(NamedTuple):
    """A notification as a page shows it."""

    row: Notification
    told: Told
    about: str

    @property
    def sent(self) -> list[tuple[str, str, str]]:
        """The ways outside the application: name, how far it came, tone."""
        return [
            (str(Way(way).label), str(WayState(state).label), TONES.get(state, "muted"))
            for way, state in self.row.ways.items()
            if way in Way.values and state in WayState.values
        ]


def _capped(count: int) -> str:
    return f"{queries.MOST_COUNTED}+" if count > queries.MOST_COUNTED else str(count)


def _lines(rows: Sequence[Notification]) -> list[Line]:
    wordings = queries.wordings_for(rows) if rows else None
    language = get_language() or "zh-hans"
    return [Line(row, in_words(row, wordings, language), registry.label_of(row.event)) for row in rows if wordings]


def _own_or_404(request: HttpRequest, pk: int) -> Notification:
    found = queries.find_notice(pk, visible_to=request.user)
    if found is None:
        raise Http404
    return found


def _fragment(template: str, context: dict[str, Any]) -> HttpResponse:
    """Without what the shell of a page asks the database for: every page anybody opens fetches the bell."""
    return HttpResponse(render_to_string(template, context))


@require_GET
@never_cache
def show_bell(request: HttpRequest) -> HttpResponse:
    """Fragment: how many are unread, and beside it how many conversations hold something unread."""
    count, written = queries.unread_count(request.user), unread_conversations(request.user)
    context = {"count": count, "shown": _capped(count), "messages": written and _capped(written)}
    return _fragment("notifications/_bell.html", context)


@require_GET
@never_cache
def newest_notifications(request: HttpRequest) -> HttpResponse:
    """Fragment: what the drop-down of the bell shows."""
    rows = queries.newest_notices(request.user, limit=NEWEST)
    return _fragment("notifications/_newest.html", {"lines": _lines(rows)})


@require_GET
def list_notifications(request: HttpRequest) -> HttpResponse:
    form = NoticeFilter(request.GET)
    page = make_page(
        queries.filtered_notices(visible_to=request.user, **form.criteria()), COLUMNS, request.GET, default_sort="-told"
    )
    newest = max((row.pk for row in page.rows), default=0)
    context = {"form": form, "page": page, "lines": _lines(page.rows), "newest": newest}
    return render(request, "notifications/list.html", context)


@require_GET
def open_notification(request: HttpRequest, pk: int) -> HttpResponse:
    """To what it is about; whoever opens it has read it."""
    notice = _own_or_404(request, pk)
    services.mark_read(notice, by=request.user)
    return redirect(notice.url or "notification-list")


@require_POST
def read_notification(request: HttpRequest, pk: int) -> HttpResponse:
    services.mark_read(_own_or_404(request, pk), by=request.user)
    return redirect("notification-list")


@require_POST
def read_all_notifications(request: HttpRequest) -> HttpResponse:
    until = request.POST.get("until", "")
    count = services.mark_all_read(until=int(until) if until.isdecimal() and len(until) < 19 else 0, by=request.user)
    text = ngettext("%(count)s notification marked as read.", "%(count)s notifications marked as read.", count)
    messages.success(request, text % {"count": count})
    return redirect("notification-list")

"""Pages of the counter: the agent's window, the kiosk, the hall's screen, and the page of who holds a number."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.accounts.policies import why_not_permitted
from onepoint.channels import policies, services
from onepoint.channels.forms.counter import CounterQueueForm, TakeNumberForm, WindowForm
from onepoint.channels.models import CounterNumber, CounterQueue, CounterWindow
from onepoint.channels.queries import counter as queries
from onepoint.channels.queries import find_contact
from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import Column, make_page

#: Where the browser remembers the window it stands at.
WINDOW = "counter_window"
COLUMNS = [
    Column("hall", gettext_lazy("Business hall"), ("unit__path", "prefix"), "wide"),
    Column("prefix", gettext_lazy("Letters"), ("prefix",)),
    Column("name", gettext_lazy("Name"), ("name",), "wide"),
    Column("today", gettext_lazy("Numbers today"), (), "num"),
    Column("state", gettext_lazy("State")),
    Column("links", "", (), "actions"),
]


def _queue_or_404(request: HttpRequest, pk: int, permission: str) -> CounterQueue:
    queue = queries.find_counter_queue(pk, visible_to=request.user, permission=permission)
    if queue is None:
        raise Http404
    return queue


def _number_or_404(request: HttpRequest, pk: int) -> CounterNumber:
    number = queries.find_number(pk, visible_to=request.user)
    if number is None:
        raise Http404
    return number


def _window_of(request: HttpRequest) -> CounterWindow | None:
    lines = queries.counter_queues(visible_to=request.user)
    chosen = request.session.get(WINDOW)
    return queries.find_window(chosen, units=[line.unit_id for line in lines]) if isinstance(chosen, int) else None


# --- the agent's window


@require_GET
def counter(request: HttpRequest) -> HttpResponse:
    """Whom one serves, who waits; first of all, at which window one sits."""
    require(why_not_permitted("counter.serve", request.user))
    lines = list(queries.counter_queues(visible_to=request.user))
    window = _window_of(request)
    if window is None:
        halls = {line.unit_id: line.unit for line in lines}
        choices = [(hall, list(queries.windows_of(hall))) for hall in halls.values()]
        return render(request, "channels/counter_windows.html", {"choices": choices})
    number = queries.number_in_hand(request.user)
    context = {
        "window": window,
        "lines": [line for line in lines if line.unit_id == window.unit_id],
        "number": number,
        "waiting": queries.waiting_numbers(window.unit),
        "missed": queries.missed_numbers(window.unit),
        "figures": queries.counter_figures(window.unit),
    }
    return render(request, "channels/counter.html", context)


@require_POST
def counter_window(request: HttpRequest) -> HttpResponse:
    """Sit down at a window, or get up."""
    require(why_not_permitted("counter.serve", request.user))
    text = request.POST.get("window", "")
    units = [line.unit_id for line in queries.counter_queues(visible_to=request.user)]
    window = queries.find_window(int(text), units=units) if text.isdecimal() and len(text) < 18 else None
    if window is None:
        request.session.pop(WINDOW, None)
    else:
        request.session[WINDOW] = window.pk
    return redirect("counter")


@require_POST
def counter_call(request: HttpRequest) -> HttpResponse:
    require(why_not_permitted("counter.serve", request.user))
    window = _window_of(request)
    if window is None:
        raise InvalidInput({"window": _("Please choose your window first.")})
    text = request.POST.get("queue", "")
    queue = _queue_or_404(request, int(text), "counter.serve") if text.isdecimal() and len(text) < 18 else None
    services.call_next(window, queue=queue, by=request.user)
    return redirect("counter")


_VERBS = {
    "recall": services.recall_number,
    "finish": services.finish_number,
    "miss": services.miss_number,
    "bring-back": services.bring_back,
}


@require_POST
def number_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Call again, start, finish, not there, back again, to another line."""
    number = _number_or_404(request, pk)
    if verb == "start":
        contact = services.start_serving(number, by=request.user)
        return redirect(f"{reverse('intake')}?contact={contact.number}")
    if verb == "transfer":
        text = request.POST.get("queue", "")
        to = (
            queries.find_counter_queue(int(text), visible_to=request.user)
            if text.isdecimal() and len(text) < 18
            else None
        )
        if to is None:
            raise InvalidInput({"queue": _("Please choose another line of this hall.")})
        services.transfer_number(number, to=to, by=request.user)
    elif verb in _VERBS:
        _VERBS[verb](number, by=request.user)
    else:
        raise Http404
    return redirect("counter")


# --- the kiosk


@require_http_methods(["GET", "HEAD", "POST"])
def kiosk(request: HttpRequest, pk: int) -> HttpResponse:
    """A page of its own for the screen at the door: press what you come for, get a number."""
    queue = _queue_or_404(request, pk, "counter.greet")
    require(policies.why_not_give_number(queue, request.user))
    form = TakeNumberForm(request.POST or None, initial={"request_key": uuid4()})
    if request.method == "POST" and form.is_valid():
        try:
            number = services.take_number(
                queue, page_of=lambda token: _page_of(request, token), **form.cleaned_data, by=request.user
            )
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("kiosk-number", queue.pk, number.token)
    context = {"queue": queue, "form": form, "waiting": queries.counter_figures(queue.unit).waiting}
    return render(request, "channels/kiosk.html", context, status=422 if form.errors else 200)


def _page_of(request: HttpRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("hall-number", args=[token]))


@require_GET
def kiosk_number(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """The number just given, to be read or printed; the kiosk goes back by itself."""
    queue = _queue_or_404(request, pk, "counter.greet")
    number = queries.number_of_token(token)
    if number is None or number.queue_id != queue.pk:
        raise Http404
    context = {"queue": queue, "number": number, "ahead": queries.count_ahead(number), "page": _page_of(request, token)}
    return render(request, "channels/kiosk_number.html", context)


# --- without a login, by addresses nobody can guess


@require_GET
def hall_screen(request: HttpRequest, token: str) -> HttpResponse:
    """The screen of a hall: who is called where, and how many wait."""
    queue = queries.queue_of_screen(token)
    if queue is None:
        raise Http404
    context = {
        "queue": queue,
        "called": queries.called_numbers(queue.unit),
        "waiting": queries.waiting_numbers(queue.unit, limit=20),
        "figures": queries.counter_figures(queue.unit),
    }
    return render(request, "channels/hall_screen.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def hall_number(request: HttpRequest, token: str) -> HttpResponse:
    """What who holds a number sees on the telephone; the number can be given back."""
    number = queries.number_of_token(token)
    if number is None:
        raise Http404
    if request.method == "POST":
        services.leave_line(number, by=None)
        return redirect("hall-number", token)
    figures = queries.counter_figures(number.queue.unit)
    context = {"number": number, "ahead": queries.count_ahead(number), "figures": figures}
    return render(request, "channels/hall_number.html", context)


# --- arranging


@require_GET
def counter_queue_list(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_arrange_counter(None, request.user))
    found = queries.counter_queues(visible_to=request.user, permission="counter.manage", only_in_use=False)
    page = make_page(found, COLUMNS, request.GET, default_sort="hall")
    return render(request, "channels/counter_queues.html", {"page": page, "today": queries.today()})


def _written(form: CounterQueueForm, queue: CounterQueue | None, request: HttpRequest) -> CounterQueue | None:
    if not form.is_valid():
        return None
    try:
        return services.save_counter_queue(queue, by=request.user, **form.values())
    except InvalidInput as refusal:
        add_refusal(form, refusal)
    return None


@require_http_methods(["GET", "HEAD", "POST"])
def counter_queue_create(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_arrange_counter(None, request.user))
    form = CounterQueueForm(request.POST or None)
    if request.method == "POST" and (made := _written(form, None, request)):
        messages.success(request, _("The waiting line is set up. Now name its windows."))
        return redirect("counter-queue-change", made.pk)
    return render(request, "channels/counter_queue.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def counter_queue_change(request: HttpRequest, pk: int) -> HttpResponse:
    queue = _queue_or_404(request, pk, "counter.manage")
    form = CounterQueueForm(request.POST or None, instance=queue, initial={"version": queue.version})
    if request.method == "POST" and _written(form, queue, request):
        messages.success(request, _("The waiting line is changed."))
        return redirect("counter-queue-change", pk)
    context: dict[str, Any] = {"form": form, "queue": queue, "window_form": WindowForm()}
    context |= {
        "windows": queries.windows_of(queue.unit, only_in_use=False),
        "screen": request.build_absolute_uri(reverse("hall-screen", args=[queue.screen_token])),
    }
    return render(request, "channels/counter_queue.html", context, status=422 if form.errors else 200)


@require_POST
def counter_window_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a window of the hall, or close one."""
    queue = _queue_or_404(request, pk, "counter.manage")
    name, is_open = request.POST.get("name", ""), request.POST.get("open", "1") == "1"
    name_en = request.POST.get("name_en")  # not sent by the buttons that open and close
    services.save_window(queue.unit, name=name, name_en=name_en, is_active=is_open, by=request.user)
    messages.success(request, _("The windows are changed."))
    return redirect("counter-queue-change", pk)


@require_GET
def visit_of_contact(request: HttpRequest, number: str) -> HttpResponse:
    """Panel of a contact: how long its visitor waited and was served; empty for other contacts."""
    contact = find_contact(number, visible_to=request.user)
    if contact is None:
        raise Http404
    visit = queries.number_of_contact(contact)
    if visit is None:
        return HttpResponse("")
    waited = visit.called_at - visit.taken_at if visit.called_at else None
    served = visit.finished_at - visit.started_at if visit.finished_at and visit.started_at else None
    return render(request, "channels/contact_visit.html", {"number": visit, "waited": waited, "served": served})

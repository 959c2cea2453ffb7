"""Acting on many tickets: choosing what is done, its progress, and what became of each."""

from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.core.errors import BusinessError, InvalidInput, require
from onepoint.core.exporting import why_not_export
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import Column, make_page
from onepoint.tickets import batch_rights, batches, services
from onepoint.tickets.batch_forms import CANNOT_BE_UNDONE, BatchForm, ItemFilterForm, offered_verbs
from onepoint.tickets.batch_states import BatchVerb, ItemState
from onepoint.tickets.batches import MOST, Chosen
from onepoint.tickets.list_forms import TicketFilterForm
from onepoint.tickets.models import BatchRun

COLUMNS = [
    Column("started", _("Started"), ("started_at",), "num"),
    Column("verb", _("What is done"), (), "wide"),
    Column("state", _("State")),
    Column("tickets", _("Tickets"), ("total",), "num right"),
    Column("ended", _("Ended"), (), "num"),
]
ITEM_COLUMNS = [
    Column("ticket", _("Ticket"), ("ticket_id",), "num"),
    Column("title", _("Title"), (), "wide"),
    Column("outcome", _("Outcome")),
    Column("reason", _("Remark"), (), "wide"),
    Column("at", _("At"), ("done_at",), "num"),
]
TONES = {ItemState.DONE: "good", ItemState.REFUSED: "warn", ItemState.FAILED: "bad", ItemState.WAITING: "muted"}
MOST_IDS = 200


def chosen_of(parameters: QueryDict) -> Chosen:
    """The tickets a form means: those ticked, or all its filter finds."""
    if parameters.get("everything"):
        query = QueryDict(parameters.get("query", "")[:4000])
        return Chosen(found=TicketFilterForm(query).chosen())
    ids = [int(one) for one in parameters.getlist("ticket")[:MOST_IDS] if one.isdecimal() and len(one) < 18]
    return Chosen(ids=ids)


@require_http_methods(["GET", "HEAD", "POST"])
def create_batch(request: HttpRequest) -> HttpResponse:
    """What is to be done to the tickets chosen in the list, and to how many."""
    require(batch_rights.why_not_batch(request.user))
    given = request.POST if request.method == "POST" else request.GET
    verbs = dict(offered_verbs(request.user))
    verb = given.get("verb", "")
    if verb not in verbs:
        verb = next(iter(verbs))
    chosen = chosen_of(given)
    steps = batches.steps_of(chosen, visible_to=request.user) if verb == BatchVerb.COMPLETE else []
    initial = {"request_key": uuid4()}
    data = request.POST if request.method == "POST" and "request_key" in request.POST else None
    form = BatchForm(data, verb=verb, user=request.user, steps=steps, initial=initial, prefix=None)
    if data is not None and form.is_valid():
        try:
            run = services.start_batch(
                verb, form.parameters(), chosen, key=form.cleaned_data["request_key"], by=request.user
            )
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        except BusinessError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(run)
    count = batches.count_chosen(chosen, visible_to=request.user)
    context = {
        "form": form,
        "verb": verb,
        "verbs": verbs.items(),
        "label": verbs[verb],
        "hidden": [(name, value) for name in ("ticket", "everything", "query") for value in given.getlist(name)],
        "count": count,
        "is_too_many": count is not None and count > MOST,
        "most": MOST,
        "sample": batches.sample_of(chosen, visible_to=request.user),
        "cannot_be_undone": verb in CANNOT_BE_UNDONE,
        "has_no_steps": verb == BatchVerb.COMPLETE and not any(step.outcomes for step in steps),
    }
    return render(request, "tickets/batch_create.html", context, status=200 if data is None else 422)


@require_safe
def list_batches(request: HttpRequest) -> HttpResponse:
    """What the reader has started."""
    require(batch_rights.why_not_batch(request.user))
    page = make_page(batches.batches(visible_to=request.user), COLUMNS, request.GET, default_sort="-started")
    return render(request, "tickets/batches.html", {"page": page})


def _batch_or_404(request: HttpRequest, pk: int) -> BatchRun:
    run = batches.find_batch(pk, visible_to=request.user)
    if run is None:
        raise Http404
    return run


@require_safe
def show_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is; the progress alone for HTMX while it runs."""
    run = _batch_or_404(request, pk)
    counts = batches.counts_of(run)
    settled = run.total - counts[ItemState.WAITING]
    context: dict[str, Any] = {
        "run": run,
        "figures": [(ItemState(state).label, counts[state], TONES[ItemState(state)], state) for state in ItemState],
        "settled": settled,
        "percent": 100 * settled // run.total if run.total else 100,
        "may_stop": batch_rights.why_not_stop_batch(run, request.user) is None,
        "may_repeat": batch_rights.why_not_repeat_batch(run, request.user) is None
        and counts[ItemState.DONE] < run.total,
        "may_export": why_not_export("batch_items", request.user) is None,
    }
    asks_progress = bool(request.htmx) and request.GET.get("part") == "progress"
    if asks_progress and run.is_running:
        return render(request, "tickets/batch_progress.html", context)
    form = ItemFilterForm(request.GET)
    form.is_valid()
    items = batches.items_of(run, state=form.cleaned_data.get("state", ""), visible_to=request.user)
    if number := form.cleaned_data.get("q", "").strip().upper():
        items = items.filter(ticket__number__startswith=number)
    context |= {
        "form": form,
        "page": make_page(items, ITEM_COLUMNS, request.GET, default_sort="ticket"),
        "tones": TONES,
    }
    response = render(request, "tickets/batch.html", context)
    if asks_progress:
        response["HX-Refresh"] = "true"  # it has ended: the whole page is another one now
    return response


@require_POST
def stop_batch(request: HttpRequest, pk: int) -> HttpResponse:
    return redirect(services.stop_batch(_batch_or_404(request, pk), by=request.user))


@require_POST
def repeat_batch(request: HttpRequest, pk: int) -> HttpResponse:
    return redirect(services.repeat_batch(_batch_or_404(request, pk), by=request.user))

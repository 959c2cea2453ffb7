"""Every action on a ticket: a plain POST, one service, then back to the page with a message."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onepoint.accounts import queries as accounts_queries
from onepoint.core import drafts, stamped
from onepoint.core.errors import BusinessError, InvalidInput
from onepoint.core.text import whole_number
from onepoint.tickets import queries, services
from onepoint.tickets.models import Ticket
from onepoint.tickets.views.detail import CLAIMS_NOTHING, refused, ticket_or_404
from onepoint.tickets.views.task_panels import Typed, typed_in
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import UserTask


def _task_or_404(ticket: Ticket, pk: int) -> UserTask:
    task = queries.find_task(ticket, pk)
    if task is None:
        raise Http404
    return task


def _key(request: HttpRequest) -> str:
    """The idempotency key of a form: sent twice, it acts once."""
    key = request.POST.get("key", "")[:64]
    return f"page:{request.user.pk}:{key}" if key else ""


def act_on_task(
    request: HttpRequest,
    number: str,
    pk: int,
    action: str,
    done: str,
    run: Callable[[UserTask, Typed], Any],
    then: str = "",
) -> HttpResponse:
    """Run one service on a task; what was typed comes back with the reason when it is refused.

    ``then`` is put behind the address of the ticket that is shown afterwards.
    """
    ticket = queries.find_ticket_acted_on(number, visible_to=request.user)
    if ticket is None:
        raise Http404
    task = _task_or_404(ticket, pk)
    typed = typed_in(request, task, action)
    try:
        # No step changes what the process keeps.
        with stamped.as_of(request.user.stamps):
            run(task, typed)
    except BusinessError as refusal:
        return refused(request, number, refusal, typed)
    drafts.forget_draft(f"task:{pk}:{action.replace('_', '-')}", by=request.user)
    messages.success(request, done)
    return redirect(f"{ticket.get_absolute_url()}{then}")


@require_POST
def claim_task(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    done = _("The step is now yours.")
    return act_on_task(
        request, number, pk, "claim", done, lambda task, _t: workflow_services.claim_task(task, by=request.user)
    )


@require_POST
def release_task(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    done = _("The step is back in the pool.")
    return act_on_task(
        request, number, pk, "release", done, lambda task, _t: workflow_services.release_task(task, by=request.user),
        then=f"?{CLAIMS_NOTHING}",
    )  # fmt: skip


@require_POST
def complete_task(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    def run(task: UserTask, typed: Typed) -> None:
        workflow_services.complete_task(
            task, outcome=typed.outcome, inputs=typed.inputs, opinion=typed.opinion, by=request.user, key=_key(request)
        )

    return act_on_task(request, number, pk, "complete", _("Done. The ticket goes on."), run)


@require_POST
def send_back_task(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    def run(task: UserTask, typed: Typed) -> None:
        target = whole_number(str(typed.inputs["to_visit"]))
        if target is None:
            raise InvalidInput({"to_visit": _("Please choose the step to send this back to.")})
        workflow_services.send_back_task(
            task, to_visit=target, resume=typed.inputs["resume"] or "flow", opinion=typed.opinion,
            by=request.user, key=_key(request),
        )  # fmt: skip

    return act_on_task(request, number, pk, "send_back", _("Sent back."), run)


@require_POST
def reassign_task(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    def run(task: UserTask, typed: Typed) -> None:
        chosen = whole_number(str(typed.inputs["to"]))
        person = None if chosen is None else accounts_queries.find_user(chosen)
        if person is None:
            raise InvalidInput({"to": _("Please choose a person.")})
        workflow_services.reassign_task(task, to=person, reason=typed.inputs["reason"], by=request.user)

    return act_on_task(request, number, pk, "reassign", _("Passed on."), run)


@require_POST
def recall_task(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    done = _("Taken back; the step is yours again.")
    return act_on_task(
        request, number, pk, "recall", done,
        lambda task, _t: workflow_services.recall_task(task, by=request.user, key=_key(request)),
    )  # fmt: skip


def _with_reason(request: HttpRequest, number: str, done: str, run: Callable[[Ticket, str], Any]) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    reason = request.POST.get("reason", "")
    try:
        run(ticket, reason)
    except BusinessError as refusal:
        return refused(request, number, refusal, Typed(0, "", opinion=reason))
    messages.success(request, done)
    return redirect(ticket)


@require_POST
def withdraw_ticket(request: HttpRequest, number: str) -> HttpResponse:
    return _with_reason(
        request, number, _("The ticket is withdrawn."),
        lambda ticket, reason: services.withdraw_ticket(ticket, reason=reason, by=request.user),
    )  # fmt: skip


@require_POST
def reopen_ticket(request: HttpRequest, number: str) -> HttpResponse:
    return _with_reason(
        request, number, _("The ticket is open again."),
        lambda ticket, reason: services.reopen_ticket(ticket, reason=reason, by=request.user),
    )  # fmt: skip


@require_POST
def terminate_process(request: HttpRequest, number: str) -> HttpResponse:
    def run(ticket: Ticket, reason: str) -> None:
        if ticket.process_instance_id is None:
            raise Http404
        workflow_services.terminate_process(
            ticket.process_instance_id, reason=reason, by=request.user, outcome="aborted"
        )

    return _with_reason(request, number, _("The process is terminated and the ticket aborted."), run)


@require_POST
def watch_ticket(request: HttpRequest, number: str) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    services.watch_ticket(ticket, by=request.user)
    return redirect(ticket)


@require_POST
def unwatch_ticket(request: HttpRequest, number: str) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    services.unwatch_ticket(ticket, by=request.user)
    return redirect(ticket)

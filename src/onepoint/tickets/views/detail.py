"""The ticket page: everything needed to act, and only what is allowed."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from onepoint.accounts.models import User
from onepoint.accounts.scope import scope_of
from onepoint.accounts.services import privacy
from onepoint.channels.origins import variant_of
from onepoint.channels.queries import origin_of
from onepoint.core import attachments, clock
from onepoint.core.errors import BusinessError, NotPermitted
from onepoint.core.models import Attachment
from onepoint.core.timeline import told
from onepoint.dynamic_forms.display import display_items
from onepoint.tickets import item_rights, policies, queries
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import TicketStatus
from onepoint.tickets.views.task_panels import TaskPanel, Typed, panels_of
from onepoint.workflow import policies as workflow_policies
from onepoint.workflow import queries as workflow_queries
from onepoint.workflow.models import UserTask

#: Entries that opinions and the status already tell are left out of the timeline only where the reader asks for less.
TIMELINE_SHOWN = 100
#: In the address of a ticket: who has just given a step back does not claim it by seeing the page again.
CLAIMS_NOTHING = "claim=no"


def ticket_or_404(request: HttpRequest, number: str) -> Ticket:
    """The ticket in the reader's scope; 404 hides whether it exists at all."""
    ticket = queries.find_ticket(number, visible_to=request.user)
    if ticket is None:
        raise Http404
    return ticket


def _files(ticket: Ticket, user: User, tasks: list[UserTask]) -> list[dict[str, Any]]:
    def row(attachment: Attachment) -> dict[str, Any]:
        return {
            "file": attachment,
            "is_previewed": attachments.is_previewed(attachment),
            "earlier": getattr(attachment, "earlier", []),
            "why_not_delete": policies.why_not_delete_attachment(ticket, attachment, user, tasks),
        }

    return [row(attachment) for attachment in queries.files_of(ticket)]


def _ticket_actions(ticket: Ticket, user: User, tasks: list[UserTask]) -> dict[str, BusinessError | None]:
    """What may be done to the ticket as a whole, with the reason where it may not now; what never may is left out."""
    actions: dict[str, BusinessError | None] = {
        "correct": policies.why_not_correct(ticket, user, tasks),
        "withdraw": policies.why_not_withdraw(ticket, user),
        "attach": policies.why_not_attach(ticket, user, tasks),
    }
    if ticket.is_finished:
        actions["reopen"] = policies.why_not_reopen(ticket, user)
    instance = ticket.process_instance
    if user.may("process.terminate") and instance:
        actions["terminate"] = workflow_policies.why_not_terminate(instance, user)
    return {name: refusal for name, refusal in actions.items() if not isinstance(refusal, NotPermitted)}


def _said(ticket: Ticket, user: User, tasks: list[UserTask]) -> dict[str, BusinessError | None]:
    """What may be said about the ticket beside its steps, with the reason where only the status forbids it."""
    if ticket.is_finished:
        return {}
    verbs = ("resume",) if ticket.status == TicketStatus.ON_HOLD else ("put_on_hold", "resolve")
    refusals = {verb: policies.why_not_say(verb, ticket, user, tasks) for verb in verbs}
    return {verb: refusal for verb, refusal in refusals.items() if refusal is None or refusal.status != 403}


def _looks_after_process(ticket: Ticket, user: User) -> bool:
    """Whether the operations page of the ticket's process opens: its place counts there, not who works on it."""
    process = ticket.process_instance
    return process is not None and scope_of(user, "process.view").reaches(
        unit_id=process.unit_id, region_id=process.region_id
    )


def page_context(ticket: Ticket, user: User, typed: Typed | None = None) -> dict[str, Any]:
    """Everything the page shows."""
    tasks = queries.live_tasks(ticket)
    _share_process(ticket, tasks)
    panels = panels_of(ticket, user, tasks, typed)
    hidden = item_rights.rights_over(tasks, user).hidden
    special = {key: value for key, value in ticket.special_items.items() if f"items.{key}" not in hidden}
    entries = queries.timeline_of(ticket, TIMELINE_SHOWN + 1)
    return {
        "ticket": ticket,
        "origin": origin_of(ticket.contact_id) if ticket.contact_id and variant_of(ticket.channel).asked else None,
        "opens_customer": _opens_customer(ticket, user),
        "writes_messages": user.may("message.write"),
        "judges": user.may("mark.judge_answer") or user.may("mark.judge_record"),
        "opens_contact": ticket.contact is not None
        and scope_of(user, "contact.view").meets(
            ticket.contact.audience, ticket.customer_level_id, has_customer=ticket.customer is not None
        ),
        "trail": queries.category_path(ticket.category),
        "panels": panels,
        "recallable": _recallable(ticket, user),
        "looks_after_process": _looks_after_process(ticket, user),
        "actions": _ticket_actions(ticket, user, tasks),
        "said": _said(ticket, user, tasks),
        "hidden_items": hidden,
        "special_items": display_items(ticket.form_version, special) if ticket.form_version else [],
        "files": _files(ticket, user, tasks),
        "opinions": queries.opinions_of(ticket),
        "timeline": told(entries[:TIMELINE_SHOWN]),
        "newest_entry": entries[0].pk if entries else 0,
        "timeline_is_cut": len(entries) > TIMELINE_SHOWN,
        "archived_months": queries.archived_months_of(ticket),
        "typed": typed,
        "unsent": _unsent(typed, panels),
    }


def _share_process(ticket: Ticket, tasks: list[UserTask]) -> None:
    """One process for the ticket and its steps, as it was read with the steps; its past is read once."""
    own = (task.instance for task in tasks if task.instance_id == ticket.process_instance_id)
    if instance := next(own, ticket.process_instance):
        ticket.process_instance = instance
        workflow_queries.share_past(tasks, instance)


def _opens_customer(ticket: Ticket, user: User) -> bool:
    """Whether the reader may follow the way to the customer: the ticket alone does not open that page."""
    customer = ticket.customer
    return customer is not None and scope_of(user, "customer.view").reaches(
        unit_id=customer.unit_id,
        region_id=customer.region_id,
        person_id=customer.created_by_id,
        level_id=customer.level_id,
        has_customer=True,
    )


def _unsent(typed: Typed | None, panels: list[TaskPanel]) -> Typed | None:
    """What was typed where the page has no open form to show it in any more."""
    forms = {panel.task.pk for panel in panels if panel.why_not_complete is None}
    is_shown = typed and typed.action in ("complete", "send_back") and typed.task_id in forms
    return None if is_shown else typed


def _recallable(ticket: Ticket, user: User) -> UserTask | None:
    """The task the reader finished last, if it can still be taken back."""
    instance = ticket.process_instance
    if instance is None or instance.ended_at is not None:
        return None
    task = workflow_queries.last_task_done_by(user, instance)
    return task if task and workflow_policies.why_not_recall(task, user) is None else None


@require_safe
def show_ticket(request: HttpRequest, number: str) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    privacy.note_reading("ticket", ticket.pk, by=request.user)
    context = page_context(ticket, request.user)
    context["claims_by_opening"] = CLAIMS_NOTHING not in request.META["QUERY_STRING"].split("&")
    return render(request, "tickets/detail.html", context)


def refused(request: HttpRequest, number: str, refusal: BusinessError, typed: Typed) -> HttpResponse:
    """The page again as it stands now, with the reason and all that was typed."""
    ticket = ticket_or_404(request, number)
    typed.refusal = refusal
    return render(request, "tickets/detail.html", page_context(ticket, request.user, typed), status=refusal.status)


@require_safe
def show_picture(request: HttpRequest, number: str) -> HttpResponse:
    """The process picture with the same facts as a table; fetched when it is scrolled to, a page of its own otherwise."""
    ticket = ticket_or_404(request, number)
    now = clock.now()
    tasks = [
        {"task": task, "lasted": (task.completed_at or now) - task.created_at}
        for task in (workflow_queries.tasks_of(ticket.process_instance) if ticket.process_instance else ())
    ]
    template = "tickets/picture.html" if getattr(request, "htmx", False) else "tickets/picture_page.html"
    return render(request, template, {"ticket": ticket, "tasks": tasks})

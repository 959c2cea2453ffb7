"""Answers to customers: the list of those due, the panel of a ticket, the rules."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from onepoint.core.errors import BusinessError, InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import Column, make_page
from onepoint.follow_ups import policies, services
from onepoint.follow_ups.columns import REPLIES
from onepoint.follow_ups.forms import RepliesFilterForm, ReplyForm, ReplyRuleForm
from onepoint.follow_ups.queries import replies
from onepoint.follow_ups.states import AttemptOutcome
from onepoint.tickets import queries as ticket_queries
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import ReplyChannel
from onepoint.workflow import queries as workflow_queries
from onepoint.workflow.models import UserTask

RULE_COLUMNS = [
    Column("kind", gettext_lazy("Kind of ticket"), ("kind",)),
    Column("first", gettext_lazy("First by"), ("first_way",)),
    Column("says", gettext_lazy("An answer states"), css="wide"),
    Column("attempts", gettext_lazy("Attempts by telephone"), css="right"),
    Column("gap", gettext_lazy("Hours between attempts"), css="right"),
    Column("then", gettext_lazy("After that")),
]


@require_safe
def list_replies(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_see_replies(request.user))
    form = RepliesFilterForm(request.GET)
    rows = replies.replies_due(visible_to=request.user, number=form.number())
    page = make_page(rows, REPLIES, request.GET, default_sort="due")
    steps = ticket_queries.present_steps(page.rows)
    context = {"page": page, "form": form, "rows": [(ticket, steps.get(ticket.pk, [])) for ticket in page.rows]}
    return render(request, "follow_ups/replies.html", context)


def _context(request: HttpRequest, ticket: Ticket, task: UserTask | None, form: ReplyForm | None) -> dict[str, Any]:
    return {
        "ticket": ticket,
        "attempts": replies.reply_attempts_of(ticket),
        "rule": replies.rule_of(ticket.kind),
        "task": task,
        "why_not": policies.why_not_reply(task, request.user),
        "reply_form": form,
    }


def _form(task: UserTask, ticket: Ticket, data: Any = None) -> ReplyForm:
    outcomes = [(one.id, one.label) for one in workflow_queries.step_of(task).outcomes if not one.inputs]
    last = next(iter(replies.reply_attempts_of(ticket, 1)), None)
    kept = {"result": last.result, "reason": last.reason, "promise": last.promise} if last else {}
    ways = replies.ways_open(ticket, task, replies.rule_of(ticket.kind))
    return ReplyForm(outcomes, ways, data, initial={**kept, "way": ways[0], "key": uuid4().hex})


@require_http_methods(["GET", "HEAD", "POST"])
def reply_of_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """The panel of a ticket's page, which is a page of its own too: who was told what, and the next call."""
    ticket = ticket_queries.find_ticket(number, visible_to=request.user)
    if ticket is None:
        raise Http404
    task = replies.answering_task(ticket, request.user)
    is_fragment = request.method != "POST" and getattr(request, "htmx", False)
    template = "follow_ups/reply.html" if is_fragment else "follow_ups/reply_page.html"
    if request.method == "POST":
        require(policies.why_not_reply(task, request.user))
    form = _form(task, ticket, request.POST if request.method == "POST" else None) if task else None
    if request.method == "POST" and form is not None and form.is_valid():
        found = form.cleaned_data
        try:
            services.note_reply(
                ticket, way=found["way"] or ReplyChannel.PHONE, outcome=found["outcome"] or AttemptOutcome.REACHED, said=form.said(), finish=found["finish"], note=found["note"],
                key=found["key"], by=request.user,
            )  # fmt: skip
            messages.success(request, _("Noted."))
            return redirect(ticket)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        except policies.NotThatWayFirst as refusal:
            form.add_error("way", str(refusal))
        except policies.AnsweredTooSoon as refusal:
            form.add_error("outcome", str(refusal))
        except BusinessError as refusal:
            form.add_error(None, str(refusal))
    status = 422 if form is not None and form.is_bound else 200
    context = _context(request, ticket, task, form) | {"judges": request.user.may("mark.judge_answer")}
    return render(request, template, context, status=status)


@require_safe
def list_reply_rules(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage(request.user))
    page = make_page(replies.reply_rules(), RULE_COLUMNS, request.GET, default_sort="kind")
    return render(request, "follow_ups/reply_rules.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def change_reply_rule(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_manage(request.user))
    rule = replies.find_reply_rule(pk)
    if rule is None:
        raise Http404
    initial = {name: getattr(rule, name) for name in ReplyRuleForm.base_fields}
    form = ReplyRuleForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.change_reply_rule(rule, **form.cleaned_data, by=request.user)
        messages.success(request, _("Saved."))
        return redirect("reply-rule-list")
    context = {"form": form, "rule": rule}
    return render(request, "follow_ups/reply_rule.html", context, status=422 if form.is_bound else 200)

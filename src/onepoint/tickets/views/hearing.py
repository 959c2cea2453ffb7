"""Hearing others at a step: delegating it, adding signers, copying it to people."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onepoint.accounts import queries as accounts_queries
from onepoint.accounts.models import User
from onepoint.core.errors import InvalidInput
from onepoint.core.text import whole_number
from onepoint.tickets.views.actions import act_on_task
from onepoint.tickets.views.task_panels import Typed
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import UserTask


def _people(request: HttpRequest) -> list[User]:
    """The people chosen in a form, in the order they were chosen."""
    chosen = (whole_number(raw) for raw in request.POST.getlist("people")[:100])
    ids = [number for number in chosen if number is not None]
    found: dict[int, Any] = accounts_queries.users_by_id(ids)
    return [found[pk] for pk in dict.fromkeys(ids) if pk in found]


@require_POST
def delegate_task(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    def run(task: UserTask, typed: Typed) -> None:
        chosen = whole_number(str(typed.inputs["to"]))
        person = None if chosen is None else accounts_queries.find_user(chosen)
        if person is None:
            raise InvalidInput({"to": _("Please choose a person.")})
        workflow_services.delegate_task(task, to=person, reason=typed.inputs["reason"], by=request.user)

    return act_on_task(request, number, pk, "delegate", _("Delegated; it will come back to you."), run)


@require_POST
def add_signers(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    def run(task: UserTask, typed: Typed) -> None:
        workflow_services.add_signers(
            task, people=_people(request), position=typed.inputs["position"], reason=typed.inputs["reason"],
            by=request.user,
        )  # fmt: skip

    return act_on_task(request, number, pk, "add_signers", _("Asked to sign."), run)


@require_POST
def copy_task(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    def run(task: UserTask, typed: Typed) -> None:
        workflow_services.copy_task(task, people=_people(request), text=typed.inputs["reason"], by=request.user)

    return act_on_task(request, number, pk, "copy", _("Copied; they can read along."), run)

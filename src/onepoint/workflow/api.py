"""Tasks for other systems: what waits for the person a key acts as, and every action on it."""

from datetime import datetime
from typing import Any, Literal

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from onepoint.accounts.queries import lookups
from onepoint.core.errors import InvalidInput
from onepoint.core.rest import (
    BIGGEST_ID,
    PROBLEMS,
    Body,
    Code,
    Cursor,
    Id,
    Limit,
    Page,
    Schema,
    Text,
    needs,
    page_by_cursor,
)
from onepoint.workflow import queries, registry, services
from onepoint.workflow.models import UserTask
from onepoint.workflow.states import LIVE_TASK

router = Router()
READ, WRITE = "tasks:read", "tasks:write"


class TaskOut(Schema):
    id: int
    step: str
    step_en: str
    node: str
    process: str
    subject_type: str
    subject_number: str
    status: str
    arrival: str
    assignee: str | None
    unit: str | None
    created_at: datetime
    claimed_at: datetime | None
    due_at: datetime | None


class InputOut(Schema):
    name: str
    type: str
    label: str
    required: bool
    choices: list[str]


class OutcomeOut(Schema):
    id: str
    name: str
    name_en: str
    opinion: str
    inputs: list[InputOut]


class ReturnTargetOut(Schema):
    visit: int
    step: str
    step_en: str
    handler: str
    is_previous: bool


class TaskDetail(TaskOut):
    outcomes: list[OutcomeOut]
    return_targets: list[ReturnTargetOut]


class Completion(Body):
    """``inputs`` are what the outcome asks for: ids of units and people, texts, choices."""

    outcome: Code
    inputs: dict[str, Any] = {}
    opinion: Text = ""


class SendBack(Body):
    to_visit: Id
    opinion: Text
    resume: Literal["flow", "straight"] = "flow"


class Reassignment(Body):
    to: Code
    reason: Text


def _row(task: UserTask) -> dict[str, Any]:
    return {
        "id": task.pk, "step": task.name, "step_en": task.name_en, "node": task.node_id, "process": task.process_key,
        "subject_type": task.subject_type, "subject_number": task.subject_number, "status": task.status,
        "arrival": task.arrival, "assignee": task.assignee.username if task.assignee else None,
        "unit": task.unit.code if task.unit else None, "created_at": task.created_at, "claimed_at": task.claimed_at,
        "due_at": task.due_at,
    }  # fmt: skip


def _detail(task: UserTask) -> dict[str, Any]:
    outcomes = [
        {
            "id": outcome.id, "name": outcome.name, "name_en": outcome.name_en, "opinion": outcome.opinion,
            "inputs": [
                {
                    "name": spec.name, "type": spec.type, "label": spec.label, "required": spec.required,
                    "choices": [choice.value for choice in spec.choices],
                }
                for spec in outcome.inputs
            ],
        }
        for outcome in queries.step_of(task).outcomes
    ]  # fmt: skip
    targets = [
        {
            "visit": target.visit_seq, "step": target.name, "step_en": target.name_en, "handler": target.actor_name,
            "is_previous": target.is_previous,
        }
        for target in (queries.return_targets(task) if task.status in LIVE_TASK else [])
    ]  # fmt: skip
    return _row(task) | {"outcomes": outcomes, "return_targets": targets}


def _task_or_404(request: HttpRequest, task_id: int) -> UserTask:
    """A task whose subject the caller may see; everything else does not exist."""
    task = queries.find_task(task_id) if task_id <= BIGGEST_ID else None
    if task is None or not registry.may_see_subject(request.user, task.subject_type, task.subject_id):
        raise Http404
    return task


def _after(request: HttpRequest, task: UserTask) -> dict[str, Any]:
    return _row(_task_or_404(request, task.pk))


def _key(request: HttpRequest) -> str:
    """The engine's own idempotency, below the API's: the same key acts on the task once."""
    name = request.headers.get("Idempotency-Key", "")
    return f"api:{request.api_key.pk}:{name}"[:120] if name else ""  # type: ignore[attr-defined]


@router.get("", response={200: Page[TaskOut], **PROBLEMS}, summary="What waits for the person the key acts as")
@needs(READ)
def list_tasks(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    return page_by_cursor(queries.open_tasks_for(request.user), _row, cursor=cursor, limit=limit)


@router.get("/{task_id}", response={200: TaskDetail, **PROBLEMS}, summary="One task with its outcomes")
@needs(READ)
def show_task(request: HttpRequest, task_id: Id) -> Any:
    return _detail(_task_or_404(request, task_id))


@router.post("/{task_id}/claim", response={200: TaskOut, **PROBLEMS}, summary="Take an open task")
@needs(WRITE)
def claim_task(request: HttpRequest, task_id: Id) -> Any:
    task = _task_or_404(request, task_id)
    services.claim_task(task, by=request.user)
    return _after(request, task)


@router.post("/{task_id}/release", response={200: TaskOut, **PROBLEMS}, summary="Give a task back to its pool")
@needs(WRITE)
def release_task(request: HttpRequest, task_id: Id) -> Any:
    task = _task_or_404(request, task_id)
    services.release_task(task, by=request.user)
    return _after(request, task)


@router.post("/{task_id}/complete", response={200: TaskOut, **PROBLEMS}, summary="Finish a task with an outcome")
@needs(WRITE)
def complete_task(request: HttpRequest, task_id: Id, body: Completion) -> Any:
    task = _task_or_404(request, task_id)
    services.complete_task(
        task, outcome=body.outcome, inputs=body.inputs, opinion=body.opinion, by=request.user, key=_key(request)
    )
    return _after(request, task)


@router.post("/{task_id}/send-back", response={200: TaskOut, **PROBLEMS}, summary="Send a task back to an earlier step")
@needs(WRITE)
def send_back_task(request: HttpRequest, task_id: Id, body: SendBack) -> Any:
    task = _task_or_404(request, task_id)
    services.send_back_task(
        task, to_visit=body.to_visit, resume=body.resume, opinion=body.opinion, by=request.user, key=_key(request)
    )
    return _after(request, task)


@router.post("/{task_id}/recall", response={200: TaskOut, **PROBLEMS}, summary="Take back what was just sent on")
@needs(WRITE)
def recall_task(request: HttpRequest, task_id: Id) -> Any:
    task = _task_or_404(request, task_id)
    services.recall_task(task, by=request.user, key=_key(request))
    return _after(request, task)


@router.post("/{task_id}/reassign", response={200: TaskOut, **PROBLEMS}, summary="Give a task to another person")
@needs(WRITE)
def reassign_task(request: HttpRequest, task_id: Id, body: Reassignment) -> Any:
    task = _task_or_404(request, task_id)
    person = lookups.person_by_staff_number(body.to)
    if person is None:
        raise InvalidInput({"to": _("There is nobody with this staff number.")})
    services.reassign_task(task, to=person, reason=body.reason, by=request.user)
    return _after(request, task)

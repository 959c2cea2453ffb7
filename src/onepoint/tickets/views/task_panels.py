"""What a person can do at the steps a ticket is at: claim, finish with an outcome, send back, pass on."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from onepoint.accounts import queries as accounts_queries
from onepoint.accounts.models import OrgUnit, User
from onepoint.core.errors import BusinessError, InvalidInput
from onepoint.core.text import whole_number
from onepoint.tickets import queries
from onepoint.tickets.models import Ticket
from onepoint.workflow import policies as workflow_policies
from onepoint.workflow import queries as workflow_queries
from onepoint.workflow.acting import stands_in
from onepoint.workflow.candidates import as_id
from onepoint.workflow.models import UserTask
from onepoint.workflow.queries import ReturnTarget, Votes
from onepoint.workflow.states import TaskStatus
from onepoint.workflow.steps import InputSpec, OutcomeSpec, StepSpec


@dataclass
class Typed:
    """What somebody sent to a step and was refused: shown again, so that nothing has to be typed twice."""

    task_id: int
    action: str
    outcome: str = ""
    opinion: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    refusal: BusinessError | None = None

    @property
    def text(self) -> str:
        """What was written in words."""
        return self.opinion or str(self.inputs.get("reason", ""))

    @property
    def errors(self) -> Mapping[str, Any]:
        return self.refusal.errors if isinstance(self.refusal, InvalidInput) else {}


def input_name(outcome: OutcomeSpec, spec: InputSpec) -> str:
    """Name of an input in the form; two outcomes may ask for the same thing."""
    return f"{outcome.id}-{spec.name}"


def typed_in(request: HttpRequest, task: UserTask, action: str) -> Typed:
    """What a form sent to a step."""
    typed = Typed(task.pk, action, request.POST.get("outcome", ""), request.POST.get("opinion", ""))
    outcome = workflow_queries.step_of(task).outcome(typed.outcome)
    if outcome:
        typed.inputs = {
            spec.name: request.POST.getlist(input_name(outcome, spec))
            if spec.type == "units"
            else request.POST.get(input_name(outcome, spec), "")
            for spec in outcome.inputs
        }
    else:
        typed.inputs = {name: request.POST.get(name, "") for name in ("to_visit", "resume", "to", "reason", "position")}
    return typed


class Choices:
    """The units and people that may be chosen on one page, read once however many inputs ask for them."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket

    @cached_property
    def units(self) -> list[OrgUnit]:
        """Units that receive tickets, those of the ticket's region first."""
        units = queries.receiving_units()
        return sorted(units, key=lambda unit: (unit.region_id != self.ticket.region_id, unit.path))


@dataclass
class InputView:
    """One input of an outcome as the page shows it."""

    spec: InputSpec
    name: str
    value: Any
    error: Any
    units: list[OrgUnit] = field(default_factory=list)
    people: list[User] = field(default_factory=list)
    asks_server: bool = False

    @property
    def chosen_ids(self) -> set[str]:
        values = self.value if isinstance(self.value, list) else [self.value]
        return {str(value) for value in values if value}


@dataclass
class OutcomeView:
    spec: OutcomeSpec
    inputs: list[InputView]
    is_chosen: bool


@dataclass
class TaskPanel:
    """One live step of the ticket, for one reader."""

    task: UserTask
    step: StepSpec
    is_mine: bool
    why_not_claim: BusinessError | None
    why_not_complete: BusinessError | None
    why_not_release: BusinessError | None
    why_not_send_back: BusinessError | None
    why_not_reassign: BusinessError | None
    why_not_delegate: BusinessError | None
    why_not_add_signers: BusinessError | None
    why_not_copy: BusinessError | None
    signers: list[UserTask] = field(default_factory=list)
    votes: Votes | None = None
    outcomes: list[OutcomeView] = field(default_factory=list)
    targets: list[ReturnTarget] = field(default_factory=list)
    typed: Typed | None = None
    principal: User | None = None  # who is away and in whose name the reader acts here
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def is_open(self) -> bool:
        return self.task.status == TaskStatus.OPEN

    @property
    def is_waiting(self) -> bool:
        """Whether added signers have to be heard first."""
        return self.task.status == TaskStatus.WAITING

    @property
    def is_delegated(self) -> bool:
        return bool(self.task.delegators)

    @property
    def has_more(self) -> bool:
        """Whether anything is offered here beside finishing, returning and passing on."""
        return None in (self.why_not_delegate, self.why_not_add_signers, self.why_not_copy)

    @property
    def is_for_me(self) -> bool:
        """Whether the reader holds the step or may take it."""
        return self.is_mine or self.why_not_claim is None

    @property
    def errors(self) -> Mapping[str, Any]:
        return self.typed.errors if self.typed else {}

    @property
    def opinion_rule(self) -> str:
        """``required`` where every outcome needs an opinion, ``none`` where none takes one, else ``optional``."""
        rules = {outcome.spec.opinion for outcome in self.outcomes}
        return rules.pop() if len(rules) == 1 else "optional"


def _people_of(spec: InputSpec, variables: Mapping[str, Any]) -> tuple[list[User], bool]:
    """The people an input offers, and whether there are too many to list."""
    unit_id = as_id(spec.of.evaluate(variables)) if spec.of else None
    return ([], True) if unit_id is None else (queries.people_of_unit(unit_id), False)


def _input_view(
    outcome: OutcomeSpec, spec: InputSpec, choices: Choices, variables: Mapping[str, Any], typed: Typed | None
) -> InputView:
    mine = typed if typed and typed.outcome == outcome.id else None
    view = InputView(
        spec,
        input_name(outcome, spec),
        mine.inputs.get(spec.name, "") if mine else "",
        mine.errors.get(spec.name) if mine else None,
    )
    if spec.type in ("unit", "units"):
        view.units = choices.units
    elif spec.type == "user":
        view.people, view.asks_server = _people_of(spec, variables)
        if view.asks_server and view.value:
            chosen = whole_number(view.value)
            view.people = list(accounts_queries.users_by_id([] if chosen is None else [chosen]).values())
    return view


def _outcome_views(task: UserTask, step: StepSpec, choices: Choices, typed: Typed | None) -> list[OutcomeView]:
    needs_variables = any(spec.of for outcome in step.outcomes for spec in outcome.inputs)
    variables = workflow_queries.visible_variables(task) if needs_variables else {}
    return [
        OutcomeView(
            outcome,
            [_input_view(outcome, spec, choices, variables, typed) for spec in outcome.inputs],
            is_chosen=(typed.outcome == outcome.id) if typed else len(step.outcomes) == 1,
        )
        for outcome in step.outcomes
    ]


def _panel(ticket: Ticket, task: UserTask, user: User, choices: Choices, typed: Typed | None) -> TaskPanel:
    step = workflow_queries.step_of(task)
    panel = TaskPanel(
        task,
        step,
        is_mine=task.assignee_id == user.pk or stands_in(task, user),
        why_not_claim=workflow_policies.why_not_claim(task, user),
        why_not_complete=workflow_policies.why_not_complete(task, user),
        why_not_release=workflow_policies.why_not_release(task, user),
        why_not_send_back=workflow_policies.why_not_send_back(task, user),
        why_not_reassign=workflow_policies.why_not_reassign(task, user),
        why_not_delegate=workflow_policies.why_not_delegate(task, user),
        why_not_add_signers=workflow_policies.why_not_add_signers(task, user),
        why_not_copy=workflow_policies.why_not_copy(task, user),
        votes=workflow_queries.votes_of(task),
        typed=typed if typed and typed.task_id == task.pk else None,
        principal=_principal(task, user),
    )
    if panel.why_not_complete is None:
        panel.outcomes = _outcome_views(task, step, choices, panel.typed)
    if panel.why_not_send_back is None:
        panel.targets = workflow_queries.return_targets(task)
    return panel


def _principal(task: UserTask, user: User) -> User | None:
    if task.assignee_id == user.pk:
        return task.on_behalf_of
    principal_id = accounts_queries.principal_of(user, task.candidate_keys, task.assignee_id)
    return accounts_queries.find_user(principal_id) if principal_id else None


def panels_of(ticket: Ticket, user: User, tasks: list[UserTask], typed: Typed | None = None) -> list[TaskPanel]:
    """A panel per live step; the reader's own first, then those he may claim. Others' signatures have none."""
    choices = Choices(ticket)
    panels = [_panel(ticket, task, user, choices, typed) for task in tasks]
    for panel in panels:
        panel.signers = [task for task in tasks if task.parent_id == panel.task.pk]
    # Who else is asked to sign stands in the panel of the step itself.
    panels = [panel for panel in panels if panel.is_for_me or not panel.task.is_signer]
    return sorted(panels, key=lambda panel: (not panel.is_mine, not panel.is_for_me, panel.task.pk))

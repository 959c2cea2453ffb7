"""Every write of workflow to a running process: one function per verb, atomic, audited, announced.

All of them raise a :class:`~onepoint.core.errors.BusinessError` when refused and then have changed nothing. ``by`` is
the person acting, None the system. ``key`` is an idempotency key: the same key again does nothing a second time.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.accounts.queries import candidate_keys, delegated_keys
from onepoint.core import audit, clock
from onepoint.core.audit import current_address
from onepoint.core.errors import InvalidInput, require
from onepoint.core.prepared import Statement
from onepoint.core.text import clean
from onepoint.workflow import acting, barring, kernel, policies, queries, registry, signals
from onepoint.workflow.engine.events import CompleteTask, Recall, SendBack, Terminate
from onepoint.workflow.errors import (
    BarredFromStep,
    NoPublishedProcess,
    NotAnEarlierStep,
    OutcomeUnknown,
    ProcessSuspended,
    TaskAlreadyClaimed,
    TaskAlreadyDone,
    TaskNotYours,
)
from onepoint.workflow.inputs import clean_inputs
from onepoint.workflow.kernel import CommandResult, Loaded, NewInstance, Notes
from onepoint.workflow.models import CommandKey, ProcessInstance, UserTask
from onepoint.workflow.news import InstanceNews, TaskNews
from onepoint.workflow.past import load_past
from onepoint.workflow.services.entry import (
    LONGEST_OPINION,
    as_loaded,
    as_news,
    facts_of,
    journal,
    load_task,
    opinion_of,
    pk_of,
    replayed,
    required_text,
    resolve_missing_candidate,
    task_id_of,
)
from onepoint.workflow.services.signing import cancel_signers, finish_beside_signers, hand_back, sign
from onepoint.workflow.states import InstanceStatus, TaskStatus
from onepoint.workflow.steps import OutcomeSpec

RESUME_WAYS = ("flow", "straight")


# -- instances ----------------------------------------------------------------------------------------------------


@transaction.atomic(savepoint=False)  # part of the command that made the subject
def start_process(
    process_key: str,
    *,
    subject_type: str,
    subject_id: int,
    subject_number: str = "",
    region: Region | None = None,
    unit: OrgUnit | None = None,
    variables: Mapping[str, Any] | None = None,
    by: User | None,
    key: str = "",
) -> InstanceNews:
    """Start the published version of a process for a subject. Raises NoPublishedProcess."""
    if key and (earlier := _instance_of_key(key)):
        return earlier
    version_id = queries.published_version_id(process_key)
    if version_id is None:
        raise NoPublishedProcess(key=process_key)
    new = NewInstance(
        version_id=version_id, subject_type=subject_type, subject_id=subject_id, subject_number=subject_number,
        region_id=region.pk if region else None, unit_id=unit.pk if unit else None,
        region_path=region.path if region else "", unit_path=unit.path if unit else "",
    )  # fmt: skip
    return kernel.begin(new, variables or {}, by=by, key=key).instance


def _instance_of_key(key: str) -> InstanceNews | None:
    """The instance an earlier start with this key made; starts with the same key wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"workflow.start:{key}"])
    earlier = CommandKey.objects.filter(key=key).values_list("instance_id", flat=True).first()
    loaded = kernel.load(instance_id=earlier) if earlier else None
    return kernel.instance_news(loaded) if loaded else None


@transaction.atomic
def terminate_process(
    instance: ProcessInstance | int, *, reason: str, by: User | None, outcome: str = "terminated"
) -> CommandResult:
    """End a process from outside; everything alive in it is cancelled. Raises ProcessOver, NotPermitted, ReasonMissing."""
    loaded = as_loaded(instance)
    require(policies.why_not_terminate(loaded.instance, by))
    text = required_text(reason, "reason")
    notes = Notes(journal=[("process.terminated", {"reason": text})], outcome=outcome)
    return kernel.perform(loaded, Terminate(outcome=outcome, actor=pk_of(by)), by=by, notes=notes)


# -- tasks --------------------------------------------------------------------------------------------------------


@transaction.atomic
def claim_task(task: UserTask | int, *, by: User) -> TaskNews:
    """Take an open task for oneself. One conditional UPDATE decides; the loser gets TaskAlreadyClaimed with the winner.

    What somebody holds who is away may be taken by who stands in for him; the task remembers in whose name.
    """
    if not delegated_keys(by):
        return _claim_open(task, by)
    found = UserTask.objects.filter(pk=task_id_of(task)).first()
    if found is None:
        raise TaskAlreadyDone
    with acting.on_behalf(found, found.pk, by) as principal_id:
        if found.status == TaskStatus.CLAIMED and acting.stands_in(found, by):
            return _take_over(found, by)
        claimed = _claim_open(task, by)
        if principal_id is not None:
            UserTask.objects.filter(pk=found.pk).update(owner_id=principal_id)
        return claimed


def _take_over(task: UserTask, by: User) -> TaskNews:
    """The claimed task of somebody who is away; the absent person stays its owner."""
    loaded = load_task(task)
    require(policies.why_not_claim(loaded, by))
    told = {"from": loaded.assignee_name or ""}
    UserTask.objects.filter(pk=loaded.task_id).update(assignee=by, claimed_at=clock.now(), owner=loaded.assignee_id)
    journal("task.claimed", loaded, by, **told)
    claimed = as_news(loaded, assignee_id=by.pk)
    signals.task_claimed.send(sender=InstanceNews, instance=kernel.instance_news(loaded), tasks=(claimed,), by=by)
    return claimed


def _claim_open(task: UserTask | int, by: User) -> TaskNews:
    values = _CLAIM.row(
        task_id_of(task), by.pk, by.get_full_name(), list(candidate_keys(by)), clock.now(), current_address.get()
    )
    row = dict(zip(_CLAIMED, values or [None] * len(_CLAIMED), strict=True))
    if not row["claimed"]:
        raise _claim_refusal(row, by)
    barred = queries.step_of_node(row["version_id"], row["node_id"]).barred
    if barred and barring.is_barred_from_claimed(barred, row["instance_id"], by):
        raise BarredFromStep(person=by.label)
    require(registry.why_unfit(row["subject_type"], row["subject_id"], by))
    instance = InstanceNews(
        id=row["instance_id"], process_key=row["process_key"], version_id=row["version_id"],
        subject_type=row["subject_type"], subject_id=row["subject_id"], subject_number=row["subject_number"],
        region_id=row["region_id"], unit_id=row["instance_unit_id"], status=row["instance_status"], outcome="",
    )  # fmt: skip
    claimed = TaskNews(
        id=task_id_of(task), visit_seq=row["visit_seq"], node_id=row["node_id"], name=row["task_name"],
        name_en=row["task_name_en"], status=row["status"], arrival=row["arrival"], subject_status=row["subject_status"],
        assignee_id=by.pk, candidate_keys=tuple(row["candidate_keys"]), unit_id=row["unit_id"],
    )  # fmt: skip
    signals.task_claimed.send(sender=InstanceNews, instance=instance, tasks=(claimed,), by=by)
    return claimed


_CLAIMED = (
    "claimed", "status", "holder_name", "instance_id", "visit_seq", "node_id", "task_name", "task_name_en", "arrival",
    "candidate_keys", "unit_id", "subject_status", "process_key", "version_id", "subject_type", "subject_id",
    "subject_number", "region_id", "instance_unit_id", "instance_status",
)  # fmt: skip
#: It waits for the row; the comment tells ``core.patience``.
_CLAIM = Statement(
    "workflow_claim",
    f"SELECT {', '.join(_CLAIMED)}"
    " FROM workflow_claim($1::bigint, $2::bigint, $3::text, $4::text[], $5::timestamptz, $6::inet) /* FOR UPDATE */",
)


def _claim_refusal(row: Mapping[str, Any], by: User) -> Exception:
    if row["instance_status"] == InstanceStatus.SUSPENDED:
        return ProcessSuspended()
    if row["status"] == TaskStatus.CLAIMED:
        return TaskAlreadyClaimed(winner=row["holder_name"] or "")
    return TaskNotYours() if row["status"] == TaskStatus.OPEN else TaskAlreadyDone()


@transaction.atomic
def release_task(task: UserTask | int, *, by: User | None) -> None:
    """Give a claimed task back to its pool. Raises TaskNotClaimed, TaskNotYours, ActionNotOffered."""
    loaded = load_task(task)
    require(policies.why_not_release(loaded, by))
    with audit.acting_for(acting.principal_for(loaded, loaded.task_id, by)):
        journal("task.released", loaded, by)
    UserTask.objects.filter(pk=loaded.task_id).update(
        status=TaskStatus.OPEN, assignee=None, owner=None, on_behalf_of=None, claimed_at=None
    )
    released = as_news(loaded, status=TaskStatus.OPEN, assignee_id=None)
    instance = kernel.instance_news(loaded)
    signals.task_released.send(sender=InstanceNews, instance=instance, tasks=(released,), by=by)


@transaction.atomic
def complete_task(
    task: UserTask | int,
    *,
    outcome: str,
    inputs: Mapping[str, Any] | None = None,
    opinion: str = "",
    by: User | None,
    key: str = "",
) -> CommandResult:
    """Finish a step with one of its outcomes; an open task one is a candidate of is claimed in the same command.

    A delegated task goes back to who delegated it, an added signer's joins the step's own; where signers are still to be
    heard, the step ends with the last of them.

    Raises TaskAlreadyClaimed, TaskAlreadyDone, TaskNotYours, OutcomeUnknown, or InvalidInput with the wrong fields.
    """
    loaded = load_task(task, key)
    if loaded.replayed:
        return replayed(loaded)
    require(policies.why_not_complete(loaded, by))
    text = clean(opinion)
    chosen, values = _checked_entry(loaded, outcome, inputs or {}, text)
    fact = {"outcome": chosen.id, "label": chosen.name, "label_en": chosen.name_en}
    required = [name for name, rule in queries.step_of(loaded).items.items() if rule == "required"]
    registry.require_items(loaded.instance.subject_type, loaded.instance.subject_id, required)
    if loaded.delegators:
        return hand_back(loaded, text, fact, by=by)
    if loaded.parent_id:
        return sign(loaded, text, fact, by=by)
    if loaded.has_signers:
        return finish_beside_signers(loaded, values, text, fact, by=by)
    notes = Notes(
        journal=[("task.completed", {**facts_of(loaded), **fact})],
        done={"status": TaskStatus.COMPLETED, "outcome": chosen.id},
        opinion=opinion_of(loaded, by, text, fact),
        key=key,
    )
    event = CompleteTask(loaded.visit_seq, values, chosen.id, pk_of(by))
    return kernel.perform(loaded, event, by=by, notes=notes)


def _checked_entry(
    loaded: Loaded, outcome: str, entered: Mapping[str, Any], opinion: str
) -> tuple[OutcomeSpec, dict[str, Any]]:
    """The outcome chosen and the variables it sets; raises all that is wrong, the opinion and the inputs, at once."""
    chosen = queries.step_of(loaded).outcome(outcome)
    if chosen is None:
        raise OutcomeUnknown
    errors: dict[str, Any] = {}
    if chosen.opinion == "required" and not opinion:
        errors["opinion"] = _("Please write your opinion.")
    elif len(opinion) > LONGEST_OPINION:
        errors["opinion"] = _("This text is too long.")
    values: dict[str, Any] = {}
    if chosen.inputs:
        try:
            values = clean_inputs(chosen, entered, kernel.view_of(loaded)[1])
        except InvalidInput as wrong:
            errors |= wrong.errors
    errors |= _unfit_people(loaded, chosen, values)
    if errors:
        raise InvalidInput(errors)
    return chosen, values


def _unfit_people(loaded: Loaded, outcome: OutcomeSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs that name somebody who may be given no step of this subject."""
    named = {spec.name: values[spec.name] for spec in outcome.inputs if spec.type == "user" and values.get(spec.name)}
    people = User.objects.in_bulk(named.values()) if named else {}
    instance = loaded.instance
    found = {
        name: registry.why_unfit(instance.subject_type, instance.subject_id, people[pk]) for name, pk in named.items()
    }
    return {name: str(refusal) for name, refusal in found.items() if refusal}


@transaction.atomic
def reassign_task(task: UserTask | int, *, to: User, reason: str, by: User | None) -> TaskNews:
    """Give a live task to another person; the owner stays. Raises NotPermitted, PersonUnavailable, ReasonMissing."""
    loaded = load_task(task)
    require(policies.why_not_reassign(loaded, by))
    require(policies.why_not_give(to, loaded))
    text = required_text(reason, "reason")
    keys = [*dict.fromkeys([*(loaded.candidate_keys or ()), f"P{to.pk}"])]
    told = {"to": to.get_full_name(), "to_id": to.pk, "from": loaded.assignee_name or "", "reason": text}
    with audit.acting_for(acting.principal_for(loaded, loaded.task_id, by)):
        journal("task.reassigned", loaded, by, **told)
    UserTask.objects.filter(pk=loaded.task_id).update(
        status=TaskStatus.CLAIMED, assignee=to, on_behalf_of=None, claimed_at=clock.now(), candidate_keys=keys,
        delegators=[], finish=None,
    )  # fmt: skip
    cancel_signers(loaded, by=by)
    resolve_missing_candidate(loaded, by)
    given = as_news(loaded, status=TaskStatus.CLAIMED, assignee_id=to.pk, candidate_keys=tuple(keys))
    signals.task_claimed.send(sender=InstanceNews, instance=kernel.instance_news(loaded), tasks=(given,), by=by)
    return given


@transaction.atomic
def send_back_task(
    task: UserTask | int, *, to_visit: int, resume: str = "flow", opinion: str, by: User | None, key: str = ""
) -> CommandResult:
    """Return to an earlier visit; from there on along the drawing (``flow``) or straight back here (``straight``).

    Raises ActionNotOffered, NotAnEarlierStep, ReasonMissing, NotPossibleHere and what completing raises.
    """
    loaded = load_task(task, key)
    if loaded.replayed:
        return replayed(loaded)
    require(policies.why_not_send_back(loaded, by))
    if resume not in RESUME_WAYS:
        raise InvalidInput({"resume": _("Please choose from the list.")})
    text = required_text(opinion, "opinion")
    target = next((t for t in queries.return_targets(loaded) if t.visit_seq == to_visit), None)
    if target is None:
        raise NotAnEarlierStep
    visits, scopes = load_past(loaded.id)
    whole = queries.step_of(loaded).return_ends_siblings
    event = SendBack(loaded.visit_seq, to_visit, visits, scopes, resume, pk_of(by), whole_body=whole)
    fact = {"outcome": "sent_back", "label": "退回", "label_en": "Sent back"}
    where = {"to_step": target.name, "to_step_en": target.name_en, "resume": resume}
    if target.actor:
        where |= {"to": target.actor.name, "to_en": target.actor.name_en}
    notes = Notes(
        journal=[("task.sent_back", {**facts_of(loaded), **where})],
        done={"status": TaskStatus.SENT_BACK, "outcome": "sent_back"},
        opinion=opinion_of(loaded, by, text, fact),
        key=key,
    )
    return kernel.perform(loaded, event, by=by, notes=notes)


@transaction.atomic
def recall_task(task: UserTask | int, *, by: User | None, key: str = "") -> CommandResult:
    """Take back what one has just sent on, while nobody has touched it. Raises NotDoneByYou, AlreadyTouched, ProcessOver."""
    loaded = load_task(task, key)
    if loaded.replayed:
        return replayed(loaded)
    require(policies.why_not_recall(loaded, by))
    visits, scopes = load_past(loaded.id)
    notes = Notes(journal=[("task.recalled", facts_of(loaded))], key=key)
    return kernel.perform(loaded, Recall(loaded.visit_seq, visits, scopes, pk_of(by)), by=by, notes=notes)

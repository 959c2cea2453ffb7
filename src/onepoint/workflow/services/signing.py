"""Hearing others at a step without moving the process: delegating it, and adding signers before, beside or after oneself.

An added signer's task stands on the same visit as the one it was added to. The step's own task ends only when all its
signers have signed; whatever ends the step otherwise (a return, a jump, termination, reassignment) ends theirs too.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.workflow import kernel, policies, queries, signals
from onepoint.workflow.engine.events import AddInstances, CompleteTask
from onepoint.workflow.errors import AlreadyAsked, NobodyChosen, SignersMixed
from onepoint.workflow.kernel import CommandResult, Loaded, Notes
from onepoint.workflow.models import UserTask
from onepoint.workflow.news import InstanceNews, TaskNews
from onepoint.workflow.services.entry import (
    as_news,
    facts_of,
    journal,
    load_task,
    required_text,
    write_opinion,
)
from onepoint.workflow.states import LIVE_TASK, Arrival, Position, TaskStatus
from onepoint.workflow.steps import DISAGREE

MOST_SIGNERS = 50


def _news_of(task: UserTask, subject_status: str = "") -> TaskNews:
    return TaskNews(
        id=task.pk, visit_seq=task.visit_seq, node_id=task.node_id, name=task.name, name_en=task.name_en,
        status=task.status, arrival=task.arrival, subject_status=subject_status, assignee_id=task.assignee_id,
        candidate_keys=tuple(task.candidate_keys), unit_id=task.unit_id, outcome=task.outcome,
    )  # fmt: skip


def _tell(signal: Any, loaded: Loaded, tasks: Sequence[TaskNews], by: User | None) -> None:
    if tasks:
        signal.send(sender=InstanceNews, instance=loaded.instance, tasks=tuple(tasks), by=by)


# -- delegating ---------------------------------------------------------------------------------------------------


@transaction.atomic
def delegate_task(task: UserTask | int, *, to: User, reason: str, by: User) -> TaskNews:
    """Have another person do the work of a step; it comes back to ``by``, who stays answerable for it.

    Raises ActionNotOffered, TaskNotYours, PersonUnavailable, AlreadyAsked, ReasonMissing.
    """
    loaded = load_task(task)
    require(policies.why_not_delegate(loaded, by))
    require(policies.why_not_give(to, loaded))
    if to.pk == by.pk or to.pk in (loaded.delegators or ()):
        raise AlreadyAsked(person=to.label)
    text = required_text(reason, "reason")
    keys = [*dict.fromkeys([*(loaded.candidate_keys or ()), f"P{to.pk}"])]
    UserTask.objects.filter(pk=loaded.task_id).update(
        status=TaskStatus.CLAIMED, assignee=to, claimed_at=clock.now(), candidate_keys=keys,
        delegators=[*(loaded.delegators or ()), by.pk],
    )  # fmt: skip
    journal("task.delegated", loaded, by, to=to.name, to_en=to.name_en, to_id=to.pk, reason=text)
    given = as_news(loaded, status=TaskStatus.CLAIMED, assignee_id=to.pk, candidate_keys=tuple(keys))
    _tell(signals.task_claimed, loaded, [given], by)
    return given


def hand_back(loaded: Loaded, opinion: str, fact: Mapping[str, Any], *, by: User | None) -> CommandResult:
    """Who was delegated a step is done: it returns to who delegated it, or who delegated it to him, and so on."""
    waiting = list(loaded.delegators or ())
    owner = None
    while waiting and owner is None:
        owner = User.objects.filter(pk=waiting.pop(), is_active=True).first()
    status = TaskStatus.CLAIMED if owner else TaskStatus.OPEN
    now = clock.now()
    UserTask.objects.filter(pk=loaded.task_id).update(
        status=status,
        assignee=owner,
        delegators=waiting,
        arrival=Arrival.HANDED_BACK,
        claimed_at=now if owner else None,
    )
    write_opinion(loaded, by, opinion, fact)
    told = {"to": owner.name, "to_en": owner.name_en} if owner else {"to": "", "to_en": ""}
    journal("task.handed_back", loaded, by, **told)
    returned = as_news(
        loaded, status=status, assignee_id=owner.pk if owner else None, arrival=Arrival.HANDED_BACK.value
    )
    _tell(signals.task_claimed if owner else signals.task_released, loaded, [returned], by)
    return CommandResult(loaded.instance)


# -- adding signers -----------------------------------------------------------------------------------------------


@transaction.atomic
def add_signers(
    task: UserTask | int, *, people: Sequence[User], position: str, reason: str = "", by: User | None
) -> CommandResult:
    """Have others sign before, beside or after oneself; a vote beside a countersign task counts like the others.

    Raises ActionNotOffered, TaskNotYours, NobodyChosen, AlreadyAsked, SignersMixed, PersonUnavailable.
    """
    loaded = load_task(task)
    require(policies.why_not_add_signers(loaded, by))
    chosen = {person.pk: person for person in people}
    if position not in Position.values:
        raise InvalidInput({"position": _("Please choose from the list.")})
    if not chosen:
        raise NobodyChosen({"people": _("Please choose at least one person.")})
    asked = UserTask.objects.filter(parent=loaded.task_id, status__in=LIVE_TASK)
    _refuse_twice(loaded, chosen, list(asked), position, by)
    text = clean(reason)[:2000]
    names = {"people": "、".join(person.name for person in chosen.values())}
    names["people_en"] = ", ".join(person.name_en or person.name for person in chosen.values())
    told = {**facts_of(loaded), **names, "position": position, "reason": text}
    body = _body_of_votes(loaded)
    if body is not None and position == Position.BESIDE:
        event = AddInstances(body, tuple(chosen))
        return kernel.perform(loaded, event, by=by, notes=Notes(journal=[("task.signers_added", told)]))
    journal("task.signers_added", loaded, by, **{**names, "position": position, "reason": text})
    made = UserTask.objects.bulk_create([_signer(loaded, person, position) for person in chosen.values()])
    if position == Position.BEFORE:
        UserTask.objects.filter(pk=loaded.task_id).update(status=TaskStatus.WAITING)
    created = [_news_of(row) for row in made if row.status == TaskStatus.CLAIMED]
    _tell(signals.task_created, loaded, created, by)
    return CommandResult(loaded.instance, created=tuple(created))


def _refuse_twice(
    loaded: Loaded, chosen: Mapping[int, User], asked: Sequence[UserTask], position: str, by: User | None
) -> None:
    if len(chosen) + len(asked) > MOST_SIGNERS:
        raise InvalidInput({"people": _("These are too many people.")})
    if any(row.position != position for row in asked):
        raise SignersMixed
    for person in chosen.values():
        require(policies.why_not_give(person, loaded))
        if person.pk == loaded.assignee_id or any(row.assignee_id == person.pk for row in asked):
            raise AlreadyAsked(person=person.label)


def _signer(loaded: Loaded, person: User, position: str) -> UserTask:
    now = clock.now()
    begins = position != Position.AFTER
    return UserTask(
        instance_id=loaded.id, visit_seq=loaded.visit_seq, node_id=loaded.node_id, name=loaded.task_name,
        name_en=loaded.task_name_en, process_key=loaded.compiled.key, subject_type=loaded.subject_type,
        subject_id=loaded.subject_id, subject_number=loaded.subject_number, arrival=Arrival.ASKED,
        status=TaskStatus.CLAIMED if begins else TaskStatus.WAITING, assignee=person, owner=person,
        candidate_keys=[f"P{person.pk}"], unit_id=person.unit_id, created_at=now, claimed_at=now if begins else None,
        parent_id=loaded.task_id, position=position,
    )  # fmt: skip


def _body_of_votes(loaded: Loaded) -> int | None:
    """The visit of the countersign a task is one vote of, where each vote is that of the person in the list."""
    node = loaded.compiled.process.nodes[loaded.node_id]
    spec = node.multi_instance
    if spec is None or spec.countersign is None or loaded.parent_id:
        return None
    rule = loaded.compiled.steps[loaded.node_id].rules[0]
    if rule.kind != "user" or rule.of is None or rule.of.text.strip() != spec.element_variable:
        return None
    state = kernel.state_of(loaded)
    token = state.token_in(loaded.visit_seq)
    child = state.scopes[token.scope] if token else None
    return state.scopes[child.parent].visit if child is not None and child.parent is not None else None


# -- signing ------------------------------------------------------------------------------------------------------


def sign(loaded: Loaded, opinion: str, fact: Mapping[str, Any], *, by: User | None) -> CommandResult:
    """An added signer has decided; with the last of them, what waited for them goes on."""
    write_opinion(loaded, by, opinion, fact)
    journal("task.completed", loaded, by, **fact)
    if loaded.has_signers:  # whom he asked in turn have not all signed
        return _wait_for_signers(loaded, {"fact": dict(fact), "actor": by.pk if by else None}, by)
    return _signed(loaded.task_id, dict(fact), by.pk if by else None, loaded, by)


def _signed(task_id: int, fact: dict[str, Any], actor: int | None, loaded: Loaded, by: User | None) -> CommandResult:
    now = clock.now()
    row = UserTask.objects.select_related("parent").get(pk=task_id)
    row.status, row.outcome, row.completed_at, row.completed_by_id = TaskStatus.COMPLETED, fact["outcome"], now, actor
    row.finish = None
    row.save(update_fields=["status", "outcome", "completed_at", "completed_by", "finish"])
    done = _news_of(row)
    _tell(signals.task_completed, loaded, [done], by)
    assert row.parent is not None
    if fact["outcome"] == DISAGREE and queries.step_of_node(loaded.version_id, row.node_id).refusal_stops:
        return _stop(row.parent, loaded, done, by)
    if UserTask.objects.filter(parent=row.parent_id, status__in=LIVE_TASK).exists():
        return CommandResult(loaded.instance, completed=(done,))
    return _all_signed(row.parent, row.position, loaded, done, by)


def _all_signed(parent: UserTask, position: str, loaded: Loaded, done: TaskNews, by: User | None) -> CommandResult:
    if position == Position.BEFORE:
        return _give_back(parent, loaded, done, by)
    if parent.finish is None:  # beside: the one who asked has not finished yet
        return CommandResult(loaded.instance, completed=(done,))
    if parent.parent_id:
        return _signed(parent.pk, parent.finish["fact"], parent.finish["actor"], loaded, by)
    return _go_on(parent, by)


def _give_back(parent: UserTask, loaded: Loaded, done: TaskNews, by: User | None) -> CommandResult:
    """The signers were heard; now it is for the one who asked them."""
    parent.status, parent.arrival, parent.finish = TaskStatus.CLAIMED, Arrival.HANDED_BACK, None
    parent.save(update_fields=["status", "arrival", "finish"])
    _tell(signals.task_claimed, loaded, [_news_of(parent)], by)
    return CommandResult(loaded.instance, completed=(done,))


def _stop(parent: UserTask, loaded: Loaded, done: TaskNews, by: User | None) -> CommandResult:
    """A refusal ends the hearing: nobody else need sign, and the one who asked decides anew."""
    gone = cancel_rows(_below([parent.pk]))
    _tell(signals.task_cancelled, loaded, [_news_of(row) for row in gone], by)
    return _give_back(parent, loaded, done, by)


def _go_on(task: UserTask, by: User | None) -> CommandResult:
    """The last signer was heard: the step ends as its holder had finished it."""
    loaded = load_task(task)
    finish = task.finish or {}
    done = {"status": TaskStatus.COMPLETED, "outcome": finish["fact"]["outcome"], "actor_id": finish["actor"]}
    event = CompleteTask(loaded.visit_seq, finish["values"], finish["fact"]["outcome"], finish["actor"])
    return kernel.perform(loaded, event, by=by, notes=Notes(done=done))


def finish_beside_signers(
    loaded: Loaded, values: Mapping[str, Any], opinion: str, fact: Mapping[str, Any], *, by: User | None
) -> CommandResult:
    """The holder is done but signers are still to be heard: the step waits for them and then ends with his outcome."""
    write_opinion(loaded, by, opinion, fact)
    journal("task.completed", loaded, by, **fact)
    finish = {"fact": dict(fact), "values": dict(values), "actor": by.pk if by else None}
    return _wait_for_signers(loaded, finish, by)


def _wait_for_signers(loaded: Loaded, finish: dict[str, Any], by: User | None) -> CommandResult:
    """Those who sign afterwards begin now."""
    now = clock.now()
    held = {"status": TaskStatus.WAITING, "finish": finish, "assignee_id": finish["actor"] or loaded.assignee_id}
    UserTask.objects.filter(pk=loaded.task_id).update(**held)
    after = UserTask.objects.filter(
        parent=loaded.task_id, status=TaskStatus.WAITING, position=Position.AFTER, finish__isnull=True
    )
    begun = list(after.order_by("pk"))
    after.update(status=TaskStatus.CLAIMED, claimed_at=now)
    for row in begun:
        row.status, row.claimed_at = TaskStatus.CLAIMED, now
    created = tuple(_news_of(row) for row in begun)
    _tell(signals.task_created, loaded, created, by)
    return CommandResult(loaded.instance, created=created)


def _below(parents: list[int]) -> list[int]:
    """Live signers of tasks, and theirs."""
    rows = UserTask.objects.filter(parent__in=parents, status__in=LIVE_TASK)
    found = list(rows.values_list("pk", flat=True))
    return [*found, *_below(found)] if found else []


def cancel_rows(task_ids: list[int]) -> list[UserTask]:
    """End signers' tasks nobody needs any more; returns them."""
    gone = UserTask.objects.filter(pk__in=task_ids)
    gone.update(status=TaskStatus.CANCELLED, outcome="superseded", completed_at=clock.now())
    return list(gone)


def cancel_signers(loaded: Loaded, *, by: User | None) -> None:
    """End what the signers of a task were asked for; whoever gets the task now asks anew."""
    if loaded.has_signers:
        gone = cancel_rows(_below([loaded.task_id]))
        _tell(signals.task_cancelled, loaded, [_news_of(row) for row in gone], by)


# -- telling others -----------------------------------------------------------------------------------------------


@transaction.atomic
def copy_task(task: UserTask | int, *, people: Sequence[User], text: str = "", by: User | None) -> None:
    """Tell others what goes on here (抄送); they may read along. Raises ActionNotOffered, NobodyChosen, PersonUnavailable,
    and what a capability says of those who may not read it."""
    loaded = load_task(task)
    require(policies.why_not_copy(loaded, by))
    chosen = {person.pk: person for person in people}
    if not chosen:
        raise NobodyChosen({"people": _("Please choose at least one person.")})
    if len(chosen) > MOST_SIGNERS:
        raise InvalidInput({"people": _("These are too many people.")})
    for person in chosen.values():
        require(policies.why_not_copy_to(person, loaded))
    said = clean(text)[:2000]
    names = {"people": "、".join(person.name for person in chosen.values())}
    names["people_en"] = ", ".join(person.name_en or person.name for person in chosen.values())
    journal("task.copied", loaded, by, **names, reason=said)
    signals.people_copied.send(
        sender=InstanceNews, instance=loaded.instance, by=by, people=tuple(chosen.values()), text=said,
        task=loaded.task_news,
    )  # fmt: skip

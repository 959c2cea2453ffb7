"""Why a person may not do something to a task, an instance or a version: the refusal, or None.

``task`` is a :class:`~onepoint.workflow.models.UserTask` or the locked facts of one (:class:`~onepoint.workflow.loading.Loaded`);
both have the attributes of :class:`TaskFacts`.
"""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from typing import Any, Protocol

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.accounts.queries import candidate_keys
from onepoint.accounts.scope import scope_of
from onepoint.core import clock
from onepoint.core.errors import BusinessError, NotPermitted
from onepoint.workflow import acting, barring, queries, registry
from onepoint.workflow.errors import (
    ActionNotOffered,
    AlreadyTouched,
    BarredFromStep,
    NoDraft,
    NotDoneByYou,
    NothingChanged,
    NothingOwed,
    NothingToRetry,
    PersonUnavailable,
    ProcessNotOver,
    ProcessNotSuspended,
    ProcessOver,
    ProcessSuspended,
    RemindedLately,
    StillDelegated,
    TaskAlreadyClaimed,
    TaskAlreadyDone,
    TaskNotClaimed,
    TaskNotYours,
    VersionNotDraft,
)
from onepoint.workflow.models import (
    Incident,
    ProcessDefinition,
    ProcessDraft,
    ProcessVersion,
    Reminder,
    ReminderRule,
)
from onepoint.workflow.states import (
    LIVE_INSTANCE,
    LIVE_TASK,
    TASK_TRANSITIONS,
    InstanceStatus,
    TaskStatus,
    VersionStatus,
)


class TaskFacts(Protocol):
    """What the rules ask about a task; ``instance`` has id, version_id, status, region_id and unit_id."""

    @property
    def status(self) -> Any: ...

    @property
    def subject_type(self) -> Any: ...

    @property
    def subject_id(self) -> Any: ...

    @property
    def assignee_id(self) -> Any: ...

    @property
    def owner_id(self) -> Any: ...

    @property
    def candidate_keys(self) -> Any: ...

    @property
    def completed_by_id(self) -> Any: ...

    @property
    def node_id(self) -> Any: ...

    @property
    def visit_seq(self) -> Any: ...

    @property
    def assignee_name(self) -> str | None: ...

    @property
    def instance(self) -> Any: ...

    @property
    def parent_id(self) -> Any: ...

    @property
    def delegators(self) -> Any: ...


def is_candidate(task: TaskFacts, by: User) -> bool:
    """Whether the person answers to one of the task's candidate keys."""
    return bool(set(task.candidate_keys or ()) & set(candidate_keys(by)))


def _why_not_state(verb: str, task: TaskFacts) -> BusinessError | None:
    if task.instance.status == InstanceStatus.SUSPENDED and task.status in LIVE_TASK:
        return ProcessSuspended()
    if task.status in TASK_TRANSITIONS[verb].from_states:
        return None
    if task.status == TaskStatus.OPEN:
        return TaskNotClaimed()
    if task.status == TaskStatus.CLAIMED:
        return TaskAlreadyClaimed(winner=task.assignee_name or "")
    return TaskAlreadyDone()


def _why_not_mine(task: TaskFacts, by: User | None) -> BusinessError | None:
    """Refused unless claimed by the person, or open and he is a candidate. None (the system) acts for anybody."""
    if by is not None and (refusal := why_barred(task, by)):
        return refusal
    if by is None or task.assignee_id == by.pk or acting.stands_in(task, by):
        return None
    if task.status == TaskStatus.CLAIMED:
        return TaskAlreadyClaimed(winner=task.assignee_name or "") if is_candidate(task, by) else TaskNotYours()
    return None if is_candidate(task, by) else TaskNotYours()


def why_barred(task: TaskFacts, person: User) -> BarredFromStep | None:
    """Whom the drawing keeps from the step (``op:barred``)."""
    barred = queries.step_of(task).barred
    return BarredFromStep(person=person.label) if barred and barring.is_barred(task, barred, person) else None


def _why_not_offered(action: str, task: TaskFacts) -> ActionNotOffered | None:
    return None if action in queries.step_of(task).actions else ActionNotOffered()


def _why_not_reached(permission: str, instance: Any, by: User | None) -> NotPermitted | None:
    """The permission, and its scope: the region or the unit the instance belongs to."""
    if by is None:
        return None
    if why_not_permitted(permission, by):
        return NotPermitted()
    scope = scope_of(by, permission)
    within = scope.reaches(unit_id=instance.unit_id, region_id=instance.region_id)
    return None if within else NotPermitted()


def why_not_claim(task: TaskFacts, by: User | None) -> BusinessError | None:
    """Open, and the person is a candidate; or held by somebody he stands in for."""
    if by is not None and (barred := why_barred(task, by)):
        return barred
    if by is not None and task.status == TaskStatus.CLAIMED and acting.stands_in(task, by):
        return None
    if refusal := _why_not_state("claim", task):
        return refusal
    if by is None:
        return None
    return _why_unfit(task, by) if is_candidate(task, by) else TaskNotYours()


def _why_unfit(task: TaskFacts, person: User) -> BusinessError | None:
    return registry.why_unfit(task.subject_type, task.subject_id, person)


def why_not_release(task: TaskFacts, by: User | None) -> BusinessError | None:
    """Claimed by oneself, from a pool the step allows to give back to."""
    if task.delegators or task.parent_id:
        return StillDelegated() if task.delegators else ActionNotOffered()
    if refusal := _why_not_state("release", task) or _why_not_mine(task, by):
        return refusal
    if not _pool(task):
        return ActionNotOffered()
    return _why_not_offered("release", task)


def _pool(task: TaskFacts) -> list[str]:
    """The keys of others: a task only one person may do has no pool to go back to."""
    return [key for key in task.candidate_keys or () if not key.startswith("P")]


def why_not_complete(task: TaskFacts, by: User | None) -> BusinessError | None:
    """Live, and claimed by oneself or open to oneself."""
    if refusal := _why_not_state("complete", task) or _why_not_mine(task, by):
        return refusal
    return _why_unfit(task, by) if by is not None and task.status == TaskStatus.OPEN else None


def why_not_reassign(task: TaskFacts, by: User | None) -> BusinessError | None:
    """One's own task where the step allows it; anybody's with ``task.reassign`` in that region or unit."""
    if refusal := _why_not_state("reassign", task):
        return refusal
    if by is None or _why_not_reached("task.reassign", task.instance, by) is None:
        return None
    return _why_not_mine(task, by) or _why_not_offered("reassign", task)


def why_not_give(person: User, task: TaskFacts) -> BusinessError | None:
    """Whether a person can be given work at all, and this task."""
    if not person.is_active:
        return PersonUnavailable(person=person.label)
    return why_barred(task, person) or _why_unfit(task, person)


def why_not_send_back(task: TaskFacts, by: User | None) -> BusinessError | None:
    """Like completing, where the step allows it."""
    if task.delegators:
        return StillDelegated()
    return _why_not_state("send_back", task) or _why_not_mine(task, by) or _why_not_offered("send_back", task)


def why_not_recall(task: TaskFacts, by: User | None) -> BusinessError | None:
    """Finished by oneself in a running process, the step allows it, and nobody has touched what followed."""
    if task.instance.status not in LIVE_INSTANCE:
        return ProcessOver()
    if task.status not in TASK_TRANSITIONS["recall"].from_states:
        return TaskAlreadyDone() if task.status == TaskStatus.CANCELLED else ActionNotOffered()
    if by is not None and task.completed_by_id != by.pk:
        return NotDoneByYou()
    if refusal := _why_not_offered("recall", task):
        return refusal
    instance = task.instance
    return None if queries.is_untouched(instance, task.visit_seq) else AlreadyTouched()


def why_not_delegate(task: TaskFacts, by: User | None) -> BusinessError | None:
    """In one's hands or open to oneself, where the step allows it."""
    return _why_not_state("delegate", task) or _why_not_mine(task, by) or _why_not_offered("delegate", task)


def why_not_add_signers(task: TaskFacts, by: User | None) -> BusinessError | None:
    """In one's own hands, where the step allows it; a delegated task is its owner's to have signed."""
    if task.delegators:
        return StillDelegated()
    return _why_not_state("add_signers", task) or _why_not_mine(task, by) or _why_not_offered("add_signers", task)


def why_not_copy(task: TaskFacts, by: User | None) -> BusinessError | None:
    """In one's hands or open to oneself, where the step allows it."""
    return _why_not_state("complete", task) or _why_not_mine(task, by) or _why_not_offered("copy", task)


def why_not_copy_to(person: User, task: TaskFacts) -> BusinessError | None:
    """Whether a person can be told of a task: whoever may not work on it may still read along, if he reads such things at all."""
    if not person.is_active:
        return PersonUnavailable(person=person.label)
    return registry.why_unread(task.subject_type, task.subject_id, person)


def why_not_remind_again(last: Reminder | None, rule: ReminderRule, is_leader: bool) -> RemindedLately | None:
    """One person urges one matter no more often than the rule says, unless he leads those who have it."""
    if last is None or is_leader:
        return None
    again_at = last.made_at + timedelta(minutes=rule.pause_minutes)
    left = again_at - clock.now()
    return RemindedLately(minutes=ceil(left.total_seconds() / 60)) if left > timedelta() else None


def why_not_answer(reminder: Reminder, tasks: Sequence[TaskFacts], by: User | None) -> BusinessError | None:
    """By whoever has work of the subject, or may have it; where nobody has any more, by whoever was asked."""
    if not reminder.is_owed:
        return NothingOwed()
    if by is None or by.pk in reminder.people or any(_why_not_mine(task, by) is None for task in tasks):
        return None
    return TaskNotYours()


def why_not_view_rules(by: User | None) -> BusinessError | None:
    """Looking at the rules of reminders needs ``reminder_rule.view``."""
    return why_not_permitted("reminder_rule.view", by)


def why_not_change_rules(by: User | None) -> BusinessError | None:
    """Changing the rules of reminders needs ``reminder_rule.change``."""
    return why_not_permitted("reminder_rule.change", by)


def why_not_jump(instance: Any, by: User | None) -> BusinessError | None:
    """A running instance, with ``process.move`` in its region or unit."""
    if instance.status not in LIVE_INSTANCE:
        return ProcessOver()
    if instance.status == InstanceStatus.SUSPENDED:
        return ProcessSuspended()
    return _why_not_reached("process.move", instance, by)


def why_not_suspend(instance: Any, by: User | None) -> BusinessError | None:
    """A running instance that is not suspended yet, with ``process.suspend`` in its region or unit."""
    if instance.status not in LIVE_INSTANCE:
        return ProcessOver()
    if instance.status == InstanceStatus.SUSPENDED:
        return ProcessSuspended()
    return _why_not_reached("process.suspend", instance, by)


def why_not_resume(instance: Any, by: User | None) -> BusinessError | None:
    """A suspended instance, with ``process.suspend`` in its region or unit."""
    if instance.status != InstanceStatus.SUSPENDED:
        return ProcessNotSuspended()
    return _why_not_reached("process.suspend", instance, by)


def why_not_reopen(instance: Any, by: User | None) -> BusinessError | None:
    """An ended instance, with ``process.reopen`` in its region or unit."""
    if instance.status in LIVE_INSTANCE:
        return ProcessNotOver()
    return _why_not_reached("process.reopen", instance, by)


def why_not_send(by: User | None) -> BusinessError | None:
    """Sending processes a message or signal by hand needs ``process.manage``."""
    return why_not_permitted("process.manage", by)


def why_not_terminate(instance: Any, by: User | None) -> BusinessError | None:
    """A running instance, with ``process.terminate`` in its region or unit."""
    if instance.status not in LIVE_INSTANCE:
        return ProcessOver()
    return _why_not_reached("process.terminate", instance, by)


def why_not_view(by: User | None) -> BusinessError | None:
    """Looking at processes and incidents needs ``process.view``."""
    return why_not_permitted("process.view", by)


def may_see_by_itself(by: User, definition_id: int) -> bool:
    """Whether a person may see instances that are about nothing but themselves: with ``process.view`` everywhere."""
    return why_not_view(by) is None and scope_of(by, "process.view").everything


def why_not_manage(by: User | None) -> BusinessError | None:
    """Deploying and publishing need ``process.manage``."""
    return why_not_permitted("process.manage", by)


def why_not_publish(version: ProcessVersion, by: User | None) -> BusinessError | None:
    """A draft, with ``process.manage``."""
    if refusal := why_not_manage(by):
        return refusal
    return None if version.status == VersionStatus.DRAFT else VersionNotDraft()


def why_not_discard(definition: ProcessDefinition, draft: ProcessDraft | None, by: User | None) -> BusinessError | None:
    """There is a draft, and a version remains, with ``process.manage``."""
    if refusal := why_not_manage(by):
        return refusal
    return None if draft is not None and definition.versions.exists() else NoDraft()


def why_not_new_version(definition: ProcessDefinition, bpmn: str) -> BusinessError | None:
    """The drawing differs from the version in force."""
    in_force = definition.versions.filter(status=VersionStatus.PUBLISHED).first()
    return NothingChanged() if in_force and in_force.bpmn == bpmn else None


def why_not_retry(incident: Incident, by: User | None) -> BusinessError | None:
    """An open incident, with ``process.manage``."""
    if refusal := why_not_manage(by):
        return refusal
    return None if incident.resolved_at is None else NothingToRetry()

"""Moves of supervisors: jumping to another step, and letting an ended process live again."""

from collections.abc import Sequence

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.core.errors import require
from onepoint.workflow import kernel, policies, soundness
from onepoint.workflow.engine.events import Reopen
from onepoint.workflow.errors import JumpUnsound, NoEarlierStep, NotAnEarlierStep
from onepoint.workflow.kernel import CommandResult, Notes
from onepoint.workflow.models import ProcessInstance
from onepoint.workflow.past import history_of, load_past
from onepoint.workflow.queries import node_names
from onepoint.workflow.services.entry import as_loaded, pk_of, required_text
from onepoint.workflow.states import Arrival


@transaction.atomic
def foresee_jump(
    instance: ProcessInstance | int, *, to_node: str, visits: Sequence[int] | None = None, by: User | None
) -> soundness.Foreseen:
    """What ``jump_process`` would do, with its problems; nothing is written. Raises as that does."""
    loaded = as_loaded(instance)
    require(policies.why_not_jump(loaded.instance, by))
    return soundness.foresee_jump(loaded, to_node, visits, pk_of(by))


@transaction.atomic
def jump_process(
    instance: ProcessInstance | int, *, to_node: str, visits: Sequence[int] | None = None, reason: str, by: User | None
) -> CommandResult:
    """Leave where an instance waits (only the given visits, or everything) and go on at another step.

    Raises ProcessOver, ProcessSuspended, NotPermitted, ReasonMissing, NotPossibleHere, and JumpUnsound where the process
    could not come to its end afterwards (see ``soundness.foresee_jump``).
    """
    loaded = as_loaded(instance)
    require(policies.why_not_jump(loaded.instance, by))
    text = required_text(reason, "reason")
    foreseen = soundness.foresee_jump(loaded, to_node, visits, pk_of(by))
    if foreseen.problems:
        raise JumpUnsound(problems="; ".join(str(problem) for problem in foreseen.problems))
    name, name_en = node_names(loaded.version_id, to_node)
    told = {"to_step": name, "to_step_en": name_en, "reason": text}
    return kernel.perform(
        loaded, foreseen.event, by=by, notes=Notes(journal=[("process.jumped", told)], arrival=Arrival.MOVED)
    )


@transaction.atomic
def reopen_process(
    instance: ProcessInstance | int, *, to_visit: int | None = None, reason: str, by: User | None, key: str = ""
) -> CommandResult:
    """Let an ended process live again at a step somebody worked in, with whoever handled it; its last one by default.

    ``to_visit`` is one of ``queries.reopen_targets``. The instance's generation counts up and ``process_reopened`` is sent.
    Raises ProcessNotOver, NotPermitted, ReasonMissing, NoEarlierStep, NotAnEarlierStep, NotPossibleHere.
    """
    loaded = as_loaded(instance, key)
    if loaded.replayed:
        return CommandResult(loaded.instance, replayed=True)
    require(policies.why_not_reopen(loaded.instance, by))
    text = required_text(reason, "reason")
    targets = history_of(loaded.id, loaded.version_id).human_visits()
    if not targets:
        raise NoEarlierStep
    target = next((record for record in targets if to_visit in (None, record.seq)), None)
    if target is None:
        raise NotAnEarlierStep
    name, name_en = node_names(loaded.version_id, target.node_id)
    told = {"to_step": name, "to_step_en": name_en, "reason": text}
    notes = Notes(journal=[("process.reopened", told)], key=key, counts_from_now=True)
    visits, scopes = load_past(loaded.id)
    return kernel.perform(loaded, Reopen(target.seq, visits, scopes, pk_of(by)), by=by, notes=notes)

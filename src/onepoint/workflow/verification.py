"""Whether what is stored of an instance agrees with itself (reliability I5): marking, tasks, visits and status."""

from onepoint.workflow.definitions import compiled
from onepoint.workflow.engine import State, check_invariants
from onepoint.workflow.models import ProcessInstance, UserTask, Visit
from onepoint.workflow.states import LIVE_INSTANCE


def find_faults(instance: ProcessInstance) -> list[str]:
    """What is wrong with an instance, in the words of those who mend it; empty when all is well. Three queries."""
    process = compiled(instance.version_id).process
    state = State.from_json({**instance.marking, "v": instance.variables})
    faults = list(check_invariants(process, state))
    bodies = {scope.visit for scope in state.scopes.values() if scope.kind == "mi_body"}
    waiting = {
        token.visit
        for token in state.tokens.values()
        if token.status == "w"
        and process.nodes[token.node].kind == "user_task"
        and token.id not in state.incidents
        and token.visit not in bodies
    }
    live = set(UserTask.objects.live().filter(instance=instance).values_list("visit_seq", flat=True))
    faults += [f"visit {seq}: a token waits but nobody has the task" for seq in sorted(waiting - live)]
    faults += [f"visit {seq}: a task is open but no token waits" for seq in sorted(live - waiting)]
    unleft = set(Visit.objects.filter(instance=instance, left_at=None).values_list("seq", flat=True))
    inside = {token.visit for token in state.tokens.values() if token.status == "w"}
    inside |= {scope.visit for scope in state.scopes.values()}
    faults += [f"visit {seq}: never left, yet nothing is there" for seq in sorted(unleft - inside)]
    if instance.status not in LIVE_INSTANCE and (state.tokens or live or unleft):
        faults.append("the instance has ended but something in it is alive")
    if instance.status in LIVE_INSTANCE and not state.tokens:
        faults.append("the instance runs but nothing in it is alive")
    return faults

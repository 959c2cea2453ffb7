"""What a jump would lead to, before it is made: what ends, what begins, and whether the process can still end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from onepoint.workflow import kernel
from onepoint.workflow.engine import ROOT, Process, State
from onepoint.workflow.engine.effects import CancelTask, CreateTask
from onepoint.workflow.engine.events import Activate, CancelNode, CancelVisit, Jump, JumpStep
from onepoint.workflow.errors import NotPossibleHere
from onepoint.workflow.kernel import Loaded


@dataclass(frozen=True)
class Foreseen:
    """A jump tried out. ``ends`` and ``begins`` are node ids of steps people work in."""

    event: Jump
    ends: tuple[str, ...]
    begins: tuple[str, ...]
    problems: tuple[str | Promise, ...]


def foresee_jump(loaded: Loaded, to_node: str, visits: Sequence[int] | None, actor: int | None) -> Foreseen:
    """Try a jump on the engine; nothing is written. Raises NotPossibleHere where it cannot be tried at all."""
    process, state = loaded.compiled.process, kernel.state_of(loaded)
    event = Jump(tuple(_steps(process, state, to_node, visits)), actor)
    change = kernel.preview(loaded, event)
    where = {token.visit: token.node for token in state.tokens.values()}
    ended = [effect.visit for effect in change.effects if isinstance(effect, CancelTask)]
    begun = [effect.node_id for effect in change.effects if isinstance(effect, CreateTask)]
    problems = [*_problems(process, state, change.state)]
    return Foreseen(event, tuple(where[visit] for visit in ended if visit in where), tuple(begun), tuple(problems))


def _steps(process: Process, state: State, to_node: str, visits: Sequence[int] | None) -> Iterator[JumpStep]:
    node = process.nodes.get(to_node)
    if node is None or not node.is_activity:
        raise NotPossibleHere(reason=_("there is no such step in the drawing."))
    scope = None
    if visits is None:
        yield from (CancelNode(name) for name in dict.fromkeys(token.node for token in state.tokens_of(ROOT)))
    else:
        for visit in visits:
            token = state.token_in(visit)
            if token is None:
                raise NotPossibleHere(reason=_("nothing waits there any more."))
            scope = token.scope
            yield CancelVisit(visit)
    _refuse_entering_multiple(process, state, to_node, scope)
    yield Activate(to_node, scope=scope)


def _refuse_entering_multiple(process: Process, state: State, to_node: str, scope: int | None) -> None:
    """A multiple part entered from outside would not know for whom it is."""
    inside = {found.node for found in state.path(scope)} if scope is not None else set()
    parent = process.nodes[to_node].parent
    while parent is not None:
        if process.nodes[parent].multi_instance is not None and parent not in inside:
            raise NotPossibleHere(
                reason=_("that step belongs to a part that runs several times, and would not know which.")
            )
        parent = process.nodes[parent].parent


def _problems(process: Process, before: State, after: State) -> Iterator[str]:
    if after.is_over:
        yield _("the process would end at once")
        return
    for token, incident in after.incidents.items():
        if token not in before.incidents:
            yield _("it would be stuck at “%(step)s”") % {"step": _name(process, after.tokens[token].node)} + (
                f" ({incident.code})"
            )
    yield from _starved_joins(process, after)


def _starved_joins(process: Process, state: State) -> Iterator[str]:
    """Parallel joins some living token leads to, while nothing alive leads to one of their other flows."""
    for join_id in process.joins:
        join = process.nodes[join_id]
        if join.kind != "parallel_gateway":
            continue
        for scope in state.scopes.values():
            if scope.kind == "mi_body" or scope.node != join.parent:
                continue
            tokens = state.tokens_of(scope.id)
            fed = [
                any(
                    token.flow == flow.id if token.node == join_id else token.node in process.reaching(join_id, flow.id)
                    for token in tokens
                )
                for flow in join.incoming
            ]
            if any(fed) and not all(fed):
                yield _("the join “%(step)s” would wait for ever") % {"step": _name(process, join_id)}


def _name(process: Process, node_id: str) -> str:
    return process.nodes[node_id].name or node_id

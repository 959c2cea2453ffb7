"""Four eyes: whom the drawing keeps from a step (``op:barred``), whatever rights, pools or deputies would let him in.

A deputy is no other pair of eyes: while he stands in for somebody barred he is kept out too.
"""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from onepoint.accounts.models import User
from onepoint.accounts.queries.keys import delegated_keys
from onepoint.accounts.queries.superiors import deputies_of
from onepoint.workflow.models import ProcessInstance, UserTask, Visit
from onepoint.workflow.steps import Barred


def barred_people(
    barred: Barred,
    instance_id: int | None,
    variables: Mapping[str, Any],
    just_now: Iterable[tuple[str, int | None]] = (),
) -> frozenset[int]:
    """The ids of those who may not act. ``just_now``: node and actor of the visits left in this very command."""
    found = _ids(barred.people.evaluate(variables)) if barred.people else set()
    found |= {actor for node, actor in just_now if actor and node in barred.handlers_of}
    if barred.handlers_of and instance_id is not None:
        earlier = Visit.objects.filter(instance_id=instance_id, node_id__in=barred.handlers_of, actor__isnull=False)
        found |= set(earlier.values_list("actor_id", flat=True))
        # Whoever still has one of several at work there has not left the visit yet, and is not done judging.
        finished = UserTask.objects.filter(
            instance_id=instance_id, node_id__in=barred.handlers_of, completed_by__isnull=False
        )
        for both in finished.values_list("completed_by_id", "on_behalf_of_id"):  # in whose name counts as himself
            found |= {person for person in both if person}
    return frozenset(found)


def _ids(named: Any) -> set[int]:
    """The ids a formula yields: one, a list of them, or nothing that could be one."""
    ids = named if isinstance(named, list) else [named]
    return {int(one) for one in ids if isinstance(one, int | Decimal) and not isinstance(one, bool)}


def is_barred(task: Any, barred: Barred, by: User) -> bool:
    """Whether a person is kept from a task (a row of it, or its locked facts)."""
    text = getattr(task, "variables", None)
    variables = task.instance.variables if text is None else json.loads(text)
    return _keeps_out(barred_people(barred, task.instance.id, variables), by)


def is_barred_from_claimed(barred: Barred, instance_id: int, by: User) -> bool:
    """The same right after a claim, of which only the instance is known."""
    variables = ProcessInstance.objects.values_list("variables", flat=True).get(pk=instance_id)
    return _keeps_out(barred_people(barred, instance_id, variables), by)


def _keeps_out(barred: frozenset[int], by: User) -> bool:
    """Those barred, and whoever stands in for one of them now: his work is done in that one's name."""
    return by.pk in barred or bool(barred and barred & delegated_keys(by).keys())


def with_stand_ins(barred: Iterable[int]) -> frozenset[int]:
    """These people and everybody who stands in for one of them now, also for his deputy."""
    found = new = set(barred)
    while new:
        new = set(deputies_of(new)) - found
        found = found | new
    return frozenset(found)

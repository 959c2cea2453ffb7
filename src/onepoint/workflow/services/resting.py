"""Processes whose subject is on hold: their timers stand still; whoever has a step may nevertheless go on with it.

Told by the capability of the subject, in the transaction of its own verb and under the processes' locks.
"""

from collections.abc import Collection

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.workflow import resting
from onepoint.workflow.models import ProcessInstance


@transaction.atomic
def let_processes_rest(instance_ids: Collection[int], *, by: User | None) -> None:
    """From now on the timers of these outermost processes, and of what they called, stand still. Resting ones: nothing.

    As many statements for many as for one. The journal tells of the hold; this is only its consequence.
    """
    fresh = ProcessInstance.objects.filter(pk__in=list(instance_ids), ended_at=None, rests_since=None)
    ids = list(fresh.values_list("pk", flat=True))
    if ids:
        ProcessInstance.objects.filter(pk__in=ids).update(rests_since=clock.now())
        resting.stop(resting.family_of(ids))


@transaction.atomic
def let_processes_go_on(instance_ids: Collection[int], *, by: User | None) -> None:
    """The rest is over: timers go on with what was left. Of processes that did not rest: nothing."""
    rested = ProcessInstance.objects.filter(pk__in=list(instance_ids), rests_since__isnull=False)
    ids = list(rested.values_list("pk", flat=True))
    if ids:
        ProcessInstance.objects.filter(pk__in=ids).update(rests_since=None)
        resting.go_on(resting.family_of(ids))

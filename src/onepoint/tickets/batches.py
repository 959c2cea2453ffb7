"""Reads of batches, named by what they return."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from onepoint.accounts.models import User
from onepoint.core.tables import capped_count
from onepoint.tickets.batch_states import BatchState, ItemState
from onepoint.tickets.listing import TicketFilter, find_tickets
from onepoint.tickets.models import BatchItem, BatchRun, MassIncident, Ticket, TicketQuerySet
from onepoint.workflow import queries as workflow_queries
from onepoint.workflow.models import UserTask
from onepoint.workflow.steps import OutcomeSpec

#: So many tickets one batch takes.
MOST = 5000
#: Whoever is asked "this for so many tickets?" waits a moment for the number.
COUNT_MILLISECONDS = 500


@dataclass(frozen=True)
class Chosen:
    """The tickets a batch is for: some by id, all a filter finds, or those of a mass incident. Always within scope."""

    ids: Sequence[int] = ()
    found: TicketFilter | None = None
    others: QuerySet[Ticket] | None = None  # what another capability's rule chose

    def tickets(self, *, visible_to: User) -> TicketQuerySet:
        """The tickets meant that the person sees."""
        if self.found is not None:
            return find_tickets(self.found, visible_to=visible_to)
        seen = Ticket.objects.visible_to(visible_to)
        if self.others is not None:
            return seen.filter(pk__in=self.others.values("pk"))
        return seen.filter(pk__in=list(self.ids))


def count_chosen(chosen: Chosen, *, visible_to: User) -> int | None:
    """How many tickets that is, up to one more than a batch takes; None where counting takes too long."""
    return capped_count(chosen.tickets(visible_to=visible_to), MOST, milliseconds=COUNT_MILLISECONDS)


def sample_of(chosen: Chosen, *, visible_to: User, most: int = 8) -> list[Ticket]:
    """Some of the tickets meant, the newest first."""
    return list(chosen.tickets(visible_to=visible_to).with_labels().order_by("-opened_at", "-pk")[:most])


@dataclass(frozen=True)
class PresentStep:
    """A step some of the tickets stand at, and the ways to finish it that ask for nothing but an opinion."""

    process_key: str
    node_id: str
    label: str
    count: int
    outcomes: Sequence[OutcomeSpec]


def steps_of(chosen: Chosen, *, visible_to: User) -> list[PresentStep]:
    """Where the tickets stand, most first; only steps that can be finished for many at once."""
    ids = list(chosen.tickets(visible_to=visible_to).order_by().values_list("pk", flat=True)[:MOST])
    live = UserTask.objects.live().filter(subject_type="ticket", subject_id__in=ids, parent=None, delegators=[])
    rows = live.values("process_key", "node_id", "name", "name_en", "instance__version_id")
    found: dict[tuple[str, str], PresentStep] = {}
    for row in rows.annotate(count=Count("subject_id", distinct=True)).order_by("-instance__version_id"):
        key = (row["process_key"], row["node_id"])
        if known := found.get(key):  # of several versions the newest says how it is finished
            found[key] = PresentStep(*key, known.label, known.count + row["count"], known.outcomes)
            continue
        spec = workflow_queries.step_of_node(row["instance__version_id"], row["node_id"])
        outcomes = [one for one in spec.outcomes if not any(asked.required for asked in one.inputs)]
        found[key] = PresentStep(*key, spec.label, row["count"], outcomes)
    return sorted(found.values(), key=lambda step: -step.count)


def present_task(ticket: Ticket, process_key: str, node_id: str, by: User) -> UserTask | None:
    """The live task of a ticket at a step; of several the person's own first."""
    tasks = [
        task
        for task in workflow_queries.live_tasks_of("ticket", ticket.pk)
        if (task.process_key, task.node_id) == (process_key, node_id) and not task.parent_id
    ]
    return next((task for task in tasks if task.assignee_id == by.pk), tasks[0] if tasks else None)


def batch_by_id(pk: int) -> BatchRun | None:
    """A batch for the job that runs it; no scope."""
    return BatchRun.objects.select_related("started_by", "incident").filter(pk=pk).first()


def already_started(request_key: UUID | None) -> BatchRun | None:
    """The batch an earlier submission of the same form started."""
    return BatchRun.objects.filter(request_key=request_key).first() if request_key else None


def _visible(user: User) -> Q:
    """One's own; those of a mass incident also to whoever looks after it."""
    own = Q(started_by=user)
    if not user.may("incident.declare"):
        return own
    return own | Q(incident__in=MassIncident.objects.visible_to(user))


def batches(*, visible_to: User) -> QuerySet[BatchRun]:
    """What a person started; not yet sorted."""
    return BatchRun.objects.filter(started_by=visible_to).select_related("started_by", "incident")


def find_batch(pk: int, *, visible_to: User) -> BatchRun | None:
    return BatchRun.objects.select_related("started_by", "incident").filter(_visible(visible_to), pk=pk).first()


def batches_of_incident(incident: MassIncident, most: int = 12) -> list[BatchRun]:
    """What was done to the tickets of a mass incident, the newest first."""
    return list(incident.batches.select_related("started_by").order_by("-pk")[:most])


def counts_of(run: BatchRun) -> Counter[str]:
    """State → tickets of a batch: one walk along an index, no longer than a batch may be."""
    rows = BatchItem.objects.filter(run=run).order_by().values_list("state").annotate(count=Count("pk"))
    return Counter(dict(rows))


def items_of(run: BatchRun, *, state: str = "", visible_to: User) -> QuerySet[BatchItem]:
    """What became of each ticket the reader sees."""
    seen = Ticket.objects.visible_to(visible_to)
    items = BatchItem.objects.filter(run=run, ticket__in=seen.values("pk")).select_related("ticket", "ticket__customer")
    return items.filter(state=state) if state in ItemState.values else items


def stuck_batches(before: datetime, most: int = 50) -> Iterable[int]:
    """Batches that should run and have not moved since."""
    running = BatchRun.objects.filter(state=BatchState.RUNNING, moved_at__lt=before)
    return list(running.order_by("moved_at").values_list("pk", flat=True)[:most])

"""The rounds that give what waits to those who are free. Any number of processes may run them at once."""

from collections import defaultdict
from datetime import timedelta

from django.db import connection, transaction

from onepoint.assignment import signals
from onepoint.assignment.matching import Seat, Waiting, match
from onepoint.assignment.models import Agent, Queue, QueueEntry
from onepoint.assignment.services import seats
from onepoint.assignment.services.offering import offer_entry, return_offer
from onepoint.assignment.states import (
    AT_WORK,
    EXCLUSIVE,
    HELD,
    AgentState,
    EntryState,
    Medium,
    OfferResult,
    PauseReason,
)
from onepoint.core import clock
from onepoint.core.after_commit import once_committed

FORGIVEN_AFTER = timedelta(seconds=20)  # then whoever refused is asked again
LOOKED_AT = 100  # of each queue in a round
AT_ONCE = 200  # of what ran out
_ONE_ROUND = "onepoint.assignment"


def assign_soon() -> None:
    """A round once this commits. What a crash swallows is made good by the tick."""
    once_committed("assignment.assign_waiting", lambda: assign_waiting(by=None))


@transaction.atomic
def assign_waiting(*, by: None = None) -> int:
    """One round: offers what waits to whoever is free; returns how many. The work of the house itself.

    Rounds follow each other, so that two at once cannot give somebody's turn to those behind. Rows that somebody else
    has locked are left to the next round.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_ONE_ROUND])
    waiting = _waiting_entries()
    if not waiting:
        return 0
    queues = {queue.pk: queue for queue in _queues({entry.queue_id for entry in waiting})}
    agents = list(
        Agent.objects.filter(state__in=AT_WORK, person__is_active=True)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("person__unit")
        .prefetch_related("person__work_groups", "person__skills")
    )
    pairs = match(_as_waiting(waiting, queues), _as_seats(agents, queues))
    by_id, by_person = {entry.pk: entry for entry in waiting}, {agent.person_id: agent for agent in agents}
    given = 0
    for entry_id, person_id in pairs:
        agent = by_person[person_id]
        if not agent.person.may("queue.work"):
            # The right was taken away while at work.
            seats.move(agent, AgentState.OFFLINE)
            continue
        offer_entry(by_id[entry_id], agent, queues[by_id[entry_id].queue_id])
        given += 1
    return given


def _waiting_entries() -> list[QueueEntry]:
    """The foremost of every queue, locked; a queue nobody can serve does not keep the others from moving."""
    waiting = QueueEntry.objects.filter(state=EntryState.WAITING)
    found: list[QueueEntry] = []
    for queue_id in Queue.objects.filter(is_active=True).values_list("pk", flat=True):
        rows = waiting.filter(queue=queue_id).order_by("-priority", "entered_at", "pk")
        found += rows.select_for_update(skip_locked=True, of=("self",))[:LOOKED_AT]
    return found


def _queues(ids: set[int]) -> list[Queue]:
    return list(Queue.objects.filter(pk__in=ids).prefetch_related("units", "groups", "needs"))


def _as_waiting(entries: list[QueueEntry], queues: dict[int, Queue]) -> list[Waiting]:
    forgiven = clock.now() - FORGIVEN_AFTER
    needs = {queue.pk: {need.skill_id: need.level for need in queue.needs.all()} for queue in queues.values()}
    return [
        Waiting(
            entry=entry.pk, queue=entry.queue_id, medium=entry.medium, entered_at=entry.entered_at,
            priority=entry.priority, needs={**dict.fromkeys(entry.skill_ids, 1), **needs[entry.queue_id]},
            strategy=queues[entry.queue_id].strategy, preferred=entry.preferred_id,
            refused_by=frozenset(entry.refused_by if entry.refused_at and entry.refused_at > forgiven else ()),
        )
        for entry in entries
    ]  # fmt: skip


def _as_seats(agents: list[Agent], queues: dict[int, Queue]) -> list[Seat]:
    load: dict[int, dict[str, int]] = defaultdict(dict)
    held = QueueEntry.objects.filter(agent__in=[agent.person_id for agent in agents], state__in=HELD)
    for person_id, medium in held.values_list("agent_id", "medium"):
        load[person_id][medium] = load[person_id].get(medium, 0) + 1
    served_by_unit = {queue.pk: {unit.pk for unit in queue.units.all()} for queue in queues.values()}
    served_by_group = {queue.pk: {group.pk for group in queue.groups.all()} for queue in queues.values()}
    found = []
    for agent in agents:
        units = set(agent.person.unit.ancestor_ids) if agent.person.unit else set()
        groups = {group.pk for group in agent.person.work_groups.all() if group.is_active}
        served = {pk for pk in queues if units & served_by_unit[pk] or groups & served_by_group[pk]}
        found.append(
            Seat(
                agent=agent.person_id, queues=frozenset(served), load=load[agent.person_id],
                capacity={medium: agent.capacity_for(medium) for medium in Medium.values},
                skills={one.skill_id: one.level for one in agent.person.skills.all()},
                idle_since=agent.idle_since, last_offered_at=agent.last_offered_at,
            )
        )  # fmt: skip
    return found


def is_room_for(medium: str, agent: Agent) -> bool:
    """Whether a locked agent is at work and has room for one more."""
    load = seats.load_of(agent.person_id)
    if agent.state not in AT_WORK or any(load.get(one) for one in EXCLUSIVE):
        return False
    if medium in EXCLUSIVE and any(load.values()):
        return False
    return load.get(medium, 0) < agent.capacity_for(medium)


def expire_offers(*, by: None = None) -> int:
    """What rang too long goes on to the next; whoever let it ring several times running is paused."""
    due = QueueEntry.objects.filter(state=EntryState.OFFERED, offer_ends_at__lte=clock.now())
    count = 0
    for pk, person_id in due.order_by("offer_ends_at").values_list("pk", "agent_id")[:AT_ONCE]:
        count += _expire(pk, person_id)
    return count


@transaction.atomic
def _expire(entry_id: int, person_id: int) -> bool:
    agent = Agent.objects.select_for_update(of=("self",)).select_related("person").get(person=person_id)
    entry = (
        QueueEntry.objects.filter(
            pk=entry_id, state=EntryState.OFFERED, agent=person_id, offer_ends_at__lte=clock.now()
        )
        .select_for_update(of=("self",))
        .select_related("queue")
        .first()
    )
    if entry is None:
        return False
    return_offer(entry, agent, OfferResult.UNANSWERED)
    agent.unanswered_count += 1
    agent.save(update_fields=["unanswered_count"])
    if agent.state in AT_WORK and agent.unanswered_count >= entry.queue.unanswered_limit:
        seats.move(agent, AgentState.PAUSED, reason=PauseReason.UNANSWERED)
    assign_soon()
    return True


def end_wrap_ups(*, by: None = None) -> int:
    """Who has used up the time for wrapping up is free again."""
    due = QueueEntry.objects.filter(state=EntryState.WRAP_UP, wrap_up_until__lte=clock.now())
    count = 0
    for pk, person_id in due.order_by("wrap_up_until").values_list("pk", "agent_id")[:AT_ONCE]:
        with transaction.atomic():
            agent = Agent.objects.select_for_update(of=("self",)).get(person=person_id)
            entry = QueueEntry.objects.select_for_update(of=("self",)).get(pk=pk)
            if entry.state != EntryState.WRAP_UP:
                continue
            entry.state, entry.wrap_up_until = EntryState.DONE, None
            entry.save(update_fields=["state", "wrap_up_until"])
            seats.settle_state(agent)
            signals.wrap_up_ended.send(QueueEntry, entry=entry)
            assign_soon()
            count += 1
    return count


@transaction.atomic
def overflow_entries(*, by: None = None) -> int:
    """What has waited too long in one queue waits in the next, as old as it is."""
    due = (
        QueueEntry.objects.filter(state=EntryState.WAITING, overflow_at__lte=clock.now())
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("queue__overflow_to")
    )
    moved = 0
    for entry in due.order_by("overflow_at")[:AT_ONCE]:
        earlier, target = entry.queue, entry.queue.overflow_to
        entry.overflow_at = None
        if target is not None and target.is_active and target.medium == entry.medium:
            entry.queue = target
            if target.overflow_to_id and target.overflow_to_id != earlier.pk:
                entry.overflow_at = clock.now() + timedelta(seconds=target.overflow_seconds)
            signals.entry_overflowed.send(QueueEntry, entry=entry, earlier=earlier)
            moved += 1
        entry.save(update_fields=["queue", "overflow_at"])
    if moved:
        assign_soon()
    return moved


def look_after_queues(*, by: None = None) -> None:
    """What the worker does every second; any number of workers may."""
    expire_offers()
    end_wrap_ups()
    overflow_entries()
    if QueueEntry.objects.filter(state=EntryState.WAITING).exists():
        assign_waiting()

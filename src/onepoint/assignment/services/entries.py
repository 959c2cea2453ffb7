"""The life of one entry: in, accepted or declined, ended, wrapped up; given on; left."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.assignment import policies, signals
from onepoint.assignment.models import Agent, Queue, QueueEntry, Skill
from onepoint.assignment.services import seats
from onepoint.assignment.services.assigning import assign_soon, is_room_for
from onepoint.assignment.services.offering import close_offer, offer_entry, return_offer
from onepoint.assignment.states import ALIVE, HELD, EntryState, OfferResult
from onepoint.core import audit, clock
from onepoint.core.errors import SomebodyWasFaster, require


@transaction.atomic
def enter_queue(
    queue: Queue,
    *,
    subject_type: str,
    subject_id: int,
    priority: int = 0,
    skills: Sequence[Skill] = (),
    preferred: User | None = None,
    by: User | None,
) -> QueueEntry:
    """Let a subject wait; one that already waits or is in hand keeps its entry. Raises QueueNotUsable, QueueIsFull."""
    # Of two at once the second finds the first one's entry, and the limit holds.
    locked = Queue.objects.select_for_update().get(pk=queue.pk)
    alive = QueueEntry.objects.filter(subject_type=subject_type, subject_id=subject_id, state__in=ALIVE).first()
    if alive is not None:
        return alive
    if not locked.is_active:
        raise policies.QueueNotUsable
    if QueueEntry.objects.filter(queue=locked, state=EntryState.WAITING)[: locked.longest].count() >= locked.longest:
        raise policies.QueueIsFull
    now = clock.now()
    entry = QueueEntry.objects.create(
        queue=locked, medium=locked.medium, subject_type=subject_type, subject_id=subject_id, priority=priority,
        skill_ids=[skill.pk for skill in skills], preferred=preferred if locked.last_agent_first else None,
        entered_at=now, overflow_at=_overflow_at(locked),
    )  # fmt: skip
    assign_soon()
    return entry


def _overflow_at(queue: Queue):  # type: ignore[no-untyped-def]  # datetime | None
    return clock.now() + timedelta(seconds=queue.overflow_seconds) if queue.overflow_to_id else None


def _locked(entry: QueueEntry) -> QueueEntry:
    return QueueEntry.objects.select_for_update(of=("self",)).select_related("queue", "agent").get(pk=entry.pk)


@transaction.atomic
def accept_entry(entry: QueueEntry, *, by: User) -> QueueEntry:
    """Take what rings; a second time, in another window, changes nothing. Raises NotPermitted, OfferIsOver."""
    require(policies.why_not_work_in_queues(by))
    agent = seats.locked_agent(by)
    entry = _locked(entry)
    if entry.state == EntryState.ACTIVE and entry.agent_id == by.pk:
        return entry
    if entry.state != EntryState.OFFERED or entry.agent_id != by.pk:
        raise policies.OfferIsOver
    entry.state, entry.accepted_at, entry.offer_ends_at = EntryState.ACTIVE, clock.now(), None
    entry.refused_by = []
    entry.save(update_fields=["state", "accepted_at", "offer_ends_at", "refused_by"])
    close_offer(entry, OfferResult.ACCEPTED)
    Agent.objects.filter(pk=agent.pk).update(unanswered_count=0)
    seats.settle_state(agent)
    signals.entry_accepted.send(QueueEntry, entry=entry, by=by)
    seats.tell([by.pk])
    return entry


@transaction.atomic
def decline_entry(entry: QueueEntry, *, by: User) -> None:
    """Let it ring at somebody else. Raises NotPermitted, OfferIsOver."""
    require(policies.why_not_work_in_queues(by))
    agent = seats.locked_agent(by)
    entry = _locked(entry)
    if entry.state != EntryState.OFFERED or entry.agent_id != by.pk:
        raise policies.OfferIsOver
    Agent.objects.filter(pk=agent.pk).update(unanswered_count=0)
    return_offer(entry, agent, OfferResult.DECLINED)
    assign_soon()


@transaction.atomic
def end_entry(entry: QueueEntry, *, by: User | None) -> None:
    """The conversation is over; its agent has the wrap-up before him, if the queue gives time for one.

    Nothing happens where it is not in hand. The caller decides who may.
    """
    agent = seats.locked_agent(entry.agent) if entry.agent else None
    entry = _locked(entry)
    if entry.state != EntryState.ACTIVE or agent is None or entry.agent_id != agent.person_id:
        return
    now = clock.now()
    wrap_up = entry.queue.wrap_up_seconds
    entry.state = EntryState.WRAP_UP if wrap_up else EntryState.DONE
    entry.ended_at = now
    entry.wrap_up_until = now + timedelta(seconds=wrap_up) if wrap_up else None
    entry.save(update_fields=["state", "ended_at", "wrap_up_until"])
    seats.settle_state(agent)
    seats.tell([agent.person_id])
    if not wrap_up:
        assign_soon()


@transaction.atomic
def finish_wrap_up(entry: QueueEntry, *, by: User | None) -> None:
    """Its agent is done with it and free for the next; a second time changes nothing. The caller decides who may."""
    agent = seats.locked_agent(entry.agent) if entry.agent else None
    entry = _locked(entry)
    if entry.state != EntryState.WRAP_UP or agent is None:
        return
    entry.state, entry.wrap_up_until = EntryState.DONE, None
    entry.save(update_fields=["state", "wrap_up_until"])
    seats.settle_state(agent)
    signals.wrap_up_ended.send(QueueEntry, entry=entry)
    assign_soon()


@transaction.atomic
def leave_queue(entry: QueueEntry, *, by: User | None) -> bool:
    """Whoever waited has gone; False where it is in hand or over already."""
    agent = seats.locked_agent(entry.agent) if entry.agent else None
    entry = _locked(entry)
    if entry.state not in (EntryState.WAITING, EntryState.OFFERED):
        return False
    if entry.agent_id != (agent.person_id if agent else None):
        raise SomebodyWasFaster  # it began to ring somewhere else meanwhile; the caller tries again
    close_offer(entry, OfferResult.WITHDRAWN)
    entry.state, entry.ended_at, entry.agent = EntryState.LEFT, clock.now(), None
    entry.save(update_fields=["state", "ended_at", "agent"])
    if agent:
        seats.settle_state(agent)
        seats.tell([agent.person_id])
    return True


@transaction.atomic
def give_to_queue(entry: QueueEntry, queue: Queue, *, by: User | None) -> None:
    """Let it wait in another queue, as old as it is and before those who wait for the first time.

    Raises QueueNotUsable, NotInYourHands. The caller decides who may.
    """
    agent = seats.locked_agent(entry.agent) if entry.agent else None
    entry = _locked(entry)
    _require_movable(entry, agent)
    if not queue.is_active or queue.medium != entry.medium:
        raise policies.QueueNotUsable
    given_by = entry.agent_id
    close_offer(entry, OfferResult.WITHDRAWN)
    entry.priority += 1 if entry.state == EntryState.ACTIVE else 0
    entry.queue, entry.state, entry.agent, entry.preferred = queue, EntryState.WAITING, None, None
    entry.accepted_at = entry.offer_ends_at = None
    entry.refused_by, entry.refused_at = [given_by] if given_by else [], clock.now()
    entry.overflow_at = _overflow_at(queue)
    entry.save()
    if agent:
        seats.settle_state(agent)
        seats.tell([agent.person_id])
    assign_soon()


@transaction.atomic
def give_to_person(entry: QueueEntry, person: User, *, by: User | None) -> None:
    """Let it ring at one particular person who is at work and has room. Not answered, it waits in its queue.

    Raises AgentHasNoRoom, NotInYourHands. The caller decides who may.
    """
    people = sorted({one.pk: one for one in (entry.agent, person) if one}.values(), key=lambda one: one.pk)
    agents = {one.pk: seats.locked_agent(one) for one in people}  # always in the same order
    entry = _locked(entry)
    earlier = agents.get(entry.agent_id or 0)
    _require_movable(entry, earlier)
    target = agents[person.pk]
    if entry.agent_id == person.pk or not is_room_for(entry.medium, target):
        raise policies.AgentHasNoRoom(name=person.label)
    close_offer(entry, OfferResult.WITHDRAWN)
    offer_entry(entry, target, entry.queue)
    if earlier:
        seats.settle_state(earlier)
        seats.tell([earlier.person_id])


def _require_movable(entry: QueueEntry, agent: Agent | None) -> None:
    if entry.state not in (EntryState.WAITING, EntryState.OFFERED, EntryState.ACTIVE):
        raise policies.NotInYourHands
    if entry.state in HELD and (agent is None or entry.agent_id != agent.person_id):
        raise SomebodyWasFaster


@transaction.atomic
def set_priority(entry: QueueEntry, *, priority: int, by: User | None) -> None:
    """Let something wait before or after others. Raises NotPermitted."""
    require(policies.why_not_watch_queues(by))
    QueueEntry.objects.filter(pk=entry.pk, state=EntryState.WAITING).update(priority=max(-100, min(priority, 100)))
    audit.record(
        "queue.priority_set", by=by, subject_type=entry.subject_type, subject_id=entry.subject_id, priority=priority
    )

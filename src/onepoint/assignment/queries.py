"""Reads of queues and agents."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet

from onepoint.accounts.models import User
from onepoint.accounts.scope import scope_of
from onepoint.assignment.models import Agent, AgentSkill, Offer, Queue, QueueEntry, Skill
from onepoint.assignment.states import AT_WORK, HELD, AgentState, EntryState
from onepoint.core import clock
from onepoint.core.compiled import Compiled
from onepoint.sla.calendars import calendar_of

RECENT = 50  # conversations whose length says how long one waits
USUAL_LENGTH = timedelta(minutes=6)


def queues(medium: str = "") -> QuerySet[Queue]:
    """Queues, also those out of use."""
    found = Queue.objects.select_related("calendar", "overflow_to").prefetch_related("units", "groups", "needs__skill")
    return found.filter(medium=medium) if medium else found


def active_queues(medium: str) -> list[Queue]:
    return list(Queue.objects.filter(medium=medium, is_active=True).order_by("code"))


def find_queue(code: str) -> Queue | None:
    return queues().filter(code=code).first()


def skills() -> QuerySet[Skill]:
    return Skill.objects.filter(is_active=True)


def is_open(queue: Queue) -> bool:
    """Whether the queue takes anything now: in use, and working time by its calendar."""
    now = clock.now()
    if not queue.is_active:
        return False
    return queue.calendar_id is None or calendar_of(queue.calendar_id).next_open(now) <= now


def agent_of(person: User) -> Agent | None:
    """How the person stands to the queues; None for somebody who never served one."""
    return _AGENT.first(person.pk)


_AGENT = Compiled("agent_of", lambda person_id: Agent.objects.filter(person_id=person_id).order_by("pk")[:1])


def ringing_at(person: User) -> list[QueueEntry]:
    """What rings at a person, the longest first."""
    return _RINGING.rows(person.pk)


_RINGING = Compiled(
    "ringing_at",
    lambda person_id: QueueEntry.objects.filter(agent_id=person_id, state=EntryState.OFFERED).select_related("queue"),
)


def entries_in_hand(person: User) -> list[QueueEntry]:
    """What a person has in hand, rings or is wrapped up."""
    return list(QueueEntry.objects.filter(agent=person, state__in=HELD).select_related("queue").order_by("pk"))


def find_entry(pk: int) -> QueueEntry | None:
    return QueueEntry.objects.select_related("queue", "agent").filter(pk=pk).first()


def find_own_entry(pk: int, person: User) -> QueueEntry | None:
    """An entry that rings at this person or is in his hands."""
    return QueueEntry.objects.select_related("queue", "agent").filter(pk=pk, agent=person).first()


def was_offered(pk: int, person: User) -> bool:
    """Whether an entry ever rang at this person."""
    return Offer.objects.filter(entry=pk, agent=person).exists()


def place_of(entry: QueueEntry) -> int:
    """Which in line: 1 is next."""
    before = Q(priority__gt=entry.priority) | Q(priority=entry.priority, entered_at__lt=entry.entered_at)
    before |= Q(priority=entry.priority, entered_at=entry.entered_at, pk__lt=entry.pk)
    waiting = QueueEntry.objects.filter(queue=entry.queue_id, state=EntryState.WAITING)
    return waiting.filter(before)[: entry.queue.longest + 1].count() + 1


def expected_wait(entry: QueueEntry, place: int) -> timedelta:
    """About how long it still waits: its place × the length of recent conversations ÷ how many are led at once."""
    recent = QueueEntry.objects.filter(
        queue=entry.queue_id, accepted_at__isnull=False, ended_at__isnull=False
    ).order_by("-accepted_at")[:RECENT]
    length = ExpressionWrapper(F("ended_at") - F("accepted_at"), output_field=DurationField())
    average = recent.annotate(length=length).aggregate(Avg("length"))["length__avg"] or USUAL_LENGTH
    at_once = QueueEntry.objects.filter(queue=entry.queue_id, state__in=HELD).count()
    return average * place / max(at_once, 1)


def agents_visible_to(user: User, permission: str = "queue.watch") -> QuerySet[Agent]:
    """Agents of the reader's scope with how much they have in hand."""
    scope = scope_of(user, permission).without_levels()
    reached = scope.by_unit_and_region(unit="person__unit", region="person__unit__region")
    return Agent.objects.filter(reached).select_related("person__unit")


@dataclass(frozen=True)
class AgentRow:
    """One agent as a supervisor sees him."""

    agent: Agent
    ringing: int
    active: int
    wrapping: int


def agents_at_work(*, visible_to: User, limit: int = 200) -> list[AgentRow]:
    """Who is there, those who are ready first; two queries."""
    order = [AgentState.READY, AgentState.BUSY, AgentState.WRAP_UP, AgentState.PAUSED]
    agents = list(agents_visible_to(visible_to).exclude(state=AgentState.OFFLINE).order_by("state_since")[:limit])
    held = QueueEntry.objects.filter(agent__in=[agent.person_id for agent in agents], state__in=HELD)
    counts = {
        (person, state): count
        for person, state, count in held.values_list("agent", "state").annotate(count=Count("pk"))
    }
    return [
        AgentRow(agent, *(counts.get((agent.person_id, state), 0) for state in HELD))
        for agent in sorted(agents, key=lambda one: order.index(AgentState(one.state)))
    ]


def people_at_work(*, besides: int | None = None, limit: int = 200) -> list[User]:
    """Colleagues one could give something to, by name; whether there is room shows when it is given."""
    found = User.objects.filter(agent__state__in=AT_WORK, is_active=True)
    if besides is not None:
        found = found.exclude(pk=besides)
    return list(found.order_by("name_key")[:limit])


@dataclass(frozen=True)
class QueueFigures:
    """How a queue stands now."""

    queue: Queue
    waiting: int
    ringing: int
    active: int
    longest_wait: timedelta | None


def figures_of(found: list[Queue]) -> list[QueueFigures]:
    """One query for all of them; nothing proportional to what is over."""
    alive = [EntryState.WAITING, *HELD]
    counts: dict[tuple[int, str], int] = {}
    oldest: dict[int, timedelta] = {}
    now = clock.now()
    rows = QueueEntry.objects.filter(queue__in=found, state__in=alive).values_list("queue", "state", "entered_at")
    for queue, state, entered_at in rows:
        counts[queue, state] = counts.get((queue, state), 0) + 1
        if state == EntryState.WAITING:
            oldest[queue] = max(oldest.get(queue, timedelta()), now - entered_at)
    return [
        QueueFigures(
            queue, counts.get((queue.pk, EntryState.WAITING), 0), counts.get((queue.pk, EntryState.OFFERED), 0),
            counts.get((queue.pk, EntryState.ACTIVE), 0), oldest.get(queue.pk),
        )
        for queue in found
    ]  # fmt: skip


def levels_of(person: User) -> dict[int, int]:
    """Skill → level of a person."""
    return dict(AgentSkill.objects.filter(person=person).values_list("skill", "level"))


def find_agent(username: str, *, visible_to: User, permission: str) -> Agent | None:
    """An agent of the reader's scope by staff number."""
    return agents_visible_to(visible_to, permission).filter(person__username=username).first()

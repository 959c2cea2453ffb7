"""An agent's row under lock, and the state that follows from what is in hand."""

from datetime import datetime

from onepoint.accounts.models import User
from onepoint.assignment import signals
from onepoint.assignment.models import Agent, AgentStateChange, QueueEntry
from onepoint.assignment.states import AT_WORK, HELD, AgentState, EntryState
from onepoint.core import clock, live

LIVE_EVENT = "queue"


def locked_agent(person: User) -> Agent:
    """The agent's row, made where there is none yet, locked until the end of the transaction."""
    Agent.objects.get_or_create(person=person, defaults={"state_since": clock.now()})
    return Agent.objects.select_for_update(of=("self",)).select_related("person").get(person=person)


def load_of(person_id: int) -> dict[str, int]:
    """What is in hand or rings, by medium; right only while the agent's row is locked."""
    load: dict[str, int] = {}
    for medium in QueueEntry.objects.filter(agent=person_id, state__in=HELD).values_list("medium", flat=True):
        load[medium] = load.get(medium, 0) + 1
    return load


def settle_state(agent: Agent) -> None:
    """READY, BUSY or WRAP_UP, as what is in hand says; whoever is paused or away stays so."""
    held = list(QueueEntry.objects.filter(agent=agent.person_id, state__in=HELD))
    now = clock.now()
    if held:
        agent.idle_since = None
    elif agent.idle_since is None:
        agent.idle_since = now
    Agent.objects.filter(pk=agent.pk).update(idle_since=agent.idle_since)
    if agent.state in AT_WORK:
        move(agent, *_following(agent, held))


def _following(agent: Agent, held: list[QueueEntry]) -> tuple[str, datetime | None]:
    wrapping = [entry.wrap_up_until for entry in held if entry.state == EntryState.WRAP_UP and entry.wrap_up_until]
    if wrapping and len(wrapping) == len(held):
        return AgentState.WRAP_UP, max(wrapping)
    counts: dict[str, int] = {}
    for entry in held:
        counts[entry.medium] = counts.get(entry.medium, 0) + 1
    is_full = any(count >= agent.capacity_for(medium) for medium, count in counts.items())
    return (AgentState.BUSY if is_full else AgentState.READY), None


def move(agent: Agent, state: str, wrap_up_until: datetime | None = None, reason: str = "") -> bool:
    """Put the locked agent into a state and log it; False when nothing changed. Open pages hear of it."""
    if (agent.state, agent.pause_reason, agent.wrap_up_until) == (state, reason, wrap_up_until):
        return False
    now = clock.now()
    if (agent.state, agent.pause_reason) != (state, reason):
        AgentStateChange.objects.filter(agent=agent, ended_at=None).update(ended_at=now)
        if state != AgentState.OFFLINE:
            AgentStateChange.objects.create(agent=agent, state=state, reason=reason, began_at=now)
        agent.state_since = now
    agent.state, agent.pause_reason, agent.wrap_up_until = state, reason, wrap_up_until
    agent.save(update_fields=["state", "pause_reason", "wrap_up_until", "state_since"])
    signals.agent_state_changed.send(Agent, agent=agent)
    tell([agent.person_id])
    return True


def tell(people: list[int | None]) -> None:
    """Pages of these people look again at what rings and what they have in hand."""
    live.publish({f"P{person}" for person in people if person}, LIVE_EVENT)

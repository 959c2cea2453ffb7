"""Coming to work, pausing, going; and what an agent can do."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.assignment import policies
from onepoint.assignment.models import AgentSkill, QueueEntry, Skill
from onepoint.assignment.services import seats
from onepoint.assignment.services.assigning import assign_soon
from onepoint.assignment.services.offering import return_offer
from onepoint.assignment.states import (
    AT_WORK,
    HOUSE_REASONS,
    AgentState,
    EntryState,
    Medium,
    OfferResult,
    PauseReason,
)
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, require

MOST_AT_ONCE = 20


@transaction.atomic
def take_up_work(person: User, *, by: User | None) -> None:
    """Be there for the queues (again). Raises NotPermitted."""
    require(policies.why_not_change_state_of(person, by))
    agent = seats.locked_agent(person)
    agent.unanswered_count = 0
    agent.idle_since = agent.idle_since or clock.now()
    agent.lost_at = None
    agent.save(update_fields=["unanswered_count", "idle_since", "lost_at"])
    if agent.state not in AT_WORK:
        seats.move(agent, AgentState.READY)
        seats.settle_state(agent)
        _note(person, AgentState.READY, by)
        assign_soon()


@transaction.atomic
def pause_work(person: User, *, reason: str, by: User | None) -> None:
    """Get nothing new for a while; what is in hand goes on, what rings goes to somebody else.

    Raises NotPermitted and InvalidInput.
    """
    require(policies.why_not_change_state_of(person, by))
    if reason not in PauseReason.values or (reason in HOUSE_REASONS and by is not None):
        raise InvalidInput({"reason": _("Please choose one of these.")})
    stop_working(person, AgentState.PAUSED, reason, by)


@transaction.atomic
def end_work(person: User, *, by: User | None) -> None:
    """Go home; what is in hand stays until it is ended or given on. Raises NotPermitted."""
    require(policies.why_not_change_state_of(person, by))
    stop_working(person, AgentState.OFFLINE, "", by)


def stop_working(person: User, state: str, reason: str, by: User | None) -> None:
    """Part of whatever takes a person off the queues: what rings goes to somebody else."""
    agent = seats.locked_agent(person)
    ringing = QueueEntry.objects.select_for_update(of=("self",)).filter(agent=person, state=EntryState.OFFERED)
    for entry in ringing:
        return_offer(entry, agent, OfferResult.WITHDRAWN)
        assign_soon()
    if seats.move(agent, state, reason=reason):
        _note(person, state, by)


def _note(person: User, state: str, by: User | None) -> None:
    """Only what a superior does to somebody is news for the journal; one's own turns stand in the log of states."""
    if by is not None and by.pk != person.pk:
        audit.record("agent.state_set", by=by, subject_type="person", subject_id=person.pk, state=state)


@transaction.atomic
def change_agent(
    person: User, *, levels: Mapping[Skill, int], capacities: Mapping[str, int | None], by: User | None
) -> None:
    """What the person can (skill → 1 to 5; 0 or missing: not at all) and takes at once. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_change_agent(person, by))
    errors = {
        f"skill-{skill.code}": _("Please enter a number from %(low)s to %(high)s.") % {"low": 0, "high": 5}
        for skill, level in levels.items()
        if not 0 <= level <= 5
    }
    for medium, most in capacities.items():
        if medium not in Medium.values or (most is not None and not 0 <= most <= MOST_AT_ONCE):
            errors[f"capacity-{medium}"] = _("Please enter a number from %(low)s to %(high)s.") % {
                "low": 0, "high": MOST_AT_ONCE,
            }  # fmt: skip
    if errors:
        raise InvalidInput(errors)
    agent = seats.locked_agent(person)
    AgentSkill.objects.filter(person=person).delete()
    AgentSkill.objects.bulk_create(
        AgentSkill(person=person, skill=skill, level=level) for skill, level in levels.items() if level
    )
    agent.capacities = {medium: most for medium, most in capacities.items() if most is not None}
    agent.save(update_fields=["capacities"])
    seats.settle_state(agent)
    skills = ", ".join(f"{skill.name} {level}" for skill, level in levels.items() if level)
    audit.record(
        "agent.changed", by=by, subject_type="person", subject_id=person.pk, skills=skills, capacities=agent.capacities
    )  # fmt: skip

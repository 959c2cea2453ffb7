"""Which ways a person is told on: own choice, else the roles', else the house's, else the event's; mandatory ones always."""

from collections.abc import Iterable, Mapping, Sequence

from onepoint.notifications.models import NotificationPolicy, Preference, RoleDefault
from onepoint.notifications.registry import Event
from onepoint.notifications.states import Way

Choices = Mapping[str, Sequence[str]]


def in_order(ways: Iterable[str]) -> tuple[str, ...]:
    """Known ways, each once, in the order people see them."""
    wanted = set(ways)
    return tuple(way for way in Way.values if way in wanted)


def default_ways(
    group: str, event_ways: Sequence[str], policy: NotificationPolicy, roles: Sequence[RoleDefault]
) -> tuple[str, ...]:
    """How somebody who chose nothing hears of this group; several roles add up."""
    of_roles = [role.choices[group] for role in roles if group in role.choices]
    if of_roles:
        return in_order(way for ways in of_roles for way in ways)
    return in_order(policy.choices.get(group, event_ways))


def mandatory_ways(group: str, policy: NotificationPolicy, roles: Sequence[RoleDefault]) -> tuple[str, ...]:
    """The ways nobody with these roles can switch off."""
    sources: list[Choices] = [policy.mandatory, *(role.mandatory for role in roles)]
    return in_order(way for source in sources for way in source.get(group, ()))


def ways_of(
    event: Event, preference: Preference | None, policy: NotificationPolicy, roles: Sequence[RoleDefault]
) -> tuple[str, ...]:
    """How this person hears of the event."""
    own = preference.choices.get(event.group) if preference else None
    chosen = default_ways(event.group, event.ways, policy, roles) if own is None else own
    return in_order([*chosen, *mandatory_ways(event.group, policy, roles)])

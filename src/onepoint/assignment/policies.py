"""Who may work in queues, watch them and set them up; callers say ``policies.why_not_…``."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import OutsideYourScope, why_not_permitted
from onepoint.accounts.scope import scope_of
from onepoint.core.errors import BusinessError


class OfferIsOver(BusinessError):
    """What rang is no longer there for this person: somebody else has it, it rang too long, or the customer left."""

    code = "offer_is_over"
    message = _("This is no longer offered to you.")


class NotInYourHands(BusinessError):
    """The entry is not what this person has in hand."""

    code = "not_in_your_hands"
    message = _("This is not in your hands any more.")


class AgentHasNoRoom(BusinessError):
    """The person it is given to is not at work, or has as much in hand as he takes."""

    code = "agent_has_no_room"
    message = _("%(name)s cannot take it now: not at work, or everything is full.")


class QueueNotUsable(BusinessError):
    """The queue is out of use or serves another medium."""

    code = "queue_not_usable"
    message = _("This queue cannot be used for it.")


class QueueIsFull(BusinessError):
    """As many wait as may wait."""

    code = "queue_is_full"
    message = _("So many are waiting that no more can be taken.")


def why_not_work_in_queues(by: User | None) -> BusinessError | None:
    """Needs ``queue.work``."""
    return why_not_permitted("queue.work", by)


def why_not_watch_queues(by: User | None) -> BusinessError | None:
    """Needs ``queue.watch``."""
    return why_not_permitted("queue.watch", by)


def why_not_change_queues(by: User | None) -> BusinessError | None:
    """Needs ``queue.change``."""
    return why_not_permitted("queue.change", by)


def why_not_change_state_of(person: User, by: User | None) -> BusinessError | None:
    """One's own with ``queue.work``; somebody else's with ``queue.watch`` that reaches the person's unit."""
    if by is None:
        return None
    if person.pk == by.pk:
        return why_not_work_in_queues(by)
    return why_not_watch_queues(by) or (None if _reaches(person, by, "queue.watch") else OutsideYourScope())


def why_not_change_agent(person: User, by: User | None) -> BusinessError | None:
    """Needs ``queue.change`` that reaches the person's unit."""
    if by is None:
        return None
    return why_not_change_queues(by) or (None if _reaches(person, by, "queue.change") else OutsideYourScope())


def _reaches(person: User, by: User, permission: str) -> bool:
    unit = person.unit
    return scope_of(by, permission).without_levels().reaches(
        unit_id=person.unit_id, region_id=unit.region_id if unit else None
    )  # fmt: skip

"""Whether a conversation goes through a green channel: who decides that stands above and registers here.

Queues (chat, counter, calls) ask before they line somebody up.
"""

from collections.abc import Callable
from dataclasses import dataclass

from onepoint.accounts.models import OrgUnit
from onepoint.customers.models import Customer


@dataclass(frozen=True)
class Green:
    """The green channel that holds: its name, and how far in front it puts one (1 to 9)."""

    name: str
    priority: int


Judge = Callable[[Customer | None, OrgUnit | None, str, str], Green | None]
_judges: list[Judge] = []


def register_judge(judge: Judge) -> None:
    """Say how it is decided; the later registration counts."""
    _judges[:] = [judge]


def green_for(
    *, customer: Customer | None = None, unit: OrgUnit | None = None, category_code: str = "", channel: str = ""
) -> Green | None:
    """The green channel for this customer, unit, category and channel; no query where no rule is in force."""
    return _judges[0](customer, unit, category_code, channel) if _judges else None


def is_green(
    *, customer: Customer | None = None, unit: OrgUnit | None = None, category_code: str = "", channel: str = ""
) -> bool:
    """Whether any green channel holds."""
    return green_for(customer=customer, unit=unit, category_code=category_code, channel=channel) is not None

"""What one should know before the customer says it: each capability registers its hints, and one panel shows them all.

Proactive care (spec §3): the reader is told of what is late, promised or about to run out while the customer is there.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from onepoint.accounts.models import User
from onepoint.customers.models import Customer

#: The most pressing first.
TONES = ("bad", "warn", "accent", "")


@dataclass(frozen=True)
class Hint:
    """One sentence, where it leads, and how pressing it is."""

    text: str | Promise
    tone: str = "accent"
    url: str = ""


#: Hints about a customer within what the person may see; at most two or three short queries.
Source = Callable[[Customer, User], list[Hint]]
_sources: dict[str, tuple[str, Source]] = {}


def register_hints(name: str, permission: str, source: Source) -> None:
    """Let a capability's hints be shown to those who hold ``permission`` (empty: everybody who sees the customer)."""
    _sources[name] = (permission, source)


def hints_about(customer: Customer, *, visible_to: User) -> list[Hint]:
    """Everything known about the customer that presses, the most pressing first."""
    found = [
        hint
        for _name, (permission, source) in sorted(_sources.items())
        if not permission or visible_to.may(permission)
        for hint in source(customer, visible_to)
    ]
    return sorted(found, key=lambda hint: TONES.index(hint.tone) if hint.tone in TONES else len(TONES))

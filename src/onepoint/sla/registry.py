"""Where higher capabilities plug in: the values a rule for limits may ask about, in the words of the subjects that have them.

A subject hands over flat facts (``{"kind": "complaint", "category": ["3", "17"], …}``); a fact that is a list is a node of a
tree with everything above it, root first.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise

Labelled = tuple[str, str | Promise]
Choices = Callable[[], Sequence[Labelled]]

_choices: dict[str, Choices] = {}


def register_choices(fact: str, choices: Choices) -> None:
    """Say which values a fact may have (kind, category, severity, level, channel, business, stage), with their labels."""
    _choices[fact] = choices


def choices_of(fact: str) -> list[tuple[str, str]]:
    """The values of a fact with their labels in the language being shown; none where nobody registered it."""
    return [(value, str(label)) for value, label in _choices[fact]()] if fact in _choices else []


def label_of(fact: str, value: str) -> str:
    """How a value reads; itself where it is not known (any more)."""
    return dict(choices_of(fact)).get(value, value)


#: The fact that says how long a subject without any rule may take, and how that reads.
DEFAULT_LIMIT = "default_limit"


def default_limit(facts: dict[str, object]) -> timedelta | None:
    """The limit of the whole case that the subject brings itself (hours of its severity), in seconds in its facts."""
    seconds = facts.get(DEFAULT_LIMIT)
    return timedelta(seconds=float(seconds)) if isinstance(seconds, int | float) and seconds > 0 else None


Facts = Callable[[int], dict[str, Any]]
_facts: dict[str, Facts] = {}


def register_facts(subject_type: str, find: Facts) -> None:
    """``find(subject_id)`` gives the facts of a subject that rules for its steps ask about."""
    _facts[subject_type] = find


def facts_of(subject_type: str, subject_id: int) -> dict[str, Any]:
    """Nothing where nobody registered them."""
    return _facts[subject_type](subject_id) if subject_type in _facts else {}


Finder = Callable[[str], str | None]
_finders: dict[str, Finder] = {}


def register_finder(fact: str, find: Finder) -> None:
    """``find(code)`` gives the value of a fact that people know by a code; None where there is none."""
    _finders[fact] = find


def value_of(fact: str, code: str) -> str | None:
    """The value behind a code, for delivered rules."""
    return _finders[fact](code) if fact in _finders else None

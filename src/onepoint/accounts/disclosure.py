"""Where capabilities say which of their values are personal data, so that a single one can be uncovered with a reason.

A capability registers in its ``access.py``, which is imported when the house starts.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from onepoint.accounts import field_rights
from onepoint.accounts.models import User


@dataclass(frozen=True)
class PersonalValue:
    """One value with what it is called, its group (``core.masking``) and what it belongs to."""

    label: str | Promise
    group: str
    value: str
    subject_id: int
    right: str = ""  # the field whose right decides, see ``field_rights``


@dataclass(frozen=True)
class PersonalSubject:
    """A kind of thing that holds personal data. ``find(number, field, visible_to)`` gives one value within scope."""

    kind: str
    page: str  # URL name, called with the number
    find: Callable[[str, str, User], PersonalValue | None]


_subjects: dict[str, PersonalSubject] = {}


def register_subject(kind: str, page: str, find: Callable[[str, str, User], PersonalValue | None]) -> None:
    """Let values of this kind of thing be uncovered; audited as ``<kind>.unmasked``."""
    _subjects[kind] = PersonalSubject(kind, page, find)


def subject_of(kind: str) -> PersonalSubject | None:
    return _subjects.get(kind)


def find_value(kind: str, number: str, field: str, *, visible_to: User) -> PersonalValue | None:
    """The value in full, for somebody who sees what it belongs to; None where there is none."""
    subject = _subjects.get(kind)
    found = subject.find(number, field, visible_to) if subject else None
    if found is None or not found.value or not field_rights.may_see(visible_to, found.right):
        return None
    return found

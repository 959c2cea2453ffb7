"""What each role may do with single fields: hide them, only read them, or change them.

A capability registers its fields in its ``access.py``. A role holds only what differs from changing
(``Role.field_rights``), so a new field is open until somebody closes it. Of a person's roles that open the subject at
all, the most generous one counts, field by field. The system (None) may do everything.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise

from onepoint.accounts.models import Role, User
from onepoint.accounts.states import FieldRight
from onepoint.core import masking

_GENEROSITY = {FieldRight.HIDDEN: 0, FieldRight.READ: 1, FieldRight.WRITE: 2}


@dataclass(frozen=True)
class Field:
    """One field rights can be set for; one that lists and links need cannot be hidden."""

    subject: str
    name: str
    label: str | Promise
    can_hide: bool = True

    @property
    def code(self) -> str:
        return f"{self.subject}.{self.name}"

    @property
    def rights(self) -> list[FieldRight]:
        return [right for right in FieldRight if self.can_hide or right != FieldRight.HIDDEN]


@dataclass(frozen=True)
class Subject:
    """A kind of thing with fields, opened by ``permission``."""

    label: str | Promise
    permission: str
    fields: dict[str, Field]


_subjects: dict[str, Subject] = {}


def register_fields(
    subject: str,
    label: str | Promise,
    permission: str,
    fields: Mapping[str, str | Promise],
    always_shown: frozenset[str] = frozenset(),
) -> None:
    """Offer fields of a kind of thing on the screen of a role; ``permission`` is what opens the thing at all."""
    _subjects[subject] = Subject(
        label, permission, {name: Field(subject, name, text, name not in always_shown) for name, text in fields.items()}
    )


def subjects() -> list[Subject]:
    return list(_subjects.values())


def find_field(code: str) -> Field | None:
    subject, _dot, name = code.partition(".")
    return _subjects[subject].fields.get(name) if subject in _subjects else None


def right_of_role(role: Role, code: str) -> FieldRight:
    """What one role may do with a field such as ``ticket.contact_phone``."""
    stored = role.field_rights.get(code)
    return FieldRight(stored) if stored in FieldRight.values else FieldRight.WRITE


def right_of(person: User | None, code: str) -> FieldRight:
    """What a person may do with a field; no query beyond the person's roles."""
    subject = _subjects.get(code.partition(".")[0])
    if person is None or subject is None:
        return FieldRight.WRITE
    roles = [grant.role for grant in person.active_grants if subject.permission in grant.role.permissions]
    rights = [right_of_role(role, code) for role in roles]
    return max(rights, key=_GENEROSITY.__getitem__, default=FieldRight.HIDDEN)


def hidden_fields(person: User | None, subject: str) -> frozenset[str]:
    """The names of the fields a person may not see."""
    return frozenset(name for name in _names(subject) if right_of(person, f"{subject}.{name}") == FieldRight.HIDDEN)


def fixed_fields(person: User | None, subject: str) -> frozenset[str]:
    """The names of the fields a person may not change, the hidden ones among them."""
    return frozenset(name for name in _names(subject) if right_of(person, f"{subject}.{name}") != FieldRight.WRITE)


def may_see(person: User | None, code: str) -> bool:
    """Whether a person may see a field at all, masked or not."""
    return right_of(person, code) != FieldRight.HIDDEN


masking.register_field_check(may_see)


def _names(subject: str) -> list[str]:
    return list(_subjects[subject].fields) if subject in _subjects else []

"""What every write of the organisation does at its end: keep the changed fields, journal, announce."""

import re
from typing import Any

from django.db.models import Model, TextChoices
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import signals
from onepoint.accounts.models import User
from onepoint.core import audit, live
from onepoint.core.errors import InvalidInput
from onepoint.core.text import clean


def cleaned(values: dict[str, Any]) -> dict[str, Any]:
    """Texts without what PostgreSQL refuses, other values as they are."""
    return {name: clean(value) if type(value) is str else value for name, value in values.items()}


def as_fact(value: Any) -> Any:
    """A value as the journal keeps it: rows by their code or name, everything else as it is."""
    if isinstance(value, Model):
        return getattr(value, "code", None) or getattr(value, "username", None) or str(value)
    if isinstance(value, TextChoices):
        return value.value
    return value


def apply_changes(row: Model, values: dict[str, Any], allowed: frozenset[str]) -> dict[str, list[Any]]:
    """Save what differs and return ``{field: [old, new]}``. Raises TypeError for a field that is not ``allowed``."""
    if unknown := set(values) - allowed:
        raise TypeError(f"cannot change {', '.join(sorted(unknown))} of {type(row).__name__}")
    changes = {}
    for name, new in cleaned(values).items():
        old = getattr(row, name)
        if old != new:
            changes[name] = [as_fact(old), as_fact(new)]
            setattr(row, name, new)
    if changes:
        row.save(update_fields=list(changes))
    return changes


def require_texts(**texts: str) -> None:
    """Raises ``InvalidInput`` naming the texts that are empty once cleaned."""
    empty = {name: _("Please fill this in.") for name, text in texts.items() if not clean(text or "")}
    if empty:
        raise InvalidInput(empty)


_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
#: Words that stand where a code would in the addresses of pages.
_RESERVED = frozenset({"new", "options"})


def require_code(field: str, code: str) -> None:
    """Codes and staff numbers stand in addresses. Raises InvalidInput for one that could not."""
    if not _CODE.fullmatch(code) or code.lower() in _RESERVED:
        raise InvalidInput({field: _("Use letters, digits, dots, dashes and underscores.")})


def journal(verb: str, subject: Model, *, by: User | None, **data: Any) -> None:
    """One audit row under the subject's own name (``unit``, ``person`` …) with JSON-able facts."""
    audit.record(verb, by=by, subject_type=verb.partition(".")[0], subject_id=subject.pk, **data)


def announce(verb: str, subject: Model) -> None:
    signals.organisation_changed.send(sender=type(subject), verb=verb, subject=subject)


def announce_access(person: User) -> None:
    """Forget what the person object remembers of its rights, then tell the others."""
    person.forget_rights()
    signals.access_changed.send(sender=User, person=person)
    live.publish([f"P{person.pk}"], "access")

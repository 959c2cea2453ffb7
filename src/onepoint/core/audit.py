"""The journal every write leaves a row in."""

from contextvars import ContextVar
from typing import Any, Protocol

from onepoint.core import clock
from onepoint.core.models import AuditEntry

#: Network address of the request being served, set by the middleware.
current_address: ContextVar[str | None] = ContextVar("current_address", default=None)


class Actor(Protocol):
    """Whoever acts: a person, or None for the system."""

    pk: Any

    def get_full_name(self) -> str: ...


def record(
    verb: str,
    *,
    by: Actor | None,
    subject_type: str,
    subject_id: int,
    on_behalf_of: Actor | None = None,
    **data: Any,
) -> AuditEntry:
    """Append one entry to the timeline of ``subject``; call it inside the transaction of the write it tells of.

    ``data`` must be JSON-able; it is shown in the timeline, so it holds no secrets.
    """
    return AuditEntry.objects.create(
        at=clock.now(),
        actor_id=by.pk if by else None,
        actor_name=by.get_full_name() if by else "",
        on_behalf_of_id=on_behalf_of.pk if on_behalf_of else None,
        verb=verb,
        subject_type=subject_type,
        subject_id=subject_id,
        data=data,
        ip_address=current_address.get(),
    )


def entries_of(subject_type: str, subject_id: int) -> Any:
    """The timeline of one subject, oldest first (a queryset)."""
    return AuditEntry.objects.filter(subject_type=subject_type, subject_id=subject_id).order_by("id")

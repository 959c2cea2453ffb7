"""The journal every write leaves a row in."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.functional import Promise

from onepoint.core import clock
from onepoint.core.models import AuditEntry, WithheldSubject
from onepoint.core.prepared import Insert

#: Network address of the request being served, set by the middleware.
current_address: ContextVar[str | None] = ContextVar("current_address", default=None)

#: In whose name everything in this context is done (somebody who is away), set by :func:`acting_for`.
current_principal: ContextVar[int | None] = ContextVar("current_principal", default=None)


@contextmanager
def acting_for(principal_id: int | None) -> Iterator[None]:
    """What is journaled inside, by Python or by the database's own functions, is done on behalf of that person.

    Use it inside the transaction of the write. None changes nothing.
    """
    if principal_id is None:
        yield
        return
    token = current_principal.set(principal_id)
    try:
        _tell_database(str(principal_id))
        yield
        # After an error the transaction, and the setting with it, is rolled back.
        _tell_database("")
    finally:
        current_principal.reset(token)


def _tell_database(principal: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('onepoint.on_behalf_of', %s, true)", [principal])


class Actor(Protocol):
    """Whoever acts: a person, or None for the system."""

    pk: Any

    def get_full_name(self) -> str: ...


_NEW_ENTRY = Insert(AuditEntry)


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

    Inside :func:`together` it is written, and has its key, at the end of that.

    ``data`` must be JSON-able; it is shown in the timeline, so it holds no secrets.
    """
    entry = AuditEntry(
        at=clock.now(),
        actor_id=by.pk if by else None,
        actor_name=by.get_full_name() if by else "",
        on_behalf_of_id=on_behalf_of.pk if on_behalf_of else current_principal.get(),
        verb=verb,
        subject_type=subject_type,
        subject_id=subject_id,
        data=data,
        ip_address=current_address.get(),
    )
    waiting = _waiting.get()
    if waiting is None:
        _NEW_ENTRY.save(entry)
    else:
        waiting.append(entry)
    return entry


_waiting: ContextVar[list[AuditEntry] | None] = ContextVar("entries_waiting", default=None)


@contextmanager
def together() -> Iterator[None]:
    """The few entries recorded inside are written by one statement at the end, in their order.

    For stretches in which nothing else is journaled, by the database's own functions either.
    """
    entries: list[AuditEntry] = []
    token = _waiting.set(entries)
    try:
        yield
    finally:
        _waiting.reset(token)
    if entries:
        _NEW_ENTRY.save(*entries)


def record_many(verb: str, told: Iterable[tuple[str, int, Mapping[str, Any]]], *, by: Actor | None) -> None:
    """The same fact about several subjects (type, id, data of each), in one statement."""
    at, actor_name = clock.now(), by.get_full_name() if by else ""
    AuditEntry.objects.bulk_create(
        AuditEntry(
            at=at, actor_id=by.pk if by else None, actor_name=actor_name, on_behalf_of_id=current_principal.get(),
            verb=verb, subject_type=subject_type, subject_id=subject_id, data=dict(data),
            ip_address=current_address.get(),
        )
        for subject_type, subject_id, data in told
    )  # fmt: skip


#: An entry about a thing is never older than the thing itself by more, however clocks were set.
SLACK = timedelta(days=31)


def entries_of(subject_type: str, subject_id: int, *, since: datetime | None = None) -> Any:
    """The timeline of one subject, oldest first (a queryset).

    With ``since``, when the subject came to be, months of the journal before that are not looked into.
    """
    entries = AuditEntry.objects.filter(subject_type=subject_type, subject_id=subject_id).order_by("id")
    entries = knowing_withheld(entries)
    return entries if since is None else entries.filter(at__gte=since - SLACK)


def knowing_withheld(entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """Entries that know whether their details are withheld (``is_withheld``), because whom they are about was erased."""
    about = WithheldSubject.objects.filter(
        subject_type=OuterRef("subject_type"), subject_id=OuterRef("subject_id"), until__gte=OuterRef("at")
    )
    return entries.annotate(is_withheld=Exists(about))


def withhold(subject_type: str, subject_ids: Iterable[int]) -> None:
    """From now on show nobody the details of what was journaled about these so far. Part of the caller's transaction."""
    now = clock.now()
    WithheldSubject.objects.bulk_create(
        [WithheldSubject(subject_type=subject_type, subject_id=pk, until=now) for pk in subject_ids],
        ignore_conflicts=True,
    )


_verb_labels: dict[str, str | Promise] = {}


def name_verb(verb: str, label: str | Promise) -> None:
    """Declare how a verb reads in timelines and in the journal; capabilities do it when the house starts."""
    _verb_labels[verb] = label


def verb_label(verb: str) -> str | Promise:
    """The verb in the reader's language; the verb itself where nobody named it."""
    return _verb_labels.get(verb, verb)


def named_verbs() -> dict[str, str | Promise]:
    """Every named verb with its label, sorted by verb."""
    return dict(sorted(_verb_labels.items()))

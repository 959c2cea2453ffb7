"""What full-text search looks through, kept in step with the tickets: noted with each change, written by a job."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg import errors as postgres_errors

from onepoint.channels.models import Contact
from onepoint.channels.states import Direction
from onepoint.core import jobs
from onepoint.core.full_text import Literals, Part, literals
from onepoint.core.models import Attachment
from onepoint.core.prepared import Insert
from onepoint.tickets.models import SearchChange, SearchDocument, Ticket
from onepoint.tickets.services.proposals import close_proposals, propose_duplicates
from onepoint.workflow.models import Opinion

BATCH = 200
LONGEST_WORDS = 4000  # characters of one contact that can be searched for
_WRITER = 7_320_001  # advisory lock of whoever writes documents
_NEW_CHANGE = Insert(SearchChange)


def note_search_change(ticket_id: int) -> None:
    """Have a ticket's search document written anew as soon as this transaction has been committed."""
    _NEW_CHANGE.save(SearchChange(ticket_id=ticket_id))
    wake_indexer()


def wake_indexer() -> None:
    """Start the job once this transaction has been committed, unless one waits already."""
    jobs.defer_after_commit("tickets.index_changes")


def index_changes() -> int:
    """Write the documents of all tickets that changed; returns how many. Several may run side by side."""
    count = 0
    while True:
        with transaction.atomic():
            # Before anything is taken: what a waiting one held, the one at work would leave out.
            if not _is_my_turn():
                return count
            ids = _take_changes()
            if not ids:
                return count
            new = ids - set(SearchDocument.objects.filter(pk__in=ids).values_list("pk", flat=True))
            count += _write_documents(ids)
            # Once for each ticket, when it can be found: whether it repeats another.
            propose_duplicates(new, by=None)
            close_proposals(ids - new, by=None)


def _is_my_turn() -> bool:
    """One writer at a time, so that what was read earlier never overwrites what was read later.

    False where the one at work is at a batch for longer than anybody waits for a lock: it goes on by itself with what is left,
    and what somebody leaves who writes everything anew (``reindex_tickets``), the job of the next minute takes.
    """
    try:
        with transaction.atomic():
            _wait_for_turn()
    except OperationalError as refused:
        if isinstance(refused.__cause__, postgres_errors.LockNotAvailable):
            return False
        raise
    return True


def _wait_for_turn() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITER])


def _take_changes() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM tickets_searchchange WHERE id IN"
            " (SELECT id FROM tickets_searchchange ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING ticket_id",
            [BATCH],
        )
        return {row[0] for row in cursor.fetchall()}


def reindex_tickets(*, after: int = 0, progress: Callable[[int, int], None] = lambda _count, _last: None) -> int:
    """Write every document anew from the ticket ``after`` on; ``progress`` hears the count and the last id done.

    Batch by batch, each in its own transaction: it may be interrupted, and continued from the last id it told of.
    """
    count = 0
    while True:
        newer = Ticket.objects.filter(pk__gt=after).order_by("pk")
        ids = list(newer.values_list("pk", flat=True)[:BATCH])
        if not ids:
            return count
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = 0")  # nobody waits for this one
            _wait_for_turn()
            count += _write_documents(ids)
        after = ids[-1]
        progress(count, after)


_WRITE = """
INSERT INTO tickets_searchdocument (ticket_id, audience, seg, bigram)
SELECT id, audience, %(seg)s::tsvector, %(bigram)s::tsvector FROM tickets_ticket WHERE id = %(id)s
ON CONFLICT (ticket_id) DO UPDATE SET audience = EXCLUDED.audience, seg = EXCLUDED.seg, bigram = EXCLUDED.bigram
"""


def _write_documents(ids: Iterable[int]) -> int:
    rows: list[dict[str, Any]] = [
        {"id": ticket.pk, "seg": document.seg, "bigram": document.bigram}
        for ticket, document in _documents(sorted(ids))
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_WRITE, rows)
    return len(rows)


def _documents(ids: list[int]) -> Iterator[tuple[Ticket, Literals]]:
    """The tickets with what is to be found of them: three queries."""
    others: dict[int, list[str]] = defaultdict(list)
    said = Opinion.objects.filter(instance__subject_type="ticket", instance__subject_id__in=ids).order_by("id")
    for pk, text in said.values_list("instance__subject_id", "text"):
        others[pk].append(text)
    files = Attachment.objects.filter(subject_type="ticket", subject_id__in=ids, deleted_at=None)
    for pk, name in files.values_list("subject_id", "name"):
        others[pk].append(name)
    for pk, text in _words_of_customers(ids):
        others[pk].append(text)
    for ticket in Ticket.objects.filter(pk__in=ids).select_related("customer", "category").order_by("pk"):
        names = [ticket.contact_name]
        names += [ticket.customer.name, ticket.customer.name_en] if ticket.customer else []
        yield (
            ticket,
            document_of(
                number=ticket.number,
                title=ticket.title,
                names=names,
                category=[ticket.category.name, ticket.category.name_en],
                description=ticket.description,
                special_items=ticket.special_items,
                others=[*others[ticket.pk], ticket.external_number],
            ),
        )


def _words_of_customers(ids: list[int]) -> Iterator[tuple[int, str]]:
    """What customers wrote about their tickets after these were registered, by ticket."""
    numbers = dict(Ticket.objects.filter(pk__in=ids).values_list("number", "pk"))
    later = Contact.objects.filter(ticket_number__in=list(numbers), direction=Direction.INBOUND)
    for number, text in later.order_by("id").values_list("ticket_number", "content"):
        yield numbers[number], text[:LONGEST_WORDS]


def document_of(
    *,
    number: str,
    title: str,
    names: Iterable[str] = (),
    category: Iterable[str] = (),
    description: str = "",
    special_items: Mapping[str, Any] | None = None,
    others: Iterable[str] = (),
) -> Literals:
    """The search document of a ticket with these texts; pure, so that a bulk load can make it anywhere.

    ``names`` are those of contact person and customer, ``category`` those of the category in both languages, ``others``
    the texts of opinions and the names of files.
    """
    parts: list[Part] = [("A", number), ("A", title)]
    parts += [("B", name) for name in names]
    parts += [("B", name) for name in category]
    parts.append(("C", description))
    parts += [("C", text) for text in _texts_of(special_items or {})]
    parts += [("D", text) for text in others]
    return literals(parts)


def _texts_of(value: Any) -> Iterator[str]:
    """Every text and number of special items, however they are nested."""
    if isinstance(value, Mapping):
        for part in value.values():
            yield from _texts_of(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts_of(part)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)

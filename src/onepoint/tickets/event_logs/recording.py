"""What the journal holds of tickets, as cases with events: the source of every export."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count

from onepoint.accounts.models import User
from onepoint.core.models import AuditEntry
from onepoint.tickets.event_logs.replaying import SOURCE, UNIT
from onepoint.tickets.models import Ticket, TicketQuerySet

CHUNK = 500
#: How a verb of the journal reads in the standard lifecycle of XES.
TRANSITIONS = {
    "task.claimed": "start",
    "task.completed": "complete",
    "task.sent_back": "complete",
    "task.reassigned": "reassign",
}
STANDARD = frozenset(
    {
        "schedule", "assign", "withdraw", "reassign", "start", "suspend", "resume", "pi_abort", "ate_abort", "complete",
        "autoskip", "manualskip", "unknown",
    }
)  # fmt: skip


@dataclass(frozen=True)
class RecordedEvent:
    """One event of a case. ``actor`` is empty where the system acted."""

    id: int
    activity: str
    transition: str
    actor: str
    actor_id: int | None
    at: datetime
    outcome: str = ""


@dataclass
class RecordedCase:
    """One ticket with its events, in the order they were journaled."""

    ticket: Ticket
    name: str
    events: list[RecordedEvent]
    kept: list[tuple[str, str, str, list[Any]]] = field(default_factory=list)  # kind, key, value, nested


@dataclass(frozen=True)
class Wording:
    """How steps and people are named in one export."""

    english: bool
    people: Mapping[int, str]

    @classmethod
    def of_house(cls, *, english: bool = False) -> "Wording":
        """People by name; namesakes with their staff number, so that no two become one."""
        alike = {
            row["name"] for row in User.objects.exclude(unit__code__startswith=UNIT).values("name").annotate(n=Count("pk")).filter(n__gt=1)
        }  # fmt: skip
        people = {}
        for pk, name, username, unit in User.objects.values_list("pk", "name", "username", "unit__code"):
            is_resource = (unit or "").startswith(UNIT)
            people[pk] = f"{name} ({username})" if name in alike and not is_resource else name
        return cls(english, people)


def recorded_cases(chosen: TicketQuerySet, wording: Wording) -> Iterator[RecordedCase]:
    """The cases of a selection, oldest first, a few hundred in memory at a time; reads one state of the database."""
    rows = chosen.with_labels().order_by("pk")
    with transaction.atomic():
        _see_one_state()
        waiting: list[Ticket] = []
        for ticket in rows.iterator(chunk_size=CHUNK):
            waiting.append(ticket)
            if len(waiting) == CHUNK:
                yield from _cases(waiting, wording)
                waiting = []
        yield from _cases(waiting, wording)


def _see_one_state() -> None:
    """Everything written from here on is left out; only possible where the transaction has just begun."""
    if connection.in_atomic_block and not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _cases(tickets: list[Ticket], wording: Wording) -> Iterator[RecordedCase]:
    entries: dict[int, list[AuditEntry]] = defaultdict(list)
    found = AuditEntry.objects.filter(
        subject_type="ticket", subject_id__in=[ticket.pk for ticket in tickets], verb__in=list(TRANSITIONS)
    )
    for entry in found.order_by("subject_id", "id"):
        entries[entry.subject_id].append(entry)
    for ticket in tickets:
        yield _case(ticket, entries[ticket.pk], wording)


def _case(ticket: Ticket, entries: Iterable[AuditEntry], wording: Wording) -> RecordedCase:
    is_replayed = ticket.external_source.startswith(SOURCE)
    kept = ticket.external_items if is_replayed else {}
    name = kept.get("case", {}).get("value", ticket.external_number) if is_replayed else ticket.number
    activities: Mapping[str, str] = kept.get("activities", {}).get("of", {})
    people: Mapping[str, str] = kept.get("resources", {}).get("of", {})
    events = [_event(entry, wording, activities, people, is_replayed) for entry in entries]
    attributes = [item for key, item in kept.items() if key.startswith("log_") and "kind" in item]
    return RecordedCase(
        ticket, name, events,
        [
            (item["kind"], item["label"], item["value"], item.get("nested", []))
            for item in sorted(attributes, key=lambda item: item["place"])
        ],
    )  # fmt: skip


def _event(
    entry: AuditEntry, wording: Wording, activities: Mapping[str, str], people: Mapping[str, str], is_replayed: bool
) -> RecordedEvent:
    said = entry.data
    step = (wording.english and said.get("step_en")) or said.get("step", "")
    outcome = str(said.get("outcome", ""))
    transition = TRANSITIONS[entry.verb]
    if is_replayed and entry.verb == "task.completed" and outcome:
        transition, outcome = outcome, ""
    actor = wording.people.get(entry.actor_id, entry.actor_name) if entry.actor_id else ""
    return RecordedEvent(
        entry.pk, activities.get(step, step), transition, people.get(actor, actor), entry.actor_id, entry.at, outcome
    )

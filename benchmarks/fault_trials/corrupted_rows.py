"""F18: somebody changes rows by hand, past every rule; ``./onepoint verify`` finds each of them and names it.

Every corruption happens in a transaction that is rolled back afterwards. ``%(n)s`` is which of the rows is hit.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from fault_trials.house import House
from fault_trials.trials import Outcome, Scale, register_trial

TRIES = 100
TICKETS = 12
NTH_TICKET = "(SELECT id FROM tickets_ticket WHERE title LIKE 'verify%%' ORDER BY id OFFSET %(n)s LIMIT 1)"
NTH_INSTANCE = f"(SELECT process_instance_id FROM tickets_ticket WHERE id = {NTH_TICKET})"
NTH_CLOCK = "(SELECT id FROM sla_clock WHERE state = 'running' ORDER BY id OFFSET %(n)s LIMIT 1)"
NTH_ENTRY = "(SELECT id FROM core_auditentry ORDER BY id OFFSET %(n)s * 3 LIMIT 1)"
NTH_MESSAGE = "(SELECT id FROM channels_outgoingmessage ORDER BY id OFFSET %(n)s LIMIT 1)"
OF_TICKET = f"subject_type = 'ticket' AND subject_id = {NTH_TICKET}"


@dataclass(frozen=True)
class Corruption:
    """One way of spoiling a row, and the check that must find it."""

    name: str
    check: str
    statement: str


CORRUPTIONS = [
    Corruption("an entry of the journal altered", "core.journal",
        f"UPDATE core_auditentry SET actor_name = actor_name || '!' WHERE id = {NTH_ENTRY}"),
    Corruption("an entry moved in time", "core.journal",
        f"UPDATE core_auditentry SET at = at - interval '1 microsecond' WHERE id = {NTH_ENTRY}"),
    Corruption("an entry deleted", "core.journal", f"DELETE FROM core_auditentry WHERE id = {NTH_ENTRY}"),
    Corruption("an entry given to another ticket", "core.journal",
        f"UPDATE core_auditentry SET subject_id = subject_id + 1 WHERE id = {NTH_ENTRY}"),
    Corruption("a seal altered", "core.journal",
        "UPDATE core_auditseal SET digest = sha256(digest) WHERE number = 1 AND %(n)s >= 0"),
    Corruption("a seal deleted", "core.journal", "DELETE FROM core_auditseal WHERE number = 1 AND %(n)s >= 0"),
    Corruption("a token put where there is no node", "workflow.instances",
        "UPDATE workflow_processinstance SET marking = replace(marking::text, 'coordinate', 'nowhere')::jsonb"
        f" WHERE id = {NTH_INSTANCE}"),
    Corruption("a step finished by hand", "workflow.instances",
        f"UPDATE workflow_usertask SET status = 'completed', completed_at = now() WHERE {OF_TICKET}"),
    Corruption("a step deleted", "workflow.instances", f"DELETE FROM workflow_usertask WHERE {OF_TICKET}"),
    Corruption("a step put to another visit", "workflow.instances",
        f"UPDATE workflow_usertask SET visit_seq = visit_seq + 70 WHERE {OF_TICKET}"),
    Corruption("a visit left by hand", "workflow.instances",
        f"UPDATE workflow_visit SET left_at = now() WHERE left_at IS NULL AND instance_id = {NTH_INSTANCE}"),
    Corruption("a process ended by hand", "tickets.work",
        f"UPDATE workflow_processinstance SET status = 'completed', ended_at = now() WHERE id = {NTH_INSTANCE}"),
    Corruption("a process suspended by hand", "workflow.instances",
        f"UPDATE workflow_processinstance SET status = 'suspended' WHERE id = {NTH_INSTANCE}"),
    Corruption("a ticket without its process", "tickets.work",
        f"UPDATE tickets_ticket SET process_instance_id = NULL WHERE id = {NTH_TICKET}"),
    Corruption("a ticket closed by hand", "tickets.ends",
        f"UPDATE tickets_ticket SET status = 'closed', closed_at = now() WHERE id = {NTH_TICKET}"),
    Corruption("a ticket put on hold by hand", "tickets.rests",
        f"UPDATE tickets_ticket SET status = 'on_hold' WHERE id = {NTH_TICKET}"),
    Corruption("a ticket nobody may see", "tickets.audience",
        f"UPDATE tickets_ticket SET audience = '{{}}' WHERE id = {NTH_TICKET}"),
    Corruption("a ticket due later than its clock says", "tickets.due",
        f"UPDATE tickets_ticket SET due_at = due_at + interval '1 second' WHERE id = {NTH_TICKET}"),
    Corruption("reminders counted that never were", "tickets.counters",
        f"UPDATE tickets_ticket SET reminder_count = reminder_count + 1 WHERE id = {NTH_TICKET}"),
    Corruption("reopenings counted that never were", "tickets.counters",
        f"UPDATE tickets_ticket SET reopen_count = reopen_count + 1 WHERE id = {NTH_TICKET}"),
    Corruption("a ticket nobody registered", "tickets.births",
        "UPDATE core_auditentry SET verb = 'ticket.noted' WHERE verb = 'ticket.created'"
        f" AND subject_type = 'ticket' AND subject_id = {NTH_TICKET}"),
    Corruption("a ticket renumbered", "tickets.births",
        f"UPDATE core_auditentry SET subject_id = subject_id + 1000000 WHERE verb = 'ticket.created' AND {OF_TICKET}"),
    Corruption("a clock due later", "sla.clocks",
        f"UPDATE sla_clock SET due_at = due_at + interval '1 microsecond' WHERE id = {NTH_CLOCK}"),
    Corruption("a clock of another limit", "sla.clocks",
        f'UPDATE sla_clock SET "limit" = "limit" + interval \'1 hour\' WHERE id = {NTH_CLOCK}'),
    Corruption("a clock stopped by hand", "sla.clocks",
        f"UPDATE sla_clock SET state = 'paused', due_at = NULL WHERE id = {NTH_CLOCK}"),
    Corruption("a stretch of a clock moved", "sla.clocks",
        f"UPDATE sla_clocksegment SET from_at = from_at - interval '1 hour' WHERE clock_id = {NTH_CLOCK}"),
    Corruption("a stretch of a clock deleted", "sla.clocks",
        f"DELETE FROM sla_clocksegment WHERE clock_id = {NTH_CLOCK}"),
    Corruption("the next moment of a clock deleted", "sla.clocks",
        f"DELETE FROM sla_duemoment WHERE subject_type = 'clock' AND subject_id = {NTH_CLOCK}"),
    Corruption("a moment of an unknown kind", "sla.moments",
        f"UPDATE sla_duemoment SET kind = 'clock.nothing' WHERE subject_type = 'clock' AND subject_id = {NTH_CLOCK}"),
    Corruption("a moment long past", "sla.moments",
        "UPDATE sla_duemoment SET due_at = now() - interval '1 day'"
        f" WHERE subject_type = 'clock' AND subject_id = {NTH_CLOCK}"),
    Corruption("a timer of an unknown kind", "workflow.waits",
        "INSERT INTO workflow_timer (instance_id, visit_seq, node_id, kind, value, calendar, round, rounds, due_at,"
        " status, created_at, attempts, last_error) SELECT process_instance_id, 1, 'tea', 'tea', 'PT1H', '', 1, 1,"
        f" now() + interval '1 hour', 'waiting', now(), 0, '' FROM tickets_ticket WHERE id = {NTH_TICKET}"),
    Corruption("a message sent at no time", "channels.outbox",
        f"UPDATE channels_outgoingmessage SET state = 'sent', sent_at = NULL WHERE id = {NTH_MESSAGE}"),
    Corruption("a message given up for no reason", "channels.outbox",
        f"UPDATE channels_outgoingmessage SET state = 'dead', last_error = '' WHERE id = {NTH_MESSAGE}"),
    Corruption("a message in the hands of nobody", "channels.outbox",
        "UPDATE channels_outgoingmessage SET state = 'sending', leased_until = now() - interval '1 day'"
        f" WHERE id = {NTH_MESSAGE}"),
    Corruption("a file of another size", "core.files",
        "UPDATE core_attachment SET size = size + 1 WHERE id = (SELECT id FROM core_attachment ORDER BY id"
        " OFFSET %(n)s %% 3 LIMIT 1)"),
    Corruption("an attachment of another content", "core.files",
        "UPDATE core_attachment SET sha256 = encode(sha256(sha256::bytea), 'hex') WHERE id = (SELECT id FROM"
        " core_attachment ORDER BY id OFFSET %(n)s %% 3 LIMIT 1)"),
    Corruption("a job that hangs", "core.jobs",
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status, attempts, scheduled_at)"
        " SELECT 'default', 'core.nothing', 'todo', 0, now() - interval '1 day' WHERE %(n)s >= 0"),
]  # fmt: skip


@register_trial("F18", "Rows spoilt by hand are found by one run of verify, each of a hundred, and named")
def spoil_rows(house: House, scale: Scale, outcome: Outcome) -> None:
    house.kill_all()
    make_rows(house)
    found = 0
    missed: dict[str, int] = {}
    chosen = [(CORRUPTIONS[number % len(CORRUPTIONS)], number // len(CORRUPTIONS)) for number in range(TRIES)]
    chosen = chosen if scale.is_large else chosen[: len(CORRUPTIONS)]
    for corruption, nth in chosen:
        if is_found(corruption, nth * 2):
            found += 1
        else:
            missed[corruption.name] = missed.get(corruption.name, 0) + 1
    for name, spoil in spoilt_files():
        with spoil():
            found += bool(faults_of("core.files"))
            missed |= {} if faults_of("core.files") else {name: 1}
    outcome.figures |= {"spoilt": len(chosen) + len(list(spoilt_files())), "found": found}
    outcome.figures["ways of spoiling"] = len(CORRUPTIONS) + len(list(spoilt_files()))
    outcome.demand(not missed, f"not found: {missed}")


def is_found(corruption: Corruption, nth: int) -> bool:
    """Spoil, look, take it back. Raises LookupError where nothing was there to be spoilt."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            for table in ("core_auditentry", "core_auditseal", "sla_clocksegment"):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(corruption.statement, {"n": nth})
            if cursor.rowcount < 1:
                raise LookupError(f"{corruption.name}: there is no such row")
        faults = faults_of(corruption.check)
        transaction.set_rollback(True)
    return any(fault.subject and fault.text for fault in faults)


def faults_of(check: str) -> list[Any]:
    from onepoint.core.verifying import run_checks

    return [fault for report in run_checks([check], is_deep=True) for fault in report.faults]


def spoilt_files() -> Iterator[tuple[str, Any]]:
    """Ways to spoil the stored files themselves."""
    from django.core.files.storage import default_storage

    from onepoint.core.models import Attachment

    sha256 = Attachment.objects.order_by("pk").values_list("sha256", flat=True).first()
    path = Path(default_storage.path(f"{sha256[:2]}/{sha256}"))

    @contextmanager
    def with_content(content: bytes | None) -> Iterator[None]:
        kept = path.read_bytes()
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            path.write_bytes(kept)

    @contextmanager
    def with_stray_file() -> Iterator[None]:
        stray = path.with_name("f" * 64)
        stray.write_bytes(b"nobody's")
        long_ago = stray.stat().st_mtime - timedelta(days=5).total_seconds()
        os.utime(stray, (long_ago, long_ago))
        try:
            yield
        finally:
            stray.unlink()

    whole = path.read_bytes()
    yield "a file deleted", lambda: with_content(None)
    yield "a file cut short", lambda: with_content(whole[:-1])
    yield "a bit of a file turned", lambda: with_content(bytes([whole[0] ^ 1]) + whole[1:])
    yield "a file nobody owns", with_stray_file


def make_rows(house: House) -> None:
    """Tickets with clocks and files, messages, and a sealed journal."""
    from onepoint.channels import services as channel_services
    from onepoint.core import audit_seals
    from onepoint.core.attachments import store_original
    from onepoint.customers.models import Customer
    from onepoint.tickets import services
    from onepoint.tickets.models import Category

    customer = Customer.objects.get(number=house.complaint["customer"])
    category = Category.objects.get(code=house.complaint["category"])
    for number in range(TICKETS):
        new = services.NewTicket(
            kind="complaint", category=category, title=f"verify {number}", channel="hotline", customer=customer
        )
        ticket = services.create_ticket(new, by=house.people[0])
        if number < 3:
            content = f"file {number}".encode()
            store_original(content, "a.txt", "text/plain", subject_type="ticket", subject_id=ticket.pk)
        channel_services.send_message(
            medium="email",
            address=f"nobody{number}@example.org",
            subject="s",
            text="t",
            key=f"verify-{number}",
            by=None,
        )
    for _look in range(2):  # the first notes how far may be sealed
        audit_seals.seal_journal(rest=0.0)

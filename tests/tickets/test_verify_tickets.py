"""``./onepoint verify`` finds what was broken behind the services' back, and names it (reliability F18, I2, I4, I8, I9, I12)."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection

from cast import Cast
from onepoint.channels import services as channel_services
from onepoint.channels.models import Circuit, Contact, IncomingMail, OutgoingMessage
from onepoint.channels.states import MailState, Medium
from onepoint.core import clock, verifying
from onepoint.core.models import Attachment
from onepoint.sla.models import Clock, DueMoment
from onepoint.tickets import services
from onepoint.tickets.batch_models import BatchItem, BatchRun
from onepoint.tickets.batch_states import BatchVerb
from onepoint.tickets.models import Ticket
from onepoint.workflow.models import UserTask
from tickets.conftest import do, fresh


def faults(*names: str) -> dict[str, list[tuple[str, str]]]:
    """Check → (subject, text) of everything found."""
    return {
        report.check: [(fault.subject, fault.text) for fault in report.faults]
        for report in verifying.run_checks(names)
        if report.faults
    }


def broken(sql: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def test_a_house_at_work_is_in_order(register: Callable[..., Ticket], cast: Cast) -> None:
    first, second = register(title="网速慢"), register(title="又断网")
    do(first, "coordinate", fresh(cast.coordinator), "finish", "已说明")
    services.add_attachment(second, SimpleUploadedFile("账单.txt", b"bill"), by=None)
    assert faults() == {}


def test_a_ticket_nobody_has_to_act_on_is_named(ticket: Ticket) -> None:
    UserTask.objects.filter(subject_id=ticket.pk).update(status="cancelled")
    found = faults("tickets.work", "workflow.instances")
    assert [subject for subject, _text in found["tickets.work"]] == [ticket.number]
    assert "nobody has the task" in found["workflow.instances"][0][1]


def test_a_finished_ticket_whose_work_goes_on_is_named(ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(status="closed")
    texts = {text for _number, text in faults("tickets.ends")["tickets.ends"]}
    assert texts == {
        "is closed, yet its process runs",
        "is finished, yet a step of it is open",
        "is finished, but when is not noted",
        "is finished, yet a clock of it runs",
    }


def test_a_ticket_merged_into_nothing_is_named(ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(status="merged", closed_at=clock.now())
    assert "was merged into nothing" in {text for _number, text in faults("tickets.ends")["tickets.ends"]}


def test_wrong_counts_are_named(ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(reminder_count=3, reopen_count=1)
    assert faults("tickets.counters")["tickets.counters"] == [
        (ticket.number, "urged 3 times, with 0 reminders"),
        (ticket.number, "reopened 1 times, the journal says 0"),
    ]


def test_a_creation_that_left_no_trace_is_named(ticket: Ticket) -> None:
    broken("ALTER TABLE core_auditentry DISABLE TRIGGER USER")
    broken("DELETE FROM core_auditentry WHERE verb = 'ticket.created'")
    broken("ALTER TABLE core_auditentry ENABLE TRIGGER USER")
    assert faults("tickets.births")["tickets.births"][0][0] == ticket.number


def test_a_wrong_due_moment_is_named(ticket: Ticket) -> None:
    Clock.objects.filter(subject_type="ticket", subject_id=ticket.pk).update(due_at=clock.now() + timedelta(days=99))
    found = faults("tickets.due", "sla.clocks")
    assert found["tickets.due"][0][0] == ticket.number
    assert "its segments say" in found["sla.clocks"][0][1]


def test_a_moment_that_never_came_is_named(ticket: Ticket) -> None:
    DueMoment.objects.update(due_at=clock.now() - timedelta(hours=1))
    assert len(faults("sla.moments")["sla.moments"]) == DueMoment.objects.filter(status="waiting").count() > 0


def test_a_ticket_hidden_from_its_people_is_named(ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(audience=[])
    assert faults("tickets.audience")["tickets.audience"][0][0] == ticket.number


def test_a_contact_of_no_ticket_is_named(cast: Cast) -> None:
    contact = channel_services.journal_contact(by=cast.agent, channel="hotline", subject="问")
    Contact.objects.filter(pk=contact.pk).update(ticket_number="TS20990101000001")
    assert faults("tickets.contacts") == {
        "tickets.contacts": [(contact.number, "names the ticket TS20990101000001, which does not exist")]
    }


def test_a_lost_and_a_changed_file_are_named(ticket: Ticket) -> None:
    lost = services.add_attachment(ticket, SimpleUploadedFile("a.txt", b"lost"), by=None)
    short = services.add_attachment(ticket, SimpleUploadedFile("b.txt", b"short"), by=None)
    other = services.add_attachment(ticket, SimpleUploadedFile("c.txt", b"other"), by=None)
    Path(default_storage.path(lost.storage_name)).unlink()
    for attachment, content in ((short, b"x"), (other, b"OTHER")):
        path = Path(default_storage.path(attachment.storage_name))
        path.chmod(0o600)
        path.write_bytes(content)
    named = {lost.sha256, short.sha256}
    assert {subject for subject, _text in faults("core.files")["core.files"]} == named
    (deep,) = verifying.run_checks(["core.files"], is_deep=True)
    assert {fault.subject for fault in deep.faults} == named | {other.sha256}
    assert deep.looked_at == Attachment.objects.count()


def test_a_forgotten_message_is_named(db: None) -> None:
    first, second = (
        channel_services.send_message(Medium.EMAIL, "a@example.com", key=key, text="内容", about=("ticket", 1), by=None)
        for key in ("k", "l")
    )
    long_ago = clock.now() - timedelta(hours=1)
    OutgoingMessage.objects.update(next_attempt_at=long_ago)
    assert faults("channels.outbox") == {}  # there is no gateway it could have gone by
    settings = {"host": "127.0.0.1", "encryption": "none", "sender": "service@onepoint.example"}
    gateway = channel_services.create_gateway(provider="smtp", name="mail", settings=settings, secrets=None, by=None)
    assert [subject for subject, _text in faults("channels.outbox")["channels.outbox"]] == [str(first.pk)]
    OutgoingMessage.objects.filter(pk=first.pk).update(next_attempt_at=clock.now())
    assert faults("channels.outbox") == {}  # the second waits for the first
    OutgoingMessage.objects.update(next_attempt_at=long_ago)
    circuit = Circuit.objects.create(gateway=gateway, failures=9, opened_at=long_ago)
    assert faults("channels.outbox") == {}
    circuit.delete()
    OutgoingMessage.objects.filter(pk=first.pk).update(state="dead", last_error="")
    assert "was given up without a reason" in dict(faults("channels.outbox")["channels.outbox"]).values()


def test_a_mail_nobody_read_and_one_that_came_to_nothing_are_named(db: None) -> None:
    old = clock.now() - timedelta(hours=1)
    unread = IncomingMail.objects.create(fingerprint="a", received_at=old)
    lost = IncomingMail.objects.create(fingerprint="b", received_at=old, state=MailState.FILED)
    found = faults("channels.incoming")["channels.incoming"]
    assert {(subject, text.split(" at ")[0]) for subject, text in found} == {
        (f"mail {unread.pk}", "came in"),
        (f"mail {lost.pk}", "is filed, but nothing came of it"),
        (f"mail {unread.pk}", "its original is not kept"),
        (f"mail {lost.pk}", "its original is not kept"),
    }


def test_a_batch_that_left_tickets_out_is_named(ticket: Ticket, cast: Cast) -> None:
    now = clock.now()
    run = BatchRun.objects.create(
        verb=BatchVerb.TAG, started_by=cast.agent, language="zh-hans", total=2, started_at=now, moved_at=now
    )
    BatchItem.objects.create(run=run, ticket=ticket)
    assert faults("tickets.batches")["tickets.batches"] == [(str(run.pk), "has 1 tickets of 2")]
    BatchRun.objects.update(total=1, moved_at=now - timedelta(hours=1))
    assert faults("tickets.batches")["tickets.batches"][0][1].startswith("has not moved since")
    BatchRun.objects.update(state="done", moved_at=now)
    assert faults("tickets.batches")["tickets.batches"] == [(str(run.pk), "ended with 1 tickets left")]


def test_the_command_says_what_it_looked_at_and_fails_where_something_is_wrong(ticket: Ticket) -> None:
    out, err = StringIO(), StringIO()
    call_command("verify", "tickets.work", stdout=out, stderr=err)
    assert "1 open tickets" in " ".join(out.getvalue().split())
    assert "everything is in order" in out.getvalue()
    UserTask.objects.filter(subject_id=ticket.pk).update(status="cancelled")
    with pytest.raises(CommandError, match="1 faults found"):
        call_command("verify", "tickets.work", stdout=out, stderr=err)
    assert ticket.number in err.getvalue()
    with pytest.raises(CommandError, match="no such check"):
        call_command("verify", "tickets.weather", stdout=out, stderr=err)


def test_every_check_says_what_it_promises() -> None:
    out = StringIO()
    call_command("verify", "--list", stdout=out)
    assert len(out.getvalue().splitlines()) == len(verifying.checks())

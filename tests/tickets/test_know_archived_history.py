"""A ticket whose first entries are archived says so, and is not taken for one that was tampered with."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from cast import Cast
from onepoint.accounts.models import User
from onepoint.core import verifying
from onepoint.tickets.models import Ticket

FILE = "journal-2020-01.csv.gz"


@pytest.fixture
def old(ticket: Ticket) -> Ticket:
    """Opened and reopened in January 2020, of which the journal tells nothing any more."""
    Ticket.objects.filter(pk=ticket.pk).update(opened_at=datetime(2020, 1, 15, tzinfo=UTC), reopen_count=1)
    execute("ALTER TABLE core_auditentry DISABLE TRIGGER USER")
    execute("DELETE FROM core_auditentry WHERE subject_type = 'ticket' AND verb = 'ticket.created'")
    execute("ALTER TABLE core_auditentry ENABLE TRIGGER USER")
    ticket.refresh_from_db()
    return ticket


def execute(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def note(since: str, until: str, restored: str | None = None) -> None:
    execute(
        "INSERT INTO core_archivedmonth (since, until, rows, ids, file_name, sha256, archived_at, restored_at)"
        " VALUES (%s, %s, 1, '{}', %s, '', now(), %s)",
        since, until, FILE, restored,
    )  # fmt: skip


def faults() -> list[str]:
    return [fault.subject for report in verifying.run_checks(["tickets.births", "tickets.counters"])
            for fault in report.faults]  # fmt: skip


def test_the_page_names_month_and_file(old: Ticket, cast: Cast, client_of: Callable[[User], Client]) -> None:
    note("2020-01-01T00:00+08", "2020-02-01T00:00+08")
    text = client_of(cast.agent).get(old.get_absolute_url()).content.decode()
    assert "更早的记录已归档： 2020-01 (journal-2020-01.csv.gz)" in text


def test_months_before_the_ticket_or_brought_back_are_not_named(
    old: Ticket, cast: Cast, client_of: Callable[[User], Client]
) -> None:
    note("2019-12-01T00:00+08", "2020-01-01T00:00+08")
    note("2020-01-01T00:00+08", "2020-02-01T00:00+08", "2020-09-01T00:00+08")
    assert FILE not in client_of(cast.agent).get(old.get_absolute_url()).content.decode()


def test_what_was_archived_is_not_missed(old: Ticket) -> None:
    assert faults() == [old.number, old.number]
    note("2020-01-01T00:00+08", "2020-02-01T00:00+08")
    assert faults() == []


def test_what_is_missing_of_another_month_is_still_found(old: Ticket) -> None:
    note("2019-11-01T00:00+08", "2019-12-01T00:00+08")
    note("2020-01-01T00:00+08", "2020-02-01T00:00+08", "2020-09-01T00:00+08")
    assert faults() == [old.number, old.number]

"""The journal is divided by month; an entry of any moment finds its place, whoever prepares the months and when."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from onepoint.core import audit, clock, journal_months
from onepoint.core.models import AuditEntry
from onepoint.core.months import after, month_of


@pytest.fixture
def undivided(db: None) -> None:
    """Nothing but "earlier", this month and "later", as a new house."""
    _make_undivided()


@pytest.fixture
def undivided_for_all(transactional_db: None) -> Iterator[None]:
    """The same for other connections too; afterwards as it was."""
    before = journal_months.parts()
    _make_undivided()
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE core_auditentry")
    journal_months._rearrange(journal_months.parts(), before)


def _make_undivided() -> None:
    now = month_of(clock.now())
    month = journal_months.Part(f"core_auditentry_{now:%Y_%m}", now, after(now))
    edges = [
        journal_months.Part(journal_months.EARLIER, None, now),
        journal_months.Part(journal_months.LATER, after(now), None),
    ]
    journal_months._rearrange(journal_months.parts(), [edges[0], month, edges[1]])


def names() -> list[str]:
    return [str(part) for part in journal_months.parts()]


def write(moment: datetime) -> int:
    with clock.at(moment):
        return audit.record("ticket.noted", by=None, subject_type="ticket", subject_id=1).pk


def place_of(pk: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM core_auditentry WHERE id = %s", [pk])
        return str(cursor.fetchone()[0]).removeprefix("core_auditentry_")


@pytest.mark.usefixtures("undivided")
def test_an_entry_of_any_moment_finds_its_place() -> None:
    now = clock.now()
    moments = [datetime(2, 1, 1, tzinfo=UTC), now - timedelta(days=400), now, now + timedelta(days=40),
               datetime(9998, 12, 30, tzinfo=UTC)]  # fmt: skip
    places = [place_of(write(moment)) for moment in moments]
    assert places == ["earlier", "earlier", f"{month_of(now):%Y_%m}", "later", "later"]
    assert journal_months.prepare_months(since=now - timedelta(days=400)) > 3
    assert [place_of(pk) for pk in AuditEntry.objects.order_by("pk").values_list("pk", flat=True)] == [
        "earlier", f"{month_of(moments[1]):%Y_%m}", f"{month_of(now):%Y_%m}", f"{month_of(moments[3]):%Y_%m}", "later",
    ]  # fmt: skip


@pytest.mark.usefixtures("undivided")
def test_months_to_come_are_ready_and_preparing_again_changes_nothing() -> None:
    now = month_of(clock.now())
    assert journal_months.prepare_months() == journal_months.AHEAD
    assert names() == [
        f"before-{now:%Y-%m}",
        *(f"{after(now, count):%Y-%m}" for count in range(journal_months.AHEAD + 1)),
        f"from-{after(now, journal_months.AHEAD + 1):%Y-%m}",
    ]
    assert journal_months.prepare_months() == 0
    with clock.at(after(now, 2)):
        assert journal_months.prepare_months() == 2


@pytest.mark.usefixtures("undivided")
def test_an_entry_in_a_new_month_is_guarded_like_the_others() -> None:
    pk = write(clock.now() + timedelta(days=40))
    journal_months.prepare_months()
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(pk=pk).update(verb="ticket.closed")
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(pk=pk).delete()


@pytest.mark.usefixtures("undivided_for_all")
def test_a_busy_journal_is_left_alone_until_the_next_time() -> None:
    driver = connection.get_new_connection(connection.get_connection_params())
    driver.autocommit = False
    driver.execute("SELECT count(*) FROM core_auditentry").fetchone()
    before = names()
    assert journal_months.prepare_months() == 0
    assert names() == before
    driver.rollback()
    driver.close()
    assert journal_months.prepare_months() == journal_months.AHEAD


@pytest.mark.usefixtures("undivided_for_all")
def test_two_processes_at_once_make_each_month_once() -> None:
    made: list[int] = []

    def prepare() -> None:
        try:
            made.append(journal_months.prepare_months())
        finally:
            connection.close()

    threads = [threading.Thread(target=prepare) for _nth in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) + journal_months.prepare_months() == journal_months.AHEAD
    assert len(names()) == journal_months.AHEAD + 3


@pytest.mark.usefixtures("undivided")
def test_too_much_in_later_stays_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a house whose worker has not run for months."""
    monkeypatch.setattr(journal_months, "MOST_MOVED", 2)
    now = month_of(clock.now())
    kept = [write(after(now, count) + timedelta(days=3)) for count in (1, 1, 2, 3)]
    far = write(after(now, 50))
    assert journal_months.prepare_months() == 1
    assert names()[1:] == [
        f"{now:%Y-%m}", f"{after(now):%Y-%m}_{after(now, 3):%Y-%m}", f"from-{after(now, 4):%Y-%m}",
    ]  # fmt: skip
    assert {place_of(pk) for pk in kept} == {f"{after(now):%Y_%m}"}
    assert place_of(far) == "later"
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(pk=kept[0]).delete()


OLD_HOUSE = """
CREATE SCHEMA old_house;
SET search_path = old_house;
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit journal is append-only'; END $$;
CREATE TABLE core_auditentry (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, actor_id bigint,
    actor_name varchar(80) NOT NULL, on_behalf_of_id bigint DEFAULT 5, verb varchar(60) NOT NULL,
    subject_type varchar(40) NOT NULL, subject_id bigint NOT NULL, data jsonb NOT NULL, ip_address inet
);
CREATE INDEX audit_subject ON core_auditentry (subject_type, subject_id, id);
CREATE INDEX audit_actor ON core_auditentry (actor_id, id DESC);
CREATE INDEX audit_at ON core_auditentry USING brin (at);
CREATE INDEX audit_verb ON core_auditentry (verb);
CREATE FUNCTION audit_entry_digest(entry core_auditentry) RETURNS bytea LANGUAGE sql AS 'SELECT NULL::bytea';
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
INSERT INTO core_auditentry (at, actor_name, verb, subject_type, subject_id, data)
    SELECT now() - n * interval '40 days', '', 'ticket.noted', 'ticket', n, '{}' FROM generate_series(0, 49) n;
GRANT SELECT, INSERT ON core_auditentry TO PUBLIC;
"""
INSERT = (
    "INSERT INTO core_auditentry (at, actor_name, verb, subject_type, subject_id, data)"
    " VALUES (%s, '', 'ticket.noted', 'ticket', 1, '{}') RETURNING id, on_behalf_of_id, tableoid::regclass::text"
)


@pytest.fixture
def old_house(transactional_db: None) -> Iterator[Any]:
    with connection.cursor() as cursor:
        cursor.execute(OLD_HOUSE)
        yield cursor
        cursor.execute("SET search_path = public")
        cursor.execute("DROP SCHEMA old_house CASCADE")


@pytest.mark.parametrize("is_killed_before", [False, True])
def test_a_house_with_a_journal_keeps_its_rows_where_they_are(old_house: Any, is_killed_before: bool) -> None:
    migration = import_module("onepoint.core.migrations.0015_journal_by_month")
    old_house.execute("SELECT 'core_auditentry'::regclass::oid, pg_relation_filenode('core_auditentry')")
    _oid, file = old_house.fetchone()
    if is_killed_before:
        old_house.execute(migration.INDEX)
        old_house.execute(migration.BORDER.format(border="2999-01-01"))
    migration.partition(None, SimpleNamespace(connection=connection))
    old_house.execute("SELECT count(*), count(audit_entry_digest(entry)) FROM core_auditentry entry")
    assert old_house.fetchone() == (50, 50)
    old_house.execute("SELECT pg_relation_filenode('core_auditentry_earlier')")
    assert old_house.fetchone() == (file,)
    old_house.execute(INSERT, [clock.now()])
    assert old_house.fetchone() == (51, 5, "core_auditentry_earlier")
    old_house.execute(INSERT, [datetime(2999, 1, 1, tzinfo=UTC)])
    assert old_house.fetchone() == (52, 5, "core_auditentry_later")
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        old_house.execute("DELETE FROM core_auditentry WHERE id = 7")
    old_house.execute(
        "SELECT has_table_privilege('public', 'core_auditentry', 'INSERT'),"
        " has_sequence_privilege('public', 'core_auditentry_id_seq', 'USAGE')"
    )
    assert old_house.fetchone() == (True, True)

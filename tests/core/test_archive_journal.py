"""Old months of the journal go into files while people go on working, and come back; nothing is lost or there twice."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from onepoint.core import audit, audit_seals, clock, journal_archive, journal_months, verifying
from onepoint.core.journal_archive import ArchiveError
from onepoint.core.journal_months import Part
from onepoint.core.models import ArchivedMonth, AuditEntry
from onepoint.core.months import after, month_of
from sealing import seal_everything

pytestmark = pytest.mark.django_db(transaction=True)

JANUARY, FEBRUARY, MARCH, APRIL = (datetime(2020, number, 10, 4, tzinfo=UTC) for number in (1, 2, 3, 4))


@pytest.fixture(autouse=True)
def journal(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Four months of 2020, and all since then in one; afterwards the journal is divided as it was."""
    settings.AUDIT_ANCHORS = tmp_path / "anchors.txt"
    monkeypatch.setattr(audit_seals, "_horizon", None)
    monkeypatch.setattr(audit_seals, "BATCH", 4)
    before = journal_months.parts()
    borders = [after(month_of(JANUARY), count) for count in (0, 1, 2, 3)] + [after(month_of(clock.now()), -1)]
    months = [Part(f"core_auditentry_{month_of(one):%Y_%m}", one, two) for one, two in pairwise(borders)]
    edges = [Part(journal_months.EARLIER, None, borders[0]), Part(journal_months.LATER, borders[-1], None)]
    journal_months._rearrange(before, [edges[0], *months, edges[1]])
    yield
    monkeypatch.undo()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE core_auditentry, core_archivedmonth")
    journal_months._rearrange(journal_months.parts(), before)


def write(moment: datetime | None, count: int = 5) -> list[int]:
    with clock.at(moment or clock.now()):
        return [audit.record("ticket.noted", by=None, subject_type="ticket", subject_id=7, text=f"第{n}条,\"'\n").pk
                for n in range(count)]  # fmt: skip


def archive(before: datetime, into: Path) -> list[ArchivedMonth]:
    return list(journal_archive.archive(month_of(before), into))


def ids() -> list[int]:
    return list(AuditEntry.objects.filter(verb="ticket.noted").order_by("pk").values_list("pk", flat=True))


def faults() -> list[str]:
    (report,) = verifying.run_checks(["core.journal"])
    return [f"{fault.subject} {fault.text}" for fault in report.faults]


def the_database_does(sql: str, *parameters: Any) -> None:
    """As its owner may do it behind the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditentry DISABLE TRIGGER USER")
        cursor.execute(sql, parameters)
        cursor.execute("ALTER TABLE core_auditentry ENABLE TRIGGER USER")


def test_old_months_go_into_files_and_the_rest_stays(tmp_path: Path) -> None:
    january, february, march, now = write(JANUARY), write(FEBRUARY), write(MARCH), write(None)
    seal_everything()
    first, second = archive(MARCH, tmp_path)
    assert (first.name, first.rows, first.file_name) == ("2020-01", 5, "journal-2020-01.csv.gz")
    assert ids() == [*march, *now]
    for month, expected in ((first, january), (second, february)):
        assert f"{expected[0]},2020-0".encode() in gzip.decompress((tmp_path / month.file_name).read_bytes())
        assert journal_archive.read(tmp_path / month.file_name).spans == [[expected[0], expected[-1]]]
    told = AuditEntry.objects.filter(verb="journal.archived").order_by("pk")
    assert [entry.data["month"] for entry in told] == ["2020-01", "2020-02"]
    assert faults() == []
    seal_everything()
    assert faults() == []
    assert archive(MARCH, tmp_path) == []


def test_the_empty_place_of_an_archived_month_takes_late_entries(tmp_path: Path) -> None:
    write(JANUARY)
    write(FEBRUARY)
    seal_everything()
    archive(FEBRUARY, tmp_path)
    earlier, *months = journal_months.parts()
    assert earlier.until == month_of(FEBRUARY)  # nothing stands in the way of one place less
    (late,) = write(JANUARY, 1)
    assert ids()[-1] == late
    seal_everything()
    assert faults() == []


def test_before_the_first_month_everything_goes_at_once(tmp_path: Path) -> None:
    old = write(datetime(2003, 5, 1, tzinfo=UTC), 3) + write(datetime(2011, 5, 1, tzinfo=UTC), 3)
    write(FEBRUARY)
    seal_everything()
    (month,) = archive(JANUARY, tmp_path)
    assert (month.since, month.name, month.rows) == (None, "before-2020-01", 6)
    write(datetime(2003, 5, 1, tzinfo=UTC), 1)
    seal_everything()
    assert faults() == []
    (again,) = archive(JANUARY, tmp_path)
    assert again.file_name == "journal-before-2020-01-2.csv.gz"
    journal_archive.restore(tmp_path / month.file_name)
    assert set(old) < set(ids())


def test_young_unsealed_and_broken_months_are_refused(tmp_path: Path) -> None:
    write(JANUARY)
    with pytest.raises(ArchiveError, match="not sealed"):
        archive(MARCH, tmp_path)
    seal_everything()
    with pytest.raises(ArchiveError, match="only months before"):
        archive(clock.now(), tmp_path)
    the_database_does("UPDATE core_auditentry SET actor_name = '别人' WHERE id = %s", ids()[2])
    with pytest.raises(ArchiveError, match="does not fit its seals"):
        archive(MARCH, tmp_path)
    assert len(ids()) == 5
    assert not ArchivedMonth.objects.exists()


class Killed(BaseException):
    """As a process ends that is killed here."""


#: Name in the module → whether it dies before or after doing it.
MOMENTS = [("_write", "before"), ("_write", "after"), ("_take_out", "after"), ("_note", "before"), ("_tell", "after")]


def test_who_is_killed_is_finished_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for nth, (name, when) in enumerate(MOMENTS):
        january, february = write(JANUARY), write(FEBRUARY)
        seal_everything()
        real = getattr(journal_archive, name)

        def die(*arguments: Any, real: Any = real, when: str = when) -> Any:
            if when == "after":
                real(*arguments)
            raise Killed

        monkeypatch.setattr(journal_archive, name, die)
        with pytest.raises(Killed):
            archive(FEBRUARY, tmp_path / str(nth))
        monkeypatch.setattr(journal_archive, name, real)
        (month,) = archive(FEBRUARY, tmp_path / str(nth))
        assert ids()[-5:] == february
        assert not set(january) & set(ids())
        (file,) = (tmp_path / str(nth)).glob("journal*")
        assert file.name == month.file_name
        assert journal_archive.read(file).spans == [[january[0], january[-1]]]
        seal_everything()
        assert faults() == []


def test_a_detaching_that_was_broken_off_is_finished(tmp_path: Path) -> None:
    january, february = write(JANUARY), write(FEBRUARY)
    seal_everything()
    (part,) = [part for part in journal_months.parts() if part.since == month_of(JANUARY)]
    with reading_journal(), connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '300ms'")
        with pytest.raises(Exception, match="statement timeout"):
            journal_archive._take_out(part)
        cursor.execute("RESET statement_timeout")
    assert part.name not in {part.name for part in journal_months.parts()}
    assert ids() == february
    assert any("is being archived" in fault or "was removed" in fault for fault in faults())
    assert [month.rows for month in archive(FEBRUARY, tmp_path)] == [len(january)]
    assert faults() == []


class reading_journal:
    """Somebody is in the middle of a transaction that has read the journal."""

    def __enter__(self) -> None:
        self.driver = connection.get_new_connection(connection.get_connection_params())
        self.driver.autocommit = False
        self.driver.execute("SELECT count(*) FROM core_auditentry").fetchone()

    def __exit__(self, *_problem: object) -> None:
        self.driver.rollback()
        self.driver.close()


def in_background(work: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    done: list[Any] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as problem:
            done.append(problem)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, done


def test_nobody_waits_while_a_month_is_taken_out(tmp_path: Path) -> None:
    """The archiving waits for who still reads the month; everybody else writes and reads on."""
    write(JANUARY)
    february = write(FEBRUARY)
    seal_everything()
    with reading_journal():
        thread, done = in_background(lambda: archive(FEBRUARY, tmp_path))
        while not is_being_detached() and thread.is_alive():
            time.sleep(0.01)
        assert thread.is_alive()
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        fresh = write(None, 3)
        assert ids() == [*february, *fresh]
        assert audit.entries_of("ticket", 7).count() == 8
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
        assert thread.is_alive()
    thread.join()
    assert [month.rows for month in done[0]] == [5]
    seal_everything()
    assert faults() == []


def is_being_detached() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_inherits WHERE inhdetachpending")
        return bool(cursor.fetchone()[0])


def test_only_one_archives_at_a_time(tmp_path: Path) -> None:
    write(JANUARY)
    seal_everything()
    with journal_archive._alone():
        thread, done = in_background(lambda: archive(FEBRUARY, tmp_path))
        thread.join()
    assert "somebody else" in str(done[0])
    assert len(ids()) == 5


def test_what_comes_while_the_file_is_written_stays_in_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(JANUARY)
    seal_everything()
    real, late = journal_archive._take_out, []

    def take_out(part: Part) -> Part:
        late.extend(write(JANUARY, 2))
        return real(part)

    monkeypatch.setattr(journal_archive, "_take_out", take_out)
    assert [month.rows for month in archive(FEBRUARY, tmp_path)] == [5]
    assert ids() == late
    seal_everything()
    assert faults() == []


def test_an_archived_month_comes_back_as_it_was(tmp_path: Path) -> None:
    write(JANUARY)
    write(None)
    seal_everything()
    before = list(AuditEntry.objects.filter(verb="ticket.noted").order_by("pk").values())
    archive(FEBRUARY, tmp_path)
    path = tmp_path / "journal-2020-01.csv.gz"
    journal_archive.restore(path)
    assert list(AuditEntry.objects.filter(verb="ticket.noted").order_by("pk").values()) == before
    assert AuditEntry.objects.filter(verb="journal.restored").count() == 1
    with pytest.raises(ArchiveError, match="no file of an archived month"):
        journal_archive.restore(path)
    seal_everything()
    assert faults() == []
    assert [month.file_name for month in archive(FEBRUARY, tmp_path)] == ["journal-2020-01-2.csv.gz"]
    assert faults() == []


def test_an_altered_file_is_not_restored(tmp_path: Path) -> None:
    write(JANUARY)
    seal_everything()
    archive(FEBRUARY, tmp_path)
    path = tmp_path / "journal-2020-01.csv.gz"
    text = gzip.decompress(path.read_bytes()).replace("第1条".encode(), "第9条".encode())
    path.write_bytes(gzip.compress(text, mtime=0))
    with pytest.raises(ArchiveError, match="altered"):
        journal_archive.restore(path)
    path.write_bytes(b"no archive")
    with pytest.raises(ArchiveError, match="cannot be read"):
        journal_archive.restore(path)
    assert ids() == []


def test_what_is_removed_outside_of_archives_is_still_found(tmp_path: Path) -> None:
    january, now = write(JANUARY), write(None)
    seal_everything()
    archive(FEBRUARY, tmp_path)
    the_database_does("DELETE FROM core_auditentry WHERE id = ANY(%s)", [now[0], now[3]])
    assert [fault for fault in faults() if "removed" in fault] == [
        f"entry {pk} was removed after seal {number}" for pk, number in ((now[0], 2), (now[3], 3))
    ]
    the_database_does("UPDATE core_auditentry SET actor_name = '别人' WHERE id = %s", now[1])
    assert any(f"entry {now[1]} was altered" in fault for fault in faults())
    assert not any(f"entry {pk} " in fault for fault in faults() for pk in january)


def test_a_note_nobody_told_the_journal_of_vouches_for_nothing() -> None:
    pk = write(JANUARY)[1]
    seal_everything()
    the_database_does("DELETE FROM core_auditentry WHERE id = %s", pk)
    the_database_does(
        "INSERT INTO core_archivedmonth (since, until, rows, ids, file_name, sha256, archived_at)"
        " SELECT now() - interval '900 days', now() - interval '800 days', 1, int8multirange(int8range(%s, %s, '[]')),"
        " 'journal-2020-01.csv.gz', repeat('0', 64), now()",
        pk,
        pk,
    )
    assert faults() == ["journal-2020-01.csv.gz is noted as archived, but the journal does not tell so"]


def test_the_command_archives_lists_and_restores(tmp_path: Path) -> None:
    write(JANUARY)
    seal_everything()
    out = StringIO()
    call_command("archive_journal", "--before", "2020-02", "--to", str(tmp_path), stdout=out)
    call_command("archive_journal", "--list", stdout=out)
    call_command("archive_journal", "--restore", str(tmp_path / "journal-2020-01.csv.gz"), stdout=out)
    words = out.getvalue()
    assert "1 months archived" in words
    assert words.count("archived 2020-01") == 2
    assert "kept     2020-03" in words
    assert "kept     from-" in words
    assert "restored 2020-01" in words
    assert len(ids()) == 5
    with pytest.raises(CommandError, match="--to"):
        call_command("archive_journal", "--before", "2020-02")
    with pytest.raises(CommandError, match="only months before"):
        call_command("archive_journal", "--before", "2999-01", "--to", str(tmp_path))

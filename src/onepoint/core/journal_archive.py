"""Old months of the journal are taken out into files while people go on working, and brought back from them.

A month is written to a compressed file, which is read back and compared; then its partition is taken out of the journal
(DETACH … CONCURRENTLY: nobody waits), and in one transaction the file is noted, the journal told, the rows dropped. Until
that transaction the rows are in the database: whoever is killed before begins again and loses nothing. Only what is sealed
and fits its seals is taken out, so the file vouches for what the seals vouched for.
"""

import csv
import gzip
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from onepoint.core import audit, audit_seals, clock, journal_months, stamped
from onepoint.core.journal_months import COLUMNS, LOCK, TABLE, Part
from onepoint.core.models import ArchivedMonth
from onepoint.core.months import after, month_of
from onepoint.core.timeline import register_sentences

#: Months younger than so many are refused unless the operator says otherwise; the present one always is.
LEAST_AGE = 12
SUBJECT = "journal"
_PIECE = 1024 * 1024
#: How a partition that is being taken out is known again, with its borders: by the comment it was given before.
_MARK = "journal month "


class ArchiveError(Exception):
    """Nothing was taken out or brought back; the text says why and what to do."""


@dataclass
class Written:
    """A file of entries as it was read back; ``spans`` are ids without a gap, both ends included."""

    path: Path
    rows: int = 0
    spans: list[list[int]] = field(default_factory=list)
    plain: str = ""  # SHA-256 of what was compressed
    sha256: str = ""  # of the file

    @property
    def ids(self) -> str:
        """As PostgreSQL reads a multirange."""
        return "{" + ",".join(f"[{first},{last}]" for first, last in self.spans) + "}"


def register() -> None:
    audit.name_verb("journal.archived", _("Month of the journal archived"))
    audit.name_verb("journal.restored", _("Month of the journal restored"))
    register_sentences(
        {
            "journal.archived": _("%(month)s: %(rows)s entries archived in %(file)s"),
            "journal.restored": _("%(month)s: %(rows)s entries restored from %(file)s"),
        }
    )


# -- taking out ---------------------------------------------------------------------------------------------------


def archive(before: datetime, into: Path, *, least_age: int = LEAST_AGE) -> Iterator[ArchivedMonth]:
    """Take out every part of the journal that ends by ``before``, the earliest first; each as it is done.

    Finishes first what an earlier call was killed at. Raises ArchiveError for months that are too young, not sealed yet
    or do not fit their seals.
    """
    youngest = after(month_of(clock.now()), -max(least_age, 1) + 1)
    if before > youngest:
        raise ArchiveError(f"only months before {youngest:%Y-%m} may be archived (see --least-age)")
    into.mkdir(parents=True, exist_ok=True)
    with _alone():
        _finish_detaching()
        for part in _taken_out():
            yield _put_away(part, _write(part, into))
        for part in journal_months.parts():
            if part.until is not None and part.until <= before and journal_months.holds_more(part.name):
                _require_sealed(part)
                written = _write(part, into)
                yield _put_away(_take_out(part), written)
    journal_months.prepare_months()  # the empty places become one


@contextmanager
def _alone() -> Iterator[None]:
    """No other archiving, and no change of borders beside it."""
    if connection.in_atomic_block:
        raise ArchiveError("a month cannot be taken out inside a transaction")
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(f"SELECT pg_try_advisory_lock({LOCK})")
        if not cursor.fetchone()[0]:
            raise ArchiveError("somebody else is at it; try again later")
        try:
            yield
        finally:
            cursor.execute(f"SELECT pg_advisory_unlock({LOCK})")
            cursor.execute("RESET lock_timeout")
            cursor.execute("RESET statement_timeout")


def _require_sealed(part: Part) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT min(id), max(id) FROM "{part.name}"')
        first, last = cursor.fetchone()
    if last > audit_seals.sealed_upto():
        raise ArchiveError(f"{part} is not sealed entirely; is a worker running? Try again in some minutes")
    if breach := next(audit_seals.find_breaches_between(first, last), None):
        raise ArchiveError(f"{part} does not fit its seals (entry {breach.entry_id} {breach.text}): ./onepoint verify")


def _take_out(part: Part) -> Part:
    assert part.until is not None  # "later" is never taken out
    borders = f"{part.since.isoformat() if part.since else ''} {part.until.isoformat()}"
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON TABLE \"{part.name}\" IS '{_MARK}{borders}'")
        cursor.execute(f'ALTER TABLE {TABLE} DETACH PARTITION "{part.name}" CONCURRENTLY')
    return part


def _finish_detaching() -> None:
    """What a killed process left half taken out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass AND inhdetachpending",
            [TABLE],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {TABLE} DETACH PARTITION {name} FINALIZE")


def _taken_out() -> list[Part]:
    """Partitions that are out of the journal and not put away yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, obj_description(oid, 'pg_class') FROM pg_class"
            " WHERE relkind = 'r' AND NOT relispartition AND relnamespace = current_schema()::regnamespace"
            " AND obj_description(oid, 'pg_class') LIKE %s",
            [f"{_MARK}%"],
        )
        found = cursor.fetchall()
    parts = []
    for name, comment in found:
        since, _space, until = comment.removeprefix(_MARK).partition(" ")
        parts.append(Part(name, datetime.fromisoformat(since) if since else None, datetime.fromisoformat(until)))
    return sorted(parts, key=lambda part: part.name)


def unfinished() -> list[Part]:
    """What an archiving that runs, or was killed, has taken out of the journal and not put away yet."""
    return _taken_out()


def _put_away(part: Part, written: Written) -> ArchivedMonth:
    """Note the file, tell the journal, drop the rows: all or nothing."""
    name = part.name.removesuffix("_out")
    with connection.cursor() as cursor:
        if name == part.name:
            cursor.execute(f'ALTER TABLE "{name}" RENAME TO "{name}_out"')
        if not any(existing.name == name for existing in journal_months.parts()):
            journal_months.fill_gap(Part(name, part.since, part.until))
        with transaction.atomic():
            # What came into the month after it was written goes back into the journal.
            cursor.execute(
                f'INSERT INTO {TABLE} ({COLUMNS}) SELECT {COLUMNS} FROM "{name}_out" WHERE NOT id <@ %s::int8multirange',
                [written.ids],
            )
            cursor.execute(f'SELECT count(*) FROM "{name}_out" WHERE id <@ %s::int8multirange', [written.ids])
            (count,) = cursor.fetchone()
            if count != written.rows:
                raise ArchiveError(f"{written.path} holds {written.rows} entries, {count} were expected")
            cursor.execute(f'DROP TABLE "{name}_out"')
            return _note(part, written)


def _note(part: Part, written: Written) -> ArchivedMonth:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_archivedmonth (since, until, rows, ids, file_name, sha256, archived_at)"
            " VALUES (%s, %s, %s, %s::int8multirange, %s, %s, %s) RETURNING id",
            [part.since, part.until, written.rows, written.ids, written.path.name, written.sha256, clock.now()],
        )
        (pk,) = cursor.fetchone()
    month = ArchivedMonth.objects.defer("ids").get(pk=pk)
    _tell("journal.archived", month)
    return month


def _tell(verb: str, month: ArchivedMonth) -> None:
    audit.record(
        verb, by=None, subject_type=SUBJECT, subject_id=month.pk, month=month.name, rows=month.rows,
        file=month.file_name, sha256=month.sha256, ids=digest_of_ids(month.pk),
    )  # fmt: skip


def digest_of_ids(pk: int) -> str:
    """Of which ids a note says that they are archived, as a SHA-256."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT encode(sha256(convert_to(ids::text, 'UTF8')), 'hex') FROM core_archivedmonth WHERE id = %s", [pk]
        )
        return str(cursor.fetchone()[0])


# -- files --------------------------------------------------------------------------------------------------------


def _write(part: Part, into: Path) -> Written:
    """The entries of a part in a file of its own, on the disk and read back."""
    path = _free_place(into, f"journal-{part}")
    unfinished = path.with_name(f"{path.name}.unfinished")
    plain = hashlib.sha256()
    with unfinished.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
        with connection.cursor() as cursor:
            chosen = f'SELECT {COLUMNS} FROM "{part.name}" ORDER BY id'
            with cursor.copy(f"COPY ({chosen}) TO STDOUT (FORMAT csv, HEADER, ENCODING 'UTF8')") as rows:
                for piece in rows:
                    plain.update(piece)
                    packed.write(piece)
        packed.close()
        raw.flush()
        os.fsync(raw.fileno())
    written = read(unfinished)
    if written.plain != plain.hexdigest():
        raise ArchiveError(f"{unfinished} does not read as it was written: is the disk in order?")
    unfinished.rename(path)
    _sync_folder(into)
    written.path = path
    return written


def _free_place(into: Path, name: str) -> Path:
    """A file nobody noted: one of an attempt that was killed is written anew."""
    taken = set(ArchivedMonth.objects.filter(file_name__startswith=name).values_list("file_name", flat=True))
    nth, path = 1, into / f"{name}.csv.gz"
    while path.name in taken:
        nth += 1
        path = into / f"{name}-{nth}.csv.gz"
    return path


def _sync_folder(folder: Path) -> None:
    place = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)


def read(path: Path) -> Written:
    """What a file holds. Raises ArchiveError where it cannot be read."""
    written, whole, plain = Written(path), hashlib.sha256(), hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                whole.update(piece)
        with gzip.open(path, "rb") as packed:
            while piece := packed.read(_PIECE):
                plain.update(piece)
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            rows = csv.reader(lines)
            if ", ".join(next(rows, [])) != COLUMNS:
                raise ArchiveError(f"{path} does not hold entries of the journal")
            for row in rows:
                written.rows += 1
                _add(written.spans, int(row[0]))
    except (OSError, EOFError, ValueError, csv.Error) as problem:
        raise ArchiveError(f"{path} cannot be read: {problem}") from problem
    written.sha256, written.plain = whole.hexdigest(), plain.hexdigest()
    return written


def _add(spans: list[list[int]], pk: int) -> None:
    """Ids come in their order."""
    if spans and spans[-1][1] == pk - 1:
        spans[-1][1] = pk
    else:
        spans.append([pk, pk])


# -- bringing back ------------------------------------------------------------------------------------------------


def restore(path: Path) -> ArchivedMonth:
    """Bring the entries of an archived file back into the journal. Raises ArchiveError where it is not what was noted."""
    written = read(path)
    with _alone():
        month = ArchivedMonth.objects.defer("ids").filter(sha256=written.sha256, restored_at=None).first()
        if month is None or month.rows != written.rows:
            raise ArchiveError(f"{path} is no file of an archived month of this house, or was altered")
        if month.since is not None:
            journal_months.prepare_months(since=month.since)
        with transaction.atomic():
            _copy_back(path)
            ArchivedMonth.objects.filter(pk=month.pk).update(restored_at=clock.now())
            first, last = written.spans[0][0], written.spans[-1][1]
            if breach := next(audit_seals.find_breaches_between(first, last), None):
                raise ArchiveError(f"entry {breach.entry_id} of {path} {breach.text}: nothing was restored")
            _tell("journal.restored", month)
    return month


def _copy_back(path: Path) -> None:
    statement = f"COPY {TABLE} ({COLUMNS}) FROM STDIN (FORMAT csv, HEADER, ENCODING 'UTF8')"
    with connection.cursor() as cursor, gzip.open(path, "rb") as packed, cursor.copy(statement) as rows:
        while piece := packed.read(_PIECE):
            rows.write(piece)


def archived_months() -> list[ArchivedMonth]:
    """Every note, the latest first."""
    return list(ArchivedMonth.objects.defer("ids").order_by("-id"))


def archived_since(moment: datetime, until: datetime) -> list[ArchivedMonth]:
    """The months between two moments whose entries are archived, the earliest first.

    None of the last month ever is: that is known without asking. Of others a process asks once, until a month more is.
    """
    if moment >= month_of(clock.now()):
        return []
    months = stamped.kept("archive", "months", _months_away)
    return [month for month in months if month.until > moment and (month.since is None or month.since <= until)]


def _months_away() -> list[ArchivedMonth]:
    return list(ArchivedMonth.objects.defer("ids").filter(restored_at=None).order_by("until", "id"))

"""Lists as files, and bundles of several things: each capability says how, a job writes the file in the asker's scope.

Scope, permission, masking and language are those of the asker at the moment of writing, not of asking.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onepoint.core import audit, clock, export_approval, jobs, masking, reading, spreadsheets
from onepoint.core.errors import BusinessError, InvalidInput, NotPermitted, require
from onepoint.core.masking import read_by
from onepoint.core.models import Export, ExportStatus
from onepoint.core.spreadsheets import Cell

PERMISSION = "list.export"
KEPT = timedelta(days=7)
#: Exports one person may have waiting or running.
MOST_AT_ONCE = 5
#: An export nobody has heard of for so long was given up by the job queue.
GIVEN_UP_AFTER = timedelta(hours=12)
CHUNK = 2000  # rows fetched at once
NEWS_SECONDS = 0.7  # between two reports of progress


class Person(Protocol):
    """Whoever asks; ``core`` knows no users."""

    pk: Any
    language: str

    def may(self, permission: str) -> bool: ...

    def get_full_name(self) -> str: ...


@dataclass(frozen=True)
class ExportColumn:
    """One column: database fields of the row, and how they read together. ``of_many`` adds what is kept elsewhere.

    ``show`` gets the values of ``fields`` in order; ``of_many`` gets the ids of a chunk of rows and gives text by id.
    """

    key: str
    label: str | Promise
    fields: tuple[str, ...] = ()
    show: Callable[..., Cell] | None = None
    of_many: Callable[[Sequence[int]], Mapping[int, Cell]] | None = None
    is_usual: bool = True


@dataclass(frozen=True)
class ExportedList:
    """A list that can be had as a file. ``rows`` is what the page shows for the same query, sorted and in scope.

    Figures worked out over others are no rows of a table: they come as mappings, in which columns name their keys.
    """

    code: str
    label: str | Promise
    columns: Sequence[ExportColumn]
    rows: Callable[[Any, QueryDict], QuerySet | Sequence[Mapping[str, Any]]]
    why_not: Callable[[Any], BusinessError | None]
    filter_form: Callable[[QueryDict], Any] | None = None  # as on the page: it says in words what narrows the list

    @property
    def subject(self) -> str:
        """What field rights call one row: ``tickets`` lists ``ticket``s."""
        return self.code.removesuffix("s")


#: Tells how many of how many rows are written. Raises where the export was cancelled meanwhile.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class ExportedBundle:
    """Several things in one archive, about what ``query`` names. ``write`` gives how many rows stand in it.

    It goes out to nobody before a second person approved it, whatever the limits say.
    """

    code: str
    label: str | Promise
    write: Callable[[Any, QueryDict, Path, Progress], int]
    why_not: Callable[[Any], BusinessError | None]
    columns: Sequence[ExportColumn] = ()


_lists: dict[str, ExportedList | ExportedBundle] = {}
_find_person: Callable[[int], Person | None] | None = None


def register(exported: ExportedList | ExportedBundle) -> None:
    """Let a list or a bundle be exported; its capability does it when the house starts."""
    _lists[exported.code] = exported


def know_people(find: Callable[[int], Person | None]) -> None:
    """Tell how to find the person behind an ``actor_id``: None where somebody may no longer log in."""
    global _find_person
    _find_person = find


def find_list(code: str) -> ExportedList | ExportedBundle | None:
    return _lists.get(code)


def named(path: str) -> tuple[str, str]:
    """The two fields of something with a Chinese and perhaps an English name."""
    return f"{path}name", f"{path}name_en"


def in_language(name: str | None, name_en: str | None) -> str:
    """The one of two names in the language being shown."""
    english = (translation.get_language() or "").startswith("en")
    return (name_en if english and name_en else name) or ""


def label_of(choices: Any) -> Callable[[str], str]:
    """A code as its choices call it; an unknown one as it is."""
    return lambda code: str(choices(code).label) if code in choices.values else code


class TooManyExports(BusinessError):
    """The person has enough exports under way."""

    code = "too_many_exports"
    message = gettext_lazy("You have %(count)s exports under way already. Wait until one of them is done.")


class TooManyRows(BusinessError):
    """More rows than one sheet holds."""

    code = "too_many_rows"
    message = gettext_lazy("These are %(rows)s rows; a sheet holds %(most)s. Narrow the list and export it in parts.")


class ExportNotThere(BusinessError):
    """Not written yet, cancelled, or past its time."""

    code = "export_not_there"
    message = gettext_lazy("This file is not there any more. Export the list once more.")


def why_not_export(code: str, by: Person | None) -> BusinessError | None:
    """Needs ``list.export`` and whatever seeing the list itself needs; a bundle has a permission of its own."""
    exported = _lists.get(code)
    if exported is None or by is None:
        return NotPermitted()
    if isinstance(exported, ExportedList) and not by.may(PERMISSION):
        return NotPermitted()
    return exported.why_not(by)


def exports_of(by: Person) -> QuerySet[Export]:
    """A person's own exports, last first; nobody sees another's."""
    return Export.objects.filter(actor_id=by.pk).order_by("-pk")


def find_export(pk: int, *, by: Person) -> Export | None:
    return exports_of(by).filter(pk=pk).first()


@transaction.atomic
def start_export(code: str, *, query: str, columns: Sequence[str], file_format: str, by: Person) -> Export:
    """Have a list written to a file. Raises NotPermitted, TooManyExports, InvalidInput."""
    require(why_not_export(code, by))
    if file_format not in ("xlsx", "csv") or not isinstance(_lists[code], ExportedList):
        raise InvalidInput({"format": _("Unknown format.")})
    return _start(code, query, _known(code, columns), file_format, by)


@transaction.atomic
def start_bundle(code: str, *, query: str, by: Person) -> Export:
    """Have a bundle written; whether this person may have what ``query`` names is the caller's to ask.

    Raises NotPermitted, TooManyExports.
    """
    require(why_not_export(code, by))
    return _start(code, query, [], "zip", by)


def _start(code: str, query: str, columns: list[str], file_format: str, by: Person) -> Export:
    under_way = exports_of(by).filter(status__in=[ExportStatus.WAITING, ExportStatus.RUNNING]).count()
    if under_way >= MOST_AT_ONCE:
        raise TooManyExports(count=under_way)
    export = Export.objects.create(
        actor_id=by.pk, list_code=code, query=query[:4000], columns=columns, file_format=file_format,
        language=translation.get_language() or by.language, asked_at=clock.now(),
    )  # fmt: skip
    audit.record(
        "export.asked", by=by, subject_type="export", subject_id=export.pk,
        list=code, query=export.query, columns=export.columns, format=file_format,
    )  # fmt: skip
    jobs.defer("core.write_export", lock=f"export:{by.pk}", export_id=export.pk)
    return export


def _known(code: str, columns: Sequence[str]) -> list[str]:
    """The wanted columns that exist, in the wanted order; the usual ones when none is named."""
    exported = _lists[code]
    by_key = {column.key: column for column in exported.columns}
    wanted = [key for key in dict.fromkeys(columns) if key in by_key]
    return wanted or [column.key for column in exported.columns if column.is_usual]


@transaction.atomic
def cancel_export(export: Export, *, by: Person) -> None:
    """Stop an export or throw its file away. Nothing when that has been done already."""
    gone = Export.objects.filter(pk=export.pk, actor_id=by.pk).exclude(status=ExportStatus.CANCELLED)
    if gone.update(status=ExportStatus.CANCELLED, finished_at=clock.now(), expires_at=None):
        audit.record("export.cancelled", by=by, subject_type="export", subject_id=export.pk)
        transaction.on_commit(lambda: file_of(export).unlink(missing_ok=True), robust=True)


def folder() -> Path:
    """Where files of exports lie until they expire."""
    path = Path(settings.DATA_DIR) / "exports"
    path.mkdir(parents=True, exist_ok=True)
    return path


def file_of(export: Export) -> Path:
    return folder() / export.storage_name


@transaction.atomic
def open_export(export: Export, *, by: Person) -> Path:
    """The file, for being sent to the person who asked for it. Raises NotPermitted, ExportNotThere."""
    require(why_not_export(export.list_code, by))
    path = file_of(export)
    if export.actor_id != by.pk or export.status != ExportStatus.READY or not path.exists():
        raise ExportNotThere
    audit.record("export.downloaded", by=by, subject_type="export", subject_id=export.pk, list=export.list_code)
    return path


# --- the job ----------------------------------------------------------------------------------------------------


class _Cancelled(Exception):
    """Somebody cancelled the export while it was being written."""


def write_export(export_id: int) -> None:
    """Write the file of an export. May be run again after its worker was killed: it begins anew."""
    begun = Export.objects.filter(pk=export_id, status__in=[ExportStatus.WAITING, ExportStatus.RUNNING])
    if not begun.update(status=ExportStatus.RUNNING, started_at=clock.now(), done_count=0):
        return
    export = Export.objects.get(pk=export_id)
    by = _find_person(export.actor_id) if _find_person else None
    unfinished = folder() / f"{export.pk}.{uuid4().hex}.unfinished"
    try:
        require(why_not_export(export.list_code, by))
        assert by is not None
        with read_by(by), translation.override(export.language), masking.counting_full_values() as full:
            count = _write(export, by, unfinished)
        _finish(export, by, unfinished, count, full.count)
    except _Cancelled:
        pass
    except BusinessError as refusal:
        with translation.override(export.language):
            _fail(export, str(refusal))
    except Exception:
        with translation.override(export.language):
            _fail(export, _("Something went wrong. Try again, or tell an administrator."))
        raise
    finally:
        unfinished.unlink(missing_ok=True)


def _write(export: Export, by: Person, path: Path) -> int:
    exported = _lists[export.list_code]
    if isinstance(exported, ExportedBundle):
        return exported.write(by, QueryDict(export.query), path, lambda done, all: _tell_progress(export, done, all))
    by_key = {column.key: column for column in exported.columns}
    may_see = {key for key in by_key if masking.shows_field(f"{exported.subject}.{key}", by)}
    columns = [by_key[key] for key in export.columns if key in may_see]
    rows = exported.rows(by, QueryDict(export.query))
    if isinstance(rows, QuerySet):
        rows = reading.for_report(rows)
        total = rows.order_by().count()
    else:
        total = len(rows)
    if total > spreadsheets.MOST_ROWS:
        raise TooManyRows(rows=total, most=spreadsheets.MOST_ROWS)
    head = [str(column.label) for column in columns]
    writer = spreadsheets.writer_for(export.file_format, path, head, title=str(exported.label))
    told, count = 0.0, 0
    try:
        for chunk in _chunks(rows, columns):
            if time.monotonic() - told > NEWS_SECONDS:
                _tell_progress(export, count, total)
                told = time.monotonic()
            for row in chunk:
                writer.write(row)
            count += len(chunk)
    finally:
        writer.close()
    return count


def _chunks(
    rows: QuerySet | Sequence[Mapping[str, Any]], columns: Sequence[ExportColumn]
) -> Iterator[list[list[Cell]]]:
    """The rows as cells, read through a cursor on the server: memory holds one chunk."""
    # Rows that are figures over others (a report) have no key of their own.
    key = ["pk"] if any(column.of_many for column in columns) else []
    fields = list(dict.fromkeys([*key, *(name for column in columns for name in column.fields)]))
    place = {name: index for index, name in enumerate(fields)}
    shown = [(column.show, [place[name] for name in column.fields]) for column in columns]
    many = [(index, column.of_many) for index, column in enumerate(columns) if column.of_many]
    values = _values(rows, fields)
    chunk: list[tuple] = []
    for row in values:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield _cells(chunk, shown, many)
            chunk = []
    if chunk:
        yield _cells(chunk, shown, many)


def _values(rows: QuerySet | Sequence[Mapping[str, Any]], fields: Sequence[str]) -> Iterator[tuple]:
    if isinstance(rows, QuerySet):
        return rows.prefetch_related(None).values_list(*fields).iterator(chunk_size=CHUNK)
    return (tuple(row[name] for name in fields) for row in rows)


def _cells(chunk: list[tuple], shown: list[tuple], many: list[tuple]) -> list[list[Cell]]:
    lines: list[list[Cell]] = [
        [show(*[row[at] for at in places]) if show else (row[places[0]] if places else "") for show, places in shown]
        for row in chunk
    ]
    for index, of_many in many:
        found = of_many([row[0] for row in chunk])
        for row, line in zip(chunk, lines, strict=True):
            line[index] = found.get(row[0], "")
    return lines


def _tell_progress(export: Export, count: int, total: int) -> None:
    running = Export.objects.filter(pk=export.pk, status=ExportStatus.RUNNING)
    if not running.update(done_count=count, total_count=total):
        raise _Cancelled


@transaction.atomic
def _finish(export: Export, by: Person, written: Path, count: int, full_values: int) -> None:
    now = clock.now()
    size = written.stat().st_size
    is_bundle = isinstance(_lists[export.list_code], ExportedBundle)
    is_held = is_bundle or export_approval.must_be_approved(export, rows=count, values=full_values)
    ready = Export.objects.filter(pk=export.pk, status=ExportStatus.RUNNING).update(
        status=ExportStatus.AWAITING if is_held else ExportStatus.READY,
        personal_count=full_values,
        done_count=count,
        total_count=count,
        size=size,
        finished_at=now,
        expires_at=now + (export_approval.TIME_TO_APPROVE if is_held else KEPT),
    )
    if not ready:
        raise _Cancelled
    audit.record(
        "export.held" if is_held else "export.written", by=by, subject_type="export", subject_id=export.pk,
        list=export.list_code, rows=count, personal_values=full_values,
    )  # fmt: skip
    if is_held:
        export.refresh_from_db()
        export_approval.export_held.send(sender=Export, export=export)
    shutil.move(written, file_of(export))


def _fail(export: Export, problem: str) -> None:
    Export.objects.filter(pk=export.pk, status=ExportStatus.RUNNING).update(
        status=ExportStatus.FAILED, problem=problem[:300], finished_at=clock.now()
    )


def remove_expired_exports() -> int:
    """Delete files past their time, and end exports the job queue gave up; returns how many."""
    now = clock.now()
    lost = Q(status__in=[ExportStatus.WAITING, ExportStatus.RUNNING], asked_at__lt=now - GIVEN_UP_AFTER)
    count = Export.objects.filter(lost).update(status=ExportStatus.FAILED, finished_at=now)
    for export in Export.objects.filter(expires_at__lte=now):
        file_of(export).unlink(missing_ok=True)
        count += Export.objects.filter(pk=export.pk).update(expires_at=None)
        if export.status == ExportStatus.AWAITING:
            with translation.override(export.language):
                problem = _("Nobody approved it in time.")
            Export.objects.filter(pk=export.pk).update(status=ExportStatus.FAILED, problem=problem)
    kept = {f"{pk}" for pk in Export.objects.filter(status=ExportStatus.RUNNING).values_list("pk", flat=True)}
    for left_over in folder().glob("*.unfinished"):
        if left_over.name.partition(".")[0] not in kept:
            left_over.unlink(missing_ok=True)
    return count


for _verb, _label in {
    "export.asked": gettext_lazy("Asked for an export of a list"),
    "export.written": gettext_lazy("Export of a list written"),
    "export.downloaded": gettext_lazy("Export of a list downloaded"),
    "export.cancelled": gettext_lazy("Export of a list cancelled"),
}.items():
    audit.name_verb(_verb, _label)

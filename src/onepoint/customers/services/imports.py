"""Writes of imports: upload, mapping, rehearsal, run, cancelling. A bad row stops nothing; a killed worker loses nothing.

Rows go in by portions, each one transaction together with its report and the place reached, so that another worker goes
on exactly there. After a while a job hands over to a new one: a worker can be stopped without waiting for the last row.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import DatabaseError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import attachments, audit, clock, jobs
from onepoint.core.errors import BusinessError, InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.customers import policies
from onepoint.customers.importing import files
from onepoint.customers.importing.fields import BY_KEY, guess_columns
from onepoint.customers.importing.rows import Names, read_row, who_is_in
from onepoint.customers.models import CustomerImport, ImportedRow, ImportMapping
from onepoint.customers.queries import imports as queries
from onepoint.customers.services.writing import check
from onepoint.customers.states import IMPORT_VERBS, ImportState, RowOutcome

BATCH = 100
SECONDS_PER_JOB = 20
LONGEST_SOURCE, LONGEST_KEY, LONGEST_REASON = 60, 160, 500


@transaction.atomic
def upload_import(upload: UploadedFile, *, by: User | None) -> CustomerImport:
    """Take in a file and guess what its columns mean. Raises NotPermitted, FileNotAccepted, FileNotReadable."""
    require(policies.why_not_import(by))
    source = CustomerImport.objects.create(
        file_name=attachments.clean_name(upload.name or "")[:200], created_at=clock.now(), created_by=by
    )
    attachment = attachments.store_file(upload, subject_type="customer_import", subject_id=source.pk, by=by)
    source.attachment_id = attachment.pk
    path = queries.file_of(source)
    shape = files.read_shape(path, attachment.name)
    source.encoding, source.separator, source.heads = shape.encoding, shape.separator, list(shape.heads)
    source.total = files.count_rows(path, shape)
    source.columns = _known_mapping(shape.heads) or guess_columns(shape.heads)
    source.save()
    audit.record("customer_import.uploaded", by=by, subject_type="customer_import", subject_id=source.pk,
                 file=source.file_name, rows=source.total)  # fmt: skip
    return source


def _known_mapping(heads: tuple[str, ...]) -> dict[str, str]:
    """A kept mapping of which every column is in the file; the one with most columns."""
    fitting = [mapping.columns for mapping in queries.mappings() if set(mapping.columns.values()) <= set(heads)]
    return max(fitting, key=len, default={})


def _move(row: CustomerImport, verb: str, **values: Any) -> None:
    """Compare-and-set along ``IMPORT_VERBS``. Raises SomebodyWasFaster."""
    before, after = IMPORT_VERBS[verb]
    values = {**values, "state": after, "version": row.version + 1}
    if not CustomerImport.objects.filter(pk=row.pk, state__in=before).update(**values):
        raise SomebodyWasFaster
    for name, value in values.items():
        setattr(row, name, value)


@transaction.atomic
def map_import(
    source: CustomerImport,
    *,
    by: User | None,
    columns: Mapping[str, str],
    source_name: str = "",
    defaults: Mapping[str, str] | None = None,
    despite_duplicates: bool = False,
    keep_as: str = "",
) -> CustomerImport:
    """Say what the columns mean (field → head); ``keep_as`` keeps that for other files under a name.

    Raises NotPermitted, ImportNotPossible, InvalidInput, SomebodyWasFaster.
    """
    require(policies.why_not_act_on_import(source, "map", by))
    columns = {field: head for field, head in columns.items() if head}
    defaults = {field: clean(value) for field, value in (defaults or {}).items() if value}
    source_name, keep_as = clean(source_name)[:LONGEST_SOURCE], clean(keep_as)
    if set(columns) - set(BY_KEY) or set(defaults) - set(BY_KEY) or set(columns.values()) - set(source.heads):
        raise InvalidInput({"columns": _("The file has no such column.")})
    if "name" not in columns and "number" not in columns and "external_number" not in columns:
        raise InvalidInput({"columns": _("Say at least which column holds the name.")})
    if len(set(columns.values())) < len(columns):
        raise InvalidInput({"columns": _("Two fields cannot come from the same column.")})
    if "external_number" in columns and not source_name:
        raise InvalidInput({"source_name": _("Name the system the numbers come from.")})
    _move(source, "map", columns=columns, source=source_name, defaults=defaults,
          despite_duplicates=despite_duplicates, done=0, counts={})  # fmt: skip
    ImportedRow.objects.filter(source=source, is_rehearsal=True).delete()
    if keep_as:
        _keep_mapping(keep_as, columns, source_name, by)
    return source


def _keep_mapping(name: str, columns: Mapping[str, str], source_name: str, by: User | None) -> None:
    mapping = queries.find_mapping(name) or ImportMapping(name=name)
    mapping.columns, mapping.source = dict(columns), source_name
    mapping.created_at, mapping.created_by = clock.now(), by
    check(mapping)
    mapping.save()
    audit.record("customer_import.mapping_kept", by=by, subject_type="import_mapping", subject_id=mapping.pk, name=name)


@transaction.atomic
def check_import(source: CustomerImport, *, by: User | None, at_once: bool = False) -> None:
    """Rehearse the import: every row is tried and nothing is kept. ``at_once``: the caller runs it himself.

    Raises NotPermitted, ImportNotPossible, SomebodyWasFaster.
    """
    require(policies.why_not_act_on_import(source, "check", by))
    _move(source, "check", done=0, counts={}, problem="")
    ImportedRow.objects.filter(source=source, is_rehearsal=True).delete()
    audit.record("customer_import.checked", by=by, subject_type="customer_import", subject_id=source.pk)
    if not at_once:
        _defer(source)


@transaction.atomic
def start_import(source: CustomerImport, *, by: User | None, at_once: bool = False) -> None:
    """Bring the rows in. Raises NotPermitted, ImportNotPossible, SomebodyWasFaster."""
    require(policies.why_not_act_on_import(source, "run", by))
    _move(source, "run", done=0, counts={}, problem="", started_at=clock.now())
    audit.record("customer_import.started", by=by, subject_type="customer_import", subject_id=source.pk)
    if not at_once:
        _defer(source)


@transaction.atomic
def cancel_import(source: CustomerImport, *, by: User | None) -> None:
    """Stop after the rows being written just now; what came in stays. Raises NotPermitted, ImportNotPossible."""
    require(policies.why_not_act_on_import(source, "cancel", by))
    _move(source, "cancel", ended_at=clock.now())
    audit.record("customer_import.cancelled", by=by, subject_type="customer_import", subject_id=source.pk)


def _defer(source: CustomerImport) -> None:
    jobs.defer("customers.run_import", lock=f"customers.import.{source.pk}", source=source.pk)


def run_import(import_id: int, *, by: User | None, seconds: float = SECONDS_PER_JOB) -> None:
    """Carry an import or its rehearsal on until it ends or ``seconds`` are over; then another job goes on.

    ``by`` is the system; rows are written in the name of whoever uploaded the file, with the rights of today.
    """
    for _source in steps_of_import(import_id, by=by, seconds=seconds):
        pass


def steps_of_import(import_id: int, *, by: User | None, seconds: float | None = None) -> Iterator[CustomerImport]:
    """As :func:`run_import`, portion by portion, for those who show the progress themselves."""
    source = queries.import_by_id(import_id)
    if source is None or not source.is_moving:
        return
    actor = source.created_by
    if refusal := policies.why_not_import(actor):
        _end(source, "fail", problem=str(refusal))
        return
    end = time.monotonic() + seconds if seconds is not None else None
    with translation.override(actor.language if actor else "zh-hans"):
        rows, names = files.read_rows(queries.file_of(source), queries.shape_of(source), skip=source.done), Names()
        place = source.done
        while True:
            batch = list(islice(rows, BATCH))
            if not batch:
                _end(source, "finish_check" if source.state == ImportState.CHECKING else "finish")
                return
            if not _bring_in(source, batch, place, names, actor):
                return  # cancelled, or another worker is ahead
            place += len(batch)
            yield source
            if end is not None and time.monotonic() > end:
                with transaction.atomic():
                    _defer(source)
                return


def _bring_in(
    source: CustomerImport, batch: list[dict[str, str]], place: int, names: Names, actor: User | None
) -> bool:
    """One portion: rows, report and the place reached in one transaction. False when it is not ours to go on."""
    rehearsal = source.state == ImportState.CHECKING
    with transaction.atomic():
        present = CustomerImport.objects.select_for_update().get(pk=source.pk)
        if present.state != source.state or present.done != place:
            return False
        if rehearsal:
            with transaction.atomic():
                results = _import_rows(source, batch, place, names, actor)
                transaction.set_rollback(True)
            for result in results:
                if result.outcome == RowOutcome.CREATED:
                    result.customer = None  # gone again
        else:
            results = _import_rows(source, batch, place, names, actor)
        ImportedRow.objects.bulk_create(results)
        counts = Counter(present.counts) + Counter(result.outcome for result in results)
        source.counts, source.done = dict(counts), place + len(batch)
        CustomerImport.objects.filter(pk=source.pk).update(counts=source.counts, done=source.done)
    return True


def _import_rows(
    source: CustomerImport, batch: list[dict[str, str]], place: int, names: Names, actor: User | None
) -> list[ImportedRow]:
    from onepoint.customers.importing.run import import_row

    results = []
    for number, cells in enumerate(batch, place + 1):
        result = ImportedRow(source=source, is_rehearsal=source.state == ImportState.CHECKING, row=number)
        result.key = clean(who_is_in(cells, source.columns))[:LONGEST_KEY]
        try:
            content = read_row(cells, source.columns, names, source.defaults)
            with transaction.atomic():
                result.outcome, result.customer = import_row(content, source, by=actor)
        except (BusinessError, DatabaseError) as refusal:
            result.outcome = RowOutcome.REFUSED
            result.reason = _reason(refusal)
        results.append(result)
    return results


def _reason(refusal: Exception) -> str:
    """The sentence for the report; of several faults of one row all, without the general one before them."""
    errors = refusal.errors.values() if isinstance(refusal, InvalidInput) else ()
    return " ".join(clean(" ".join(map(str, errors)) or str(refusal)).split())[:LONGEST_REASON]


@transaction.atomic
def _end(source: CustomerImport, verb: str, problem: str = "") -> None:
    values: dict[str, Any] = {"problem": problem} if problem else {}
    if verb != "finish_check":
        values["ended_at"] = clock.now()
    try:
        _move(source, verb, **values)
    except SomebodyWasFaster:
        return
    past = {"finish_check": "check_finished", "finish": "finished", "fail": "failed"}[verb]
    audit.record(f"customer_import.{past}", by=None, subject_type="customer_import", subject_id=source.pk,
                 **source.counts)  # fmt: skip

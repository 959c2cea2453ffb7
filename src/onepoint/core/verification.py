"""What ``./onepoint verify`` proves of the kernel: the journal is whole, files are there, jobs get done."""

import hashlib
from datetime import timedelta
from pathlib import Path

from django.core.files.storage import default_storage

from onepoint.core import audit_seals, clock, journal_archive, storage_cleaning
from onepoint.core.models import ArchivedMonth, Attachment, AuditEntry, AuditSeal
from onepoint.core.verifying import Report, count_rows, find_overdue, find_rows, register_check

#: A job that is at work longer than this, or waits so long, has been forgotten.
JOB_TIME = timedelta(hours=1)
#: The worker seals after a minute or two; this much later nobody does.
SEALING_TIME = timedelta(hours=1)
#: Files without a row go in the night after they are a day old.
STRAY_TIME = timedelta(days=3)
_PIECE = 1024 * 1024


@register_check("core.journal", "No sealed entry of the journal was altered, removed or slipped in", "entries")
def check_journal(report: Report) -> None:
    for breach in audit_seals.find_breaches():
        report.fault(f"entry {breach.entry_id}" if breach.entry_id else "chain", breach.text)
    report.look(count_rows("SELECT coalesce(sum(cardinality(entry_ids)), 0) FROM core_auditseal"))
    sealed = AuditSeal.objects.order_by("-number").values_list("last_entry_id", flat=True).first() or 0
    waiting = AuditEntry.objects.filter(pk__gt=sealed)
    if count := waiting.count():
        report.note(f"{count:,} entries wait to be sealed")
    if sealed and waiting.filter(at__lt=clock.now() - SEALING_TIME).exists():
        report.note("some of them for more than an hour: is a worker running?")
    _check_archived(report)
    report.note(f"{len(audit_seals.read_anchors())} anchors read from {audit_seals.anchor_file().name}")


def _check_archived(report: Report) -> None:
    """What is archived was told to the journal, which vouches for the note as the note does for the entries."""
    months = list(ArchivedMonth.objects.defer("ids").filter(restored_at=None).order_by("id"))
    for month in months:
        told = AuditEntry.objects.filter(
            subject_type=journal_archive.SUBJECT, subject_id=month.pk, verb="journal.archived"
        ).first()
        if told is None and any(later.holds(month.archived_at) for later in months):
            continue  # what the journal told was archived in its turn
        noted = (month.rows, month.sha256, journal_archive.digest_of_ids(month.pk))
        if told is None or noted != tuple(told.data.get(key) for key in ("rows", "sha256", "ids")):
            report.fault(month.file_name, "is noted as archived, but the journal does not tell so")
    if months:
        count = sum(month.rows for month in months)
        report.note(f"{count:,} entries are archived, in {len(months)} files; the last is {months[-1]}")
    for part in journal_archive.unfinished():
        report.fault(str(part), "is being archived: where nobody is at it, repeat the command")


@register_check("core.files", "Every attachment's file is stored, with its size and (--deep) its content", "files")
def check_files(report: Report) -> None:
    rows = Attachment.objects.exclude(sha256="").order_by("sha256").values_list("sha256", "size").distinct()
    for sha256, size in rows.iterator(chunk_size=2000):
        report.look()
        path = Path(default_storage.path(f"{sha256[:2]}/{sha256}"))
        if not path.is_file():
            report.fault(sha256, "the file is missing")
        elif path.stat().st_size != size:
            report.fault(sha256, f"{path.stat().st_size} bytes are stored, {size} were received")
        elif report.is_deep and _digest_of(path) != sha256:
            report.fault(sha256, "the content is not what was received")
    if report.is_deep:
        for name in storage_cleaning.find_unowned_files(older_than=STRAY_TIME):
            report.fault(name, "is stored, but belongs to nothing")


def _digest_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


_FAILED = """
SELECT job.task_name || ' ' || job.id, job.status::text FROM procrastinate_jobs job WHERE job.status = 'failed'
"""
_HANGING = """
SELECT job.task_name || ' ' || job.id, 'at work since ' || max(event.at)::timestamp(0)
FROM procrastinate_jobs job JOIN procrastinate_events event ON event.job_id = job.id AND event.type = 'started'
WHERE job.status = 'doing' GROUP BY job.id, job.task_name HAVING max(event.at) < %(since)s
UNION ALL
SELECT job.task_name || ' ' || job.id, 'waits since ' || coalesce(job.scheduled_at, min(event.at))::timestamp(0)
FROM procrastinate_jobs job LEFT JOIN procrastinate_events event ON event.job_id = job.id AND event.type = 'deferred'
WHERE job.status = 'todo' GROUP BY job.id, job.task_name, job.scheduled_at
HAVING coalesce(job.scheduled_at, min(event.at)) < %(since)s
"""


@register_check("core.jobs", "No deferred job has failed for good, hangs, or waits for ever", "jobs")
def check_jobs(report: Report) -> None:
    find_rows(report, _FAILED, {}, "{1}")
    find_overdue(report, _HANGING, {"since": clock.now() - JOB_TIME})
    report.look(count_rows("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed')"))

"""Faxes and letters: files taken from watched folders, claimed, and taken in as contacts."""

import logging
import os
import stat
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.channels import policies, scan_pages
from onepoint.channels.models import Contact, IncomingScan, ScanSource
from onepoint.channels.queries import scans as queries
from onepoint.channels.services.journal import journal_contact
from onepoint.channels.states import SCAN_MOVES, Channel, ScanState
from onepoint.core import attachments, audit, clock, jobs
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.scanning import ScannerDown
from onepoint.core.text import clean

log = logging.getLogger(__name__)

FOLDER = "scans"
#: A file nobody has written to for so long is whole; fax servers write for seconds.
STABLE_SECONDS = 5.0
AT_ONCE = 20
_HALF_WRITTEN = (".part", ".tmp", ".crdownload", ".filepart", "~")


def folder_of(source: ScanSource) -> Path:
    """Where a fax server puts its files."""
    return Path(settings.DATA_DIR) / FOLDER / source.folder


@transaction.atomic
def take_in_scan(
    upload: UploadedFile,
    *,
    channel: str,
    unit: OrgUnit | None,
    source: ScanSource | None = None,
    sender_name: str = "",
    sender_number: str = "",
    by: User | None,
) -> IncomingScan:
    """Keep one fax or letter until somebody takes it in; the same file again is the one that is here already.

    Of a folder, or an attachment of a mail from a fax server. What is no picture or PDF, too large, of too many pages or
    damaged leaves a row that says so, and nothing of the file. Raises ScannerDown, InvalidInput for another channel.
    """
    if channel not in (Channel.FAX, Channel.LETTER):
        raise InvalidInput({"channel": _("Only faxes and letters are scanned.")})
    scan = IncomingScan(
        source=source, channel=channel, unit=unit, name=attachments.clean_name(upload.name or "")[:200] or "?",
        sender_name=clean(sender_name)[:160], sender_number=clean(sender_number)[:40], received_at=clock.now(),
        audience=sorted({f"U{unit.pk}", *([f"R{unit.region_id}"] if unit.region_id else [])}) if unit else [],
    )  # fmt: skip
    try:
        _name, content_type = attachments.checked_upload(upload)
        if content_type not in scan_pages.ACCEPTED:
            raise attachments.FileNotAccepted({"file": _("Only TIFF, JPEG, PNG and PDF can be faxes or letters.")})
        upload.seek(0)
        scan.page_count = scan_pages.count_pages(upload, content_type)
        upload.seek(0)
        return _kept(scan, upload, by)
    except ScannerDown:
        raise
    except InvalidInput as refusal:
        scan.state, scan.page_count = ScanState.REFUSED, None
        scan.reason = " ".join(str(text) for text in refusal.errors.values())[:300]
        scan.settled_at = clock.now()
        scan.save()
        audit.record(
            "scan.refused", by=by, subject_type="incoming_scan", subject_id=scan.pk, name=scan.name, reason=scan.reason
        )
        return scan


def _kept(scan: IncomingScan, upload: UploadedFile, by: User | None) -> IncomingScan:
    with transaction.atomic():
        scan.save()
        file = attachments.store_file(upload, subject_type="incoming_scan", subject_id=scan.pk, by=by)
        with connection.cursor() as cursor:  # of the same file from two folders one waits for the other
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"scan {file.sha256}"])
        known = IncomingScan.objects.filter(sha256=file.sha256).first()
        if known is None:
            scan.file, scan.sha256 = file, file.sha256
            scan.save(update_fields=["file", "sha256"])
            audit.record("scan.received", by=by, subject_type="incoming_scan", subject_id=scan.pk, name=scan.name)
            return scan
        file.delete()
        scan.delete()
    return known


# --- watched folders


def look_into_folders(*, by: None) -> None:
    """For the tick: a job takes what lies in a watched folder, if something does."""
    if any(next(_whole_files(source), None) for source in queries.watched_sources()):
        jobs.defer_after_commit("channels.take_in_scans")


def take_in_folders(*, by: None) -> int:
    """Take in what lies in the watched folders; returns how many files. A file goes only once its row is committed."""
    count = 0
    for source in queries.watched_sources():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"scan folder {source.pk}"]
                )
                (is_ours,) = cursor.fetchone()
            if not is_ours:
                continue
            files = list(_whole_files(source))[:AT_ONCE]
            taken = [path for path in files if _take_file(source, path)]
        for path in taken:
            path.unlink(missing_ok=True)
        count += len(taken)
    return count


def _whole_files(source: ScanSource) -> Iterator[Path]:
    """Plain files nobody writes to any more; links and folders are left alone."""
    folder = folder_of(source)
    folder.mkdir(parents=True, exist_ok=True)
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            if entry.name.startswith(".") or entry.name.lower().endswith(_HALF_WRITTEN):
                continue
            found = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(found.st_mode) and time.time() - found.st_mtime >= STABLE_SECONDS:
                yield Path(entry.path)


def _take_file(source: ScanSource, path: Path) -> bool:
    """Whether it is kept, or refused for good; otherwise it is tried again."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(handle, "rb") as opened:
            size = os.fstat(opened.fileno()).st_size
            upload = UploadedFile(opened, name=path.name, size=size)
            with transaction.atomic():
                take_in_scan(upload, channel=source.channel, unit=source.unit, source=source, by=None)
    except (OSError, ScannerDown) as problem:
        log.warning("the file %s of a watched folder could not be taken", path, exc_info=True)
        ScanSource.objects.filter(pk=source.pk).update(last_error=f"{path.name}: {problem}"[:300])
        return False
    ScanSource.objects.filter(pk=source.pk).update(last_taken_at=clock.now(), last_error="")
    return True


# --- by people


@transaction.atomic
def claim_scan(scan: IncomingScan, *, by: User) -> None:
    """Take it in hand; nobody else does meanwhile. Raises NotPermitted, ScanNotInThatState, SomebodyWasFaster."""
    require(policies.why_not_move_scan("claim", scan, by))
    _move("claim", scan, by, agent=by)


@transaction.atomic
def release_scan(scan: IncomingScan, *, by: User) -> None:
    """Give it back to the others. Raises what ``claim_scan`` does, and InOtherHands."""
    require(policies.why_not_move_scan("release", scan, by))
    _move("release", scan, by, agent=None)


@transaction.atomic
def set_scan_aside(scan: IncomingScan, *, reason: str, by: User) -> None:
    """Advertising, a misdirected fax: nothing to do, and why. Raises what ``claim_scan`` does, and InvalidInput."""
    require(policies.why_not_move_scan("set_aside", scan, by))
    if not clean(reason):
        raise InvalidInput({"reason": _("Please give a reason.")})
    _move("set_aside", scan, by, reason=clean(reason)[:300], agent=None, settled_at=clock.now())


@transaction.atomic
def bring_scan_back(scan: IncomingScan, *, by: User) -> None:
    """It was set aside by mistake. Raises what ``claim_scan`` does."""
    require(policies.why_not_move_scan("bring_back", scan, by))
    _move("bring_back", scan, by, reason="", settled_at=None)


@transaction.atomic
def describe_and_take_in(
    scan: IncomingScan,
    *,
    sender_name: str = "",
    sender_number: str = "",
    letter_date: date | None = None,
    post_number: str = "",
    by: User,
) -> Contact:
    """Journal it as a contact that the intake carries on, with the scan among its files.

    Raises NotPermitted, InOtherHands, ScanNotInThatState, InvalidInput for a letter of tomorrow.
    """
    require(policies.why_not_move_scan("take_in", scan, by))
    require(policies.why_not_journal_contact(by))
    if letter_date and letter_date > clock.today():
        raise InvalidInput({"letter_date": _("This day has not come yet.")})
    values: dict[str, Any] = {
        "sender_name": clean(sender_name)[:160], "sender_number": clean(sender_number)[:40], "letter_date": letter_date,
        "post_number": clean(post_number)[:60],
    }  # fmt: skip
    contact = journal_contact(
        by=by, channel=scan.channel, subject=_subject(scan, values), content=_content(values),
        caller_name=values["sender_name"], caller_number=values["sender_number"], started_at=scan.received_at,
        unit=scan.unit, region=scan.unit.region if scan.unit else None,
    )  # fmt: skip
    if scan.file:
        kept = attachments.copy_file(scan.file, subject_type="contact", subject_id=contact.pk)
        type(kept).objects.filter(pk=kept.pk).update(context={**kept.context, "scan": scan.pk})
    _move("take_in", scan, by, contact=contact, settled_at=clock.now(), **values)
    return contact


def _subject(scan: IncomingScan, values: dict[str, Any]) -> str:
    sender = values["sender_name"] or values["sender_number"] or scan.name
    return (_("Fax from %(sender)s") if scan.channel == Channel.FAX else _("Letter from %(sender)s")) % {
        "sender": sender
    }


def _content(values: dict[str, Any]) -> str:
    lines = []
    if values["letter_date"]:
        lines.append(_("Date of the letter: %(date)s") % {"date": values["letter_date"].isoformat()})
    if values["post_number"]:
        lines.append(_("Post number: %(number)s") % {"number": values["post_number"]})
    return "\n".join(lines)


def _move(verb: str, scan: IncomingScan, by: User, **values: Any) -> None:
    origins, target = SCAN_MOVES[verb]
    values["state"] = target
    if not IncomingScan.objects.filter(pk=scan.pk, state__in=origins, agent=scan.agent_id).update(**values):
        raise SomebodyWasFaster
    for name, value in values.items():
        setattr(scan, name, value)
    facts: dict[str, Any] = {"reason": scan.reason} if verb == "set_aside" else {}
    audit.record(f"scan.{_PAST[verb]}", by=by, subject_type="incoming_scan", subject_id=scan.pk, **facts)


_PAST = {
    "claim": "claimed",
    "release": "released",
    "take_in": "taken_in",
    "set_aside": "set_aside",
    "bring_back": "brought_back",
}


@transaction.atomic
def save_scan_source(source: ScanSource | None, *, by: User | None, **values: Any) -> ScanSource:
    """Watch a folder, or change how. Raises NotPermitted and InvalidInput."""
    require(policies.why_not_arrange_scans(by))
    kept = {name: values[name] for name in ("name", "folder", "channel", "unit", "is_active")}
    kept["name_en"] = clean(values.get("name_en", ""))[:120]
    errors = {}
    for name, sentence in (
        ("name", _("There is a folder of that name.")),
        ("folder", _("This folder is watched already.")),
    ):
        if ScanSource.objects.filter(**{name: kept[name]}).exclude(pk=source.pk if source else 0).exists():
            errors[name] = sentence
    if errors:
        raise InvalidInput(errors)
    verb = "scan_source.changed" if source else "scan_source.created"
    source = source or ScanSource()
    for name, value in kept.items():
        setattr(source, name, value)
    source.save()
    try:
        folder_of(source).mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InvalidInput({"folder": _("The folder cannot be made: %(problem)s") % {"problem": problem}}) from problem
    audit.record(
        verb, by=by, subject_type="scan_source", subject_id=source.pk, name=source.name, name_en=source.name_en
    )
    return source

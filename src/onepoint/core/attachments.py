"""Files that belong to business objects: checked, stored under their SHA-256, versioned, deleted softly.

Who may add, read or delete is decided by the capability that owns the subject; nothing here asks.
"""

import hashlib
import logging
import os
import re
import tempfile
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

import filetype
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onepoint.core import clock, scanning
from onepoint.core.audit import Actor
from onepoint.core.compiled import Compiled
from onepoint.core.errors import BusinessError, InvalidInput, require
from onepoint.core.models import Attachment, StagedFile
from onepoint.core.text import normal_form

log = logging.getLogger(__name__)

CHUNK = 1024 * 1024
_OLE_SIGNATURE = bytes.fromhex("D0CF11E0A1B11AE1")
#: Extension → (content type, what the first bytes may turn out to be). "text" and "ole" are judged here.
ALLOWED: dict[str, tuple[str, frozenset[str]]] = {
    extension: (content_type, frozenset(real.split()))
    for extension, content_type, real in (
        ("jpg", "image/jpeg", "jpg"),
        ("jpeg", "image/jpeg", "jpg"),
        ("png", "image/png", "png apng"),
        ("gif", "image/gif", "gif"),
        ("webp", "image/webp", "webp"),
        ("bmp", "image/bmp", "bmp"),
        ("tif", "image/tiff", "tif"),
        ("tiff", "image/tiff", "tif"),
        ("heic", "image/heic", "heic"),
        ("pdf", "application/pdf", "pdf"),
        ("doc", "application/msword", "doc ole"),
        ("xls", "application/vnd.ms-excel", "xls ole"),
        ("ppt", "application/vnd.ms-powerpoint", "ppt ole"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx zip"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx zip"),
        ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx zip"),
        ("odt", "application/vnd.oasis.opendocument.text", "odt zip"),
        ("ods", "application/vnd.oasis.opendocument.spreadsheet", "ods zip"),
        ("ofd", "application/ofd", "zip"),
        ("zip", "application/zip", "zip"),
        ("txt", "text/plain", "text"),
        ("log", "text/plain", "text"),
        ("csv", "text/csv", "text"),
        ("eml", "message/rfc822", "text"),
        ("mp3", "audio/mpeg", "mp3"),
        ("wav", "audio/wav", "wav"),
        ("ogg", "audio/ogg", "ogg"),
        ("m4a", "audio/mp4", "m4a mp4"),
        ("amr", "audio/amr", "amr"),
        ("aac", "audio/aac", "aac"),
    )
}
#: What a browser may show itself; everything else is only ever downloaded. No SVG and no HTML: they carry script.
PREVIEWED = frozenset(
    {"image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "application/pdf"}
    | {"audio/mpeg", "audio/wav", "audio/ogg", "audio/mp4", "audio/aac"}
)
# Chromium refuses its own PDF viewer inside a sandbox, so a PDF gets "nothing may be loaded" without the sandbox.
_POLICY = (
    "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)
_FORBIDDEN_IN_NAMES = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class FileNotAccepted(InvalidInput):
    """The upload is empty, too large, or not of an accepted type; the sentence says which."""

    code = "file_not_accepted"
    message = _("The file was not accepted.")


class FileRemoved(BusinessError):
    """The time the file was to be kept is over: what it was called is still known, the content is gone."""

    code = "file_removed"
    message = _("“%(name)s” was removed on %(date)s: files of this kind are kept for %(months)s months.")
    status = 410


class FileNotFound(BusinessError):
    """The row is there and the stored bytes are not: a disk that is not mounted, a folder not restored."""

    code = "file_not_found"
    message = _("“%(name)s” is not to be found where files are kept just now. Please tell the operator.")
    status = 503


def why_removed(attachment: Attachment) -> FileRemoved | None:
    """The reason there is nothing to be read any more, for a file whose time is over."""
    if attachment.removed_at is None:
        return None
    date = timezone.localtime(attachment.removed_at).date().isoformat()
    return FileRemoved(name=attachment.name, date=date, months=attachment.kept_months)


def clean_name(name: str) -> str:
    """A file name safe to show and to offer for saving: no path, no control or direction characters, ≤ 160 long."""
    base = normal_form("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    base = _FORBIDDEN_IN_NAMES.sub("", base).strip(" .")
    stem, dot, extension = base.rpartition(".")
    return f"{stem[:150]}{dot}{extension[:9]}" if dot else base[:160]


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            head.decode(encoding)
            return True
        except UnicodeDecodeError as problem:
            if problem.start >= len(head) - 4:  # only the last character is cut by reading the head alone
                return True
    return False


def _real_kinds(head: bytes) -> set[str]:
    """What the first bytes say the file is (extensions as `filetype` names them, plus "text" and "ole")."""
    kinds = set()
    guess = filetype.guess(head)
    if guess is not None:
        kinds.add(guess.extension)
    elif _is_text(head):
        kinds.add("text")
    if head.startswith(_OLE_SIGNATURE):
        kinds.add("ole")
    if head.startswith(b"PK\x03\x04"):
        kinds.add("zip")
    return kinds


def checked_upload(upload: UploadedFile) -> tuple[str, str]:
    """The clean name and the content type of an acceptable upload. Raises :class:`FileNotAccepted`."""
    name = clean_name(upload.name or "")
    limit = settings.MAX_UPLOAD_BYTES
    if not upload.size:
        raise FileNotAccepted({"file": _("The file “%(name)s” is empty.") % {"name": name}})
    if upload.size > limit:
        limit_text = f"{limit // (1024 * 1024)} MB"
        raise FileNotAccepted({"file": _("“%(name)s” is larger than %(limit)s.") % {"name": name, "limit": limit_text}})
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in ALLOWED:
        raise FileNotAccepted(
            {"file": _("Files of the type “%(type)s” are not accepted.") % {"type": extension or "?"}}
        )
    content_type, kinds = ALLOWED[extension]
    upload.seek(0)
    if not kinds & _real_kinds(upload.read(8192)):
        raise FileNotAccepted({"file": _("The content of “%(name)s” does not match its extension.") % {"name": name}})
    upload.seek(0)
    return name, content_type


def store_bytes(upload: UploadedFile) -> str:
    """Write the content under its SHA-256 and return that; a crash leaves at most an unnamed temporary file.

    Call it inside the transaction that writes the row: until its end no clean-up takes the file away.
    """
    root = Path(default_storage.path(""))
    root.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    handle, temporary = tempfile.mkstemp(dir=root, prefix="incoming-")
    try:
        with os.fdopen(handle, "wb") as target:
            for chunk in upload.chunks(CHUNK):
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        sha256 = digest.hexdigest()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [sha256])
        final = root / sha256[:2] / sha256
        final.parent.mkdir(exist_ok=True)
        os.replace(temporary, final)
        folder = os.open(final.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return sha256


def _latest_version(attachment: Attachment) -> Attachment:
    """The newest version of a file; its first one is locked, so that of two new versions at once one waits."""
    versions = Attachment.objects.filter(series=attachment.series)
    versions.select_for_update().get(version=1)
    return versions.order_by("-version")[0]


def store_file(
    upload: UploadedFile,
    *,
    subject_type: str,
    subject_id: int,
    by: Actor | None,
    context: dict[str, Any] | None = None,
    replaces: Attachment | None = None,
) -> Attachment:
    """Check and keep an uploaded file as a new attachment, or as the next version of ``replaces``.

    Raises :class:`FileNotAccepted`, FileInfected, ScannerDown. Call it inside the transaction of the write it belongs to;
    the caller audits.
    """
    name, content_type = checked_upload(upload)
    context = (context or {}) | scanned(upload, name)
    sha256 = store_bytes(upload)
    latest = _latest_version(replaces) if replaces is not None else None
    size: int = upload.size or 0
    return Attachment.objects.create(
        subject_type=subject_type,
        subject_id=subject_id,
        series=latest.series if latest else uuid.uuid4(),
        version=latest.version + 1 if latest else 1,
        name=name,
        content_type=content_type,
        size=size,
        sha256=sha256,
        context=context,
        uploaded_at=clock.now(),
        uploaded_by_id=by.pk if by else None,
        uploaded_by_name=by.get_full_name() if by else "",
    )


#: Never kept as files of their own, whatever they are called: what a double click would run.
_PROGRAMS = frozenset(
    "exe com scr pif bat cmd vbs vbe js jse wsf wsh ps1 msi msp jar lnk hta cpl reg dll apk iso img vhd chm scf url".split()
)


def store_received(
    content: bytes, name: str, *, subject_type: str, subject_id: int, context: dict[str, Any] | None = None
) -> Attachment:
    """Keep a file that came with something a customer sent: of any type, but only known ones are ever shown.

    Raises :class:`FileNotAccepted` for programs and for what is empty or too large, FileInfected, ScannerDown.
    """
    upload = SimpleUploadedFile(clean_name(name) or "file.bin", content)
    try:
        shown, content_type = checked_upload(upload)
    except FileNotAccepted:
        shown, content_type = upload.name or "", "application/octet-stream"
        extension = shown.rpartition(".")[2].lower()
        if extension in _PROGRAMS or content[:2] == b"MZ" or not content or len(content) > settings.MAX_UPLOAD_BYTES:
            raise
    verdict = scanned(upload, shown)
    return _store_row(upload, shown, content_type, subject_type, subject_id, (context or {}) | verdict)


def store_original(content: bytes, name: str, content_type: str, *, subject_type: str, subject_id: int) -> Attachment:
    """Keep what came in byte by byte as evidence, whatever it is. It is only ever downloaded, by those who may."""
    return _store_row(SimpleUploadedFile(name, content), name, content_type, subject_type, subject_id, {})


def _store_row(
    upload: UploadedFile, name: str, content_type: str, subject_type: str, subject_id: int, context: dict[str, Any]
) -> Attachment:
    return Attachment.objects.create(
        subject_type=subject_type, subject_id=subject_id, series=uuid.uuid4(), version=1, name=name[:200],
        content_type=content_type, size=upload.size or 0, sha256=store_bytes(upload), context=context,
        uploaded_at=clock.now(), uploaded_by_id=None, uploaded_by_name="",
    )  # fmt: skip


def scanned(upload: UploadedFile, name: str) -> dict[str, Any]:
    """What is noted beside a file the scanner let pass, or did not see. Raises FileInfected, ScannerDown."""
    upload.seek(0)
    is_clean = scanning.scan(upload.chunks(CHUNK), name)
    upload.seek(0)
    return {} if is_clean or not scanning.is_expected() else {"not_scanned": True}


def copy_file(attachment: Attachment, *, subject_type: str, subject_id: int) -> Attachment:
    """The same file on another subject, still by whom and when it was added; the bytes are shared. The caller audits."""
    return Attachment.objects.create(
        subject_type=subject_type, subject_id=subject_id, series=uuid.uuid4(), version=1, name=attachment.name,
        content_type=attachment.content_type, size=attachment.size, sha256=attachment.sha256, context=attachment.context,
        uploaded_at=attachment.uploaded_at, uploaded_by_id=attachment.uploaded_by_id,
        uploaded_by_name=attachment.uploaded_by_name, removed_at=attachment.removed_at,
        kept_months=attachment.kept_months, removed_sha256=attachment.removed_sha256,
    )  # fmt: skip


def delete_file(attachment: Attachment, *, by: Actor | None) -> bool:
    """Mark an attachment deleted; False when somebody already had. The bytes stay, because other rows may share them."""
    moment = clock.now()
    count = Attachment.objects.filter(pk=attachment.pk, deleted_at=None).update(
        deleted_at=moment, deleted_by_id=by.pk if by else None
    )
    return count == 1


#: What an erased file is called afterwards.
ERASED = "erased"


def erase_files(subject_type: str, subject_ids: Iterable[int]) -> int:
    """Take the bytes of all files of these subjects away, and what the rows say of them; gives how many.

    The rows stay, marked deleted. Bytes that other rows share stay for these. Part of the caller's transaction: the
    files go once it has been committed; what a crash leaves then is a file without a row, which the nightly job removes.
    """
    rows = Attachment.objects.filter(subject_type=subject_type, subject_id__in=list(subject_ids))
    rows = rows.exclude(sha256="", removed_sha256="")  # of what was removed before, the name is still known
    digests = {sha256 for sha256 in rows.values_list("sha256", flat=True) if sha256}
    count = rows.update(
        name=ERASED, content_type="application/octet-stream", size=0, sha256="", context={}, deleted_at=clock.now(),
        removed_at=None, kept_months=None, removed_sha256="",
    )  # fmt: skip
    if digests:
        transaction.on_commit(lambda: _remove_bytes(digests), robust=True)
    return count


def remove_files(files: Sequence[Attachment], *, months: int) -> int:
    """Let go of the bytes of files whose ``months`` are over; gives how many still had some.

    Name and size stay to be shown. Part of the caller's transaction, and nothing is deleted here: the nightly clean-up
    takes every stored file that no row owns, and so never one that another row shares. The caller audits.
    """
    rows = Attachment.objects.filter(Q(pk__in=[file.pk for file in files]) & ~Q(sha256=""))
    return rows.update(removed_at=clock.now(), kept_months=months, removed_sha256=F("sha256"), sha256="")


def _remove_bytes(digests: Iterable[str]) -> None:
    for sha256 in sorted(digests):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [sha256])
            is_shared = Attachment.objects.filter(sha256=sha256).exists()
            if not is_shared and not StagedFile.objects.filter(sha256=sha256).exists():
                Path(default_storage.path(f"{sha256[:2]}/{sha256}")).unlink(missing_ok=True)


def current_files(subject_type: str, *subject_ids: int) -> list[Attachment]:
    """The latest version of each file of the subjects, oldest first, with ``earlier`` listing its former versions."""
    series: dict[uuid.UUID, list[Attachment]] = {}
    for attachment in _FILES.rows(subject_type, list(subject_ids)):
        series.setdefault(attachment.series, []).append(attachment)
    current = []
    for versions in series.values():
        versions.sort(key=lambda attachment: -attachment.version)
        versions[0].earlier = versions[1:]  # type: ignore[attr-defined]
        current.append(versions[0])
    return current


def _files(subject_type: str, subject_ids: list[int]) -> QuerySet[Attachment]:
    return Attachment.objects.filter(
        subject_type=subject_type, subject_id__any_of=subject_ids, deleted_at=None
    ).order_by("id")


_FILES = Compiled("current_files", _files)


def is_previewed(attachment: Attachment) -> bool:
    """Whether a browser may show this file itself."""
    return attachment.content_type in PREVIEWED and attachment.removed_at is None


def open_file(attachment: Attachment) -> IO[bytes]:
    """The stored bytes. Raises :class:`FileRemoved` for a file whose time is over."""
    require(why_removed(attachment))
    return open(default_storage.path(attachment.storage_name), "rb")  # closed by the response


def file_response(attachment: Attachment, *, inline: bool = False) -> FileResponse:
    """Answer with the file: as a download, or shown by the browser where that is safe and ``inline`` is asked for.

    Raises :class:`FileRemoved`, :class:`FileNotFound`.
    """
    inline = inline and is_previewed(attachment)
    try:
        stored = open_file(attachment)
    except FileNotFoundError as missing:
        log.exception("the file %s is missing: %s", attachment.pk, attachment.storage_name)
        raise FileNotFound(name=attachment.name) from missing
    response = FileResponse(
        stored, as_attachment=not inline, filename=attachment.name, content_type=attachment.content_type
    )
    sandbox = "" if attachment.content_type == "application/pdf" else "sandbox; "
    response["Content-Security-Policy"] = sandbox + _POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response

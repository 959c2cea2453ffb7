"""No stored file without a row (reliability I12): what a crash or a forgotten form left behind goes after a day.

A file is stored before its row is committed. Storing takes a shared lock named after the content until then, cleaning the
exclusive one, and young files are never touched; so no file can vanish under a row that is just being written.
"""

import os
import re
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import connection, transaction

from onepoint.core.models import Attachment, StagedFile

YOUNG = timedelta(hours=24)
_STORED = re.compile(r"[0-9a-f]{64}")
BATCH = 500


def _old_files(folder: Path, before: float) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_mtime < before:
                yield entry


def _owned(names: Iterable[str]) -> set[str]:
    wanted = list(names)
    return {
        *Attachment.objects.filter(sha256__in=wanted).values_list("sha256", flat=True),
        *StagedFile.objects.filter(sha256__in=wanted).values_list("sha256", flat=True),
    }


@transaction.atomic
def _remove_unless_owned(path: Path, before: float) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [path.name])
    if _owned([path.name]) or path.stat().st_mtime >= before:
        return False
    path.unlink()
    return True


def remove_unowned_files() -> int:
    """Delete stored files older than a day that no attachment and no kept form needs; returns how many."""
    root = Path(default_storage.path(""))
    if not root.is_dir():
        return 0
    before = time.time() - YOUNG.total_seconds()  # the file system's clock, whatever moment is pinned
    count = 0
    for entry in _old_files(root, before):
        if entry.name.startswith("incoming-"):  # a process was killed while it received this
            Path(entry.path).unlink(missing_ok=True)
            count += 1
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and re.fullmatch(r"[0-9a-f]{2}", path.name)):
        stored = [entry for entry in _old_files(folder, before) if _STORED.fullmatch(entry.name)]
        for some in _in_batches(stored):
            owned = _owned(entry.name for entry in some)
            count += sum(_remove_unless_owned(Path(entry.path), before) for entry in some if entry.name not in owned)
    return count


def find_unowned_files(*, older_than: timedelta) -> Iterator[str]:
    """Names of stored files that no attachment and no kept form needs; only looks."""
    root = Path(default_storage.path(""))
    if not root.is_dir():
        return
    before = time.time() - older_than.total_seconds()
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and re.fullmatch(r"[0-9a-f]{2}", path.name)):
        for batch in _in_batches([entry for entry in _old_files(folder, before) if _STORED.fullmatch(entry.name)]):
            owned = _owned(entry.name for entry in batch)
            yield from sorted(entry.name for entry in batch if entry.name not in owned)


def _in_batches(entries: list[os.DirEntry[str]]) -> Iterator[list[os.DirEntry[str]]]:
    for start in range(0, len(entries), BATCH):
        yield entries[start : start + BATCH]

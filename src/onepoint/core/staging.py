"""Files chosen on a form that was refused: kept for a day under a token, so that they need not be chosen again."""

import uuid
from collections.abc import Iterable
from datetime import timedelta

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from onepoint.core import clock
from onepoint.core.attachments import checked_upload, scanned, store_bytes
from onepoint.core.audit import Actor
from onepoint.core.models import StagedFile

KEPT = timedelta(hours=24)
MOST = 20  # per form


@transaction.atomic
def stage_file(upload: UploadedFile, *, by: Actor) -> StagedFile:
    """Keep an upload for its person. Raises FileNotAccepted for what no form would take, FileInfected, ScannerDown."""
    name, content_type = checked_upload(upload)
    scanned(upload, name)
    return StagedFile.objects.create(
        token=uuid.uuid4(), actor_id=by.pk, name=name, content_type=content_type, size=upload.size or 0,
        sha256=store_bytes(upload), staged_at=clock.now(),
    )  # fmt: skip


def staged_files(tokens: Iterable[str], *, by: Actor) -> list[StagedFile]:
    """The person's own kept files among the tokens, in the order they were chosen."""
    wanted = []
    for token in list(tokens)[:MOST]:
        try:
            wanted.append(uuid.UUID(token))
        except ValueError:
            continue
    kept = StagedFile.objects.filter(actor_id=by.pk, token__in=wanted, staged_at__gte=clock.now() - KEPT)
    return list(kept.order_by("pk"))


def as_upload(staged: StagedFile) -> UploadedFile:
    """A kept file as if it had been sent with this form."""
    return UploadedFile(default_storage.open(staged.storage_name), staged.name, staged.content_type, staged.size)


def forget_staged(files: Iterable[StagedFile], *, by: Actor) -> None:
    """They have become attachments, or were taken off the form; the bytes go with the clean-up."""
    if keys := [file.pk for file in files]:
        StagedFile.objects.filter(actor_id=by.pk, pk__in=keys).delete()


def forget_old_staged_files() -> int:
    """Remove files whose form nobody sent; returns how many."""
    count, _rows = StagedFile.objects.filter(staged_at__lt=clock.now() - KEPT).delete()
    return count

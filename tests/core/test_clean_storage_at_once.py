"""A file that is just being stored again is not taken away by the clean-up, however old its bytes look."""

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from onepoint.core import attachments, storage_cleaning
from onepoint.core.models import Attachment

pytestmark = pytest.mark.django_db(transaction=True)


def test_cleaning_waits_for_the_row_that_is_being_written(settings: Any, tmp_path: Path) -> None:
    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": tmp_path / "files", "base_url": None}}
    settings.STORAGES = storages
    removed: list[int] = []

    def clean() -> None:
        try:
            removed.append(storage_cleaning.remove_unowned_files())
        finally:
            connection.close()

    cleaner = threading.Thread(target=clean)
    with transaction.atomic():
        upload = SimpleUploadedFile("账单.txt", "内容".encode())
        row = attachments.store_file(upload, subject_type="ticket", subject_id=1, by=None)
        path = Path(default_storage.path(row.storage_name))
        long_ago = time.time() - 2 * 86400
        os.utime(path, (long_ago, long_ago))
        cleaner.start()
        cleaner.join(timeout=1)
        assert cleaner.is_alive()  # it has found the file without a row and waits for whoever is storing it
    cleaner.join(timeout=60)
    assert removed == [0]
    assert path.exists()
    assert Attachment.objects.count() == 1

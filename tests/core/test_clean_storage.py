"""Files of refused forms are kept for a day; no stored file stays without a row (reliability I12)."""

import os
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from cast import Cast
from onepoint.core import attachments, clock, staging, storage_cleaning, tasks
from onepoint.core.attachments import FileNotAccepted
from onepoint.core.models import Attachment, StagedFile


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": tmp_path / "files", "base_url": None}}
    settings.STORAGES = storages
    return tmp_path / "files"


def upload(text: str = "内容") -> SimpleUploadedFile:
    return SimpleUploadedFile("账单.txt", text.encode())


def age(path: Path | str, days: float = 2) -> None:
    moment = time.time() - days * 86400
    os.utime(path, (moment, moment))


def test_a_kept_file_becomes_an_attachment_without_being_chosen_again(cast: Cast) -> None:
    kept = staging.stage_file(upload(), by=cast.agent)
    (found,) = staging.staged_files([str(kept.token), "nonsense", str(uuid.uuid4())], by=cast.agent)
    stored = attachments.store_file(staging.as_upload(found), subject_type="ticket", subject_id=1, by=cast.agent)
    staging.forget_staged([found], by=cast.agent)
    assert (stored.name, stored.sha256, stored.size) == ("账单.txt", kept.sha256, kept.size)
    assert attachments.open_file(stored).read() == "内容".encode()
    assert not StagedFile.objects.exists()


def test_a_token_opens_nothing_to_somebody_else_and_nothing_after_a_day(cast: Cast) -> None:
    kept = staging.stage_file(upload(), by=cast.agent)
    assert staging.staged_files([str(kept.token)], by=cast.outsider) == []
    with clock.at(clock.now() + timedelta(hours=25)):
        assert staging.staged_files([str(kept.token)], by=cast.agent) == []
        assert staging.forget_old_staged_files() == 1


def test_what_no_form_takes_is_not_kept(cast: Cast) -> None:
    with pytest.raises(FileNotAccepted):
        staging.stage_file(SimpleUploadedFile("x.exe", b"MZ"), by=cast.agent)
    assert not StagedFile.objects.exists()


def test_only_old_files_without_a_row_go(cast: Cast, folder: Path) -> None:
    owned = attachments.store_file(upload("有主"), subject_type="ticket", subject_id=1, by=cast.agent)
    kept = staging.stage_file(upload("待用"), by=cast.agent)
    orphan, young = attachments.store_bytes(upload("无主")), attachments.store_bytes(upload("新的"))
    (folder / "incoming-abc").write_bytes(b"half")
    (folder / "incoming-new").write_bytes(b"half")
    (folder / "notes.txt").write_bytes(b"not ours")
    path_of = {
        sha: Path(default_storage.path(f"{sha[:2]}/{sha}")) for sha in (owned.sha256, kept.sha256, orphan, young)
    }
    for sha in (owned.sha256, kept.sha256, orphan):
        age(path_of[sha])
    age(folder / "incoming-abc")
    age(folder / "notes.txt")
    assert storage_cleaning.remove_unowned_files() == 2
    assert {sha for sha, path in path_of.items() if path.exists()} == {owned.sha256, kept.sha256, young}
    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == ["incoming-new", "notes.txt"]
    assert storage_cleaning.remove_unowned_files() == 0


def test_a_file_of_a_deleted_attachment_stays(cast: Cast) -> None:
    row = attachments.store_file(upload("删了"), subject_type="ticket", subject_id=1, by=cast.agent)
    attachments.delete_file(row, by=cast.agent)
    path = Path(default_storage.path(row.storage_name))
    age(path)
    tasks.clean_up_files(0)
    assert path.exists()
    assert Attachment.objects.count() == 1


def test_storing_the_same_content_again_makes_it_young(cast: Cast) -> None:
    sha = attachments.store_bytes(upload("再来"))
    path = Path(default_storage.path(f"{sha[:2]}/{sha}"))
    age(path)
    attachments.store_bytes(upload("再来"))
    assert storage_cleaning.remove_unowned_files() == 0
    assert path.exists()


def test_cleaning_an_empty_house_does_nothing(db: None) -> None:
    assert storage_cleaning.remove_unowned_files() == 0

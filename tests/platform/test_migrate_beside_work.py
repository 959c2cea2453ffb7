"""A migration that finds its table in use steps back and tries again, so that whoever comes after it goes on."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from database_url import database_url
from onepoint.config import prepare

HELD_SECONDS = 2.0


@pytest.fixture
def table(transactional_db: None) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE try_migrating (id bigint)")
    yield "try_migrating"
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE try_migrating")


@pytest.fixture
def migrating(table: str, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Django's command applies one migration that needs the table for itself; when each try of it began."""
    tries: list[float] = []

    def add_column(*_arguments: Any, **_named: Any) -> None:
        tries.append(time.monotonic())
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} ADD COLUMN more text")

    monkeypatch.setattr(prepare, "call_command", add_column)
    monkeypatch.setattr(prepare, "LOCK_TIMEOUT", "200ms")
    monkeypatch.setattr(prepare, "LOCK_PAUSE", 0.5)
    return tries


def test_others_use_the_table_while_a_migration_waits_for_a_long_reader(table: str, migrating: list[float]) -> None:
    answered: list[float] = []
    with psycopg.connect(database_url()) as reader:
        reader.execute(f"SELECT count(*) FROM {table}")

        def write() -> None:
            with psycopg.connect(database_url(), autocommit=True) as writer:
                while not stopped.wait(0.05):
                    began = time.monotonic()
                    writer.execute(f"INSERT INTO {table} (id) VALUES (1)")
                    answered.append(time.monotonic() - began)

        stopped = threading.Event()
        threads = [threading.Thread(target=write), threading.Timer(HELD_SECONDS, reader.rollback)]
        for thread in threads:
            thread.start()
        prepare.apply_patiently()
        stopped.set()
        for thread in threads:
            thread.join()
    assert len(migrating) > 1
    assert len(answered) > 5
    assert max(answered) < HELD_SECONDS
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("5s",)


def test_a_table_that_is_never_free_ends_the_migration_in_the_end(
    table: str, migrating: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare, "LOCK_TRIES", 2)
    with psycopg.connect(database_url()) as reader:
        reader.execute(f"SELECT count(*) FROM {table}")
        with pytest.raises(OperationalError):
            prepare.apply_patiently()
    assert len(migrating) == 2

"""The embedded PostgreSQL takes a share of the machine's memory, and starts with it."""

from pathlib import Path

import psycopg
import pytest

from onepoint.config.embedded_postgres import EmbeddedPostgres
from onepoint.config.postgres_memory import MEGABYTE, memory_settings, usable_memory

GIGABYTE = 1024 * MEGABYTE


@pytest.mark.parametrize(
    ("memory", "buffers", "cache", "work", "maintenance"),
    [
        (0, "128MB", "512MB", "4MB", "64MB"),  # nobody knows
        (512 * MEGABYTE, "128MB", "512MB", "4MB", "64MB"),
        (4 * GIGABYTE, "512MB", "2048MB", "4MB", "128MB"),
        (16 * GIGABYTE, "2048MB", "8192MB", "16MB", "512MB"),
        (256 * GIGABYTE, "8192MB", "131072MB", "64MB", "1024MB"),
    ],
)
def test_a_share_of_the_machine_within_bounds(memory, buffers, cache, work, maintenance) -> None:
    assert memory_settings(memory) == {
        "shared_buffers": buffers, "effective_cache_size": cache, "work_mem": work, "maintenance_work_mem": maintenance,
    }  # fmt: skip


def test_a_container_counts_for_less_than_its_machine(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text(f"{64 * MEGABYTE}\n")
    assert usable_memory((tmp_path / "nowhere", limit)) == 64 * MEGABYTE


def test_without_a_limit_the_machine_counts(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text("max\n")
    whole = usable_memory(())
    assert whole > 0
    assert usable_memory((limit,)) == whole
    limit.write_text(f"{2**63}\n")  # how version 1 says that there is none
    assert usable_memory((limit,)) == whole


def test_the_server_starts_with_these_sizes(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres")
    with server as url, psycopg.connect(url) as connection:
        shown = connection.execute(
            "SELECT pg_size_bytes(current_setting('shared_buffers')), pg_size_bytes(current_setting('work_mem'))"
        ).fetchone()
    expected = memory_settings(usable_memory())
    assert shown == tuple(int(expected[name][:-2]) * MEGABYTE for name in ("shared_buffers", "work_mem"))

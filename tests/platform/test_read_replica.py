"""Reports are read from a replica that keeps up, and from the primary where there is none or it does not answer."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from onepoint.config.settings import database_from_url, pooled
from onepoint.core import reading
from onepoint.core.models import AuditEntry


@pytest.fixture
def replica(django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict]:
    """A second entry for the test's own database: it is no replica, so it is never behind."""
    entry = deepcopy(connections["default"].settings_dict)
    monkeypatch.setitem(settings.DATABASES, reading.REPLICA, entry)
    monkeypatch.setitem(connections.settings, reading.REPLICA, entry)
    monkeypatch.setattr(reading, "_asked_at", float("-inf"))
    with django_db_blocker.unblock():  # nothing is written
        yield entry
    if reading.REPLICA in connections:
        connections[reading.REPLICA].close()
        del connections[reading.REPLICA]


def test_without_a_replica_reports_read_the_primary(db: None) -> None:
    assert reading.for_report(AuditEntry.objects.all()).db == "default"


def test_reports_read_a_replica_that_keeps_up(replica: dict) -> None:
    assert reading.keeps_up()
    assert reading.for_report(AuditEntry.objects.all()).db == reading.REPLICA


def test_a_replica_that_is_too_far_behind_is_not_read(replica: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_LAG", "SELECT 61")
    assert reading.for_report(AuditEntry.objects.all()).db == "default"


def test_a_replica_nobody_answers_at_is_not_read(replica: dict) -> None:
    replica |= {"HOST": "127.0.0.1", "PORT": "1"}
    assert reading.for_report(AuditEntry.objects.all()).db == "default"


def test_behind_a_pool_nothing_outlives_a_transaction() -> None:
    entry = pooled(database_from_url("postgresql://onepoint@127.0.0.1:6432/onepoint?sslmode=disable"))
    assert entry["OPTIONS"] == {"sslmode": "disable", "prepare_threshold": None}
    assert entry["DISABLE_SERVER_SIDE_CURSORS"]

"""Entries of the journal are sealed; whoever alters, removes or slips one in afterwards is named (reliability I7, F18)."""

import threading
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from onepoint.core import audit, audit_seals, clock
from onepoint.core.models import AuditEntry, AuditSeal
from sealing import seal_everything

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fresh(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.AUDIT_ANCHORS = tmp_path / "apart" / "anchors.txt"
    monkeypatch.setattr(audit_seals, "_horizon", None)
    monkeypatch.setattr(audit_seals, "BATCH", 10)
    return settings.AUDIT_ANCHORS


def write(count: int) -> list[int]:
    return [
        audit.record("ticket.noted", by=None, subject_type="ticket", subject_id=n % 3, text=f"第{n}条").pk
        for n in range(count)
    ]


def behind_the_trigger(sql: str, parameters: list[Any]) -> None:
    """As the database's owner may do it."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditentry DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE core_auditseal DISABLE TRIGGER USER")
        cursor.execute(sql, parameters)
        cursor.execute("ALTER TABLE core_auditentry ENABLE TRIGGER USER")
        cursor.execute("ALTER TABLE core_auditseal ENABLE TRIGGER USER")


def found() -> list[tuple[int, str]]:
    return [(breach.entry_id, breach.text) for breach in audit_seals.find_breaches()]


def test_what_nobody_touched_is_whole() -> None:
    ids = write(25)
    seal_everything()
    assert list(AuditSeal.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3]
    assert [pk for row in AuditSeal.objects.order_by("number") for pk in row.entry_ids] == ids
    assert found() == []


def test_every_altered_entry_is_named() -> None:
    ids = write(100)
    seal_everything()
    chosen = sorted(Random(7).sample(ids, 12))
    changes = (
        "verb = 'ticket.read'",
        "actor_name = '别人'",
        "at = at + interval '1 second'",
        "data = '{}'",
        "subject_id = 9",
    )
    for nth, pk in enumerate(chosen):
        behind_the_trigger(f"UPDATE core_auditentry SET {changes[nth % len(changes)]} WHERE id = %s", [pk])
    assert [pk for pk, _text in found()] == chosen


def test_every_removed_entry_is_named() -> None:
    ids = write(40)
    seal_everything()
    chosen = sorted(Random(8).sample(ids, 7))
    behind_the_trigger("DELETE FROM core_auditentry WHERE id = ANY(%s)", [chosen])
    assert [pk for pk, text in found() if "removed" in text] == chosen


def test_an_entry_slipped_in_is_named() -> None:
    ids = write(15)
    with connection.cursor() as cursor:  # as a transaction that was rolled back leaves a gap
        cursor.execute("SELECT nextval(pg_get_serial_sequence('core_auditentry', 'id'))")
        (gap,) = cursor.fetchone()
    write(15)
    seal_everything()
    assert found() == []
    behind_the_trigger(
        "INSERT INTO core_auditentry (id, at, actor_name, verb, subject_type, subject_id, data)"
        " SELECT %s, at, actor_name, verb, subject_type, subject_id, data FROM core_auditentry WHERE id = %s",
        [gap, ids[5]],
    )
    ((pk, text),) = found()
    assert pk == gap
    assert "without being one of them" in text


def test_an_entry_replaced_by_another_is_named() -> None:
    ids = write(15)
    seal_everything()
    behind_the_trigger("DELETE FROM core_auditentry WHERE id = %s", [ids[4]])
    behind_the_trigger(
        "INSERT INTO core_auditentry (id, at, actor_name, verb, subject_type, subject_id, data)"
        " SELECT %s, at, '别人', verb, subject_type, subject_id, data FROM core_auditentry WHERE id = %s",
        [ids[4], ids[5]],
    )
    assert [pk for pk, _text in found()] == [ids[4]]


def test_a_chain_computed_anew_does_not_fit_the_anchor(fresh: Path) -> None:
    ids = write(20)
    seal_everything()
    assert fresh.read_text().count("\n") == 1
    behind_the_trigger("UPDATE core_auditentry SET actor_name = '别人' WHERE id = %s", [ids[0]])
    behind_the_trigger("DELETE FROM core_auditseal", [])
    seal_everything()
    assert [text for _pk, text in found() if "is not the one noted" in text]


def test_the_end_of_the_chain_is_noted_once_a_day(fresh: Path) -> None:
    write(5)
    seal_everything()
    write(5)
    seal_everything()
    assert len(audit_seals.read_anchors()) == 1
    with clock.at(clock.now() + timedelta(days=1)):
        write(5)
        seal_everything()
    assert [anchor.number for anchor in audit_seals.read_anchors()] == [1, 3]
    fresh.write_text(fresh.read_text() + "4 halfwritt")
    assert len(audit_seals.read_anchors()) == 2
    assert found() == []


def test_a_seal_refuses_to_be_changed() -> None:
    write(3)
    seal_everything()
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        AuditSeal.objects.update(number=5)
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        AuditSeal.objects.all().delete()


def test_an_entry_of_a_long_transaction_is_not_left_behind() -> None:
    """It has a lower id than those that are committed before it: sealing waits for it."""
    begun, committed = threading.Event(), threading.Event()
    slow: list[int] = []

    def write_slowly() -> None:
        try:
            with transaction.atomic():
                slow.extend(write(1))
                begun.set()
                committed.wait(60)
        finally:
            connection.close()

    thread = threading.Thread(target=write_slowly)
    thread.start()
    begun.wait(60)
    quick = write(1)
    assert [audit_seals.seal_journal(rest=0) for _tick in range(3)] == [0, 0, 0]
    committed.set()
    thread.join()
    seal_everything()
    (only,) = AuditSeal.objects.all()
    assert only.entry_ids == [*slow, *quick]


def test_two_workers_make_one_chain() -> None:
    write(60)
    audit_seals.seal_journal(rest=0)
    threads = [threading.Thread(target=_seal_and_leave) for _worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal_everything()
    assert [pk for row in AuditSeal.objects.order_by("number") for pk in row.entry_ids] == list(
        AuditEntry.objects.order_by("pk").values_list("pk", flat=True)
    )
    assert found() == []


def _seal_and_leave() -> None:
    try:
        newest = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True)[0]
        audit_seals._seal_upto(newest)
    finally:
        connection.close()

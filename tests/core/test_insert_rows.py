"""Rows written by a prepared statement are those the ORM would have written."""

from datetime import UTC, datetime

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext

from onepoint.core import audit
from onepoint.core.models import AuditEntry
from onepoint.core.prepared import Insert, Statement
from onepoint.customers.models import Customer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture(params=[False, True], ids=["prepared", "behind a pool"], autouse=True)
def _both_ways(request, settings):
    settings.IS_POOLED = request.param


def entry(**values: object) -> AuditEntry:
    usual = {"at": NOW, "verb": "ticket.created", "subject_type": "ticket", "subject_id": 1, "data": {}}
    return AuditEntry(**{**usual, **values})


@pytest.mark.parametrize(
    "values",
    [
        {"data": {"words": "它说：“好”, 'yes' \\ {a,b}", "list": [1, None, {"deep": 2.5}], "fine": True}},
        {"data": {}, "actor_name": "", "actor_id": None, "on_behalf_of_id": 7},
        {"ip_address": "2001:db8::1", "actor_name": "O'Brien \\ 王"},
        {"data": {"percent": "100 % %s $1"}},
    ],
)
def test_write_what_the_orm_writes(values):
    by_orm, by_statement = entry(**values), entry(**values)
    by_orm.save()
    Insert(AuditEntry).save(by_statement)

    assert by_statement.pk > by_orm.pk
    assert by_statement._state.db == "default"
    assert not by_statement._state.adding
    columns = [field.attname for field in AuditEntry._meta.concrete_fields if not field.primary_key]
    written = AuditEntry.objects.filter(pk__in=[by_orm.pk, by_statement.pk]).order_by("pk").values_list(*columns)
    assert written[0] == written[1]


def test_write_lists_dates_and_nothing(cast):
    usual = {
        "kind": "person", "region": cast.east, "name_key": "jia", "created_at": NOW, "id_number": "110101199003077715",
        "search_keys": ['a"b', "c,d", "{e}", "\\", "", "NULL"],
    }  # fmt: skip
    by_orm = Customer(number="C1", name="甲", **usual)
    by_statement = Customer(number="C2", name="甲", **usual)
    by_orm.save()
    Insert(Customer).save(by_statement)

    by_orm.refresh_from_db()
    by_statement.refresh_from_db()
    differ = {
        field.attname
        for field in Customer._meta.concrete_fields
        if getattr(by_orm, field.attname) != getattr(by_statement, field.attname)
    }
    assert differ == {"id", "number"}
    assert by_statement.search_keys == usual["search_keys"]


def test_write_several_rows_in_their_order():
    rows = [entry(verb=verb, data={"place": place}) for place, verb in enumerate(("a.a", "b.b", "c.c"))]
    Insert(AuditEntry).save(*rows)
    assert [row.pk for row in rows] == sorted(row.pk for row in rows)
    written = AuditEntry.objects.in_bulk([row.pk for row in rows])
    assert [(written[row.pk].verb, written[row.pk].data) for row in rows] == [(row.verb, row.data) for row in rows]


def test_journal_together_what_belongs_together():
    with CaptureQueriesContext(connection) as captured:
        with audit.together():
            first = audit.record("ticket.created", by=None, subject_type="ticket", subject_id=1)
            second = audit.record("clock.started", by=None, subject_type="ticket", subject_id=1, clocks=[])
            assert first.pk is None
        with audit.together():
            pass
    assert len(captured) == 1
    told = AuditEntry.objects.filter(subject_type="ticket", subject_id=1).order_by("pk")
    assert list(told.values_list("pk", "verb")) == [(first.pk, "ticket.created"), (second.pk, "clock.started")]
    with pytest.raises(ZeroDivisionError), audit.together():
        audit.record("ticket.closed", by=None, subject_type="ticket", subject_id=1)
        raise ZeroDivisionError
    audit.record("ticket.reopened", by=None, subject_type="ticket", subject_id=1)
    assert told.count() == 3


def test_refuse_what_is_too_long_instead_of_cutting_it():
    with pytest.raises(DataError), transaction.atomic():
        Insert(AuditEntry).save(entry(actor_name="长" * 81))
    with pytest.raises(DataError), transaction.atomic():
        Insert(AuditEntry).save(entry(actor_name="a\0b"))
    with pytest.raises(DataError), transaction.atomic():
        audit.record("ticket.created", by=None, subject_type="ticket", subject_id=1, words="a\0b")
    assert not AuditEntry.objects.exists()


def test_what_is_prepared_is_planned_once(settings):
    settings.IS_POOLED = False
    months = Statement(
        "planned_once", "SELECT verb FROM core_auditentry WHERE subject_id = ANY($1::bigint[]) ORDER BY id"
    )
    for _ in range(8):
        months.rows([1, 2, 3])
    with connection.cursor() as cursor:
        cursor.execute("SELECT custom_plans FROM pg_prepared_statements WHERE name LIKE 'planned_once%'")
        assert cursor.fetchall() == [(0,)]

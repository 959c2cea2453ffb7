"""A pager's total costs little, and what is too long to count is not counted at every turn."""

import pytest
from django.http import QueryDict

from onepoint.core import clock, tables
from onepoint.core.models import AuditEntry
from onepoint.core.tables import Column, make_page

pytestmark = pytest.mark.django_db
COLUMNS = [Column("at", "At", ("at",))]


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    monkeypatch.setattr(tables, "_too_many", {})


def write(count):
    return AuditEntry.objects.bulk_create(
        AuditEntry(at=clock.now(), verb="counted", subject_type="some", subject_id=number, data={})
        for number in range(count)
    )


@pytest.fixture
def entries():
    return write(60)


def page():
    return make_page(AuditEntry.objects.filter(verb="counted"), COLUMNS, QueryDict("size=20"))


def test_few_are_counted_exactly_every_time(entries, django_assert_num_queries):
    for total in (60, 61):
        with django_assert_num_queries(4):  # two of them begin and end a savepoint: tests are transactions
            found = page()
        assert (found.total, found.total_is_capped) == (total, False)
        write(1)


@pytest.mark.parametrize("counted", [41, None])
def test_what_is_too_much_or_takes_too_long_is_not_counted_again_for_a_while(entries, monkeypatch, counted):
    asked = []
    monkeypatch.setattr(tables, "COUNT_CAP", 40)
    monkeypatch.setattr(tables, "_counted", lambda sql, parameters: asked.append(sql) or counted)
    for _turn in range(3):
        found = page()
        assert found.total_is_capped
        assert found.total == (40 if counted else 20)
    assert len(asked) == 1
    monkeypatch.setattr(tables, "REMEMBERED_SECONDS", -1)
    tables._too_many.clear()
    page()
    page()
    assert len(asked) == 3


def test_other_lists_are_counted_for_themselves(entries, monkeypatch):
    monkeypatch.setattr(tables, "COUNT_CAP", 40)
    page()
    few = make_page(AuditEntry.objects.filter(pk__in=[one.pk for one in entries[:30]]), COLUMNS, QueryDict("size=20"))
    assert (few.total, few.total_is_capped) == (30, False)

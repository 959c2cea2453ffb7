"""The newest rows are the same whichever way they are found."""

from datetime import timedelta

import pytest

from onepoint.core import clock, newest
from onepoint.core.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries():
    """Forty entries, two at each moment; every tenth is rare, and all of the older half are old."""
    now = clock.now()
    return AuditEntry.objects.bulk_create(
        AuditEntry(
            at=now - timedelta(minutes=number // 2), verb="rare" if number % 10 == 7 else "usual",
            subject_type="old" if number >= 20 else "new", subject_id=number, data={},
        )
        for number in range(40)
    )  # fmt: skip


@pytest.fixture
def few(monkeypatch):
    """Ten count as newest, four as very newest."""
    monkeypatch.setattr(newest, "VERY_NEWEST", 4)
    monkeypatch.setattr(newest, "NEWEST", 10)
    monkeypatch.setattr(newest, "_floors", {})


CONDITIONS = [{}, {"verb": "rare"}, {"subject_type": "old"}, {"verb": "rare", "subject_type": "old"}, {"verb": "none"}]


@pytest.mark.parametrize("known", [{}, {"has_weeks": True}, {"is_rare": True}])
@pytest.mark.parametrize("conditions", CONDITIONS)
@pytest.mark.parametrize(("start", "stop"), [(0, 3), (0, 50), (2, 6), (9, 14), (30, 50)])
def test_the_same_rows_in_the_same_order(entries, few, conditions, start, stop, known) -> None:
    rows = AuditEntry.objects.filter(**conditions)
    plain = list(rows.order_by("-at", "-pk")[start:stop])
    assert newest.newest(rows, "at", start=start, stop=stop, **known) == plain


@pytest.mark.parametrize("weeks", [0, 1, 1.49, 1.51, 30, 200])
def test_weeks_let_every_row_since_a_moment_through(weeks) -> None:
    now = clock.now()
    entry = AuditEntry.objects.create(
        at=now - timedelta(weeks=weeks), verb="usual", subject_type="old", subject_id=1, data={}
    )
    found = newest._of_weeks(AuditEntry.objects.filter(pk=entry.pk), "at", now - timedelta(weeks=weeks))
    assert found is None if weeks > newest.MOST_WEEKS else list(found) == [entry]


@pytest.mark.parametrize("conditions", CONDITIONS)
def test_what_takes_too_long_is_found_another_way(entries, few, monkeypatch, conditions) -> None:
    monkeypatch.setattr(newest, "_soon", lambda keys, *_: None)
    rows = AuditEntry.objects.filter(**conditions)
    assert newest.newest(rows, "at", stop=5) == list(rows.order_by("-at", "-pk")[:5])


def test_a_statement_that_takes_too_long_is_given_up_and_the_transaction_goes_on(entries, monkeypatch) -> None:
    monkeypatch.setattr(newest, "MILLISECONDS", 30)
    slow = AuditEntry.objects.extra(where=["pg_sleep(1) IS NOT NULL"]).values_list("pk", flat=True)
    assert newest._soon(slow) is None
    assert AuditEntry.objects.count() >= 40


def test_frequent_rows_cost_one_query(entries, few, django_assert_num_queries) -> None:
    newest.newest(AuditEntry.objects.all(), "at", stop=3)
    with django_assert_num_queries(1):
        newest.newest(AuditEntry.objects.all(), "at", stop=3)

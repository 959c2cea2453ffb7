"""A query compiled once gives what the queryset it was made of gives, whatever its values are."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Upper

from onepoint.accounts.models import OrgUnit, Region
from onepoint.core import audit
from onepoint.core.compiled import Compiled
from onepoint.core.models import AuditEntry


def _units(name: str, ids: list[int], before: datetime) -> QuerySet[OrgUnit]:
    busy = Exists(AuditEntry.objects.filter(subject_id=OuterRef("pk"), verb="100%s tried", at__lt=before))
    units = OrgUnit.objects.filter(name=name, pk__any_of=ids).select_related("region")
    return units.annotate(is_busy=busy, loud=Upper("code")).order_by("pk")


@pytest.fixture
def units(db: None) -> list[OrgUnit]:
    region = Region.objects.create(name="汉", code="HH", path="/1/", kind="province")
    named = ["一%s“{,}”", "一%s“{,}”", "二"]
    return [
        OrgUnit.objects.create(name=name, code=f"u{number}", path=f"/{number}/", kind="company", region=given)
        for number, (name, given) in enumerate(zip(named, [region, None, region], strict=True))
    ]


def test_rows_related_rows_and_annotations_are_those_of_the_queryset(units: list[OrgUnit]) -> None:
    audit.record("100%s tried", by=None, subject_type="unit", subject_id=units[0].pk)
    compiled = Compiled("test_units", _units)
    for values in [
        (units[0].name, [one.pk for one in units], datetime(2100, 1, 1, tzinfo=UTC)),
        (units[0].name, [units[1].pk], datetime(2100, 1, 1, tzinfo=UTC)),
        (units[2].name, [one.pk for one in units], datetime(2000, 1, 1, tzinfo=UTC)),
        ("三", [units[0].pk], datetime(2000, 1, 1, tzinfo=UTC)),
    ]:
        wanted, found = list(_units(*values)), compiled.rows(*values)
        assert [one.__dict__.keys() for one in found] == [one.__dict__.keys() for one in wanted]
        assert [(one, one.region, one.is_busy, one.loud) for one in found] == [
            (one, one.region, one.is_busy, one.loud) for one in wanted
        ]
        assert all(not one._state.adding and one._state.db == "default" for one in found)


def test_related_rows_cost_no_further_statement(units: list[OrgUnit], django_assert_num_queries: Any) -> None:
    compiled = Compiled("test_related", _units)
    with django_assert_num_queries(1):
        [unit] = compiled.rows(units[2].name, [units[2].pk], datetime(2000, 1, 1, tzinfo=UTC))
        assert unit.region == units[2].region


def test_every_shape_is_compiled_for_itself(units: list[OrgUnit]) -> None:
    compiled = Compiled("test_shapes", lambda code, shape: OrgUnit.objects.filter(**{f"code__{shape}": code}))
    assert compiled.rows("u1", shape="exact") == [units[1]]
    assert [one.pk for one in compiled.rows("u1", shape="gt")] == [units[2].pk]


def test_what_no_column_holds_is_not_found(units: list[OrgUnit]) -> None:
    compiled = Compiled("test_nowhere", lambda pk, code: AuditEntry.objects.filter(subject_id=pk, verb=code))
    entry = audit.record("unit.tried", by=None, subject_type="unit", subject_id=units[0].pk)
    assert compiled.first(units[0].pk, "unit.tried") == entry
    assert compiled.first(10**20, "unit.tried") is None
    assert compiled.first(units[0].pk, "unit.tried\0") is None


def test_a_value_that_is_changed_on_its_way_is_refused(units: list[OrgUnit]) -> None:
    compiled = Compiled("test_changed", lambda code: OrgUnit.objects.filter(code__contains=code))
    with pytest.raises(TypeError, match="as they are"):
        compiled.rows("u1")

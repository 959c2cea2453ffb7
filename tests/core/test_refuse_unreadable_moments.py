"""Moments that could be written and never read again: refused at the door of the database, whoever brings them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import transaction

from onepoint.core.models import Draft
from onepoint.core.prepared import Statement
from onepoint.core.readable_moments import MomentUnreadable

EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
UNREADABLE = (
    datetime(1, 1, 1, tzinfo=EAST),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, tzinfo=WEST),
    datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
)
READABLE = (datetime(2, 1, 1, tzinfo=EAST), datetime(9998, 12, 31, 23, 59, tzinfo=WEST))


@pytest.mark.parametrize("moment", UNREADABLE, ids=str)
def test_no_row_takes_it(db: None, moment: datetime) -> None:
    with pytest.raises(MomentUnreadable), transaction.atomic():
        Draft.objects.create(actor_id=1, place="x", content={}, updated_at=moment)
    with pytest.raises(MomentUnreadable):
        Statement("moment_for_test", "SELECT $1::timestamptz").row(moment)
    assert not Draft.objects.exists()


@pytest.mark.parametrize("moment", READABLE, ids=str)
def test_what_can_be_read_is_kept(db: None, moment: datetime) -> None:
    Draft.objects.create(actor_id=1, place="x", content={}, updated_at=moment)
    assert Draft.objects.get().updated_at == moment
    assert Statement("moment_for_test", "SELECT $1::timestamptz").row(moment) == (moment,)

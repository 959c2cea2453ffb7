"""What a subject waits for is found among everything the house waits for without looking through it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from onepoint.core import clock
from onepoint.sla.models import DueMoment
from onepoint.sla.services.moments import cancel_moments_of, hold_moments, let_moments_go


@pytest.mark.django_db
@pytest.mark.parametrize("act", [cancel_moments_of, hold_moments, let_moments_go])
def test_the_moments_of_one_subject_are_found_by_their_index(act):
    now = clock.now()
    DueMoment.objects.bulk_create(
        DueMoment(
            kind="k", key=f"k-{n}", subject_type="task", subject_id=n, due_at=now + timedelta(hours=1),
            **({"status": "held", "settled_at": now} if n % 50 == 0 else {}),
        )
        for n in range(5000)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE sla_duemoment")
        with CaptureQueriesContext(connection) as captured:
            act("task", [100])
        (statement,) = [one["sql"] for one in captured.captured_queries if "sla_duemoment" in one["sql"]]
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "moment_open_of_subject" in plan, plan
    assert "Seq Scan" not in plan, plan

"""A job that was given up is shown to the operator, who has it tried once more or skips it, with a trace in the journal."""

from typing import Any

import pytest
from django.db import connection

from cast import Cast
from onepoint.core import jobs
from onepoint.core.models import AuditEntry
from onepoint.core.verifying import run_checks


@pytest.fixture
def failed(cast: Cast) -> int:
    """A job that has failed."""
    jobs.defer("core.remove_old_jobs", queueing_lock="only.once", timestamp=4711)
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM procrastinate_jobs")
        (pk,) = cursor.fetchone()
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [pk])
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed', attempts = 3 WHERE id = %s", [pk])
    return pk


def status_of(pk: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [pk])
        return str(cursor.fetchone()[0])


def entries(verb: str) -> list[Any]:
    return list(AuditEntry.objects.filter(verb=verb).values_list("actor_id", "data__task"))


def test_the_operator_sees_it_and_has_it_tried_once_more(cast: Cast, client_of: Any, failed: int) -> None:
    client = client_of(cast.admin)
    page = client.get("/system/").content.decode()
    assert "core.remove_old_jobs" in page
    assert "{&quot;timestamp&quot;: 4711}" in page
    assert client.post(f"/system/jobs/{failed}/retry/").status_code == 302
    assert status_of(failed) == "todo"
    assert entries("house.job_retried") == [(cast.admin.pk, "core.remove_old_jobs")]
    assert "4711" not in client.get("/system/").content.decode()


def test_the_operator_skips_it(cast: Cast, client_of: Any, failed: int) -> None:
    (found,) = run_checks(["core.jobs"])
    assert [fault.subject for fault in found.faults] == [f"core.remove_old_jobs {failed}"]
    assert client_of(cast.admin).post(f"/system/jobs/{failed}/skip/").status_code == 302
    assert status_of(failed) == "cancelled"
    assert entries("house.job_skipped") == [(cast.admin.pk, "core.remove_old_jobs")]
    (found,) = run_checks(["core.jobs"])
    assert found.faults == []


def test_a_second_click_finds_nothing_to_decide(cast: Cast, client_of: Any, failed: int) -> None:
    client = client_of(cast.admin)
    client.post(f"/system/jobs/{failed}/retry/")
    assert client.post(f"/system/jobs/{failed}/retry/").status_code == 404
    assert client.post(f"/system/jobs/{failed}/skip/").status_code == 404
    assert (status_of(failed), len(entries("house.job_retried"))) == ("todo", 1)


def test_where_the_same_work_waits_already_it_is_not_done_twice(cast: Cast, client_of: Any, failed: int) -> None:
    jobs.defer("core.remove_old_jobs", queueing_lock="only.once", timestamp=4712)
    client_of(cast.admin).post(f"/system/jobs/{failed}/retry/")
    assert status_of(failed) == "cancelled"


def test_nobody_else_decides(cast: Cast, client_of: Any, failed: int) -> None:
    for person in (cast.agent, cast.supervisor, cast.outsider):
        assert client_of(person).post(f"/system/jobs/{failed}/retry/").status_code == 403
        assert client_of(person).post(f"/system/jobs/{failed}/skip/").status_code == 403
    assert status_of(failed) == "failed"

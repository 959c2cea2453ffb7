"""The to-do list: right people, few queries, and the same cost after a million closed tasks."""

from typing import Any

import pytest
from django.db import connection

from cast import Cast
from onepoint.accounts.queries import candidate_keys
from onepoint.accounts.scope import scope_of
from onepoint.workflow import queries
from onepoint.workflow.models import UserTask
from workflow.conftest import Running, fresh_user


def test_counts_tell_pool_mine_and_returned(cast: Cast, complaint: Running) -> None:
    assert queries.counts_by_kind(cast.coordinator) == {"all": 1, "pool": 1, "mine": 0, "returned": 0, "late": 0}
    complaint.do("coordinate", cast.coordinator, "answer_original")
    assert queries.counts_by_kind(fresh_user(cast.agent))["mine"] == 1
    assert queries.counts_by_kind(cast.outsider)["all"] == 0
    (row,) = queries.counts_by_step(cast.agent)
    assert (row["node_id"], row["name_en"], row["count"]) == ("answer", "Answer the customer", 1)


def test_a_to_do_of_many_tasks_takes_one_query(cast: Cast, complaint: Running, django_assert_num_queries: Any) -> None:
    person = fresh_user(cast.coordinator)
    candidate_keys(person)
    with django_assert_num_queries(1):
        rows = list(queries.open_tasks_for(person))
        assert [row.assignee and row.unit for row in rows] == [None]


#: Twenty thousand tasks of a hundred regions; one in a hundred is of the region named.
MANY_TASKS = """
    INSERT INTO workflow_usertask (instance_id, visit_seq, node_id, name, name_en, process_key, subject_type, subject_id,
        subject_number, subject_status, status, arrival, assignee_id, candidate_keys, created_at, completed_at, outcome,
        priority)
    SELECT %s, %s + n, 'coordinate', 'x', '', 'complaint', 'thing', 1, 'T1', '', %s, 'arrived', NULL,
        ARRAY['A:coordinator', 'A:coordinator@R' || CASE WHEN n %% 100 = 0 THEN %s ELSE 'other' || n %% 100 END], now(), now(), '', 0
    FROM generate_series(1, 20000) AS n
"""


def test_closed_tasks_and_those_of_others_are_never_looked_at(cast: Cast, complaint: Running) -> None:
    """The plan of the to-do goes through the two partial indexes only, so a million closed tasks cost nothing."""
    with connection.cursor() as cursor:
        cursor.execute(MANY_TASKS, [complaint.id, 100_000, "completed", str(cast.east.pk)])
        cursor.execute(MANY_TASKS, [complaint.id, 200_000, "open", str(cast.west.pk)])
        cursor.execute("UPDATE workflow_usertask SET candidate_keys = candidate_keys[2:] WHERE visit_seq > 200000")
        cursor.execute("ANALYZE workflow_usertask")
        sql, params = queries.open_tasks_for(cast.coordinator).query.sql_with_params()
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "task_open_candidates" in plan, plan
    assert "task_claimed_by" in plan, plan
    assert "Seq Scan on workflow_usertask" not in plan, plan
    assert queries.open_tasks_for(cast.coordinator).count() == 1


def test_present_steps_of_many_subjects_take_one_query(
    cast: Cast, complaint: Running, django_assert_num_queries: Any
) -> None:
    number = complaint.row.subject_id
    with django_assert_num_queries(1):
        steps = queries.live_tasks_of_many("thing", [number, number + 1])
        assert [task.node_id for task in steps[number]] == ["coordinate"]
    with django_assert_num_queries(1):
        assert [task.node_id for task in queries.live_tasks_of("thing", number)] == ["coordinate"]


@pytest.mark.parametrize("permission", ["process.view", "process.manage", "process.terminate", "task.reassign"])
def test_the_permissions_are_declared(permission: str) -> None:
    from onepoint.accounts.permissions import is_known

    assert is_known(permission)


def test_tasks_of_an_instance_tell_who_and_how_long(
    cast: Cast, complaint: Running, django_assert_num_queries: Any
) -> None:
    complaint.do("coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    with django_assert_num_queries(1):
        rows = [
            (t.label, t.completed_by and t.completed_by.label, t.unit and t.unit.label)
            for t in queries.tasks_of(complaint.id)
        ]
    assert rows == [("工单协调", "程协调", None), ("部门接收", None, "东市网络部")]
    assert all(task.duration.total_seconds() >= 0 for task in UserTask.objects.all())
    assert not scope_of(cast.handler, "process.view").has_permission

"""While somebody is away, his deputy does the steps, and history says in whose name."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cast import Cast
from onepoint.accounts import services as accounts
from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.core.models import AuditEntry
from onepoint.workflow import services
from onepoint.workflow.errors import TaskAlreadyClaimed, TaskNotYours
from onepoint.workflow.models import Opinion, UserTask
from workflow.conftest import Running, fresh_user, sees, start

MONDAY = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY = timedelta(days=1)


def away(absentee: User, deputy: User, days: int = 5, begin: datetime = MONDAY, **more: object) -> None:
    with clock.at(MONDAY - DAY):
        accounts.delegate_work(
            absentee, deputy=deputy, starts_at=begin, ends_at=begin + days * DAY, by=absentee, **more
        )  # fmt: skip


def at_receive(cast: Cast, complaint: Running) -> UserTask:
    complaint.do("coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    return complaint.task("receive")


def test_a_chain_of_deputies_does_the_step_within_the_dates_only(cast: Cast, complaint: Running) -> None:
    task = at_receive(cast, complaint)
    away(cast.interface_person, cast.agent)
    away(cast.agent, cast.visitor, begin=MONDAY + DAY, days=1)
    with clock.at(MONDAY):
        assert sees(cast.visitor, complaint) == []
        with pytest.raises(TaskNotYours):
            services.claim_task(task, by=fresh_user(cast.visitor))
    with clock.at(MONDAY + DAY):
        assert sees(cast.visitor, complaint) == ["receive"]
        assert sees(cast.interface_person, complaint) == ["receive"], "who is away still sees the work"
        services.complete_task(task, outcome="done", opinion="代办", by=fresh_user(cast.visitor))
    task.refresh_from_db()
    assert (task.completed_by, task.on_behalf_of) == (cast.visitor, cast.interface_person)
    opinion = Opinion.objects.get(task=task)
    assert (opinion.author, opinion.on_behalf_of) == (cast.visitor, cast.interface_person)
    entry = AuditEntry.objects.filter(verb="task.completed").order_by("-id")[0]
    assert (entry.actor_id, entry.on_behalf_of_id) == (cast.visitor.pk, cast.interface_person.pk)


def test_claiming_from_the_pool_in_another_name_is_written_down_and_kept(cast: Cast, complaint: Running) -> None:
    task = at_receive(cast, complaint)
    away(cast.interface_person, cast.agent, days=1)
    with clock.at(MONDAY):
        services.claim_task(task, by=fresh_user(cast.agent))
    entry = AuditEntry.objects.get(verb="task.claimed")
    assert entry.on_behalf_of_id == cast.interface_person.pk
    with clock.at(MONDAY + 3 * DAY):  # the delegation is over; the step is still his, in that name
        services.complete_task(task, outcome="done", opinion="好", by=fresh_user(cast.agent))
    assert Opinion.objects.get(task=task).on_behalf_of == cast.interface_person


def test_what_the_absent_person_holds_is_taken_over_or_finished_for_him(cast: Cast, complaint: Running) -> None:
    task = at_receive(cast, complaint)
    services.claim_task(task, by=cast.interface_person)
    away(cast.interface_person, cast.agent)
    with pytest.raises(TaskAlreadyClaimed):
        services.claim_task(task, by=cast.deputy)
    with clock.at(MONDAY):
        assert sees(cast.agent, complaint) == ["receive"]
        services.claim_task(task, by=fresh_user(cast.agent))
        task.refresh_from_db()
        assert (task.assignee, task.owner, task.on_behalf_of) == (
            cast.agent, cast.interface_person, cast.interface_person,
        )  # fmt: skip
        assert sees(cast.interface_person, complaint) == []


def test_ones_own_work_is_done_in_ones_own_name(cast: Cast, complaint: Running) -> None:
    task = at_receive(cast, complaint)
    away(cast.interface_person, cast.deputy)
    with clock.at(MONDAY):  # the deputy of the department is a candidate himself
        services.complete_task(task, outcome="done", opinion="好", by=fresh_user(cast.deputy))
    task.refresh_from_db()
    assert task.on_behalf_of is None
    assert Opinion.objects.get(task=task).on_behalf_of is None
    assert not AuditEntry.objects.exclude(on_behalf_of_id=None).exists()


def test_given_back_to_the_pool_it_is_nobodys_name_again(cast: Cast, complaint: Running) -> None:
    task = at_receive(cast, complaint)
    away(cast.interface_person, cast.agent)
    with clock.at(MONDAY):
        services.claim_task(task, by=fresh_user(cast.agent))
        services.release_task(task, by=fresh_user(cast.agent))
    task.refresh_from_db()
    assert (task.assignee, task.owner, task.on_behalf_of) == (None, None, None)
    assert AuditEntry.objects.get(verb="task.released").on_behalf_of_id == cast.interface_person.pk


def test_only_the_kind_of_work_left_to_the_deputy_is_done_by_him(cast: Cast, complaint: Running) -> None:
    task = at_receive(cast, complaint)
    away(cast.interface_person, cast.agent, work=["personal"])
    with clock.at(MONDAY), pytest.raises(TaskNotYours):
        services.complete_task(task, outcome="done", opinion="好", by=fresh_user(cast.agent))
    away(cast.interface_person, cast.visitor, work=["interface"])
    with clock.at(MONDAY):
        services.complete_task(task, outcome="done", opinion="好", by=fresh_user(cast.visitor))
    assert Opinion.objects.get(task=task).on_behalf_of == cast.interface_person


def test_what_follows_a_step_done_for_another_is_not_done_for_him(cast: Cast, complaint: Running) -> None:
    task = at_receive(cast, complaint)
    away(cast.interface_person, cast.agent)
    with clock.at(MONDAY):
        services.complete_task(task, outcome="done", opinion="好", by=fresh_user(cast.agent))
        other = start("complaint", cast.agent, region=cast.east, unit=cast.call_centre)
        other.do("coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    assert Opinion.objects.filter(author=cast.coordinator, instance=other.id).get().on_behalf_of is None
    assert not AuditEntry.objects.filter(subject_id=other.row.subject_id).exclude(on_behalf_of_id=None).exists()

"""Claiming: one winner, the others learn who it is."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cast import Cast
from onepoint.accounts.models import User
from onepoint.core.errors import BusinessError
from onepoint.core.models import AuditEntry
from onepoint.core.patience import LOCKING
from onepoint.workflow import services
from onepoint.workflow.errors import TaskAlreadyClaimed, TaskAlreadyDone, TaskNotYours
from onepoint.workflow.models import UserTask
from workflow.conftest import Running, heard, sees


def at_receive(cast: Cast, complaint: Running) -> UserTask:
    """The network department's reception: open to the interface person and the deputy."""
    complaint.do("coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    return complaint.task("receive")


def test_a_candidate_claims_an_open_task_and_it_leaves_the_others_to_do(cast: Cast, complaint: Running) -> None:
    task = at_receive(cast, complaint)
    with heard("task_claimed") as told:
        claimed = services.claim_task(task, by=cast.deputy)
    assert (claimed.assignee_id, claimed.status) == (cast.deputy.pk, "claimed")
    assert sees(cast.deputy, complaint) == ["receive"]
    assert sees(cast.interface_person, complaint) == []
    ((_name, facts),) = told
    assert (facts["instance"].subject_id, facts["tasks"], facts["by"]) == (task.subject_id, (claimed,), cast.deputy)
    entry = AuditEntry.objects.get(verb="task.claimed")
    assert (entry.actor_id, entry.subject_type, entry.subject_id) == (cast.deputy.pk, "thing", task.subject_id)
    assert entry.data["step"] == "部门接收"


def test_the_second_one_is_told_who_was_faster(cast: Cast, complaint: Running) -> None:
    task = at_receive(cast, complaint)
    services.claim_task(task, by=cast.deputy)
    with pytest.raises(TaskAlreadyClaimed) as refusal:
        services.claim_task(task, by=cast.interface_person)
    assert cast.deputy.name in str(refusal.value)
    assert AuditEntry.objects.filter(verb="task.claimed").count() == 1


def test_somebody_who_is_no_candidate_cannot_claim(cast: Cast, complaint: Running) -> None:
    task = at_receive(cast, complaint)
    for person in (cast.handler, cast.outsider, cast.coordinator, cast.admin):
        with pytest.raises(TaskNotYours):
            services.claim_task(task, by=person)
    assert UserTask.objects.get(pk=task.pk).assignee_id is None


def test_a_finished_or_unknown_task_cannot_be_claimed(cast: Cast, complaint: Running) -> None:
    task = at_receive(cast, complaint)
    services.complete_task(task, outcome="done", opinion="好", by=cast.deputy)
    for gone in (task.pk, 999_999_999):
        with pytest.raises(TaskAlreadyDone):
            services.claim_task(gone, by=cast.interface_person)


@pytest.mark.django_db(transaction=True)
def test_of_many_people_at_the_same_moment_exactly_one_wins(cast: Cast, complaint: Running) -> None:
    task = at_receive(cast, complaint)
    rivals = [cast.interface_person, cast.deputy] * 4
    start = Barrier(len(rivals))

    def rush(person: User) -> str:
        try:
            start.wait()
            with transaction.atomic():
                services.claim_task(task.pk, by=User.objects.get(pk=person.pk))
            return person.username
        except TaskAlreadyClaimed as refusal:
            return str(refusal.details["winner"])
        finally:
            connection.close()

    with ThreadPoolExecutor(len(rivals)) as pool:
        outcomes = list(pool.map(rush, rivals))
    winner = UserTask.objects.select_related("assignee").get(pk=task.pk).assignee
    assert winner is not None
    assert sorted(outcomes) == sorted([winner.username] + [winner.name] * 7)
    assert AuditEntry.objects.filter(verb="task.claimed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_finishing_the_same_task_at_once_finish_it_once(cast: Cast, complaint: Running) -> None:
    task = at_receive(cast, complaint)
    people = [cast.interface_person, cast.deputy]
    start = Barrier(2)

    def finish(person: User) -> bool:
        try:
            start.wait()
            services.complete_task(task.pk, outcome="done", opinion="好", by=User.objects.get(pk=person.pk))
            return True
        except BusinessError:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(finish, people)) == [False, True]
    assert complaint.nodes() == ["coordinate"]
    assert complaint.row.visits.filter(node_id="coordinate").count() == 2


def test_a_claimed_task_goes_back_to_its_pool(cast: Cast, complaint: Running) -> None:
    task = at_receive(cast, complaint)
    services.claim_task(task, by=cast.deputy)
    with heard("task_released") as told:
        services.release_task(task, by=cast.deputy)
    assert [facts["tasks"][0].status for _name, facts in told] == ["open"]
    assert sees(cast.interface_person, complaint) == sees(cast.deputy, complaint) == ["receive"]
    assert AuditEntry.objects.filter(verb="task.released", actor_id=cast.deputy.pk).count() == 1


def test_only_the_holder_releases_and_only_what_has_a_pool(cast: Cast, complaint: Running) -> None:
    task = at_receive(cast, complaint)
    with pytest.raises(BusinessError) as refusal:
        services.release_task(task, by=cast.deputy)
    assert refusal.value.code == "task_not_claimed"
    services.claim_task(task, by=cast.deputy)
    with pytest.raises(TaskAlreadyClaimed):
        services.release_task(task, by=cast.interface_person)
    with pytest.raises(TaskNotYours):
        services.release_task(task, by=cast.outsider)
    services.complete_task(task, outcome="assign_handler", inputs={"handler": cast.handler}, by=cast.deputy)
    with pytest.raises(BusinessError) as refusal:
        services.release_task(complaint.task("handle"), by=cast.handler)
    assert refusal.value.code == "action_not_offered"


def test_taking_and_doing_a_step_count_as_waiting_for_its_row(cast: Cast, complaint: Running) -> None:
    """So that many who want a step somebody holds do not keep every thread of a web process (reliability F14)."""
    task = at_receive(cast, complaint)
    for act in (
        lambda: services.claim_task(task, by=cast.deputy),
        lambda: services.complete_task(task, outcome="done", opinion="好", by=cast.deputy),
    ):
        with CaptureQueriesContext(connection) as told:
            act()
        assert any(LOCKING.search(query["sql"]) for query in told.captured_queries)

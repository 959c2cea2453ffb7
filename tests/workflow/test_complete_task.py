"""Finishing a step: outcome, inputs, opinion, and what is refused."""

import pytest

from cast import Cast, make_user
from onepoint.accounts.models import InterfacePerson
from onepoint.core.errors import InvalidInput
from onepoint.core.models import AuditEntry
from onepoint.workflow import services
from onepoint.workflow.errors import OutcomeUnknown, TaskAlreadyClaimed, TaskAlreadyDone, TaskNotYours
from onepoint.workflow.models import CommandKey, Opinion, UserTask
from workflow.conftest import Running, heard


def test_finishing_tells_and_records_everything_at_once(cast: Cast, complaint: Running) -> None:
    task = complaint.task()
    with heard("task_completed", "task_created", "process_ended") as told:
        result = complaint.do("coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    assert [name for name, _facts in told] == ["task_completed", "task_created"]
    done, created = told[0][1]["tasks"], told[1][1]["tasks"]
    assert (done, created) == (result.completed, result.created)
    assert (done[0].id, done[0].outcome, done[0].assignee_id) == (
        task.pk,
        "departments_in_sequence",
        cast.coordinator.pk,
    )
    assert (created[0].unit_id, created[0].subject_status) == (cast.network.pk, "handling")
    row = UserTask.objects.get(pk=task.pk)
    assert (row.status, row.completed_by_id, row.assignee_id) == ("completed", cast.coordinator.pk, cast.coordinator.pk)
    entry = AuditEntry.objects.get(verb="task.completed")
    assert (entry.actor_id, entry.subject_id, entry.data["task"]) == (cast.coordinator.pk, task.subject_id, task.pk)
    assert entry.data["label_en"].startswith("Send to a department")
    assert complaint.row.variables["departments"] == [cast.network.pk]


def test_the_end_of_the_process_is_told_with_its_outcome(cast: Cast, complaint: Running) -> None:
    with heard("process_ended") as told:
        complaint.do("coordinate", cast.coordinator, "abort")
    ((_name, facts),) = told
    assert (facts["instance"].status, facts["instance"].outcome) == ("completed", "aborted")
    assert AuditEntry.objects.get(verb="process.ended").data == {"outcome": "aborted"}


def test_only_candidates_and_the_holder_may_finish(cast: Cast, complaint: Running) -> None:
    task = complaint.task()
    for person in (cast.agent, cast.handler, cast.outsider, cast.admin, cast.supervisor):
        with pytest.raises(TaskNotYours):
            services.complete_task(task, outcome="finish", opinion="x", by=person)
    rival = make_user("coordinator2", cast.call_centre, ["coordinator"])
    services.claim_task(task, by=rival)
    with pytest.raises(TaskAlreadyClaimed) as refusal:
        services.complete_task(task, outcome="finish", opinion="x", by=cast.coordinator)
    assert refusal.value.details["winner"] == "coordinator2"
    assert not Opinion.objects.exists()


def test_a_finished_task_is_not_finished_again(cast: Cast, complaint: Running) -> None:
    task = complaint.task()
    services.complete_task(task, outcome="finish", opinion="x", by=cast.coordinator)
    with pytest.raises(TaskAlreadyDone):
        services.complete_task(task, outcome="abort", opinion="x", by=cast.coordinator)
    assert complaint.row.outcome == "closed"


def test_an_unknown_outcome_is_refused(cast: Cast, complaint: Running) -> None:
    with pytest.raises(OutcomeUnknown):
        services.complete_task(complaint.task(), outcome="settled", opinion="x", by=cast.coordinator)


def test_a_required_opinion_must_be_written(cast: Cast, complaint: Running) -> None:
    with pytest.raises(InvalidInput) as refusal:
        services.complete_task(complaint.task(), outcome="abort", opinion="  \n", by=cast.coordinator)
    assert set(refusal.value.errors) == {"opinion"}
    assert complaint.nodes() == ["coordinate"]


@pytest.mark.parametrize(
    ("outcome", "entered"),
    [
        ("departments_in_sequence", {}),
        ("departments_in_sequence", {"departments": []}),
        ("departments_in_sequence", {"departments": ["x"]}),
        ("departments_in_sequence", {"departments": ["99999999999999999999"]}),
        ("departments_in_sequence", {"departments": [-1]}),
        ("departments_in_sequence", {"departments": [True]}),
        ("departments_in_sequence", {"departments": "call_centre"}),
        ("departments_in_sequence", {"departments": "both"}),
        ("departments_at_once", {"departments": "network"}),
        ("departments_at_once", {"departments": "network twice"}),
        ("answer_named", {"answer_by": ""}),
        ("answer_named", {"answer_by": "0"}),
        ("answer_named", {"answer_by": "99999999"}),
    ],
)
def test_wrong_inputs_are_named_and_change_nothing(cast: Cast, complaint: Running, outcome: str, entered: dict) -> None:
    known = {
        "call_centre": [cast.call_centre.pk],
        "both": [cast.network.pk, cast.billing.pk],
        "network": [cast.network.pk],
        "network twice": [cast.network.pk, cast.network.pk],
    }
    inputs = {name: known.get(value, value) if isinstance(value, str) else value for name, value in entered.items()}
    with pytest.raises(InvalidInput) as refusal:
        services.complete_task(complaint.task(), outcome=outcome, inputs=inputs, opinion="x", by=cast.coordinator)
    assert set(refusal.value.errors) == {"answer_by" if outcome == "answer_named" else "departments"}
    assert complaint.nodes() == ["coordinate"]


def test_an_endless_opinion_is_refused_and_signs_the_database_cannot_hold_are_left_out(
    cast: Cast, complaint: Running
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        services.complete_task(complaint.task(), outcome="finish", opinion="长" * 20_001, by=cast.coordinator)
    assert set(refusal.value.errors) == {"opinion"}
    complaint.do("coordinate", cast.coordinator, "finish", opinion="好\x00的\ud800")
    assert Opinion.objects.get().text == "好的"


def test_opinion_and_input_are_complained_about_together(cast: Cast, complaint: Running) -> None:
    complaint.do("coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    with pytest.raises(InvalidInput) as refusal:
        services.complete_task(complaint.task(), outcome="pass_on", by=cast.deputy)
    assert set(refusal.value.errors) == {"opinion", "department"}


def test_a_handler_must_belong_to_the_department(cast: Cast, complaint: Running) -> None:
    complaint.do("coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    for person in (cast.billing_handler, cast.outsider):
        with pytest.raises(InvalidInput):
            services.complete_task(
                complaint.task(), outcome="assign_handler", inputs={"handler": person.pk}, by=cast.deputy
            )
    complaint.do("receive", cast.deputy, "assign_handler", handler=str(cast.handler.pk))
    assert complaint.task("handle").assignee_id == cast.handler.pk


def test_inputs_the_outcome_does_not_ask_for_change_no_variable(cast: Cast, complaint: Running) -> None:
    complaint.do("coordinate", cast.coordinator, "answer_original", departments=[cast.network.pk], outcome_of_all=1)
    assert "departments" not in complaint.row.variables
    assert "outcome_of_all" not in complaint.row.variables


def test_the_same_command_key_again_does_nothing(cast: Cast, complaint: Running) -> None:
    task = complaint.task()
    first = services.complete_task(task, outcome="answer_original", by=cast.coordinator, key="tab-1")
    again = services.complete_task(task, outcome="answer_original", by=cast.coordinator, key="tab-1")
    assert (first.replayed, again.replayed) == (False, True)
    assert Opinion.objects.count() == 1
    assert CommandKey.objects.get().key == "tab-1"


def test_a_department_with_one_interface_person_gets_it_assigned_and_one_without_gets_it_as_a_whole(
    cast: Cast, complaint: Running
) -> None:
    InterfacePerson.objects.filter(unit=cast.network).delete()
    both = [cast.network.pk, cast.billing.pk]
    complaint.do("coordinate", cast.coordinator, "departments_at_once", departments=both)
    of_network, of_billing = sorted(complaint.tasks("receive"), key=lambda task: task.unit_id != cast.network.pk)
    assert (of_network.status, of_network.candidate_keys) == ("open", [f"U{cast.network.pk}"])
    assert (of_billing.status, of_billing.assignee_id) == ("claimed", cast.billing_interface.pk)

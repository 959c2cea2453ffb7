"""The delivered complaint process, walked as people walk it (spec §6, issue 2 acceptance)."""

import pytest

from cast import Cast
from onepoint.core.errors import BusinessError
from onepoint.workflow import queries, services
from onepoint.workflow.models import Opinion
from workflow.conftest import Running, check_instance, sees


def everybody(cast: Cast) -> dict[str, object]:
    names = (
        "agent second_agent coordinator interface_person deputy handler billing_interface billing_handler visitor "
        "supervisor admin outsider"
    )
    return {name: getattr(cast, name) for name in names.split()}


def who_sees(cast: Cast, running: Running) -> set[str]:
    return {name for name, person in everybody(cast).items() if sees(person, running)}


def test_a_complaint_goes_to_two_departments_in_sequence_with_a_return_and_is_answered_by_a_named_agent(
    cast: Cast, complaint: Running
) -> None:
    assert who_sees(cast, complaint) == {"coordinator"}
    complaint.do("coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    assert who_sees(cast, complaint) == {"interface_person", "deputy"}
    complaint.do("receive", cast.interface_person, "assign_handler", handler=cast.handler.pk)
    assert who_sees(cast, complaint) == {"handler"}
    complaint.do("handle", cast.handler, "done")
    assert who_sees(cast, complaint) == {"interface_person"}
    complaint.do("review", cast.interface_person, "pass_on", department=cast.billing.pk)
    assert who_sees(cast, complaint) == {"billing_interface"}

    second = complaint.task("receive")
    target = next(t for t in queries.return_targets(second) if t.is_previous)
    assert (target.node_id, target.actor_id) == ("review", cast.interface_person.pk)
    services.send_back_task(second, to_visit=target.visit_seq, opinion="请先查明基站", by=cast.billing_interface)
    check_instance(complaint.id)
    assert who_sees(cast, complaint) == {"interface_person"}
    assert complaint.task().unit_id == cast.network.pk
    assert complaint.task().arrival == "returned"

    complaint.do("review", cast.interface_person, "pass_on", department=cast.billing.pk)
    assert who_sees(cast, complaint) == {"billing_interface"}
    complaint.do("receive", cast.billing_interface, "done")
    assert who_sees(cast, complaint) == {"coordinator"}
    complaint.do("coordinate", cast.coordinator, "answer_named", answer_by=cast.second_agent.pk)
    assert who_sees(cast, complaint) == {"second_agent"}
    complaint.do("answer", cast.second_agent, "answered")
    assert who_sees(cast, complaint) == {"visitor"}
    complaint.do("follow_up", cast.visitor, "settled")
    assert who_sees(cast, complaint) == set()
    assert (complaint.row.status, complaint.row.outcome) == ("completed", "closed")

    written = [(o.author.username, o.step, o.outcome) for o in queries.opinions_of(complaint.id)]
    assert written == [
        ("coordinator", "工单协调", "departments_in_sequence"),
        ("interface_person", "部门接收", "assign_handler"),
        ("handler", "处理", "done"),
        ("interface_person", "部门审核", "pass_on"),
        ("billing_interface", "部门接收", "sent_back"),
        ("interface_person", "部门审核", "pass_on"),
        ("billing_interface", "部门接收", "done"),
        ("coordinator", "工单协调", "answer_named"),
        ("second_agent", "答复客户", "answered"),
        ("visitor", "回访", "settled"),
    ]


def test_a_returned_department_can_go_straight_back_to_the_one_who_sent_it_back(cast: Cast, complaint: Running) -> None:
    complaint.do("coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    complaint.do("receive", cast.interface_person, "pass_on", department=cast.billing.pk)
    second = complaint.task("receive")
    target = next(t for t in queries.return_targets(second) if t.is_previous)
    services.send_back_task(
        second, to_visit=target.visit_seq, resume="straight", opinion="?", by=cast.billing_interface
    )
    returned = complaint.task("receive")
    assert (returned.unit_id, returned.assignee_id) == (cast.network.pk, cast.interface_person.pk)
    complaint.do("receive", cast.interface_person, "done")
    resumed = complaint.task("receive")
    assert (resumed.unit_id, resumed.assignee_id, resumed.arrival) == (
        cast.billing.pk,
        cast.billing_interface.pk,
        "resumed",
    )
    complaint.do("receive", cast.billing_interface, "done")
    assert complaint.nodes() == ["coordinate"]


def test_departments_at_once_work_side_by_side_and_the_coordinator_waits_for_all(
    cast: Cast, complaint: Running
) -> None:
    both = [cast.network.pk, cast.billing.pk]
    complaint.do("coordinate", cast.coordinator, "departments_at_once", departments=both)
    assert who_sees(cast, complaint) == {"interface_person", "deputy", "billing_interface"}
    of_network = next(task for task in complaint.tasks("receive") if task.unit_id == cast.network.pk)
    of_billing = next(task for task in complaint.tasks("receive") if task.unit_id == cast.billing.pk)
    services.complete_task(of_network, outcome="assign_handler", inputs={"handler": cast.handler}, by=cast.deputy)
    services.complete_task(
        of_billing, outcome="assign_handler", inputs={"handler": cast.billing_handler}, by=cast.billing_interface
    )
    assert who_sees(cast, complaint) == {"handler", "billing_handler"}
    of_network, of_billing = sorted(complaint.tasks("handle"), key=lambda task: task.unit_id != cast.network.pk)
    services.complete_task(of_network, outcome="done", opinion="好了", by=cast.handler)
    services.complete_task(of_billing, outcome="done", opinion="退费", by=cast.billing_handler)
    # Each branch goes back to whoever received it there, not to the other department.
    assert who_sees(cast, complaint) == {"deputy", "billing_interface"}
    review = next(task for task in complaint.tasks("review") if task.assignee_id == cast.deputy.pk)
    services.complete_task(review, outcome="again", opinion="不够", by=cast.deputy)
    check_instance(complaint.id)
    assert complaint.task("handle").assignee_id == cast.handler.pk
    complaint.do("handle", cast.handler, "done")
    (review,) = [task for task in complaint.tasks("review") if task.assignee_id == cast.deputy.pk]
    services.complete_task(review, outcome="approve", by=cast.deputy)
    assert complaint.nodes() == ["review"]
    complaint.do("review", cast.billing_interface, "approve")
    assert complaint.nodes() == ["coordinate"]


def test_a_department_that_cannot_handle_it_gives_it_back_to_the_coordinator(cast: Cast, complaint: Running) -> None:
    complaint.do("coordinate", cast.coordinator, "departments_at_once", departments=[cast.network.pk, cast.billing.pk])
    of_billing = next(task for task in complaint.tasks("receive") if task.unit_id == cast.billing.pk)
    services.complete_task(of_billing, outcome="cannot_handle", opinion="不归我们管", by=cast.billing_interface)
    check_instance(complaint.id)
    assert who_sees(cast, complaint) == {"coordinator", "interface_person", "deputy"}
    complaint.do("redirect", cast.coordinator, "another_department", department=cast.network.pk)
    assert [task.unit_id for task in complaint.tasks("receive")] == [cast.network.pk, cast.network.pk]
    first, second = complaint.tasks("receive")
    services.complete_task(first, outcome="cannot_handle", opinion="也不归", by=cast.deputy)
    complaint.do("redirect", cast.coordinator, "give_up")
    services.complete_task(second, outcome="done", opinion="已修", by=cast.interface_person)
    check_instance(complaint.id)
    assert complaint.nodes() == ["coordinate"]


def test_the_coordinator_has_it_corrected_and_answered_by_the_original_agent_who_settles_it(
    cast: Cast, complaint: Running
) -> None:
    complaint.do("coordinate", cast.coordinator, "send_back_for_correction")
    assert who_sees(cast, complaint) == {"agent"}
    complaint.do("correct", cast.agent, "corrected")
    complaint.do("coordinate", cast.coordinator, "answer_named", answer_by=cast.second_agent.pk)
    complaint.do("answer", cast.second_agent, "need_more")
    complaint.do("coordinate", cast.coordinator, "answer_original")
    assert who_sees(cast, complaint) == {"agent"}
    complaint.do("answer", cast.agent, "answered_and_settled")
    assert (complaint.row.status, complaint.row.outcome) == ("completed", "closed")


@pytest.mark.parametrize(("outcome", "ends_as"), [("finish", "closed"), ("abort", "aborted")])
def test_the_coordinator_ends_it_at_once(cast: Cast, complaint: Running, outcome: str, ends_as: str) -> None:
    complaint.do("coordinate", cast.coordinator, outcome)
    assert (complaint.row.status, complaint.row.outcome) == ("completed", ends_as)
    assert complaint.row.ended_at is not None


def test_an_unsettled_customer_brings_it_back_to_the_coordinator(cast: Cast, complaint: Running) -> None:
    complaint.do("coordinate", cast.coordinator, "answer_original")
    complaint.do("answer", cast.agent, "answered")
    with pytest.raises(BusinessError):
        complaint.do("follow_up", cast.visitor, "not_settled", opinion=" ")
    complaint.do("follow_up", cast.visitor, "not_settled")
    assert complaint.nodes() == ["coordinate"]


def test_an_opinion_keeps_step_author_unit_and_duration(cast: Cast, complaint: Running) -> None:
    complaint.do("coordinate", cast.coordinator, "answer_original", opinion="请回电")
    opinion = Opinion.objects.get(instance_id=complaint.id)
    assert (opinion.step_en, opinion.unit_id, opinion.text) == ("Coordinate", cast.call_centre.pk, "请回电")
    assert opinion.duration.total_seconds() >= 0

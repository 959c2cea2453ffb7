"""The delivered processes beside the complaint, each walked as people walk it (spec §6)."""

from datetime import timedelta

import pytest

from cast import Cast
from onepoint.core import clock
from onepoint.workflow import services
from onepoint.workflow.models import ProcessInstance, Timer, UserTask
from workflow.conftest import DELIVERED, Running, check_instance, publish, sees, start


def begin(cast: Cast, key: str, *called: str) -> Running:
    """A ticket of East the agent has just registered, in a delivered process; ``called`` are the ones it calls."""
    for name in (*called, key):
        publish((DELIVERED / f"{name}.bpmn").read_bytes())
    return start(key, cast.agent, region=cast.east, unit=cast.call_centre, variables={"ticket_number": "T-1"})


def called_by(running: Running) -> Running:
    """The process a call has just started."""
    newest = ProcessInstance.objects.filter(caller_id=running.id).order_by("-pk").first()
    assert newest is not None
    return Running(newest.pk)


def fire(running: Running, later: timedelta) -> None:
    """Let the time pass; the timers of the process that are due fire."""
    with clock.at(clock.now() + later):
        for timer in Timer.objects.filter(instance_id=running.id, status="waiting", due_at__lte=clock.now()):
            services.fire_timer(timer.pk, by=None)
    check_instance(running.id)


def assert_ended(running: Running, outcome: str = "closed") -> None:
    assert running.row.ended_at is not None, running.nodes()
    assert running.row.outcome == outcome
    assert not UserTask.objects.live().filter(instance_id=running.id).exists()
    assert not Timer.objects.filter(instance_id=running.id, status="waiting").exists()


def test_an_enquiry_is_answered_at_once(cast: Cast) -> None:
    running = begin(cast, "enquiry")
    assert sees(cast.agent, running) == ["research"]
    running.do("research", cast.agent, "answered")
    assert_ended(running)


def test_an_enquiry_goes_to_a_department_whose_superior_is_told_when_it_is_slow(cast: Cast) -> None:
    running = begin(cast, "enquiry")
    running.do("research", cast.agent, "ask_department", department=cast.network.pk)
    assert sees(cast.interface_person, running) == ["explain"]
    fire(running, timedelta(hours=9))
    assert running.nodes() == ["explain", "urge"]
    assert sees(cast.supervisor, running) == ["urge"]
    running.do("explain", cast.interface_person, "pass_on", department=cast.billing.pk)
    running.do("explain", cast.billing_interface, "explained")
    running.do("reply", cast.agent, "unclear")
    running.do("explain", cast.billing_interface, "explained")
    running.do("reply", cast.agent, "replied")
    assert_ended(running)  # nobody has to acknowledge the urging any more


def test_an_enquiry_the_customer_objects_to_is_handled_as_a_complaint(cast: Cast) -> None:
    running = begin(cast, "enquiry", "complaint")
    running.do("research", cast.agent, "object")
    complaint = called_by(running)
    assert complaint.nodes() == ["coordinate"]
    complaint.do("coordinate", cast.coordinator, "answer_original")
    assert sees(cast.agent, complaint) == ["answer"]
    complaint.do("answer", cast.agent, "answered_and_settled")
    assert_ended(running)


def test_an_adopted_suggestion_is_carried_out_while_the_customer_is_thanked(cast: Cast) -> None:
    running = begin(cast, "suggestion")
    running.do("assess", cast.coordinator, "to_department", department=cast.network.pk)
    running.do("study", cast.interface_person, "adopt")
    assert running.nodes() == ["carry_out", "thank_adopted"]
    running.do("thank_adopted", cast.agent, "thanked")
    fire(running, timedelta(days=31))
    assert running.nodes() == ["carry_out", "supervise"]
    assert running.task("carry_out").assignee_id == cast.interface_person.pk
    running.do("carry_out", cast.interface_person, "carried_out")
    assert_ended(running)


@pytest.mark.parametrize("assessment", ["thank_only", "nothing_to_do"])
def test_a_suggestion_without_work_for_anybody_ends_soon(cast: Cast, assessment: str) -> None:
    running = begin(cast, "suggestion")
    running.do("assess", cast.coordinator, assessment)
    if assessment == "thank_only":
        running.do("thank", cast.agent, "thanked")
    assert_ended(running)


def visit(running: Running, cast: Cast, result: str) -> None:
    """The work on site from dispatch to report."""
    work = called_by(running)
    work.do("dispatch", cast.coordinator, "dispatched", department=cast.network.pk)
    work.do("arrange", cast.interface_person, "arranged", technician=cast.handler.pk)
    work.do("accept", cast.handler, "accepted", opinion="")
    assert work.task("visit").assignee_id == cast.handler.pk
    work.do("visit", cast.handler, result)
    check_instance(running.id)


def test_a_repair_waits_for_parts_gets_support_and_is_confirmed_and_visited(cast: Cast) -> None:
    running = begin(cast, "repair", "field_work")
    running.do("diagnose", cast.coordinator, "dispatch")
    visit(running, cast, "need_parts")
    assert running.nodes() == ["wait_parts"]
    running.do("wait_parts", cast.coordinator, "arrived")
    visit(running, cast, "unsolved")
    running.do("support", cast.coordinator, "ask_expert", expert_department=cast.billing.pk)
    assert sees(cast.billing_interface, running) == ["expert"]
    running.do("expert", cast.billing_interface, "advice")
    visit(running, cast, "fixed")
    running.do("confirm", cast.agent, "recovered")
    running.do("follow_up", cast.visitor, "not_settled")
    running.do("diagnose", cast.coordinator, "solved")
    running.do("confirm", cast.agent, "recovered")
    running.do("follow_up", cast.visitor, "settled")
    assert_ended(running)


def test_parts_that_cannot_be_had_lead_to_a_recommendation(cast: Cast) -> None:
    running = begin(cast, "repair", "field_work")
    running.do("diagnose", cast.coordinator, "dispatch")
    visit(running, cast, "need_parts")
    running.do("wait_parts", cast.coordinator, "no_parts")
    running.do("support", cast.coordinator, "replace")
    assert running.nodes() == ["confirm"]


def test_a_technician_who_does_not_answer_or_refuses_is_replaced(cast: Cast) -> None:
    running = begin(cast, "repair", "field_work")
    running.do("diagnose", cast.coordinator, "dispatch")
    work = called_by(running)
    work.do("dispatch", cast.coordinator, "dispatched", department=cast.network.pk)
    work.do("arrange", cast.interface_person, "arranged", technician=cast.handler.pk)
    fire(work, timedelta(hours=3))
    assert work.nodes() == ["arrange"]
    work.do("arrange", cast.deputy, "arranged", technician=cast.handler.pk)
    work.do("accept", cast.handler, "refused")
    work.do("arrange", cast.interface_person, "not_ours")
    assert work.nodes() == ["dispatch"]


def test_an_installation_waits_for_resources_until_the_network_system_reports_them(cast: Cast) -> None:
    running = begin(cast, "installation", "field_work")
    running.do("check", cast.coordinator, "missing")
    running.do("tell", cast.agent, "waits")
    assert running.nodes() == []
    message = services.send_message("resource_ready", correlation="T-1", by=None)
    assert services.deliver_message(message.pk) == 1
    visit(running, cast, "fixed")
    assert running.nodes() == ["activate", "file"]
    running.do("activate", cast.coordinator, "activated")
    running.do("file", cast.agent, "filed")
    running.do("follow_up", cast.visitor, "settled")
    assert_ended(running)


def test_an_installation_is_checked_again_after_a_week_and_may_be_cancelled(cast: Cast) -> None:
    running = begin(cast, "installation", "field_work")
    running.do("check", cast.coordinator, "missing")
    running.do("tell", cast.agent, "waits")
    fire(running, timedelta(days=8))
    assert running.nodes() == ["check"]
    running.do("check", cast.coordinator, "missing")
    running.do("tell", cast.agent, "cancels")
    assert_ended(running, "aborted")


def test_an_unfinished_installation_is_planned_again(cast: Cast) -> None:
    running = begin(cast, "installation", "field_work")
    running.do("check", cast.coordinator, "available")
    visit(running, cast, "unsolved")
    assert running.nodes() == ["check"]


def test_a_lead_nobody_follows_up_is_assigned_anew_and_a_great_discount_is_approved(cast: Cast) -> None:
    running = begin(cast, "purchase")
    running.do("verify", cast.agent, "interested")
    running.do("assign", cast.coordinator, "assigned", department=cast.network.pk)
    fire(running, timedelta(days=2))
    assert running.nodes() == ["assign"]
    running.do("assign", cast.coordinator, "assigned", department=cast.billing.pk)
    running.do("contact", cast.billing_interface, "quoted", offer="above")
    assert sees(cast.supervisor, running) == ["approve"]
    running.do("approve", cast.supervisor, "rejected")
    running.do("contact", cast.billing_interface, "quoted", offer="within")
    assert running.task("sign").assignee_id == cast.billing_interface.pk
    running.do("sign", cast.billing_interface, "won")
    assert_ended(running)


def test_a_requirement_needs_sixty_per_cent_of_the_departments(cast: Cast) -> None:
    running = begin(cast, "requirement")
    running.do("accept", cast.coordinator, "clarify")
    running.do("clarify", cast.agent, "clarified")
    running.do("accept", cast.coordinator, "evaluate", departments=[cast.network.pk, cast.billing.pk])
    assert running.nodes() == ["judge", "judge"]
    of_billing = next(task for task in running.tasks("judge") if task.unit_id == cast.billing.pk)
    services.complete_task(of_billing, outcome="disagree", opinion="暂无资源", by=cast.billing_interface)
    check_instance(running.id)
    assert running.nodes() == ["inform"]
    running.do("inform", cast.coordinator, "informed")
    assert_ended(running)


def test_a_requirement_is_supervised_when_the_planned_time_is_over_and_tried_by_who_asked(cast: Cast) -> None:
    running = begin(cast, "requirement")
    running.do("accept", cast.coordinator, "evaluate", departments=[cast.network.pk])
    running.do("judge", cast.interface_person, "agree")
    planned = clock.now() + timedelta(days=5)
    running.do("plan", cast.coordinator, "planned", department=cast.network.pk, planned_at=planned)
    fire(running, timedelta(days=4))
    assert running.nodes() == ["deliver"]
    fire(running, timedelta(days=6))
    assert running.nodes() == ["deliver", "supervise"]
    running.do("deliver", cast.interface_person, "delivered")
    running.do("try_out", cast.agent, "not_accepted")
    running.do("deliver", cast.interface_person, "delivered")
    running.do("try_out", cast.agent, "accepted")
    assert_ended(running)


def test_an_appeal_is_heard_by_a_panel_and_decided_finally(cast: Cast) -> None:
    running = begin(cast, "appeal")
    running.do("review", cast.supervisor, "panel", departments=[cast.network.pk, cast.billing.pk])
    first = next(task for task in running.tasks("panel") if task.unit_id == cast.network.pk)
    services.complete_task(first, outcome="overturn", opinion="记录完整", by=cast.interface_person)
    running.do("panel", cast.billing_interface, "uphold")
    assert running.nodes() == ["inform"]
    running.do("inform", cast.agent, "second")
    running.do("final", cast.coordinator, "overturn")  # the supervisor has judged it before
    assert_ended(running)
    assert running.row.variables["verdict"] == "overturned"


def test_an_appeal_the_panel_follows_has_the_record_mended(cast: Cast) -> None:
    running = begin(cast, "appeal")
    running.do("review", cast.supervisor, "panel", departments=[cast.network.pk, cast.billing.pk])
    for department, person in ((cast.network, cast.deputy), (cast.billing, cast.billing_interface)):
        task = next(task for task in running.tasks("panel") if task.unit_id == department.pk)
        services.complete_task(task, outcome="overturn", opinion="属实", by=person)
    assert_ended(running)
    assert running.row.variables["verdict"] == "overturned"


def test_who_appealed_and_says_nothing_accepts(cast: Cast) -> None:
    running = begin(cast, "appeal")
    running.do("review", cast.supervisor, "uphold")
    assert running.nodes() == ["inform"]
    fire(running, timedelta(days=30))
    assert_ended(running)
    assert running.row.variables["verdict"] == "upheld"


def test_an_article_is_read_in_turn_revised_and_published_at_a_set_time(cast: Cast) -> None:
    running = begin(cast, "knowledge_approval")
    both = [cast.network.pk, cast.billing.pk]
    running.do("proofread", cast.coordinator, "to_experts", departments=both)
    running.do("experts", cast.interface_person, "disagree")
    assert running.nodes() == ["revise"]  # the second department is spared a text that is not ripe
    running.do("revise", cast.agent, "revised")
    running.do("proofread", cast.coordinator, "to_experts", departments=both)
    running.do("experts", cast.deputy, "agree")
    running.do("experts", cast.billing_interface, "agree")
    running.do("publish", cast.supervisor, "later", publish_at=clock.now() + timedelta(days=3))
    assert (running.nodes(), running.row.status) == ([], "active")
    fire(running, timedelta(days=4))
    assert_ended(running)


def test_an_ordinary_parts_plan_needs_no_financial_review(cast: Cast) -> None:
    running = begin(cast, "parts_plan")
    running.do("verify", cast.coordinator, "verified", department=cast.network.pk, plan_size="ordinary")
    assert running.nodes() == ["technical"]
    running.do("technical", cast.interface_person, "agree")
    running.do("approve", cast.supervisor, "approved")
    running.do("order", cast.interface_person, "ordered")
    assert_ended(running)


def test_a_large_parts_plan_is_adjusted_when_one_review_refuses(cast: Cast) -> None:
    running = begin(cast, "parts_plan")
    running.do("verify", cast.coordinator, "verified", department=cast.network.pk, plan_size="large")
    assert running.nodes() == ["finance", "technical"]
    running.do("finance", cast.supervisor, "disagree")
    assert running.nodes() == ["adjust"]
    running.do("adjust", cast.agent, "adjusted")
    running.do("verify", cast.coordinator, "verified", department=cast.network.pk, plan_size="large")
    running.do("technical", cast.interface_person, "agree")
    running.do("finance", cast.supervisor, "agree")
    running.do("approve", cast.supervisor, "rejected")
    running.do("adjust", cast.agent, "give_up")
    assert_ended(running, "aborted")

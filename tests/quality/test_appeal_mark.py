"""Appeals: once, in time, by the person judged or the interface person; re-judged by others; the mark follows the verdict."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from cast import Cast, make_user
from onepoint.accounts.models import User
from onepoint.core import clock, verifying
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.follow_ups.models import Closing
from onepoint.notifications.models import Notification
from onepoint.quality import refusals, services
from onepoint.quality.models import Appeal, Mark, Standard
from onepoint.quality.queries.marks import counted_marks
from onepoint.quality.states import AppealState, MarkState
from onepoint.sla.moments import fire_due
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Ticket
from onepoint.tickets.services import NewTicket
from onepoint.tickets.states import TicketKind
from onepoint.workflow import models as workflow_models
from onepoint.workflow import services as workflow
from onepoint.workflow.errors import BarredFromStep
from quality.conftest import code, verbs_of, work_of
from tickets.conftest import DELIVERED, do, task_at


@pytest.fixture
def second_supervisor(judges: Cast) -> User:
    return make_user("second_supervisor", judges.call_centre, ["supervisor"], "卢值班")


@pytest.fixture
def appeal_process(db: None) -> None:
    workflow.publish_version(workflow.deploy_version((DELIVERED / "appeal.bpmn").read_bytes(), by=None), by=None)


@pytest.fixture
def appealed(mark_record: Callable[..., Mark], judges: Cast, appeal_process: None, second_supervisor: User) -> Appeal:
    """The supervisor marked the agent's record, and the agent disagrees."""
    return services.file_appeal(mark_record(by=judges.supervisor), reason="录音里客户就是这样说的", by=judges.agent)


def state_of(appeal: Appeal) -> tuple[str, str, bool]:
    row = Appeal.objects.select_related("mark").get(pk=appeal.pk)
    return row.state, row.mark.state, row.mark.is_final


def test_an_appeal_runs_as_a_ticket_of_its_own_that_only_those_concerned_see(
    appealed: Appeal, judges: Cast, client_of
) -> None:
    ticket = appealed.ticket
    assert (ticket.kind, ticket.owner, ticket.customer) == (TicketKind.APPEAL, judges.agent, None)
    assert state_of(appealed) == (AppealState.RUNNING, MarkState.APPEALED, False)
    assert not counted_marks().exists()
    assert verbs_of("mark", appealed.mark_id) == ["mark.made", "mark.appealed"]
    assert Notification.objects.filter(person=judges.supervisor, event="mark.appealed").exists()
    seen = {
        name: client_of(getattr(judges, name)).get(ticket.get_absolute_url()).status_code
        for name in ("agent", "supervisor", "second_agent", "outsider")
    }
    assert seen == {"agent": 200, "supervisor": 200, "second_agent": 404, "outsider": 404}


def test_it_is_re_judged_by_somebody_else_and_overturned(
    appealed: Appeal, judges: Cast, second_supervisor: User
) -> None:
    with pytest.raises(BarredFromStep):
        do(appealed.ticket, "review", judges.supervisor, "uphold", "我没错")
    do(appealed.ticket, "review", second_supervisor, "overturn", "录音属实")
    assert state_of(appealed) == (AppealState.OVERTURNED, MarkState.OVERTURNED, True)
    assert not counted_marks().exists()
    assert verbs_of("mark", appealed.mark_id)[-1] == "mark.overturned"
    assert Ticket.objects.get(pk=appealed.ticket_id).status == "closed"
    assert Notification.objects.filter(person=judges.agent, event="mark.overturned").exists()
    assert not Closing.objects.filter(ticket=appealed.ticket).exists()


def test_upheld_and_accepted_it_counts_again(appealed: Appeal, judges: Cast, second_supervisor: User) -> None:
    do(appealed.ticket, "review", second_supervisor, "uphold", "确实没写清")
    assert state_of(appealed)[0] == AppealState.RUNNING
    do(appealed.ticket, "inform", judges.agent, "accepted")
    assert state_of(appealed) == (AppealState.UPHELD, MarkState.UPHELD, True)
    assert counted_marks().get().pk == appealed.mark_id


def test_the_final_decision_is_not_for_who_judged_it_before(
    appealed: Appeal, judges: Cast, second_supervisor: User
) -> None:
    do(appealed.ticket, "review", second_supervisor, "uphold", "维持")
    do(appealed.ticket, "inform", judges.agent, "second", "不服")
    for person in (second_supervisor, judges.supervisor, judges.agent):
        with pytest.raises(BarredFromStep):
            workflow.complete_task(task_at(appealed.ticket, "final"), outcome="uphold", opinion="维持", by=person)
    do(appealed.ticket, "final", judges.coordinator, "overturn", "改判")
    assert state_of(appealed) == (AppealState.OVERTURNED, MarkState.OVERTURNED, True)


def test_an_appeal_whose_ticket_is_aborted_leaves_the_mark_as_it_was(appealed: Appeal) -> None:
    workflow.terminate_process(appealed.ticket.process_instance_id, reason="误提交", by=None, outcome="aborted")
    assert state_of(appealed) == (AppealState.DROPPED, MarkState.STANDING, True)
    assert counted_marks().count() == 1


def test_too_late_twice_or_by_others_is_refused(
    mark_record: Callable[..., Mark], judges: Cast, appeal_process: None
) -> None:
    mark = mark_record()
    for person in (judges.second_agent, judges.coordinator, judges.supervisor):
        with pytest.raises(refusals.NotYoursToAppeal):
            services.file_appeal(mark, reason="不对", by=person)
    with pytest.raises(InvalidInput):
        services.file_appeal(mark, reason="  ", by=judges.agent)
    with clock.at(mark.appeal_due_at + timedelta(seconds=1)), pytest.raises(refusals.MarkIsFinal):
        services.file_appeal(mark, reason="不对", by=judges.agent)
    services.file_appeal(mark, reason="不对", by=judges.agent)
    with pytest.raises(refusals.AppealedAlready):
        services.file_appeal(mark, reason="不对", by=judges.agent)
    assert Ticket.objects.filter(kind=TicketKind.APPEAL).count() == 1
    with clock.at(mark.appeal_due_at + timedelta(days=1)):
        fire_due()
    assert "mark.final" not in verbs_of("mark", mark.pk)


def test_the_interface_person_appeals_for_the_unit(
    judges: Cast, standard: Standard, handled: Ticket, appeal_process: None
) -> None:
    work = work_of(handled, "handle", judge=judges.agent)
    mark = services.mark_unqualified(
        handled, code=code("B01"), person=work.person, direction="front_on_back", task=work.task, by=judges.agent
    )
    appeal = services.file_appeal(mark, reason="答复已说明原因", by=judges.interface_person)
    variables = appeal.ticket.process_instance.variables
    assert set(variables["barred"]) == {judges.agent.pk, judges.handler.pk, judges.interface_person.pk}


def test_verify_names_a_mark_apart_from_its_appeal(appealed: Appeal) -> None:
    def faults() -> list[str]:
        (report,) = verifying.run_checks(["quality.appeals"])
        return [fault.text for fault in report.faults]

    assert faults() == []
    Mark.objects.update(state=MarkState.UPHELD)
    assert faults() == ["is upheld and its appeal running"]
    Mark.objects.update(state=MarkState.APPEALED)
    workflow_models.ProcessInstance.objects.filter(pk=appealed.ticket.process_instance_id).update(ended_at=clock.now())
    (text,) = faults()
    assert text.startswith("its appeal runs")


def test_work_on_an_appeal_is_not_marked(appealed: Appeal, judges: Cast, second_supervisor: User) -> None:
    do(appealed.ticket, "review", second_supervisor, "overturn", "录音属实")
    with pytest.raises(refusals.NotToBeMarked):
        services.mark_unqualified(
            appealed.ticket, code=code("B01"), person=second_supervisor, direction="front_on_back", by=judges.agent
        )


def test_nobody_opens_an_appeal_by_the_usual_ways(
    judges: Cast, standard: Standard, client_of, complaint_process: None
) -> None:
    category = services.appeals.appeal_category()
    new = NewTicket(kind=TicketKind.APPEAL, category=category, title="自己开的", channel="web")
    with pytest.raises(NotPermitted):
        ticket_services.create_ticket(new, by=judges.agent)
    page = client_of(judges.agent).get("/intake/").content.decode()
    assert 'value="complaint"' in page
    assert 'value="appeal"' not in page


def test_an_appeal_is_filed_in_the_browser(
    mark_record: Callable[..., Mark], judges: Cast, appeal_process: None, client_of
) -> None:
    mark = mark_record()
    client = client_of(judges.agent)
    address = f"/marks/{mark.number}/"
    assert f"{address}appeal/" in client.get(address).content.decode()
    assert client.post(f"{address}appeal/", {"reason": ""}).status_code == 422
    assert client.post(f"{address}appeal/", {"reason": "录音里有"}).status_code == 302
    page = client.get(address).content.decode()
    assert Appeal.objects.get().ticket.number in page
    assert f"{address}appeal/" not in page
    assert client_of(judges.second_agent).post(f"{address}appeal/", {"reason": "x"}).status_code == 404

"""No customer is asked twice about one end of a ticket, and there is one door for whoever is not satisfied."""

from datetime import time
from typing import Any

from cast import Cast
from onepoint.core.models import AuditEntry
from onepoint.customers.hints import hints_about
from onepoint.follow_ups import services
from onepoint.follow_ups.models import Closing, FollowUp, RiskWord
from onepoint.follow_ups.states import Ending, VisitState
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import TicketStatus
from onepoint.workflow import services as workflow_services
from tickets.conftest import DELIVERED, again, do, fresh, verbs_of


def make() -> int:
    return services.make_visits(by=None)


def visited(ticket: Ticket, cast: Cast) -> Ticket:
    do(ticket, "coordinate", cast.coordinator, "answer_original")
    do(ticket, "answer", cast.agent, "answered")
    do(ticket, "follow_up", cast.visitor, "settled")
    return again(ticket)


def test_whom_the_process_asked_no_rule_asks_again(cast: Cast, make_rule: Any, register: Any) -> None:
    make_rule(endings=list(Ending))  # as an old rule may still say
    ticket = visited(register(), cast)
    make()
    assert ticket.status == TicketStatus.CLOSED
    assert Closing.objects.get().ending == Ending.VISITED
    assert not FollowUp.objects.exists()


def test_a_customer_asked_by_the_process_is_asked_anew_only_about_a_further_end(
    cast: Cast, make_rule: Any, register: Any
) -> None:
    make_rule(endings=[Ending.CLOSED])
    ticket = visited(register(), cast)
    services.take_up_again(ticket, words="没有修好", key="one")
    make()
    assert FollowUp.objects.get().state == VisitState.ANSWERED


def test_a_rule_cannot_name_that_end(cast: Cast, client_of: Any) -> None:
    page = client_of(cast.admin).get("/visits/rules/new/")
    assert page.status_code == 200
    assert 'value="visited"' not in page.content.decode()
    assert 'value="withdrawn"' in page.content.decode()


def test_not_settled_on_the_portal_goes_through_the_same_door(cast: Cast, closed: Ticket, questionnaire: Any) -> None:
    version = workflow_services.deploy_version((DELIVERED / "crisis.bpmn").read_bytes(), by=None)
    workflow_services.publish_version(version, by=None)
    RiskWord.objects.get_or_create(word="曝光")
    visit = services.take_up_again(closed, words="再不解决就找记者曝光", key="portal-1")
    again_visit = services.take_up_again(closed, words="再不解决就找记者曝光", key="portal-1")
    now = again(closed)
    assert visit == again_visit
    assert (now.status, now.reopen_count) == (TicketStatus.HANDLING, 1)
    assert now.process_instance.version.definition.key == "crisis"
    assert "ticket.to_crisis" in verbs_of(closed)
    assert (visit.is_satisfied, visit.has_reopened, visit.state) == (False, True, VisitState.ANSWERED)
    assert AuditEntry.objects.filter(verb="ticket.visit_answered", subject_id=closed.pk).count() == 1


def test_an_answer_given_before_stands_and_the_ticket_is_taken_up_all_the_same(cast: Cast, closed: Ticket) -> None:
    services.take_rating(closed, stars=5, words="很好", key="first")
    services.take_up_again(closed, words="又断线了", key="second")
    assert again(closed).reopen_count == 1
    assert FollowUp.objects.get().stars == 5


def test_a_due_visit_is_hinted_at_while_the_customer_is_there(
    cast: Cast, make_rule: Any, register: Any, close: Any, customer: Any
) -> None:
    make_rule(first_after_hours=0, quiet_from=time(0), quiet_until=time(0))
    ticket = close(register(customer=customer))
    make()
    FollowUp.objects.update(due_at=again(ticket).closed_at)
    hints = [hint for hint in hints_about(customer, visible_to=fresh(cast.visitor)) if ticket.number in str(hint.text)]
    assert [hint.url for hint in hints] == [FollowUp.objects.get().get_absolute_url()]
    assert not [hint for hint in hints_about(customer, visible_to=fresh(cast.agent)) if ticket.number in str(hint.text)]

"""A visit by telephone: taken by one person, tried, answered, or given to another way."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cast import Cast
from onepoint.accounts.models import RoleGrant, User
from onepoint.channels.models import Contact, OutgoingMessage
from onepoint.channels.states import Channel, Direction
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.follow_ups import policies, queries, services
from onepoint.follow_ups.models import FollowUp, VisitAttempt, VisitRuleVersion
from onepoint.follow_ups.states import AttemptOutcome, VisitState, VisitWay
from tickets.conftest import fresh, verbs_of

MORNING = datetime(2027, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
ANSWERS = {"q1": "1", "q2": "5", "q3": "4", "q4": "4"}


@pytest.fixture(autouse=True)
def in_the_morning() -> Any:
    with clock.at(MORNING):
        yield


@pytest.fixture
def made(make_rule: Callable[..., Any], register: Callable[..., Any], close: Callable[..., Any], customer: Any) -> Any:
    """A function that makes one visit of one ticket more."""
    make_rule(merges_day=False)

    def make() -> FollowUp:
        ticket = close(register(customer=customer, contact_phone="13800138000"))
        services.make_visits(by=None)
        return FollowUp.objects.get(ticket=ticket)

    return make


@pytest.fixture
def visit(made: Callable[[], FollowUp]) -> FollowUp:
    return made()


def mine(visit: FollowUp, by: User) -> FollowUp:
    return services.claim_visit(visit, by=fresh(by))


def try_once(visit: FollowUp, by: User, outcome: str = AttemptOutcome.NO_ANSWER, **more: Any) -> FollowUp:
    return services.note_attempt(visit, outcome=outcome, by=fresh(by), **{"key": "one"} | more)


def test_one_person_makes_a_visit(cast: Cast, visit: FollowUp) -> None:
    assert mine(visit, cast.visitor).assignee == cast.visitor
    assert mine(visit, cast.visitor).assignee == cast.visitor
    second = fresh(cast.agent)
    RoleGrant.objects.create(user=second, role=cast.visitor.role_grants.get().role, unit=cast.call_centre)
    with pytest.raises(policies.VisitedBySomebody):
        services.claim_visit(visit, by=fresh(second))
    assert AuditEntry.objects.filter(verb="follow_up.claimed").count() == 1


def test_the_next_is_the_one_due_longest_and_everybody_gets_another(cast: Cast, made) -> None:
    first, second = made(), made()
    FollowUp.objects.filter(pk=second.pk).update(due_at=MORNING - timedelta(hours=1))
    assert services.claim_next(by=fresh(cast.visitor)) == second
    assert services.claim_next(by=fresh(cast.visitor)) == first
    assert services.claim_next(by=fresh(cast.visitor)) is None


def test_nobody_calls_too_early_at_night_or_without_the_right(cast: Cast, visit: FollowUp) -> None:
    with clock.at(MORNING.replace(hour=21)):
        assert services.claim_next(by=fresh(cast.visitor)) is None
        with pytest.raises(policies.QuietHours):
            mine(visit, cast.visitor)
    with pytest.raises(NotPermitted):
        services.claim_next(by=fresh(cast.handler))
    FollowUp.objects.update(due_at=MORNING + timedelta(hours=2))
    with pytest.raises(policies.NotYetDue):
        mine(visit, cast.visitor)


def test_however_many_rest_one_that_may_be_called_is_found(cast: Cast, made) -> None:
    *_resting, last = [made() for _ in range(7)]
    rule = VisitRuleVersion.objects.get(pk=last.rule_version_id)
    rule.pk, rule.number, rule.in_force_until = None, rule.number + 1, MORNING
    rule.quiet_from, rule.quiet_until = time(22), time(23)
    rule.save()
    FollowUp.objects.filter(pk=last.pk).update(rule_version=rule, due_at=MORNING + timedelta(minutes=1))
    with clock.at(MORNING.replace(hour=21)):
        assert services.claim_next(by=fresh(cast.visitor)) == last
        assert services.claim_next(by=fresh(cast.visitor)) is None


def test_whoever_asks_for_the_next_at_night_is_told_of_the_hour(cast: Cast, visit: FollowUp, client_of) -> None:
    client = client_of(cast.visitor)
    with clock.at(MORNING.replace(hour=21)):
        told = client.post("/visits/next/", follow=True).content.decode()
        FollowUp.objects.update(assignee=cast.visitor)
        settled = client.post("/visits/next/", follow=True).content.decode()
    assert str(policies.QuietHours.message) in told
    assert "目前没有到时间的回访" in settled


def test_somebody_of_another_city_sees_and_gets_none(cast: Cast, visit: FollowUp) -> None:
    stranger = cast.outsider
    RoleGrant.objects.create(user=stranger, role=cast.visitor.role_grants.get().role, unit=cast.west_branch)
    assert services.claim_next(by=fresh(stranger)) is None
    assert queries.find_visit(visit.pk, visible_to=fresh(stranger)) is None
    with pytest.raises(policies.CannotVisit):
        services.hand_over_visit(mine(visit, cast.visitor), to=fresh(stranger), by=fresh(cast.visitor))


def test_an_attempt_is_noted_once_and_the_visit_comes_again_later(cast: Cast, visit: FollowUp) -> None:
    mine(visit, cast.visitor)
    again = try_once(try_once(visit, cast.visitor, note="响铃无人"), cast.visitor)
    assert (again.failures, again.assignee, again.due_at) == (1, None, MORNING + timedelta(hours=4))
    attempt = VisitAttempt.objects.get()
    assert (attempt.outcome, attempt.by, attempt.note) == (AttemptOutcome.NO_ANSWER, cast.visitor, "响铃无人")
    assert "ticket.visit_attempted" in verbs_of(visit.ticket)
    with pytest.raises(policies.NotYourVisit):
        try_once(visit, cast.visitor, key="two")


def test_after_so_many_failures_a_link_is_sent(cast: Cast, visit: FollowUp) -> None:
    for number in range(3):
        FollowUp.objects.update(due_at=MORNING)
        mine(visit, cast.visitor)
        visit = try_once(visit, cast.visitor, AttemptOutcome.BUSY, key=str(number))
    assert (visit.way, visit.state) == (VisitWay.SMS, VisitState.WAITING)
    services.look_after_links(by=None)
    services.look_after_links(by=None)
    message = OutgoingMessage.objects.get()
    assert (message.about_type, message.about_id, message.address) == ("follow_up", visit.pk, "+8613800138000")
    assert visit.ticket.number in message.text
    assert visit.ticket.title not in message.text


def test_a_wrong_number_is_not_dialled_again(cast: Cast, visit: FollowUp) -> None:
    mine(visit, cast.visitor)
    assert try_once(visit, cast.visitor, AttemptOutcome.WRONG_NUMBER).way == VisitWay.SMS


def test_an_appointment_keeps_the_visit_with_its_agent_until_then(cast: Cast, visit: FollowUp) -> None:
    mine(visit, cast.visitor)
    with pytest.raises(InvalidInput):
        try_once(visit, cast.visitor, AttemptOutcome.CALL_LATER)
    at = MORNING + timedelta(days=8)
    later = try_once(visit, cast.visitor, AttemptOutcome.CALL_LATER, call_at=at)
    assert (later.due_at, later.assignee, later.is_appointment) == (at, cast.visitor, True)
    assert later.expires_at > at
    assert later.failures == 0


def test_who_does_not_want_to_answer_is_left_alone(cast: Cast, visit: FollowUp) -> None:
    mine(visit, cast.visitor)
    assert try_once(visit, cast.visitor, AttemptOutcome.REFUSED).state == VisitState.REFUSED
    with pytest.raises(policies.VisitOver):
        mine(visit, cast.visitor)


def test_a_visit_is_given_back_or_handed_over(cast: Cast, visit: FollowUp) -> None:
    services.release_visit(mine(visit, cast.visitor), by=fresh(cast.visitor))
    visit.refresh_from_db()
    assert visit.assignee is None
    RoleGrant.objects.create(user=cast.agent, role=cast.visitor.role_grants.get().role, unit=cast.call_centre)
    with pytest.raises(NotPermitted):
        services.hand_over_visit(visit, to=fresh(cast.agent), by=fresh(cast.visitor))
    services.hand_over_visit(mine(visit, cast.visitor), to=fresh(cast.agent), by=fresh(cast.visitor))
    visit.refresh_from_db()
    assert visit.assignee == cast.agent
    with pytest.raises(policies.CannotVisit):
        services.hand_over_visit(visit, to=fresh(cast.handler), by=fresh(cast.agent))


def test_the_answers_are_kept_with_a_contact(cast: Cast, visit: FollowUp) -> None:
    mine(visit, cast.visitor)
    services.record_answers(visit, ANSWERS | {"q5": "很好"}, words="谢谢", by=fresh(cast.visitor))
    visit.refresh_from_db()
    assert (visit.state, visit.is_satisfied, visit.answered_way) == (VisitState.ANSWERED, True, VisitWay.PHONE)
    assert (visit.answers["q2"], visit.words, visit.answered_with) == ("5", "很好\n谢谢", cast.visitor)
    contact = Contact.objects.get(direction=Direction.OUTBOUND)
    assert (contact.channel, contact.ticket_number) == (Channel.HOTLINE, visit.ticket.number)
    assert VisitAttempt.objects.get().contact == contact
    with pytest.raises(policies.AnsweredAlready):
        services.record_answers(visit, ANSWERS, by=fresh(cast.visitor))


def test_answers_are_asked_for_and_must_be_of_the_list(cast: Cast, visit: FollowUp) -> None:
    mine(visit, cast.visitor)
    for given in ({}, {"q1": "9"}):
        with pytest.raises(InvalidInput) as refused:
            services.record_answers(visit, given, by=fresh(cast.visitor))
        assert "q1" in refused.value.errors
    assert not VisitAttempt.objects.exists()
    services.release_visit(visit, by=fresh(cast.visitor))
    with pytest.raises(policies.NotYourVisit):
        services.record_answers(visit, ANSWERS, by=fresh(cast.visitor))


def test_what_nobody_made_in_time_is_over(cast: Cast, visit: FollowUp) -> None:
    with clock.at(visit.expires_at + timedelta(minutes=1)):
        assert services.expire_visits(by=None) == 1
    visit.refresh_from_db()
    assert visit.state == VisitState.EXPIRED

"""Visits are made of closings: by the rule in force, once, sampled by a hash, at a decent hour."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from cast import Cast
from onepoint.core import clock
from onepoint.customers import services as customer_services
from onepoint.follow_ups import sampling, services
from onepoint.follow_ups.models import Closing, FollowUp, VisitRuleVersion
from onepoint.follow_ups.states import Ending, VisitState, VisitWay
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Ticket
from tickets.conftest import again, do, fresh

CHINA = ZoneInfo("Asia/Shanghai")


def at(hour: int, minute: int = 0, day: int = 22) -> Any:
    return clock.at(datetime(2027, 11, day, hour, minute, tzinfo=CHINA))


def make() -> int:
    return services.make_visits(by=None)


def test_a_closing_is_kept_as_it_was_and_the_job_queued(cast: Cast, closed) -> None:
    closing = Closing.objects.get()
    assert (closing.ticket, closing.number, closing.ending) == (closed, 1, Ending.CLOSED)
    assert (closing.kind, closing.severity_id_then) == ("complaint", closed.severity_id)
    assert closing.category_ids == closed.category.ancestor_ids
    assert closing.unit_ids == (closed.unit.ancestor_ids if closed.unit else [])
    assert closing.looked_at is None


def test_a_covered_closing_has_one_visit_however_often_it_is_looked_for(cast: Cast, make_rule, closed) -> None:
    rule = make_rule()
    assert make() == 0, "the rule is younger than the closing"
    reopened = ticket_services.reopen_ticket(closed, reason="又断了", by=fresh(cast.coordinator))
    do(reopened, "receive", cast.interface_person, "done", "已重修")
    do(reopened, "coordinate", cast.coordinator, "finish", "再次答复")
    assert (make(), make()) == (1, 0)
    visit = FollowUp.objects.get()
    assert (visit.ticket, visit.closing_number, visit.state, visit.way) == (
        closed,
        2,
        VisitState.WAITING,
        VisitWay.PHONE,
    )
    assert visit.rule_version == rule.versions.get()
    assert visit.questionnaire.questionnaire.code == "complaint_visit"
    assert visit.audience == again(closed).audience


@pytest.mark.parametrize("ways", [("phone", "sms"), ("email",)])
def test_the_first_way_of_the_rule_is_the_first(cast: Cast, make_rule, ticket, close, ways) -> None:
    make_rule(ways=ways)
    close(ticket)
    make()
    assert FollowUp.objects.get().way == ways[0]


def test_how_a_ticket_ended_decides_whether_a_rule_covers_it(cast: Cast, make_rule, register, close) -> None:
    make_rule(endings=[Ending.CLOSED, Ending.WITHDRAWN])
    visited = register()
    do(visited, "coordinate", cast.coordinator, "answer_original")
    do(visited, "answer", cast.agent, "answered")
    do(visited, "follow_up", cast.visitor, "settled")
    withdrawn = ticket_services.withdraw_ticket(register(), reason="客户撤诉", by=fresh(cast.agent))
    aborted = register()
    do(aborted, "coordinate", cast.coordinator, "abort", "重复")
    closed = close(register())
    make()
    assert {c.ticket: c.ending for c in Closing.objects.all()} == {
        visited: Ending.VISITED, withdrawn: Ending.WITHDRAWN, aborted: Ending.ABORTED, closed: Ending.CLOSED,
    }  # fmt: skip
    assert set(FollowUp.objects.values_list("ticket", flat=True)) == {withdrawn.pk, closed.pk}


def test_every_condition_of_a_rule_is_asked_and_the_first_that_fits_decides(
    cast: Cast, make_rule, register, close, categories, severities, questionnaire
) -> None:
    ids = {"category_ids": [categories["billing"].pk], "severity_ids": [severities["normal"].pk]}
    never = make_rule(rank=1, unit_ids=[cast.west_branch.pk])
    level = make_rule(rank=2, level_ids=[999])
    kind = make_rule(rank=3, kinds=["praise"])
    fits = make_rule(rank=4, kinds=["complaint"], unit_ids=[cast.head_office.pk], **ids)
    later = make_rule(rank=5)
    close(register(severity=severities["normal"]))
    make()
    assert FollowUp.objects.get().rule_version.rule == fits
    assert not FollowUp.objects.filter(rule_version__rule__in=[never, level, kind, later]).exists()


def test_the_rule_of_the_moment_of_closing_counts_not_that_of_the_job(cast: Cast, make_rule, register, close) -> None:
    rule = make_rule(ways=("phone",))
    first = close(register())
    version = rule.versions.get()
    services.change_rule(
        rule, name="新", name_en="", items=services.RuleItems(version.questionnaire, ways=("sms",)), number=1, by=None
    )
    second = close(register())
    services.switch_rule(rule, is_active=False, by=None)
    third = close(register())
    make()
    ways = dict(FollowUp.objects.values_list("ticket", "way"))
    assert ways == {first.pk: "phone", second.pk: "sms"}
    assert Closing.objects.get(ticket=third).rule_version is None
    assert list(VisitRuleVersion.objects.filter(rule=rule).order_by("number").values_list("in_force_until", flat=True))[
        0
    ] == (rule.versions.get(number=2).in_force_from)


def test_a_share_is_drawn_by_the_hash_that_can_be_drawn_again(cast: Cast, make_rule, closed) -> None:
    rule = make_rule(share=30)
    first = Closing.objects.get()
    fields = [f.name for f in Closing._meta.fields if f.name != "id"]
    values = {name: getattr(first, name) for name in fields} | {"closed_at": clock.now()}
    copies = Closing.objects.bulk_create([Closing(**values | {"number": number}) for number in range(2, 402)])
    make()
    chosen = {c.pk for c in copies if sampling.is_chosen(c.pk, rule.pk, rule.seed, 30)}
    assert set(Closing.objects.filter(is_chosen=True).values_list("pk", flat=True)) == chosen
    assert FollowUp.objects.count() == len(chosen)
    assert 80 <= len(chosen) <= 160
    assert not Closing.objects.filter(looked_at=None).exists()


def test_nobody_is_to_be_disturbed_at_night(cast: Cast, make_rule, register, close) -> None:
    with at(0, day=21):
        make_rule(quiet_from=time(20), quiet_until=time(9), first_after_hours=2, valid_days=3)
    dues = []
    for hour, minute in ((10, 0), (19, 0), (23, 30), (5, 0)):
        with at(hour, minute):
            ticket = close(register())
            make()
            visit = FollowUp.objects.get(ticket=ticket)
            dues.append(visit.due_at.astimezone(CHINA))
            assert visit.expires_at == visit.due_at + timedelta(days=3)
    shown = [(due.day, due.hour) for due in dues]
    assert shown == [(22, 12), (23, 9), (23, 9), (22, 9)]


def test_closings_of_one_customer_on_one_day_are_asked_about_together(
    cast: Cast, make_rule, register, close, customer
) -> None:
    make_rule()
    with at(10):
        tickets = [close(register(customer=customer)) for _ in range(3)]
        make()
    with at(11):
        late = close(register(customer=customer))
        make()
    with at(10, day=23):
        other_day = close(register(customer=customer))
        make()
    lead = FollowUp.objects.get(ticket=tickets[0])
    assert lead.state == VisitState.WAITING
    merged = FollowUp.objects.filter(state=VisitState.MERGED)
    assert set(merged.values_list("ticket", "lead")) == {(t.pk, lead.pk) for t in (*tickets[1:], late)}
    assert FollowUp.objects.get(ticket=other_day).state == VisitState.WAITING
    with at(12, day=23):
        ticket_services.reopen_ticket(again(tickets[0]), reason="又断了", by=fresh(cast.coordinator))
    lead.refresh_from_db()
    assert lead.state == VisitState.DROPPED
    heir = FollowUp.objects.get(ticket=tickets[1])
    assert (heir.state, heir.lead) == (VisitState.WAITING, None)
    assert set(FollowUp.objects.filter(state=VisitState.MERGED).values_list("lead", flat=True)) == {heir.pk}


def test_who_does_not_agree_to_be_contacted_is_not_visited(cast: Cast, make_rule, register, close) -> None:
    make_rule()
    shy = customer_services.create_customer(by=cast.agent, name="静", region=cast.east, consent_to_contact=False)
    close(register(customer=shy))
    assert make() == 0
    assert Closing.objects.get().is_chosen is False


def test_a_ticket_that_lives_again_before_the_job_ran_is_not_asked_about(
    cast: Cast, make_rule, register, close
) -> None:
    make_rule()
    ticket: Ticket = close(register())
    ticket_services.reopen_ticket(ticket, reason="又断了", by=fresh(cast.coordinator))
    make()
    assert FollowUp.objects.get().state == VisitState.DROPPED


@pytest.mark.django_db(transaction=True)
def test_the_job_waits_after_the_commit_once(cast: Cast, make_rule, register, close) -> None:
    make_rule()
    for _ in range(2):
        close(register())
    waiting = ProcrastinateJob.objects.filter(task_name="follow_ups.make_visits", status="todo")
    assert waiting.count() == 1

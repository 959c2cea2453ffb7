"""Somebody leaves: everything he holds goes to others, nothing is left behind, and he is locked out."""

from datetime import date, time, timedelta

import pytest

from onepoint.accounts import handover, policies, queries, services
from onepoint.accounts.models import Group, HandOver, InterfacePerson, User
from onepoint.accounts.services import hand_overs
from onepoint.core import clock
from onepoint.core.errors import BusinessError, InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.tickets.models import Ticket
from onepoint.workflow import services as workflow
from onepoint.workflow.models import UserTask
from workflow.conftest import fresh_user


def step(node):
    return UserTask.objects.live().get(node_id=node)


@pytest.fixture
def busy(cast, register):
    """The interface person holds a task, a ticket, his post, a group, a turn of duty and a deputyship."""
    leaver = cast.interface_person
    ticket = register()
    Ticket.objects.filter(pk=ticket.pk).update(owner=leaver)
    chosen = {"outcome": "departments_in_sequence", "inputs": {"departments": [cast.network.pk]}, "opinion": "请处理"}
    workflow.complete_task(step("coordinate"), **chosen, by=cast.coordinator)
    workflow.claim_task(step("receive"), by=leaver)
    group = Group.objects.create(code="crisis", name="危机处理组")
    group.members.set([leaver, cast.deputy])
    roster = services.create_roster(code="crisis", name="危机值班", group=group, by=None)
    shift = services.add_shift(roster, name="白班", starts=time(8), ends=time(20), by=None)
    services.plan_duty(shift, day=clock.today(), people=[leaver], every_week=True, by=None)
    now = clock.now()
    services.delegate_work(
        cast.handler, deputy=leaver, starts_at=now, ends_at=now + timedelta(days=9), by=cast.handler
    )  # fmt: skip
    return leaver


def everything_to(person, leaver):
    return {one.holding.kind: person for one in queries.held_by(leaver)}


def test_everything_goes_to_the_receiver_and_the_person_is_locked_out(cast, busy, announced_out):
    assert {one.holding.kind for one in queries.held_by(busy)} == {
        "task", "ticket", "interface_post", "group", "duty", "delegation", "post",
    }  # fmt: skip
    row = services.start_hand_over(busy, receivers=everything_to(cast.deputy, busy), by=cast.admin, reason="离职")
    assert [item.problem for item in row.items.all()] == [""] * row.items.count()
    assert not queries.is_anything_held_by(busy)
    assert step("receive").assignee == cast.deputy
    assert Ticket.objects.filter(owner=cast.deputy).count() == 1
    assert [post.user for post in InterfacePerson.objects.filter(unit=cast.network)] == [cast.deputy]
    assert f"P{cast.handler.pk}" in queries.candidate_keys(fresh_user(cast.deputy))
    assert not User.objects.get(pk=busy.pk).is_active
    assert announced_out == [busy.pk]
    assert AuditEntry.objects.get(verb="task.handed_over").actor_id == cast.admin.pk
    assert AuditEntry.objects.get(verb="ticket.owner_changed").data["to"] == cast.deputy.name
    assert AuditEntry.objects.get(verb="person.hand_over_finished").data["left"] == 0


@pytest.fixture
def announced_out():
    from onepoint.accounts.signals import person_deactivated

    heard = []

    def hear(person, **_more):
        heard.append(person.pk)

    person_deactivated.connect(hear)
    yield heard
    person_deactivated.disconnect(hear)


def test_each_kind_may_go_to_somebody_else_and_some_simply_end(cast, busy):
    chosen = {"task": cast.handler, "ticket": cast.agent, "interface_post": cast.deputy}
    services.start_hand_over(busy, receivers=chosen, by=cast.admin)
    assert step("receive").assignee == cast.handler
    assert Ticket.objects.filter(owner=cast.agent).exists()
    assert not Group.objects.get(code="crisis").members.filter(pk=busy.pk).exists()
    assert not queries.is_anything_held_by(busy)


def test_what_cannot_end_needs_a_receiver_who_is_somebody_else_and_may_log_in(cast, busy):
    with pytest.raises(InvalidInput) as refusal:
        services.start_hand_over(busy, receivers={"ticket": busy, "task": cast.deputy}, by=cast.admin)
    assert set(refusal.value.errors) == {"ticket", "interface_post"}
    User.objects.filter(pk=cast.deputy.pk).update(is_active=False)
    with pytest.raises(InvalidInput):
        services.start_hand_over(busy, receivers=everything_to(fresh_user(cast.deputy), busy), by=cast.admin)
    assert not HandOver.objects.exists()


def test_what_cannot_be_given_is_reported_the_rest_is_given_and_the_person_stays(cast, busy):
    receivers = everything_to(cast.deputy, busy) | {"duty": cast.outsider}
    row = services.start_hand_over(busy, receivers=receivers, by=cast.admin)
    (failed,) = row.items.exclude(problem="")
    assert failed.kind == "duty"
    assert failed.problem
    assert step("receive").assignee == cast.deputy
    assert User.objects.get(pk=busy.pk).is_active, "something is left behind, so the person is not locked out"
    assert {one.holding.kind for one in queries.held_by(busy)} == {"duty"}
    services.start_hand_over(busy, receivers={"duty": cast.deputy}, by=cast.admin)
    assert not User.objects.get(pk=busy.pk).is_active


def test_a_killed_run_goes_on_where_it_stopped_and_does_nothing_twice(cast, busy, monkeypatch):
    monkeypatch.setattr(hand_overs, "AT_ONCE", 0)
    row = services.start_hand_over(busy, receivers=everything_to(cast.deputy, busy), by=cast.admin)
    assert row.finished_at is None
    assert queries.is_anything_held_by(busy), "it waits for the worker"
    assert hand_overs._give_next(row)
    assert hand_overs._give_next(row)
    services.run_hand_over(row.pk, by=None)
    services.run_hand_over(row.pk, by=None)
    assert AuditEntry.objects.filter(verb="task.handed_over").count() == 1
    assert AuditEntry.objects.filter(verb="person.hand_over_finished").count() == 1
    assert not queries.is_anything_held_by(busy)


def test_work_that_comes_meanwhile_is_given_away_too(cast, busy, register, monkeypatch):
    monkeypatch.setattr(hand_overs, "AT_ONCE", 0)
    row = services.start_hand_over(busy, receivers=everything_to(cast.deputy, busy), by=cast.admin)
    late = register()
    Ticket.objects.filter(pk=late.pk).update(owner=busy)
    services.run_hand_over(row.pk, by=None)
    late.refresh_from_db()
    assert late.owner == cast.deputy


def test_one_hand_over_at_a_time_by_somebody_else_with_the_right(cast, busy, monkeypatch):
    receivers = everything_to(cast.deputy, busy)
    for person in (cast.agent, busy):
        with pytest.raises(BusinessError):
            services.start_hand_over(busy, receivers=receivers, by=person)
    with pytest.raises(NotPermitted):
        services.start_hand_over(busy, receivers=receivers, by=cast.supervisor)
    monkeypatch.setattr(hand_overs, "AT_ONCE", 0)
    services.start_hand_over(busy, receivers=receivers, by=cast.admin)
    with pytest.raises(policies.HandOverGoesOn):
        services.start_hand_over(busy, receivers=receivers, by=cast.admin)


def test_the_pages_list_order_and_report(cast, busy, client_of):
    client = client_of(cast.admin)
    page = client.get("/people/interface_person/hand-over/").content.decode()
    shown = [holding.kind for holding in handover.all_holdings() if str(holding.label) in page]
    # What is to be put right is shown to whoever owes it; tests/quality hands that over.
    assert shown == [holding.kind for holding in handover.all_holdings() if holding.kind != "rectification"]
    assert client.post("/people/interface_person/hand-over/", {"reason": "离职"}).status_code == 422
    form = {kind: person.pk for kind, person in everything_to(cast.deputy, busy).items()}
    sent = client.post("/people/interface_person/hand-over/", {**form, "locks_out": "on"})
    assert sent.status_code == 302
    report = client.get(sent.headers["Location"])
    assert report.status_code == 200
    assert not User.objects.get(pk=busy.pk).is_active
    assert client_of(cast.outsider).get("/people/interface_person/hand-over/").status_code == 403


def test_a_turn_of_the_past_is_nobodys_work(cast, busy):
    roster = queries.rosters_in_use(group_code="crisis")[0]
    shift = roster.shifts.get()
    old = services.plan_duty(shift, day=date(2026, 3, 2), people=[cast.deputy], by=None)
    assert old not in handover.holding_of("duty").held(cast.deputy)

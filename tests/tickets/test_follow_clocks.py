"""The clocks of a ticket follow it: chosen by rules, paused on hold, re-targeted, settled, reopened; promises; late soon."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from cast import Cast
from onepoint.accounts.models import Role
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.sla import moments
from onepoint.sla.clock_verification import find_wrong_clocks
from onepoint.sla.models import Clock, ClockPolicy
from onepoint.sla.services import clock_policies
from onepoint.sla.states import AfterReopening, ClockKind, ClockState
from onepoint.tickets import policies, services
from onepoint.tickets.models import Ticket
from onepoint.tickets.services import Correction
from onepoint.tickets.states import TicketStatus
from onepoint.workflow import services as workflow_services
from tickets.conftest import again, do, fresh, task_at

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def rules(categories) -> None:
    """The statutory answer, and a first response within two hours."""
    clock_policies.create_clock_policy(
        name="十五日答复", name_en="Fifteen days", kind=ClockKind.STATUTORY, subject_kinds=["complaint"], limit=15 * DAY,
        in_working_time=False, warnings="7d 12d 14d", pauses_on_hold=False, pauses_on_waiting=False, by=None,
    )  # fmt: skip
    clock_policies.create_clock_policy(
        name="两小时响应", kind=ClockKind.FIRST_RESPONSE, limit=2 * HOUR, in_working_time=False, by=None
    )
    clock_policies.create_clock_policy(
        name="特急四小时", kind=ClockKind.TOTAL, severities=["critical"], limit=4 * HOUR, in_working_time=False,
        after_reopening=AfterReopening.NEW_LIMIT, reopened_limit=2 * HOUR, by=None,
    )  # fmt: skip


@pytest.fixture
def complaint(cast: Cast, register, rules, severities) -> Ticket:
    with clock.at(MONDAY):
        return register(severity=severities["major"])


def clocks_of(ticket: Ticket) -> dict[str, Clock]:
    return {one.kind: one for one in Clock.objects.of("ticket", ticket.pk).order_by("pk")}


def test_rules_give_a_ticket_its_clocks_and_the_earliest_that_governs_is_its_own(complaint: Ticket) -> None:
    found = clocks_of(complaint)
    assert {kind: one.due_at - MONDAY for kind, one in found.items()} == {
        ClockKind.STATUTORY: 15 * DAY, ClockKind.TOTAL: 24 * HOUR, ClockKind.FIRST_RESPONSE: 2 * HOUR,
    }  # fmt: skip
    assert again(complaint).due_at == MONDAY + 24 * HOUR
    assert again(complaint).warn_at == MONDAY + 0.8 * 24 * HOUR
    assert not list(find_wrong_clocks())


def test_the_first_response_is_settled_when_somebody_handles_it(cast: Cast, complaint: Ticket) -> None:
    with clock.at(MONDAY + HOUR):
        do(complaint, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    assert clocks_of(complaint)[ClockKind.FIRST_RESPONSE].light == "kept"


def test_a_graver_severity_keeps_what_has_elapsed(cast: Cast, complaint: Ticket, severities) -> None:
    with clock.at(MONDAY + 3 * HOUR):
        services.correct_ticket(complaint, Correction(severity=severities["critical"]), version=1, by=fresh(cast.agent))
    assert again(complaint).due_at == MONDAY + 4 * HOUR
    assert clocks_of(complaint)[ClockKind.STATUTORY].due_at == MONDAY + 15 * DAY


def test_while_it_rests_only_the_statutory_clock_runs(cast: Cast, complaint: Ticket) -> None:
    with clock.at(MONDAY + HOUR):
        services.put_on_hold(complaint, reason="等配件", until=None, by=fresh(cast.agent))
    found = clocks_of(complaint)
    assert {kind: one.state for kind, one in found.items()} == {
        ClockKind.STATUTORY: ClockState.RUNNING, ClockKind.TOTAL: ClockState.PAUSED,
        ClockKind.FIRST_RESPONSE: ClockState.PAUSED,
    }  # fmt: skip
    assert (again(complaint).due_at, again(complaint).is_paused) == (MONDAY + 15 * DAY, False)
    with clock.at(MONDAY + 11 * HOUR):
        services.resume_ticket(again(complaint), by=fresh(cast.agent))
    assert again(complaint).due_at == MONDAY + 34 * HOUR
    assert not list(find_wrong_clocks())


def test_a_ticket_rests_with_its_process_and_goes_on_with_it(cast: Cast, complaint: Ticket) -> None:
    with clock.at(MONDAY + HOUR):
        workflow_services.suspend_process(complaint.process_instance_id, reason="等上级", by=fresh(cast.supervisor))
    assert (again(complaint).status, again(complaint).hold_reason) == (TicketStatus.ON_HOLD, "等上级")
    assert clocks_of(complaint)[ClockKind.TOTAL].state == ClockState.PAUSED
    with pytest.raises(NotPermitted):
        services.resume_ticket(again(complaint), by=fresh(cast.agent))
    with clock.at(MONDAY + 3 * HOUR):
        workflow_services.resume_process(complaint.process_instance_id, by=fresh(cast.supervisor))
    assert again(complaint).status == TicketStatus.HANDLING
    assert again(complaint).due_at == MONDAY + 26 * HOUR
    assert not list(find_wrong_clocks())


def test_resuming_a_ticket_resumes_its_process(cast: Cast, complaint: Ticket) -> None:
    workflow_services.suspend_process(complaint.process_instance_id, reason="等上级", by=fresh(cast.supervisor))
    services.resume_ticket(again(complaint), by=None)
    assert again(complaint).process_instance.status == "active"
    assert again(complaint).status == TicketStatus.HANDLING


def test_where_every_clock_stands_still_nothing_is_due(cast: Cast, register, severities) -> None:
    with clock.at(MONDAY):
        ticket = register(severity=severities["major"])
        services.put_on_hold(ticket, reason="等客户", until=None, waits_for_customer=True, by=fresh(cast.agent))
    assert (again(ticket).due_at, again(ticket).is_paused) == (None, True)


def test_a_closed_ticket_settles_everything_and_a_withdrawn_one_cancels(cast: Cast, complaint: Ticket) -> None:
    with clock.at(MONDAY + HOUR):
        services.withdraw_ticket(complaint, reason="客户撤诉", by=fresh(cast.agent))
    assert {one.state for one in clocks_of(complaint).values()} == {ClockState.CANCELLED}
    assert moments.fire_due(MONDAY + 30 * DAY) >= 0
    assert not AuditEntry.objects.filter(verb="clock.breached").exists()


def test_a_clock_that_begins_while_the_ticket_rests_rests_too(cast: Cast, register, severities) -> None:
    with clock.at(MONDAY):
        ticket = register(severity=severities["major"])
        services.put_on_hold(ticket, reason="等配件", until=None, by=fresh(cast.agent))
        clock_policies.create_clock_policy(
            name="特急响应", kind=ClockKind.FIRST_RESPONSE, severities=["critical"], limit=HOUR, by=None
        )
        change = Correction(severity=severities["critical"])
        services.correct_ticket(ticket, change, version=1, by=None)
    assert {one.state for one in clocks_of(ticket).values()} == {ClockState.PAUSED}
    assert not list(find_wrong_clocks())


def test_a_tag_of_a_rule_brings_its_clock(cast: Cast, complaint: Ticket) -> None:
    tag = services.create_tag(name="监管转办", by=None)
    clock_policies.create_clock_policy(
        name="监管十日", kind=ClockKind.STATUTORY, tag="监管转办", subject_kinds=["complaint"], limit=10 * DAY,
        in_working_time=False, by=None,
    )  # fmt: skip
    with clock.at(MONDAY + HOUR):
        services.tag_ticket(complaint, tag, by=fresh(cast.coordinator))
    assert clocks_of(complaint)[ClockKind.STATUTORY].due_at == MONDAY + 10 * DAY


def test_a_promise_runs_beside_and_is_kept_or_broken(cast: Cast, complaint: Ticket) -> None:
    with clock.at(MONDAY):
        services.promise_ticket(complaint, what="今日回电", at=MONDAY + 3 * HOUR, by=fresh(cast.agent))
        with pytest.raises(InvalidInput):
            services.promise_ticket(complaint, what=" ", at=MONDAY - HOUR, by=fresh(cast.agent))
        with pytest.raises(policies.NothingToDoWithIt):
            services.promise_ticket(complaint, what="x", at=MONDAY + HOUR, by=fresh(cast.handler))
    assert again(complaint).due_at == MONDAY + 3 * HOUR
    promise = clocks_of(complaint)[ClockKind.PROMISE]
    with clock.at(MONDAY + 4 * HOUR):
        services.keep_promise(complaint, promise, by=fresh(cast.agent))
    assert clocks_of(complaint)[ClockKind.PROMISE].light == "missed"
    assert AuditEntry.objects.filter(verb="clock.broken", subject_id=complaint.pk).exists()
    assert again(complaint).due_at == MONDAY + 24 * HOUR


def test_a_breach_is_told_in_the_timeline_once(complaint: Ticket) -> None:
    for hours in (3, 25, 26):
        moments.fire_due(MONDAY + hours * HOUR)
    told = AuditEntry.objects.filter(subject_id=complaint.pk, verb="clock.breached").order_by("id")
    assert [entry.data["clocks"][0]["kind"] for entry in told] == [ClockKind.FIRST_RESPONSE, ClockKind.TOTAL]


def test_tickets_from_before_get_their_clocks_once(cast: Cast, complaint: Ticket) -> None:
    before = again(complaint).due_at
    Clock.objects.of("ticket", complaint.pk).update(subject_type="gone")
    with clock.at(MONDAY + HOUR):
        assert services.start_missing_clocks(by=None) == 1
        assert services.start_missing_clocks(by=None) == 0
    assert clocks_of(complaint)[ClockKind.TOTAL].due_at == before == again(complaint).due_at


# --- pages ------------------------------------------------------------------------------------------------------


def test_the_page_explains_each_deadline(cast: Cast, complaint: Ticket, client_of) -> None:
    with clock.at(MONDAY + HOUR):
        services.put_on_hold(complaint, reason="等配件", until=None, by=fresh(cast.agent))
    client = client_of(cast.agent)
    shown = client.get(reverse("ticket-clocks", args=[complaint.number])).content.decode()
    for text in ("十五日答复", "等配件", "特急四小时"):
        assert text in shown
    panel = client.get(reverse("ticket-clocks", args=[complaint.number]), headers={"hx-request": "true"})
    assert "等配件" in panel.content.decode()
    assert client_of(cast.outsider).get(reverse("ticket-clocks", args=[complaint.number])).status_code == 404


def test_other_systems_read_the_clocks(cast: Cast, complaint: Ticket, api_of) -> None:
    with clock.at(MONDAY + 6 * HOUR):
        rows = api_of(cast.agent).get(f"/api/v1/tickets/{complaint.number}/clocks").json()
    total = next(row for row in rows if row["kind"] == "total")
    assert (total["state"], total["elapsed"], total["left"]) == ("running", 6 * 3600, 18 * 3600)
    assert api_of(cast.outsider).get(f"/api/v1/tickets/{complaint.number}/clocks").status_code == 404


def test_a_promise_is_made_on_the_page(cast: Cast, complaint: Ticket, client_of) -> None:
    client = client_of(cast.agent)
    url = reverse("ticket-promise", args=[complaint.number])
    refused = client.post(url, {"what": "回电", "at": "2020-01-01T10:00"})
    assert refused.status_code == 422
    assert "回电" in refused.content.decode()
    assert client.post(url, {"what": "回电", "at": "2036-01-01T10:00"}).status_code == 302
    promise = clocks_of(complaint)[ClockKind.PROMISE]
    keep = reverse("ticket-promise-keep", args=[complaint.number, promise.pk])
    assert client.post(keep).status_code == 302
    assert clocks_of(complaint)[ClockKind.PROMISE].light == "kept"


def test_the_duty_manager_sees_what_will_be_late_within_the_window(
    cast: Cast, complaint: Ticket, client_of, django_assert_max_num_queries
) -> None:
    Role.objects.filter(code="supervisor").update(
        permissions=[*Role.objects.get(code="supervisor").permissions, "ticket.supervise"]
    )
    client = client_of(cast.supervisor)
    url = reverse("late-list")
    with clock.at(MONDAY + 23.5 * HOUR):
        assert complaint.number in client.get(url, {"what": "tickets", "window": "1h"}).content.decode()
        assert complaint.number not in client.get(url, {"what": "tickets", "window": "15m"}).content.decode()
        assert complaint.number not in client.get(url, {"what": "tickets", "window": "over"}).content.decode()
        with django_assert_max_num_queries(12):
            client.get(url)
    with clock.at(MONDAY + 25 * HOUR):
        assert complaint.number in client.get(url, {"what": "tickets", "window": "over"}).content.decode()
    assert client_of(cast.agent).get(url).status_code == 403


def test_a_corrected_severity_asks_the_rules_for_steps_again(cast: Cast, register, severities, client_of) -> None:
    with clock.at(MONDAY - DAY):
        for severity, hours in (("critical", 3), ("normal", 30)):
            clock_policies.create_clock_policy(
                name=f"协调{hours}小时", kind=ClockKind.STEP, steps=["工单协调"], severities=[severity], limit=hours * HOUR,
                in_working_time=False, by=None,
            )  # fmt: skip
    with clock.at(MONDAY):
        ticket = register(severity=severities["major"])
    assert task_at(ticket, "coordinate").due_at == MONDAY + 4 * HOUR  # as drawn
    with clock.at(MONDAY + HOUR):
        services.correct_ticket(ticket, Correction(severity=severities["critical"]), version=1, by=fresh(cast.agent))
        began = Clock.objects.filter(subject_type="task", kind=ClockKind.STEP, state=ClockState.RUNNING).get()
        assert task_at(ticket, "coordinate").due_at == began.due_at
        shown = client_of(cast.agent).get(reverse("ticket-clocks", args=[ticket.number])).content.decode()
    assert began.due_at == MONDAY + 3 * HOUR  # what has elapsed stays
    assert "协调3小时" in shown
    entries = AuditEntry.objects.filter(subject_type="ticket", subject_id=ticket.pk, verb="clock.retargeted")
    (told,) = [entry for entry in entries if entry.data["clocks"][0]["kind"] == "step"]
    assert [(one["name"], one["was"], one["limit"]) for one in told.data["clocks"]] == [
        ("工单协调", 4 * 3600, 3 * 3600)
    ]
    assert told.actor_id == cast.agent.pk
    timeline = client_of(cast.agent).get(reverse("ticket-detail", args=[ticket.number])).content.decode()
    assert "工单协调 4 小时 → 3 小时" in timeline
    with clock.at(MONDAY + 2 * HOUR):
        services.put_on_hold(again(ticket), reason="等配件", until=None, by=fresh(cast.agent))
        services.correct_ticket(again(ticket), Correction(severity=severities["normal"]), version=2, by=None)
        services.resume_ticket(again(ticket), by=fresh(cast.agent))
    assert task_at(ticket, "coordinate").due_at == MONDAY + 30 * HOUR
    assert not list(find_wrong_clocks())


def test_rules_are_kept_on_a_page(cast: Cast, rules, complaint_process, client_of) -> None:
    admin = Role.objects.get(code="admin")
    Role.objects.filter(pk=admin.pk).update(
        permissions=[*admin.permissions, "clock_policy.view", "clock_policy.change"]
    )
    client = client_of(cast.admin)
    assert "十五日答复" in client.get(reverse("clock-policy-list")).content.decode()
    form = {
        "name": "话费投诉两日", "kind": "total", "limit_amount": "2", "limit_unit": "days", "after_reopening": "continue",
        "subject_kinds": ["complaint"], "warnings": "150%",
    }  # fmt: skip
    refused = client.post(reverse("clock-policy-create"), form)
    assert refused.status_code == 422
    assert client.post(reverse("clock-policy-create"), {**form, "warnings": "50% 1d"}).status_code == 302
    policy = ClockPolicy.objects.get(name="话费投诉两日")
    assert (policy.limit, policy.in_working_time, policy.subject_kinds) == (2 * DAY, False, ["complaint"])
    url = reverse("clock-policy-detail", args=[policy.pk])
    assert client.post(url, {**form, "warnings": "", "limit_amount": "3", "version": "1"}).status_code == 302
    assert client.post(url, {**form, "warnings": "", "version": "1"}).status_code == 409
    about = {**form, "name": "部门处理四小时", "kind": "step", "warnings": ""}
    assert client.post(reverse("clock-policy-create"), about).status_code == 422
    about |= {"steps": ["处理"], "process": "complaint", "unit_kinds": ["county"]}
    assert client.post(reverse("clock-policy-create"), about).status_code == 302
    policy = ClockPolicy.objects.get(name="部门处理四小时")
    assert (policy.kind, policy.process, policy.steps, policy.unit_kinds) == ("step", "complaint", ["处理"], ["county"])
    url = reverse("clock-policy-detail", args=[policy.pk])
    assert client.post(url, {**about, "unit_kinds": ["city"], "version": "1"}).status_code == 422
    assert client.post(url, {**about, "limit_amount": "3", "version": "1"}).status_code == 302
    assert client.post(reverse("clock-policy-presets")).status_code == 302
    assert ClockPolicy.objects.filter(preset="telecom_complaint").exists()
    assert client_of(cast.agent).get(reverse("clock-policy-list")).status_code == 403

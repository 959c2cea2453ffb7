"""Supervision: a superior watches a ticket, reports are owed at an interval, overdue ones are asked for."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cast import Cast
from onepoint.accounts.models import Role, User
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.notifications.models import Notification
from onepoint.sla.models import DueMoment
from onepoint.sla.moments import fire_due
from onepoint.tickets import services, supervisions
from onepoint.tickets.models import ProgressReport, Supervision, Ticket
from onepoint.tickets.supervisions import SupervisionFilter, find_supervisions
from onepoint.tickets.urging_rights import NotYoursToReport, SupervisedAlready, SupervisionOver

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def rights(cast: Cast) -> None:
    Role.objects.filter(code="supervisor").update(
        permissions=["desk.use", "ticket.view", "ticket.remind", "ticket.supervise"]
    )
    cast.supervisor.forget_rights()


def supervise(ticket: Ticket, by: User | None, **more: object) -> Supervision:
    DueMoment.objects.exclude(kind="supervision.report").delete()  # what else falls due has tests of its own
    with clock.at(NOON):
        return services.start_supervision(ticket, reason="媒体关注", interval_hours=4, by=by, **more)


def told(event: str) -> list[str]:
    found = Notification.objects.filter(event=event).select_related("person").order_by("person__username")
    return [notification.person.username for notification in found]


def test_supervising_tells_the_handlers_and_owes_a_report_after_the_interval(ticket: Ticket, cast: Cast) -> None:
    supervision = supervise(ticket, cast.supervisor, receivers=[cast.admin.pk])
    assert supervision.report_due_at == NOON + 4 * HOUR
    assert supervision.receivers == [cast.supervisor.pk, cast.admin.pk]
    assert told("supervision.started") == ["coordinator"]
    assert AuditEntry.objects.get(verb="ticket.supervision_started").data["reason"] == "媒体关注"
    with pytest.raises(SupervisedAlready):
        supervise(ticket, cast.supervisor)


def test_only_whoever_may_supervise_in_that_place_does(ticket: Ticket, cast: Cast) -> None:
    for person in (cast.agent, cast.handler, cast.outsider):
        with pytest.raises(NotPermitted):
            supervise(ticket, person)
    with pytest.raises(InvalidInput):
        services.start_supervision(ticket, reason=" ", interval_hours=4, by=cast.supervisor)
    with pytest.raises(InvalidInput):
        services.start_supervision(ticket, reason="急", interval_hours=0, by=cast.supervisor)


def test_an_overdue_report_is_asked_for_again_and_again_until_it_comes(ticket: Ticket, cast: Cast) -> None:
    supervision = supervise(ticket, cast.supervisor)
    assert fire_due(NOON + 3.9 * HOUR) == 0
    fire_due(NOON + 4 * HOUR)
    fire_due(NOON + 8 * HOUR)
    assert told("progress.owed") == ["coordinator", "coordinator", "supervisor", "supervisor"]
    with clock.at(NOON + 9 * HOUR):
        report = services.report_progress(supervision, text="已派网络部", by=cast.coordinator)
    assert report.is_late
    assert told("supervision.reported") == ["supervisor"]
    assert fire_due(NOON + 12.9 * HOUR) == 0
    assert fire_due(NOON + 13 * HOUR) == 1
    assert AuditEntry.objects.filter(verb="ticket.progress_owed").count() == 3


def test_reports_are_written_by_whoever_has_the_work(ticket: Ticket, cast: Cast) -> None:
    supervision = supervise(ticket, cast.supervisor)
    with pytest.raises(NotYoursToReport):
        services.report_progress(supervision, text="快了", by=cast.handler)
    with pytest.raises(InvalidInput):
        services.report_progress(supervision, text="", by=cast.coordinator)
    assert not ProgressReport.objects.exists()


def test_the_superior_ends_it_with_a_conclusion_and_nothing_is_owed_any_more(ticket: Ticket, cast: Cast) -> None:
    supervision = supervise(ticket, cast.supervisor)
    with pytest.raises(NotPermitted):
        services.end_supervision(supervision, conclusion="好了", by=cast.coordinator)
    services.end_supervision(supervision, conclusion="客户认可", by=cast.supervisor)
    with pytest.raises(SupervisionOver):
        services.end_supervision(supervision, conclusion="又", by=cast.supervisor)
    with pytest.raises(SupervisionOver):
        services.report_progress(supervision, text="迟了", by=cast.coordinator)
    assert fire_due(NOON + 90 * HOUR) == 0
    assert AuditEntry.objects.get(verb="ticket.supervision_ended").data["conclusion"] == "客户认可"
    supervise(ticket, cast.supervisor)  # and may begin again later


def test_a_ticket_that_ends_takes_its_supervision_with_it_and_on_hold_it_rests(ticket: Ticket, cast: Cast) -> None:
    supervise(ticket, cast.supervisor)
    with clock.at(NOON + HOUR):
        services.put_on_hold(ticket, reason="等客户", until=None, by=cast.agent)
    assert fire_due(NOON + 9 * HOUR) == 0
    with clock.at(NOON + 11 * HOUR):
        services.resume_ticket(ticket, by=cast.agent)
    assert DueMoment.objects.get(kind="supervision.report").due_at == NOON + 14 * HOUR
    services.withdraw_ticket(ticket, reason="客户撤回", by=cast.agent)
    assert supervisions.current_of(ticket) is None


def test_the_list_shows_what_one_may_supervise_and_can_be_narrowed(
    ticket: Ticket, cast: Cast, django_assert_num_queries
) -> None:
    supervision = supervise(ticket, cast.supervisor)
    reader = User.objects.get(pk=cast.supervisor.pk)
    assert list(find_supervisions(SupervisionFilter(), visible_to=reader)) == [supervision]
    assert list(find_supervisions(SupervisionFilter(region=cast.west), visible_to=reader)) == []
    assert list(find_supervisions(SupervisionFilter(state="ended"), visible_to=reader)) == []
    assert list(find_supervisions(SupervisionFilter(mine=True, number=ticket.number), visible_to=reader)) == [
        supervision
    ]
    with clock.at(NOON + 5 * HOUR):
        assert list(find_supervisions(SupervisionFilter(state="overdue"), visible_to=reader)) == [supervision]
    assert list(find_supervisions(SupervisionFilter(), visible_to=cast.outsider)) == []
    with django_assert_num_queries(1):
        list(find_supervisions(SupervisionFilter(), visible_to=reader))

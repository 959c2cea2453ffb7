"""Return visits as a file: what the tab shows, in the asker's scope, with what the customers said."""

import csv
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict

from cast import Cast
from exported import file_of as written_file
from exported import is_offered, let_export
from onepoint.accounts.models import Role, User
from onepoint.core import exporting
from onepoint.core.errors import NotPermitted
from onepoint.core.models import ExportStatus
from onepoint.follow_ups import services
from onepoint.follow_ups.models import FollowUp
from onepoint.follow_ups.states import VisitState, VisitWay
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import TicketStatus
from tickets.conftest import fresh


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture(autouse=True)
def exporting_supervisor(cast: Cast) -> None:
    role = Role.objects.get(code="supervisor")
    role.permissions = [*role.permissions, "list.export"]
    role.save()


@pytest.fixture
def visits(make_rule: Callable[..., Any], register: Callable[..., Any], close: Callable[..., Any]) -> list[FollowUp]:
    """One that waits, and one whose customer was not satisfied."""
    make_rule(merges_day=False)
    for title in ("宽带掉线", "扣费有误"):
        close(register(title=title, contact_phone="13800138000"))
    services.make_visits(by=None)
    waiting, answered = FollowUp.objects.order_by("pk")
    FollowUp.objects.filter(pk=answered.pk).update(
        state=VisitState.ANSWERED, is_satisfied=False, stars=2, words="请打13911112222", answered_way=VisitWay.SMS
    )
    return [waiting, FollowUp.objects.get(pk=answered.pk)]


def file_of(by: User, query: str) -> list[dict[str, str]]:
    every = [column.key for column in exporting.find_list("visits").columns]  # type: ignore[union-attr]
    export = exporting.start_export("visits", query=query, columns=every, file_format="csv", by=fresh(by))
    exporting.write_export(export.pk)
    export.refresh_from_db()
    assert export.status == ExportStatus.READY, export.problem
    return list(csv.DictReader(StringIO(exporting.file_of(export).read_text(encoding="utf-8-sig"))))


def test_the_file_holds_the_tab_with_what_was_said(cast: Cast, visits: list[FollowUp]) -> None:
    (line,) = file_of(cast.supervisor, "which=unsatisfied")
    assert (line["工单"], line["满意"], line["方式"]) == (visits[1].ticket.number, "不满意", "短信")
    assert "13911112222" not in line["客户原话"]  # the supervisor sees no telephone numbers
    assert [line["标题"] for line in file_of(cast.supervisor, "which=waiting")] == ["宽带掉线"]


def test_another_city_and_those_who_see_no_visits_get_none(cast: Cast, visits: list[FollowUp]) -> None:
    rows = exporting.find_list("visits").rows  # type: ignore[union-attr]
    assert rows(fresh(cast.supervisor), QueryDict("which=waiting")).count() == 1
    assert rows(fresh(cast.outsider), QueryDict("which=waiting")).count() == 0
    with pytest.raises(NotPermitted):
        exporting.start_export("visits", query="", columns=(), file_format="csv", by=fresh(cast.agent))


def test_the_page_offers_the_file(cast: Cast, visits: list[FollowUp], client_of: Any) -> None:
    assert 'name="list" value="visits"' in client_of(cast.supervisor).get("/visits/").content.decode()


def test_answers_due_are_a_file_too(cast: Cast, register: Callable[..., Any], client_of: Any) -> None:
    ticket = register(title="漫游费退费", contact_phone="13800138000", contact_name="王女士")
    register(title="还在处理")
    Ticket.objects.filter(pk=ticket.pk).update(status=TicketStatus.REPLYING)
    let_export("coordinator")
    (line,) = written_file("replies", cast.coordinator)
    assert (line["工单"], line["标题"], line["客户"]) == (ticket.number, "漫游费退费", "王女士")
    assert line["环节"] == "工单协调"
    assert written_file("replies", cast.coordinator, "q=TS1999") == []
    assert written_file("replies", cast.outsider) == []
    assert is_offered(client_of(cast.coordinator).get("/replies/").content, "replies")
    with pytest.raises(NotPermitted):
        exporting.start_export("replies", query="", columns=(), file_format="csv", by=fresh(cast.handler))

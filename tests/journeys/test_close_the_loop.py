"""The loop is closed (issue 7): asked by telephone in vain, answered by link, taken up again, asked again, satisfied."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from cast import Cast, make_user
from journeys.house import PHONE_AS_SPOKEN, House
from journeys.screen import Screen, text_of
from onepoint.accounts.models import Role, RoleGrant
from onepoint.channels.models import OutgoingMessage
from onepoint.core import clock
from onepoint.follow_ups import services
from onepoint.follow_ups.models import FollowUp
from onepoint.notifications.models import NotificationPolicy
from onepoint.sla.models import Clock
from onepoint.tickets.models import Ticket
from tickets.conftest import task_at

HOUSE = "https://onepoint.example.cn"
MONDAY = datetime(2027, 11, 22, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass
class Loop:
    """One complaint and those who have to do with it; what workers do in the background happens when it is said."""

    house: House
    screens: Callable[..., Screen]
    number: str = ""

    @property
    def ticket(self) -> Ticket:
        return Ticket.objects.get(number=self.number)

    @property
    def visit(self) -> FollowUp:
        return FollowUp.objects.filter(ticket=self.ticket).order_by("-closing_number")[0]

    def at(self, part: str) -> Screen:
        return self.screens(self.house.people[part])

    def settle(self, words: str) -> None:
        """The department settles it, the coordinator closes it."""
        self.at("interface_person").act(self.number, "部门接收", "done", words)
        self.at("coordinator").act(self.number, "工单协调", "finish", "已答复客户")
        assert self.ticket.status == "closed"

    def work_in_the_background(self) -> None:
        services.make_visits(by=None)
        services.look_after_links(by=None)
        services.expire_visits(by=None)

    def timeline(self) -> str:
        return text_of(self.at("supervisor").open(f"/tickets/{self.number}/").xpath("//ol[@class='timeline']")[-1])


@pytest.fixture
def loop(house: House, at_screen: Callable[..., Screen]) -> Any:
    NotificationPolicy.objects.update_or_create(pk=1, defaults={"house_address": HOUSE})
    loop = Loop(house, at_screen)
    with clock.at(MONDAY):
        loop.number = loop.at("agent").register(PHONE_AS_SPOKEN, "退订套餐", "客户要求退订套餐，营业厅不予办理。")
        network = house.cast.network.pk
        loop.at("coordinator").act(loop.number, "工单协调", "departments_in_sequence", "请处理", departments=[network])
        loop.settle("已为客户办理退订")
        loop.work_in_the_background()
    return loop


def call_in_vain(loop: Loop, outcome: str) -> None:
    """The visitor takes the next visit and nobody answers."""
    screen = loop.at("visitor")
    (take,) = screen.forms("/visits/", "/visits/next/")
    assert screen.send(take).url == f"/visits/{loop.visit.pk}/"
    (form,) = screen.forms(f"/visits/{loop.visit.pk}/", "/attempts/")
    screen.send(form.fill(outcome=outcome, note="响铃无人"))


def reach_nobody_until_the_link(loop: Loop) -> str:
    """Tuesday morning, noon and afternoon; gives the address in the message."""
    for hour, outcome in ((24, "no_answer"), (29, "busy"), (33, "switched_off")):
        with clock.at(MONDAY + timedelta(hours=hour)):
            call_in_vain(loop, outcome)
            loop.work_in_the_background()
    with clock.at(MONDAY + timedelta(days=2)):
        loop.work_in_the_background()
    (message,) = OutgoingMessage.objects.filter(about_type="follow_up")
    return str(message.text.split(HOUSE)[1].split()[0])


def answer(address: str, settled: str, words: str) -> None:
    """On the customer's own telephone, without a login."""
    screen = Screen(Client(), None)  # type: ignore[arg-type]
    form = screen.form_with(address, "q1")
    screen.send(form.fill(q1=settled, q5=words))
    assert "谢谢" in text_of(screen.open(address))


def test_nobody_is_reached_then_the_link_brings_the_ticket_back_and_the_second_answer_is_good(loop: Loop) -> None:
    address = reach_nobody_until_the_link(loop)
    with clock.at(MONDAY + timedelta(days=2, hours=1)):
        answer(address, "3", "没有退订成功，还在扣费")
        assert (loop.ticket.status, loop.ticket.reopen_count) == ("handling", 1)
        task = task_at(loop.ticket, "receive")
        assert task.assignee == loop.house.cast.interface_person
        assert Clock.objects.of("ticket", loop.ticket.pk).filter(state="running").exists()
        assert loop.ticket.due_at > clock.now()
        assert (loop.number, "部门接收") in loop.at("interface_person").todo()
        loop.settle("已核实并退订成功，退费三十元")
        loop.work_in_the_background()
    with clock.at(MONDAY + timedelta(days=3, hours=2)):
        screen = loop.at("visitor")
        (take,) = screen.forms("/visits/", "/visits/next/")
        page = screen.send(take).url
        (form,) = screen.forms(page, "/answers/")
        screen.send(form.fill(q1="1", q2="5", q5="这次解决了"))
        loop.work_in_the_background()
    assert loop.ticket.status == "closed"
    visits = FollowUp.objects.filter(ticket=loop.ticket).order_by("closing_number")
    assert [(v.closing_number, v.state, v.is_satisfied) for v in visits] == [
        (1, "answered", False),
        (2, "answered", True),
    ]
    told = loop.timeline()
    for words in (
        "电话回访：无人接听",
        "电话回访：占线",
        "通过短信询问客户问题是否解决",
        "没有退订成功，还在扣费",
        "这次解决了",
    ):
        assert words in told, words


def test_words_of_risk_end_at_the_crisis_seat(loop: Loop) -> None:
    cast: Cast = loop.house.cast
    seat = make_user("crisis", cast.call_centre, [], "危专席")
    RoleGrant.objects.create(user=seat, role=Role.objects.get(code="crisis_seat"), unit=cast.call_centre)
    address = reach_nobody_until_the_link(loop)
    with clock.at(MONDAY + timedelta(days=2, hours=1)):
        answer(address, "3", "再不解决我就向媒体曝光")
        screen = loop.screens(seat)
        assert (loop.number, "危机专席处理") in screen.todo()
        (claim,) = screen.forms(f"/tickets/{loop.number}/", "/claim/")
        screen.send(claim)
        screen.act(loop.number, "危机专席处理", "settled", "已上门致歉并退费")
        screen.act(loop.number, "答复客户", "answered", "客户接受")
        assert loop.ticket.status == "closed"
        loop.work_in_the_background()
        assert loop.visit.closing_number == 2
    assert "转危机处理专席：客户提到“媒体”" in loop.timeline()

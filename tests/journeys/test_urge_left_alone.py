"""The acceptance of urging (issue 5): a step left alone is reminded, reminded again, carried to the superior, taken over.

In simulated time through the day before yesterday, with letters and short messages arriving at a mail server and a short
message centre of other makers, and the people acting through the pages' own forms.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from channels.conftest import SETTINGS
from channels.peers.mail import MailServer
from channels.peers.smsc import MessageCentre
from journeys.house import PHONE_AS_SPOKEN, House
from journeys.screen import Screen
from onepoint.accounts.models import User
from onepoint.channels import services as channels
from onepoint.channels.models import Gateway
from onepoint.channels.services import sending
from onepoint.core import clock
from onepoint.sla.calendars import calendar_for
from onepoint.sla.models import DueMoment
from onepoint.sla.moments import fire_due
from onepoint.tickets.models import Ticket
from onepoint.workflow.models import UserTask
from workflow.conftest import check_instance

#: So long ago that everything has been due for the real clock of gateways, and in the day, when nobody sleeps.
MORNING = (timezone.localtime() - timedelta(days=40)).replace(hour=9, minute=0, second=0, microsecond=0)
HOUR = timedelta(hours=1)


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def centre() -> Iterator[MessageCentre]:
    with MessageCentre() as found:
        found.behave(system_id="onepoint", password="secret")
        yield found


def gateway(provider: str, secrets: dict[str, str] | None = None, **settings: Any) -> Gateway:
    return channels.create_gateway(
        provider=provider, name=provider, settings=SETTINGS[provider] | settings, secrets=secrets, by=None
    )


class Day:
    """Simulated time: what comes due happens, and what was put into the outbox leaves."""

    def __init__(self, *gateways: Gateway) -> None:
        self.gateways = gateways
        self.now = MORNING

    def pass_to(self, moment: datetime) -> None:
        self.now = moment
        with clock.at(moment):
            fire_due()
            for one in self.gateways:
                sending.send_waiting(one)

    def next_of(self, ticket: Ticket, *kinds: str) -> DueMoment:
        """What comes next for the ticket's steps; a second before it nothing has happened."""
        tasks = UserTask.objects.live().filter(subject_type="ticket", subject_id=ticket.pk)
        waiting = DueMoment.objects.filter(status="waiting", subject_type="task", subject_id__in=tasks.values("pk"))
        moment = waiting.filter(kind__in=kinds).order_by("due_at").first()
        assert moment is not None
        self.pass_to(moment.due_at - timedelta(seconds=1))
        moment.refresh_from_db()
        assert moment.status == "waiting"
        return moment

    @contextmanager
    def later(self) -> Iterator[None]:
        """People act a minute after what has just happened."""
        self.now += timedelta(minutes=1)
        with clock.at(self.now):
            yield


def reminded(server: MailServer) -> list[str]:
    """Who got a letter that reminds; that a limit is at risk or over is told besides."""
    return [str(mail["to"]) for mail in server.mails if "次催办" in str(mail["subject"])]


def reach(person: User, mail: str, phone: str) -> None:
    User.objects.filter(pk=person.pk).update(email=mail, phone=phone)


def test_a_step_left_alone_is_reminded_by_letter_and_message_and_taken_over_by_the_superior(
    house: House, at_screen: Callable[..., Screen], mail_server: MailServer, centre: MessageCentre
) -> None:
    day = Day(gateway("smtp", port=mail_server.port), gateway("smpp", {"password": "secret"}, port=centre.port))
    people = house.people
    reach(people["interface_person"], "ding@east.example", "138 0013 8001")
    reach(people["supervisor"], "li@east.example", "138 0013 8002")
    agent, coordinator, superior = (at_screen(people[part]) for part in ("agent", "coordinator", "supervisor"))

    with day.later():
        number = agent.register(PHONE_AS_SPOKEN, "退订套餐", "客户要求退订套餐，营业厅不予办理。")
        coordinator.act(
            number, "工单协调", "departments_in_sequence", "请核实", departments=[str(house.cast.network.pk)]
        )
        receiver = at_screen(people["interface_person"])
        (claim,) = receiver.forms(f"/tickets/{number}/", "/claim/")
        receiver.send(claim)  # and then he does nothing
    ticket = Ticket.objects.get(number=number)
    work = calendar_for(unit_id=house.cast.network.pk, region_id=house.cast.east.pk)
    arrived = day.now

    for count in (1, 2, 3):  # the first reminder two working hours after the arrival, the others every two hours
        moment = day.next_of(ticket, "task.reminder")
        assert len(reminded(mail_server)) == count - 1
        day.pass_to(moment.due_at)
        assert work.between(arrived, moment.due_at) == 2 * count * HOUR
        assert ["ding@east.example" in one for one in reminded(mail_server)] == [True] * count
        assert any(f"第 {count} 次催办：{number}" in str(mail["subject"]) for mail in mail_server.mails)
        assert len({event["reference"] for event in centre.submitted}) == count
        day.pass_to(moment.due_at)  # once is once
        assert len(reminded(mail_server)) == count

    day.pass_to(day.next_of(ticket, "task.escalation").due_at)  # back to the department's pool
    assert UserTask.objects.live().get(subject_type="ticket", subject_id=ticket.pk).status == "open"
    day.pass_to(day.next_of(ticket, "task.escalation").due_at)  # then to the superior, who may take it over
    assert "li@east.example" in mail_server.recipients
    assert any("久未办理" in str(mail["subject"]) for mail in mail_server.mails)
    with day.later():
        assert [step for _number, step in superior.todo()] == ["部门接收"]
        (claim,) = superior.forms(f"/tickets/{number}/", "/claim/")
        superior.send(claim)
        superior.act(number, "部门接收", "done", "已直接联系客户处理")
    check_instance(ticket.process_instance_id)

    day.pass_to(day.now + 72 * HOUR)  # nobody is reminded of what is done
    assert len(["ding@east.example" in one for one in reminded(mail_server)]) == 3
    page = agent.open(f"/tickets/{number}/").text_content()
    for said in (
        "第 1 次催办",
        "第 2 次催办",
        "第 3 次催办",
        "丁接口",
        "久未办理",
        "李值班",
        "退回工作组",
        "由接收人接手",
    ):
        assert said in page, said

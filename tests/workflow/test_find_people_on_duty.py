"""Assignment by duty roster and by the platform that serves a business line in a region."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cast import Cast
from onepoint.accounts import services as accounts
from onepoint.accounts.models import Group, Roster
from onepoint.accounts.states import UnitKind
from onepoint.core import clock
from onepoint.workflow import services
from onepoint.workflow.errors import TaskNotYours
from onepoint.workflow.models import Incident
from workflow.conftest import chain, drawing, fresh_user, publish, sees, start, user_task

MONDAY = date(2026, 11, 23)
ENDS = '<bpmn:startEvent id="begin"/><bpmn:endEvent id="end"/>'
ON_DUTY = '<op:assignment rule="duty" group="crisis"><op:fallback rule="initiator"/></op:assignment>'


def at(hour: int, day: date = MONDAY) -> object:
    return clock.at(datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("Asia/Shanghai")))


@pytest.fixture
def roster(cast: Cast) -> Roster:
    """The agent has mornings, the second agent afternoons."""
    group = Group.objects.create(code="crisis", name="危机处理组")
    group.members.set([cast.agent, cast.second_agent])
    roster = accounts.create_roster(code="crisis", name="危机值班", group=group, by=None)
    for name, begin, end, person in (("早班", 8, 14, cast.agent), ("中班", 14, 20, cast.second_agent)):
        shift = accounts.add_shift(roster, name=name, starts=time(begin), ends=time(end), by=None)
        with at(7):
            accounts.plan_duty(shift, day=MONDAY, people=[person], every_week=True, by=None)
    return roster


def one_step(assignment: str) -> None:
    publish(drawing(f"{ENDS}{user_task('work', assignment)}{chain('begin', 'work', 'end')}"))


def test_a_task_waits_for_whoever_is_on_duty_and_passes_to_the_next_shift(cast: Cast, roster: Roster) -> None:
    one_step(ON_DUTY)
    with at(9):
        running = start("small", cast.visitor, region=cast.east, unit=cast.call_centre)
        assert sees(cast.agent, running) == ["work"]
        assert sees(cast.second_agent, running) == []
    with at(15):
        assert sees(cast.agent, running) == []
        with pytest.raises(TaskNotYours):
            services.claim_task(running.task("work"), by=fresh_user(cast.agent))
        services.claim_task(running.task("work"), by=fresh_user(cast.second_agent))
    with at(21):
        assert sees(cast.second_agent, running) == ["work"], "what was claimed stays in hand after the shift"


def test_with_nobody_on_duty_the_fallback_answers(cast: Cast, roster: Roster) -> None:
    one_step(ON_DUTY)
    with at(22):
        running = start("small", cast.visitor, region=cast.east, unit=cast.call_centre)
    with at(9, MONDAY + timedelta(days=1)):
        assert sees(cast.visitor, running) == ["work"]


def test_the_platform_of_the_region_serves_its_business_lines_only(cast: Cast) -> None:
    lathes = accounts.create_business_line(code="lathes", name="车床", by=None)
    mills = accounts.create_business_line(code="mills", name="铣床", by=None)
    platform = accounts.create_unit(
        code="platform", name="东区平台", kind=UnitKind.PLATFORM, region=cast.east, business_lines=[lathes], by=None
    )
    accounts.arrange_interface_people(platform, people=[cast.handler, cast.deputy], by=None)
    one_step('<op:assignment rule="platform"/>')
    served = start("small", cast.visitor, region=cast.east, variables={"business_line": lathes.pk})
    assert sees(cast.handler, served) == ["work"]
    assert sees(cast.deputy, served) == ["work"]
    assert served.task("work").unit == platform
    start("small", cast.visitor, region=cast.east, variables={"business_line": mills.pk})
    assert Incident.objects.filter(code="no_candidate").count() == 1

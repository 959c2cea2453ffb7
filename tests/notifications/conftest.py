"""An event of the tests' own, so that they do not depend on the texts of another capability."""

from collections.abc import Iterator

import pytest

from onepoint.notifications import registry
from onepoint.notifications.registry import Event, Variable, register_event, register_group

SAMPLE = Event(
    name="sample.happened",
    label="Something happened",
    group="samples",
    variables=(
        Variable("number", "Ticket", "TS20261122000001"),
        Variable("step", "Step", "受理"),
        Variable("due", "Limit", "", "moment"),
    ),
    ways=("app", "email"),
    text={
        "zh-hans": ("工单 {number} 请处理", "{person}，您好：\n\n工单 {number} 的环节“{step}”请在 {due} 前办完。"),
        "en": ("Ticket {number} asks for you", "Dear {person},\n\nplease finish step “{step}” of {number} by {due}."),
    },
)
URGENT = Event(
    name="sample.burnt",
    label="Something burns",
    group="fires",
    variables=(Variable("number", "Ticket"),),
    ways=("app", "email", "sms"),
    urgent=True,
    text={"zh-hans": ("紧急：{number}", "{number} 紧急"), "en": ("Urgent: {number}", "{number} is urgent")},
)


@pytest.fixture(autouse=True)
def events() -> Iterator[None]:
    before, groups = dict(registry._events), dict(registry._groups)
    register_group("samples", "Samples", 1)
    register_group("fires", "Fires", 2)
    register_event(SAMPLE)
    register_event(URGENT)
    yield
    registry._events.clear()
    registry._events.update(before)
    registry._groups.clear()
    registry._groups.update(groups)

"""A step whose rule holds is passed by, in the tables and in the picture."""

import pytest

from cast import Cast
from onepoint.workflow import picture, services
from onepoint.workflow.errors import NotAnEarlierStep
from workflow.conftest import Running, chain, check_instance, drawing, publish, start, user_task

SKIPPING = (
    '<bpmn:startEvent id="s"/>' + user_task("write") + user_task("review", more='<op:skip when="1 = 1"/>')
    + user_task("last") + '<bpmn:endEvent id="e"/>' + chain("s", "write", "review", "last", "e")
)  # fmt: skip


@pytest.fixture
def passed_by(cast: Cast) -> Running:
    publish(drawing(SKIPPING))
    running = start("small", cast.agent)
    running.do("write", cast.agent, "done")
    return running


def test_nobody_gets_a_task_of_the_skipped_step(passed_by: Running) -> None:
    assert passed_by.nodes() == ["last"]
    check_instance(passed_by.id)


def test_the_picture_says_that_it_was_skipped(passed_by: Running) -> None:
    node = picture.process_picture(passed_by.row)["nodes"]["review"]
    assert (node["state"], node["who"], node["duration"]) == ("skipped", "按规则跳过", "")


def test_the_last_step_goes_back_past_it(cast: Cast, passed_by: Running) -> None:
    with pytest.raises(NotAnEarlierStep):
        services.send_back_task(passed_by.task(), to_visit=3, opinion="再看", by=cast.agent)
    services.send_back_task(passed_by.task(), to_visit=2, opinion="再写", by=cast.agent)
    assert passed_by.nodes() == ["write"]
    check_instance(passed_by.id)

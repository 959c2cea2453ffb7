"""The page that moves running tickets: the mapping proposed, a dry run, the order, and its report."""

import pytest

from cast import Cast
from onepoint.workflow import queries, services
from onepoint.workflow.designing import moves
from onepoint.workflow.models import InstanceMove, ProcessVersion
from workflow.conftest import Running, chain, drawing, publish, start, user_task


def one_step(step: str, name: str) -> str:
    named = user_task(step).replace(f'name="{step}"', f'name="{name}"')
    return drawing(f'<bpmn:startEvent id="s"/>{named}<bpmn:endEvent id="e"/>{chain("s", step, "e")}', "moving")


@pytest.fixture
def running(cast: Cast) -> Running:
    publish(one_step("handle", "办理"))
    running = start("moving", cast.agent, region=cast.east)
    publish(one_step("process", "处理"))
    return running


def test_steps_are_proposed_by_name_and_chosen_among_like_ones(cast: Cast, running: Running) -> None:
    old, new = ProcessVersion.objects.order_by("number")
    (place,) = moves.places(old, new, queries.guess_nodes(old, new))
    assert (place.name, place.count, place.target, place.choices) == ("办理", 1, "", [("process", "处理")])


def test_the_dry_run_names_what_is_missing_and_writes_nothing(cast: Cast, client_of, running: Running) -> None:
    client = client_of(cast.admin)
    page = client.get("/processes/moving/moves/").content.decode()
    assert "无法迁移" in page
    tried = client.post("/processes/moving/moves/", {"from": 1, "to": 2, "map-handle": "process", "do": "try"})
    assert "可以迁移" in tried.content.decode()
    assert not InstanceMove.objects.exists()


def test_the_chosen_tickets_are_moved_and_reported(cast: Cast, client_of, running: Running) -> None:
    client = client_of(cast.admin)
    sent = {"from": 1, "to": 2, "map-handle": "process", "do": "move", "instance": [running.id]}
    answer = client.post("/processes/moving/moves/", sent)
    order = InstanceMove.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/processes/moving/moves/{order.pk}/")
    assert "every 2s" in client.get(answer["Location"]).content.decode()
    services.move_instances(order.pk)
    report = client.get(answer["Location"]).content.decode()
    assert running.row.subject_number in report
    assert "every 2s" not in report
    assert running.nodes() == ["process"]


def test_an_order_without_tickets_is_refused(cast: Cast, client_of, running: Running) -> None:
    client = client_of(cast.admin)
    client.post("/processes/moving/moves/", {"from": 1, "to": 2, "map-handle": "process", "do": "move"})
    assert not InstanceMove.objects.exists()


def test_tickets_are_found_by_step_and_number(cast: Cast, running: Running) -> None:
    old = ProcessVersion.objects.get(number=1)
    number = running.row.subject_number
    found = [moves.chosen_instances(old, step, text).count() for step, text in
             (("", ""), ("handle", ""), ("elsewhere", ""), ("", number[:2]), ("", "ZZ"))]  # fmt: skip
    assert found == [1, 1, 0, 1, 0]


def test_the_pages_cost_the_same_for_one_ticket_and_for_ten(
    cast: Cast, client_of, running: Running, django_assert_max_num_queries
) -> None:
    client = client_of(cast.admin)
    client.get("/processes/moving/moves/?from=1&to=2")
    for _number in range(10):
        start("moving", cast.agent, region=cast.east)
    with django_assert_max_num_queries(30):
        client.get("/processes/moving/moves/?from=1&to=2")


def test_others_see_neither_page_nor_report(cast: Cast, client_of, running: Running) -> None:
    for part in (cast.agent, cast.outsider):
        assert client_of(part).get("/processes/moving/moves/").status_code == 403
        assert client_of(part).post("/processes/moving/moves/", {"do": "move"}).status_code == 403
        assert client_of(part).get("/processes/moving/moves/1/").status_code == 403
    assert client_of(cast.admin).get("/processes/moving/moves/1/").status_code == 404
    assert client_of(cast.admin).get("/processes/nothing/moves/").status_code == 404

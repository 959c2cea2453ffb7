"""The operations screen: figures in scope, stuck timers, one instance with its remedies."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from cast import Cast
from onepoint.accounts.models import Role
from onepoint.core import clock
from onepoint.workflow import operations, services
from onepoint.workflow.models import Timer, UserTask
from workflow.conftest import Running, chain, check_instance, drawing, publish, start, user_task
from workflow.test_fire_timer import NOON, watched
from workflow.test_show_picture import Login


@pytest.fixture
def duty(cast: Cast) -> Any:
    """The supervisor of East, who may look after processes there."""
    role = Role.objects.get(code="supervisor")
    role.permissions = [*role.permissions, "process.view", "process.manage"]
    role.save()
    return cast.supervisor


def get(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_figures_and_steps_are_those_of_the_persons_region(
    cast: Cast, duty: Any, complaint: Running, client_of: Login, django_assert_max_num_queries: Any
) -> None:
    start("complaint", cast.outsider, region=cast.west, unit=cast.west_branch)
    (load,) = operations.step_loads(duty)
    assert (load.node_id, load.count, load.unclaimed, load.heat) == ("coordinate", 1, 1, "cool")
    assert operations.totals(duty).running == 1
    assert operations.step_loads(cast.admin)[0].count == 2
    client = client_of(duty)
    get(client, "/operations/")
    with django_assert_max_num_queries(14):
        assert "工单协调" in get(client, "/operations/")
    heat = client.get("/operations/heat/complaint/1.json").json()["nodes"]
    assert (heat["coordinate"]["waiting"], heat["coordinate"]["state"]) == (1, "cool")
    assert complaint.row.subject_number in get(client, "/operations/steps/complaint/coordinate/")
    assert client.get("/operations/steps/nothing/coordinate/").status_code == 404


def test_heat_rises_with_age(cast: Cast, duty: Any, complaint: Running) -> None:
    for days, expected in ((0, "cool"), (2, "warm"), (4, "hot")):
        with clock.at(clock.now() + timedelta(days=days)):
            assert operations.step_loads(duty)[0].heat == expected


def test_steps_are_counted_by_the_index_of_live_tasks(cast: Cast, complaint: Running) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        counted = UserTask.objects.live().filter(process_key="complaint", parent=None).values("node_id").distinct()
        plan = counted.explain()  # in a small table the planner may take any index that holds live tasks only
        assert "task_alive" in plan or "task_one_live_per_step" in plan


def test_a_timer_that_did_not_fire_is_shown_and_fired_by_hand(cast: Cast, duty: Any, client_of: Login) -> None:
    publish(watched("PT1H"))
    with clock.at(NOON - timedelta(days=400)):
        running = start("watched", cast.agent, region=cast.east)
        elsewhere = start("watched", cast.outsider, region=cast.west)
    client = client_of(duty)
    page = get(client, "/operations/timers/")
    assert running.row.subject_number in page
    assert elsewhere.row.subject_number not in page
    timer = Timer.objects.get(instance=running.id)
    other = Timer.objects.get(instance=elsewhere.id)
    assert client.post(f"/operations/timers/{other.pk}/retry/").status_code == 404
    assert client.post(f"/operations/timers/{timer.pk}/retry/").status_code == 302
    assert running.nodes() == ["late"]
    assert running.row.subject_number not in get(client, "/operations/timers/")


def test_an_instance_is_moved_after_looking_at_what_would_happen(
    cast: Cast, duty: Any, complaint: Running, client_of: Login
) -> None:
    client, page = client_of(duty), f"/operations/instances/{complaint.id}/"
    assert "工单协调" in get(client, page)
    sent = {"to_node": "answer", "visit": "", "reason": "走错了"}
    looked = client.post(page + "jump/", sent).content.decode()
    assert 'name="make"' in looked
    assert "走错了" in looked
    assert complaint.nodes() == ["coordinate"]
    inside = client.post(page + "jump/", {**sent, "to_node": "handle"})
    assert inside.status_code == 409
    assert 'name="make"' not in inside.content.decode()
    assert client.post(page + "jump/", {**sent, "make": "1", "reason": ""}).status_code == 422
    assert client.post(page + "jump/", {**sent, "make": "1"}).status_code == 302
    assert complaint.nodes() == ["answer"]
    check_instance(complaint.id)


def test_an_instance_is_suspended_and_resumed_on_its_page(
    cast: Cast, duty: Any, complaint: Running, client_of: Login
) -> None:
    client, page = client_of(duty), f"/operations/instances/{complaint.id}/"
    refused = client.post(page + "suspend/", {"reason": "", "until": "", "clocks": "stop"})
    assert refused.status_code == 422
    client.post(page + "suspend/", {"reason": "等客户资料", "until": "", "clocks": "stop"})
    assert complaint.row.status == "suspended"
    assert "等客户资料" in get(client, page)
    client.post(page + "resume/")
    assert complaint.row.status == "active"


def test_a_wrong_variable_is_mended_and_tried_again(cast: Cast, duty: Any, client_of: Login) -> None:
    gateway = '<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="g"/>' + user_task("big") + user_task("small")
    condition = '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{}</bpmn:conditionExpression>'
    flows = "".join(
        f'<bpmn:sequenceFlow id="{node}-f" sourceRef="g" targetRef="{node}">{condition.format(text)}</bpmn:sequenceFlow>'
        for node, text in (("big", "amount &gt; 100"), ("small", "amount &lt;= 100"))
    )
    publish(drawing(gateway + chain("s", "g") + flows, "sized"))
    running = start("sized", cast.agent, region=cast.east, variables={"amount": "lots"})
    incident = running.row.incidents.get()
    client, page = client_of(duty), f"/operations/instances/{running.id}/"
    mend = f"{page}mend/{incident.pk}/"
    assert client.post(mend, {"name": "amount", "value": "1 +", "reason": "x"}).status_code == 422
    assert client.post(mend, {"name": "amount", "value": "500", "reason": ""}).status_code == 422
    assert client.post(mend, {"name": "amount", "value": "500", "reason": "录入有误"}).status_code == 302
    assert running.nodes() == ["big"]
    check_instance(running.id)


def test_one_sees_and_moves_only_instances_of_ones_region_and_with_the_right(
    cast: Cast, duty: Any, complaint: Running, client_of: Login
) -> None:
    west = start("complaint", cast.outsider, region=cast.west, unit=cast.west_branch)
    for path in ("", "jump/", "suspend/", "resume/"):
        client = client_of(duty)
        page = f"/operations/instances/{west.id}/{path}"
        assert (client.post(page, {}) if path else client.get(page)).status_code == 404
    for page in ("/operations/", f"/operations/instances/{complaint.id}/", "/operations/timers/"):
        assert client_of(cast.agent).get(page).status_code == 403
    role = Role.objects.get(code="supervisor")
    role.permissions = [p for p in role.permissions if p != "process.move"]
    role.save()
    page = f"/operations/instances/{complaint.id}/"
    sent = {"to_node": "answer", "reason": "x", "make": "1"}
    assert client_of(duty).post(page + "jump/", sent).status_code == 403
    assert complaint.nodes() == ["coordinate"]
    services.terminate_process(complaint.id, reason="x", by=None)
    assert client_of(duty).get(page).status_code == 200

"""What cannot go on by itself becomes an incident a person can see, mend and retry."""

import pytest

from cast import Cast
from onepoint.accounts.models import RoleGrant, User
from onepoint.core.errors import NotPermitted
from onepoint.workflow import candidates, services
from onepoint.workflow.errors import NothingToRetry, NotPossibleHere
from onepoint.workflow.models import Incident
from workflow.conftest import chain, check_instance, drawing, heard, publish, sees, start, user_task

HARD_CHOICE = (
    '<bpmn:startEvent id="s"/>'
    + user_task("a")
    + '<bpmn:exclusiveGateway id="g"/>'
    + user_task("b")
    + '<bpmn:endEvent id="e"/>'
    + chain("s", "a", "g")
    + '<bpmn:sequenceFlow id="only" sourceRef="g" targetRef="b">'
    + '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">severity = "high"</bpmn:conditionExpression>'
    + "</bpmn:sequenceFlow>"
    + chain("b", "e")
)
FOR_A_ROLE = (
    '<bpmn:startEvent id="s"/>'
    + user_task("a", '<op:assignment rule="role" role="visitor" within="region"/>')
    + '<bpmn:endEvent id="e"/>'
    + chain("s", "a", "e")
)


@pytest.fixture(autouse=True)
def nothing_believed() -> None:
    candidates._held_until.clear()


def test_a_gateway_without_a_true_path_holds_the_instance_until_the_cause_is_mended(cast: Cast) -> None:
    publish(drawing(HARD_CHOICE))
    running = start("small", cast.agent)
    with heard("incident_raised") as told:
        running.do("a", cast.agent, "done")
    assert told[0][1]["code"] == "no_flow"
    assert (running.row.status, running.nodes()) == ("incident", [])
    incident = Incident.objects.get(instance_id=running.id)

    services.retry_incident(incident, by=cast.admin)
    again = Incident.objects.get(instance_id=running.id, resolved_at=None)
    assert again.pk != incident.pk

    # The cause is mended by giving the variable a value.
    instance = running.row
    instance.variables = {**instance.variables, "severity": "high"}
    instance.save(update_fields=["variables"])
    services.retry_incident(again, by=cast.admin)
    check_instance(running.id)
    assert (running.row.status, running.nodes()) == ("active", ["b"])
    assert not Incident.objects.filter(resolved_at=None).exists()
    again.refresh_from_db()
    assert again.resolved_by_id == cast.admin.pk
    with pytest.raises(NothingToRetry):
        services.retry_incident(again, by=cast.admin)


def test_only_those_who_manage_processes_retry(cast: Cast) -> None:
    publish(drawing(HARD_CHOICE))
    running = start("small", cast.agent)
    running.do("a", cast.agent, "done")
    for person in (cast.agent, cast.supervisor, cast.outsider):
        with pytest.raises(NotPermitted):
            services.retry_incident(Incident.objects.get(), by=person)


def test_a_step_for_whom_nobody_can_be_found_is_an_incident_not_a_stranded_task(cast: Cast) -> None:
    User.objects.filter(pk=cast.visitor.pk).update(is_active=False)
    publish(drawing(FOR_A_ROLE))
    running = start("small", cast.agent, region=cast.east)
    incident = Incident.objects.get(instance_id=running.id)
    assert (incident.code, running.row.status) == ("no_candidate", "incident")
    with pytest.raises(NotPossibleHere):
        services.retry_incident(incident, by=cast.admin)
    User.objects.filter(pk=cast.visitor.pk).update(is_active=True)
    services.retry_incident(incident, by=cast.admin)
    assert (running.row.status, sees(cast.visitor, running)) == ("active", ["a"])
    running.do("a", cast.visitor, "done")
    assert running.row.status == "completed"


def test_a_step_without_candidates_is_also_mended_by_giving_it_to_somebody(cast: Cast) -> None:
    RoleGrant.objects.filter(role__code="visitor").delete()
    publish(drawing(FOR_A_ROLE))
    running = start("small", cast.agent, region=cast.east)
    services.reassign_task(running.task(), to=cast.agent, reason="无回访员", by=cast.supervisor)
    assert (running.row.status, sees(cast.agent, running)) == ("active", ["a"])
    assert Incident.objects.get().resolved_by_id == cast.supervisor.pk


def test_a_role_held_in_another_region_does_not_count(cast: Cast) -> None:
    publish(drawing(FOR_A_ROLE))
    running = start("small", cast.agent, region=cast.west)
    assert running.row.status == "incident"
    running = start("small", cast.agent, region=cast.east)
    assert running.row.status == "active"


def test_an_endless_automatic_loop_stops_as_an_incident(cast: Cast) -> None:
    loop = (
        '<bpmn:startEvent id="s"/>'
        + user_task("a")
        + '<bpmn:task id="x"/><bpmn:task id="y"/>'
        + chain("s", "a", "x", "y")
        + chain("y", "x")
    )
    publish(drawing(loop))
    running = start("small", cast.agent)
    running.do("a", cast.agent, "done")
    assert Incident.objects.get().code == "too_many_steps"
    services.terminate_process(running.id, reason="死循环", by=None)
    assert not Incident.objects.filter(resolved_at=None).exists()

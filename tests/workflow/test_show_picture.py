"""The process picture and the pages of processes and incidents."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from cast import Cast
from onepoint.accounts.models import User
from onepoint.workflow import picture, registry, services
from onepoint.workflow.models import Incident, ProcessVersion
from workflow.conftest import Running, chain, drawing, publish, start, user_task

Login = Callable[[User], Client]
STUCK = '<bpmn:startEvent id="s"/>' + user_task("a", '<op:assignment rule="group" group="nobody"/>') + chain("s", "a")


@pytest.fixture
def visible_to_east(cast: Cast) -> Iterator[None]:
    """Subjects of the kind "thing" are seen by everybody but the outsider."""
    registry.register_subject("thing", lambda user, subject_id: user.pk != cast.outsider.pk)
    yield
    registry._subjects.pop("thing")


def test_the_picture_tells_where_it_is_was_how_long_and_who(cast: Cast, complaint: Running) -> None:
    complaint.do("coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    complaint.do("receive", cast.deputy, "assign_handler", handler=cast.handler.pk)
    shown = picture.process_picture(complaint.row)
    nodes = shown["nodes"]
    assert (nodes["handle"]["state"], nodes["handle"]["who"], nodes["handle"]["count"]) == ("now", "高处理", 1)
    assert (nodes["receive"]["state"], nodes["receive"]["who"]) == ("done", "方副手")
    assert nodes["coordinate"]["duration_seconds"] >= 0
    assert "department_work" not in nodes
    assert {"to_coordinate", "to_departments", "to_receive", "to_handle"} <= set(shown["flows"])
    assert "finish" not in shown["flows"]


def test_a_step_sent_back_and_a_stuck_one_are_shown_as_such(cast: Cast, complaint: Running) -> None:
    complaint.do("coordinate", cast.coordinator, "answer_original")
    services.send_back_task(complaint.task(), to_visit=2, opinion="错了", by=cast.agent)
    nodes = picture.process_picture(complaint.row)["nodes"]
    assert (nodes["answer"]["state"], nodes["coordinate"]["state"], nodes["coordinate"]["count"]) == (
        "returned",
        "now",
        2,
    )
    publish(drawing(STUCK))
    stuck = start("small", cast.agent)
    assert picture.process_picture(stuck.row)["nodes"]["a"]["state"] == "incident"


def test_the_picture_costs_the_same_however_long_the_history(
    cast: Cast, complaint: Running, django_assert_num_queries: Any
) -> None:
    for _round in range(3):
        complaint.do("coordinate", cast.coordinator, "send_back_for_correction")
        complaint.do("correct", cast.agent, "corrected")
    instance = complaint.row
    with django_assert_num_queries(3):
        assert picture.process_picture(instance)["nodes"]["coordinate"]["count"] == 4


def test_the_drawing_is_shown_in_the_readers_language(complaint_version: ProcessVersion) -> None:
    def names(language: str) -> set[str]:
        with translation.override(language):
            root = fromstring(picture.bpmn_shown(complaint_version.bpmn))
        return {element.get("name") for element in root.iter() if element.get("name")}

    assert "工单协调" in names("zh-hans")
    assert "Coordinate" in names("en")
    assert "工单协调" not in names("en")


@pytest.mark.usefixtures("visible_to_east")
def test_an_instance_is_shown_to_those_who_see_its_subject_and_is_404_to_others(
    cast: Cast, complaint: Running, client_of: Login
) -> None:
    for address in (f"/instances/{complaint.id}/bpmn", f"/instances/{complaint.id}/picture.json"):
        assert client_of(cast.agent).get(address).status_code == 200
        assert client_of(cast.outsider).get(address).status_code == 404
    assert client_of(cast.agent).get("/instances/999999/picture.json").status_code == 404
    assert "coordinate" in client_of(cast.agent).get(f"/instances/{complaint.id}/picture.json").json()["nodes"]


def test_an_instance_of_an_unregistered_kind_is_shown_to_nobody(
    cast: Cast, complaint: Running, client_of: Login
) -> None:
    assert client_of(cast.admin).get(f"/instances/{complaint.id}/picture.json").status_code == 404


def test_the_pages_of_processes_need_the_permission(cast: Cast, complaint: Running, client_of: Login) -> None:
    for address in ("/processes/", "/processes/complaint/", "/processes/complaint/1/bpmn", "/incidents/"):
        assert client_of(cast.admin).get(address).status_code == 200
        assert client_of(cast.agent).get(address).status_code == 403
    for address in ("/processes/unknown/", "/processes/complaint/99/bpmn"):
        assert client_of(cast.admin).get(address).status_code == 404


def test_the_process_page_lists_versions_steps_and_running_instances(
    cast: Cast, complaint: Running, client_of: Login, django_assert_max_num_queries: Any
) -> None:
    client = client_of(cast.admin)
    with django_assert_max_num_queries(9):
        page = client.get("/processes/complaint/").content.decode()
    assert "工单协调" in page
    assert "派单（多部门同时）" in page
    with django_assert_max_num_queries(9):
        listing = client.get("/processes/").content.decode()
    assert "投诉处理" in listing
    download = client.get("/processes/complaint/1/bpmn?download=1")
    assert download.content.decode() == complaint.row.version.bpmn


def test_a_file_is_imported_and_published_on_the_page(cast: Cast, client_of: Login) -> None:
    body = f'<bpmn:startEvent id="s"/>{user_task("a")}{chain("s", "a")}'
    client = client_of(cast.admin)
    sent = {"file": SimpleUploadedFile("small.bpmn", drawing(body).encode())}
    assert client.post("/processes/deploy/", sent).headers["Location"] == "/processes/small/"
    assert client.post("/processes/small/1/publish/").status_code == 302
    assert ProcessVersion.objects.get().is_published
    refused = client.post("/processes/deploy/", {"file": SimpleUploadedFile("x.bpmn", b"<html/>")})
    assert (refused.status_code, "BPMN 2.0" in refused.content.decode()) == (422, True)
    assert client.post("/processes/deploy/", {}).status_code == 422
    assert client_of(cast.agent).post("/processes/deploy/", {}).status_code == 403
    assert client_of(cast.agent).post("/processes/small/1/publish/").status_code == 403


def test_an_incident_is_listed_found_and_retried(
    cast: Cast, client_of: Login, django_assert_max_num_queries: Any
) -> None:
    publish(drawing(STUCK))
    for _instance in range(5):
        running = start("small", cast.agent, region=cast.east)
    client = client_of(cast.admin)
    with django_assert_max_num_queries(9):
        page = client.get("/incidents/").content.decode()
    assert page.count("此环节找不到处理人") == 5
    assert running.row.subject_number in client.get(f"/incidents/?text={running.row.subject_number}").content.decode()
    incident = Incident.objects.get(instance_id=running.id)
    assert client.post(f"/incidents/{incident.pk}/retry/").status_code in (302, 409)
    assert Incident.objects.get(pk=incident.pk).resolved_at is None
    services.reassign_task(running.task(), to=cast.agent, reason="x", by=None)
    assert (
        client.get(f"/incidents/?text={running.row.subject_number}").content.decode().count("此环节找不到处理人") == 0
    )
    assert client_of(cast.agent).post(f"/incidents/{incident.pk}/retry/").status_code == 404

"""Drawings: taken in as drafts, refused by name, published, and never changed afterwards."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.utils.translation import override

from cast import Cast
from onepoint.core.errors import NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.workflow import services
from onepoint.workflow.errors import NoPublishedProcess, ProcessRefused, VersionNotDraft
from onepoint.workflow.models import Opinion, ProcessDefinition, ProcessVersion, Visit
from workflow.conftest import Running, chain, drawing, publish, start, user_task

SMALL = f'<bpmn:startEvent id="s"/>{user_task("a")}<bpmn:endEvent id="e"/>{chain("s", "a", "e")}'


def assigned(rule: str) -> str:
    return '<bpmn:startEvent id="s"/>' + user_task("a", f"<op:assignment {rule}/>") + chain("s", "a")


LONGER = f'<bpmn:startEvent id="s"/>{user_task("a")}{user_task("b")}<bpmn:endEvent id="e"/>{chain("s", "a", "b", "e")}'


def test_a_drawing_is_taken_in_as_a_draft_and_the_same_one_again_is_the_same_version(cast: Cast) -> None:
    first = services.deploy_version(drawing(SMALL), by=cast.admin)
    again = services.deploy_version(drawing(SMALL), by=cast.admin)
    assert (first.status, first.number, again.pk) == ("draft", 1, first.pk)
    assert (first.definition.key, first.definition.name, first.definition.name_en) == ("small", "小流程", "Small")
    assert AuditEntry.objects.filter(verb="process.deployed", actor_id=cast.admin.pk).count() == 1


def test_running_instances_keep_their_version_and_new_ones_take_the_published_one(cast: Cast) -> None:
    publish(drawing(SMALL))
    old = start("small", cast.agent)
    second = services.publish_version(services.deploy_version(drawing(LONGER), by=cast.admin), by=cast.admin)
    new = start("small", cast.agent)
    old.do("a", cast.agent, "done")
    new.do("a", cast.agent, "done")
    assert (old.row.status, new.nodes()) == ("completed", ["b"])
    assert [v.status for v in ProcessVersion.objects.order_by("number")] == ["retired", "published"]
    assert (second.published_by_id, AuditEntry.objects.filter(verb="process.published").count()) == (cast.admin.pk, 2)


def test_only_those_who_manage_processes_deploy_and_publish(cast: Cast) -> None:
    version = services.deploy_version(drawing(SMALL), by=None)
    for person in (cast.agent, cast.coordinator, cast.supervisor):
        with pytest.raises(NotPermitted):
            services.deploy_version(drawing(SMALL), by=person)
        with pytest.raises(NotPermitted):
            services.publish_version(version, by=person)
    services.publish_version(version, by=cast.admin)
    with pytest.raises(VersionNotDraft):
        services.publish_version(version, by=cast.admin)


def test_a_process_without_published_version_does_not_start(cast: Cast) -> None:
    services.deploy_version(drawing(SMALL), by=None)
    with pytest.raises(NoPublishedProcess):
        start("small", cast.agent)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f'<bpmn:startEvent id="s"/><bpmn:userTask id="a" name="审核"/>{chain("s", "a")}', "审核"),
        (assigned('rule="oracle"'), "oracle"),
        (assigned('rule="user"'), "user"),
        (assigned('rule="user" user="1 +"'), "line 1"),
        (f'<bpmn:startEvent id="s"/>{user_task("a", more="<op:claim/>")}{chain("s", "a")}', "opened"),
        (f'<bpmn:startEvent id="s"/><bpmn:serviceTask id="x"/>{chain("s", "x")}', "op:handler"),
        (f'<bpmn:startEvent id="s"/><bpmn:adHocSubProcess id="x"/>{chain("s", "x")}', "adHocSubProcess"),
        (
            '<bpmn:startEvent id="s"><bpmn:timerEventDefinition><bpmn:timeDuration>PT</bpmn:timeDuration>'
            f"</bpmn:timerEventDefinition></bpmn:startEvent>{user_task('a')}{chain('s', 'a')}",
            "ISO 8601",
        ),
        (f'<bpmn:startEvent id="s"/>{user_task("a")}<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="zz"/>', "zz"),
    ],
)
def test_what_cannot_be_carried_is_refused_by_name(cast: Cast, body: str, words: str) -> None:
    with pytest.raises(ProcessRefused) as refusal, override("en"):
        services.deploy_version(drawing(body), by=cast.admin)
    assert any(words in problem for problem in refusal.value.problems), refusal.value.problems
    assert not ProcessDefinition.objects.exists()


@pytest.mark.parametrize("file", [b"", b"hello", b"\xff\xfe", b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_what_is_no_bpmn_file_is_refused(cast: Cast, file: bytes) -> None:
    with pytest.raises(ProcessRefused):
        services.deploy_version(file, by=cast.admin)


def test_the_delivered_processes_are_published_once(cast: Cast) -> None:
    for _time in range(2):
        call_command("deploy_delivered", stdout=StringIO())
    version = ProcessVersion.objects.get(definition__key="complaint")
    assert (version.number, version.status) == (1, "published")


def test_delivering_again_does_not_replace_what_the_house_drew_itself(cast: Cast) -> None:
    own = drawing(SMALL, key="complaint")
    services.publish_version(services.deploy_version(own, by=cast.admin), by=cast.admin)
    call_command("deploy_delivered", stdout=StringIO())
    versions = ProcessVersion.objects.filter(definition__key="complaint").order_by("number")
    assert [(v.number, v.status) for v in versions] == [(1, "published"), (2, "draft")]


def test_a_published_drawing_never_changes_not_even_by_sql(cast: Cast, complaint_version: ProcessVersion) -> None:
    for change in ({"bpmn": "<x/>"}, {"number": 7}, {"checksum": "0"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            ProcessVersion.objects.filter(pk=complaint_version.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        ProcessVersion.objects.filter(pk=complaint_version.pk).delete()


def test_opinions_and_visits_never_change_not_even_by_sql(cast: Cast, complaint: Running) -> None:
    complaint.do("coordinate", cast.coordinator, "answer_original")
    for rows, change in (
        (Opinion.objects, {"text": "改了"}),
        (Visit.objects, {"node_id": "x"}),
        (Visit.objects, {"outcome": "x"}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.filter(
                instance_id=complaint.id, **({"left_at__isnull": False} if rows is Visit.objects else {})
            ).update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.filter(instance_id=complaint.id).delete()

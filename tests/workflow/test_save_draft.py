"""Drawing: begun from a template, saved while one works, never lost when two do, published as a version."""

import pytest
from django.test import Client

from cast import Cast
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.workflow import services
from onepoint.workflow.designing import drawings
from onepoint.workflow.designing.library import renamed, templates
from onepoint.workflow.errors import DraftChanged, NoDraft, NothingChanged, ProcessRefused
from onepoint.workflow.models import ProcessDefinition, ProcessDraft, SetAsideDrawing
from onepoint.workflow.services.drafts import KEPT_ASIDE
from workflow.conftest import chain, drawing, publish, user_task

SMALL = f'<bpmn:startEvent id="s"/>{user_task("a")}<bpmn:endEvent id="e"/>{chain("s", "a", "e")}'


@pytest.fixture
def definition(cast: Cast) -> ProcessDefinition:
    return services.create_process(key="leave", name="请假", name_en="Leave", template="two_steps", by=cast.admin)


def verbs(definition: ProcessDefinition) -> list[str]:
    about = AuditEntry.objects.filter(subject_type="process", subject_id=definition.pk).order_by("pk")
    return list(about.values_list("verb", flat=True))


def begun(definition: ProcessDefinition) -> drawings.Begun:
    return drawings.drawing_to_edit(definition)


def test_a_new_process_begins_from_a_template_under_its_own_key(definition: ProcessDefinition) -> None:
    assert 'id="leave"' in begun(definition).bpmn
    assert 'bpmnElement="leave"' in begun(definition).bpmn
    assert 'name="请假"' in begun(definition).bpmn
    assert verbs(definition) == ["process.drawn"]


def test_every_template_can_be_published_as_it_is_or_tells_what_is_missing(cast: Cast) -> None:
    for code in templates():
        if code == "empty":
            continue
        new = services.create_process(key=f"x_{code}", name=code, name_en="", template=code, by=cast.admin)
        version = services.publish_draft(new, revision=1, comment="", by=cast.admin)
        assert version.is_published, code


def test_a_taken_key_and_an_unknown_template_are_refused(cast: Cast, definition: ProcessDefinition) -> None:
    with pytest.raises(InvalidInput):
        services.create_process(key="leave", name="再请", name_en="", template="empty", by=cast.admin)
    with pytest.raises(InvalidInput):
        services.create_process(key="other", name="另", name_en="", template="nowhere", by=cast.admin)


def test_only_those_who_manage_processes_draw(cast: Cast, definition: ProcessDefinition) -> None:
    with pytest.raises(NotPermitted):
        services.save_draft(definition, drawing(SMALL, "leave"), revision=1, by=cast.coordinator)
    with pytest.raises(NotPermitted):
        services.create_process(key="other", name="另", name_en="", template="empty", by=cast.agent)


def test_saving_counts_revisions_and_journals_a_person_once(cast: Cast, definition: ProcessDefinition) -> None:
    first = services.save_draft(definition, drawing(SMALL, "leave"), revision=1, by=cast.admin)
    second = services.save_draft(definition, drawing(SMALL + " ", "leave"), revision=first.revision, by=cast.admin)
    assert (first.revision, second.revision) == (2, 3)
    assert verbs(definition) == ["process.drawn"]


def test_of_two_who_draw_the_second_is_told_and_nothing_is_lost(cast: Cast, definition: ProcessDefinition) -> None:
    mine, theirs = drawing(SMALL, "leave"), drawing(SMALL + "<!-- theirs -->", "leave")
    services.save_draft(definition, theirs, revision=1, by=cast.admin)
    with pytest.raises(DraftChanged) as told:
        services.save_draft(definition, mine, revision=1, by=cast.admin)
    assert told.value.details == {"person": cast.admin.label, "revision": 2}
    services.save_draft(definition, mine, revision=2, over=True, by=cast.admin)
    assert begun(definition).bpmn == mine
    assert SetAsideDrawing.objects.get(definition=definition).bpmn == theirs


def test_who_takes_over_is_told_again_when_a_third_was_faster(cast: Cast, definition: ProcessDefinition) -> None:
    services.save_draft(definition, drawing(SMALL, "leave"), revision=1, by=cast.admin)
    with pytest.raises(DraftChanged):
        services.save_draft(definition, drawing(SMALL + " ", "leave"), revision=1, over=True, by=cast.admin)
    assert not SetAsideDrawing.objects.exists()


def test_who_opens_a_drawing_hears_of_somebody_who_may_still_be_drawing(
    cast: Cast, definition: ProcessDefinition
) -> None:
    found = begun(definition)
    assert drawings.somebody_else(found, cast.admin) is None
    assert drawings.somebody_else(found, cast.supervisor) == cast.admin
    with clock.at(clock.now() + drawings.STILL_DRAWING):
        assert drawings.somebody_else(found, cast.supervisor) is None


def test_the_same_save_sent_twice_is_no_conflict(cast: Cast, definition: ProcessDefinition) -> None:
    bpmn = drawing(SMALL, "leave")
    services.save_draft(definition, bpmn, revision=1, by=cast.admin)
    assert services.save_draft(definition, bpmn, revision=1, by=cast.admin).revision == 2


def test_what_is_no_drawing_or_too_large_is_not_kept(cast: Cast, definition: ProcessDefinition) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    for text in ("", "<a>", bomb, "<a>" + "x" * 2_200_000 + "</a>"):
        with pytest.raises(ProcessRefused):
            services.save_draft(definition, text, revision=1, by=cast.admin)
    assert begun(definition).revision == 1


def test_an_unfinished_drawing_may_be_kept_but_not_published(cast: Cast, definition: ProcessDefinition) -> None:
    unfinished = drawing('<bpmn:startEvent id="s"/><bpmn:userTask id="a"/>' + chain("s", "a"), "leave")
    draft = services.save_draft(definition, unfinished, revision=1, by=cast.admin)
    with pytest.raises(ProcessRefused):
        services.publish_draft(definition, revision=draft.revision, comment="", by=cast.admin)
    assert ProcessDraft.objects.filter(definition=definition).exists()


def test_publishing_makes_a_version_with_its_comment_and_ends_the_draft(
    cast: Cast, definition: ProcessDefinition
) -> None:
    version = services.publish_draft(definition, revision=1, comment="第一版", by=cast.admin)
    assert version.is_published
    assert version.comment == "第一版"
    assert version.published_by == cast.admin
    assert not ProcessDraft.objects.filter(definition=definition).exists()
    assert verbs(definition) == ["process.drawn", "process.deployed", "process.published"]
    assert begun(definition).revision == 0
    assert begun(definition).bpmn == version.bpmn


def test_publishing_what_somebody_changed_meanwhile_is_refused(cast: Cast, definition: ProcessDefinition) -> None:
    services.save_draft(definition, drawing(SMALL, "leave"), revision=1, by=cast.admin)
    with pytest.raises(DraftChanged):
        services.publish_draft(definition, revision=1, comment="", by=cast.admin)


def test_a_drawing_equal_to_the_version_in_force_is_no_new_version(cast: Cast, definition: ProcessDefinition) -> None:
    services.publish_draft(definition, revision=1, comment="", by=cast.admin)
    draft = services.save_draft(definition, begun(definition).bpmn, revision=0, by=cast.admin)
    with pytest.raises(NothingChanged):
        services.publish_draft(definition, revision=draft.revision, comment="", by=cast.admin)


def test_an_old_version_can_be_brought_back_as_a_new_one(cast: Cast, definition: ProcessDefinition) -> None:
    first = services.publish_draft(definition, revision=1, comment="", by=cast.admin)
    draft = services.save_draft(definition, drawing(SMALL, "leave"), revision=0, by=cast.admin)
    services.publish_draft(definition, revision=draft.revision, comment="", by=cast.admin)
    again = services.begin_draft(definition, first.bpmn, base=first, by=cast.admin)
    third = services.publish_draft(definition, revision=again.revision, comment="回到第一版", by=cast.admin)
    assert (third.number, third.bpmn) == (3, first.bpmn)


def test_saving_after_the_draft_was_published_is_told(cast: Cast, definition: ProcessDefinition) -> None:
    services.publish_draft(definition, revision=1, comment="", by=cast.admin)
    with pytest.raises(DraftChanged) as told:
        services.save_draft(definition, drawing(SMALL, "leave"), revision=1, by=cast.admin)
    assert told.value.details["revision"] == 0


def test_a_draft_that_is_given_up_is_set_aside_and_the_oldest_go(cast: Cast, definition: ProcessDefinition) -> None:
    with pytest.raises(NoDraft):
        services.discard_draft(definition, by=cast.admin)  # nothing else to fall back to
    services.publish_draft(definition, revision=1, comment="", by=cast.admin)
    for number in range(KEPT_ASIDE + 2):
        services.save_draft(definition, drawing(SMALL + f"<!-- {number} -->", "leave"), revision=0, by=cast.admin)
        services.discard_draft(definition, by=cast.admin)
    kept = list(SetAsideDrawing.objects.filter(definition=definition))
    assert len(kept) == KEPT_ASIDE
    assert f"<!-- {KEPT_ASIDE + 1} -->" in kept[0].bpmn
    assert "process.draft_discarded" in verbs(definition)


def test_a_file_taken_in_keeps_everything_but_key_and_name() -> None:
    text = '<x:definitions xmlns:x="m"><x:process id="p" name="A &amp; B" foo:bar="1"><x:task id="p1"/></x:process><y bpmnElement="p"/><y bpmnElement="p1"/></x:definitions>'
    new = renamed(text, "q", 'C "&" D', "")
    assert new == text.replace('id="p" name="A &amp; B"', """id="q" name='C "&amp;" D'""").replace(
        'bpmnElement="p"/', 'bpmnElement="q"/'
    )


def post(client: Client, url: str, body: dict) -> tuple[int, dict]:
    answer = client.post(url, body, content_type="application/json", headers={"Accept": "application/json"})
    return answer.status_code, answer.json()


def test_the_island_saves_checks_and_publishes(cast: Cast, client_of, definition: ProcessDefinition) -> None:
    client = client_of(cast.admin)
    page = client.get("/processes/leave/design/")
    assert page.status_code == 200
    assert b"designer-offers" in page.content
    started = client.get("/processes/leave/design/drawing.json").json()
    assert started["revision"] == 1
    assert post(client, "/processes/leave/design/check/", {"bpmn": started["bpmn"]}) == (200, {"findings": []})
    bpmn = started["bpmn"].replace("办理完毕", "办好了")
    assert post(client, "/processes/leave/design/save/", {"bpmn": bpmn, "revision": 1}) == (200, {"revision": 2})
    status, refusal = post(client, "/processes/leave/design/save/", {"bpmn": started["bpmn"], "revision": 1})
    assert (status, refusal["code"], refusal["details"]["revision"]) == (409, "draft_changed", 2)
    status, published = post(client, "/processes/leave/design/publish/", {"revision": 2, "comment": " 改字 "})
    assert (status, published["number"]) == (200, 1)
    assert definition.versions.get().comment == "改字"


def test_hostile_bodies_are_refused_not_crashed(cast: Cast, client_of, definition: ProcessDefinition) -> None:
    client = client_of(cast.admin)
    for body in ("[]", "{", '"x"', '{"bpmn": 3}', '{"bpmn": "\\u0000"}', '{"bpmn": "<a/>", "revision": -1}'):
        answer = client.post(
            "/processes/leave/design/save/", body, content_type="application/json",
            headers={"Accept": "application/json"},
        )  # fmt: skip
        assert answer.status_code in (409, 422), body


@pytest.mark.parametrize("part", ["agent", "coordinator", "outsider"])
def test_nobody_else_comes_to_the_designer(cast: Cast, client_of, definition: ProcessDefinition, part: str) -> None:
    client = client_of(getattr(cast, part))
    for path in ("new/", "leave/design/", "leave/design/drawing.json", "leave/compare/"):
        assert client.get(f"/processes/{path}").status_code == 403, path
    for path in ("save/", "check/", "publish/", "try/", "begin/", "discard/"):
        answer = client.post(
            f"/processes/leave/design/{path}", "{}", content_type="application/json",
            headers={"Accept": "application/json"},
        )  # fmt: skip
        assert answer.status_code == 403, path


def test_a_file_is_imported_into_the_draft(cast: Cast, client_of, definition: ProcessDefinition, tmp_path) -> None:
    file = tmp_path / "other.bpmn"
    file.write_text(drawing(SMALL, "elsewhere"), encoding="utf-8")
    with file.open("rb") as content:
        answer = client_of(cast.admin).post("/processes/leave/design/begin/", {"file": content})
    assert answer.status_code == 302
    assert 'id="leave"' in begun(definition).bpmn
    assert 'name="请假"' in begun(definition).bpmn
    assert SetAsideDrawing.objects.filter(definition=definition).count() == 1


def test_an_older_version_is_opened_for_drawing(cast: Cast, client_of) -> None:
    publish(drawing(SMALL))
    publish(drawing(SMALL + " "))
    client = client_of(cast.admin)
    assert client.post("/processes/small/design/begin/", {"version": "1"}).status_code == 302
    assert client.post("/processes/small/design/begin/", {"version": "9"}).status_code == 404
    draft = ProcessDraft.objects.get()
    assert draft.base is not None
    assert draft.base.number == 1

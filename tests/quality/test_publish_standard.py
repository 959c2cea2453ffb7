"""The standard: one draft, one version in force, and what has been published never changes."""

import pytest

from cast import Cast
from onepoint.core.errors import InvalidInput, NotPermitted, SomebodyWasFaster
from onepoint.quality import refusals, services
from onepoint.quality.models import Standard
from onepoint.quality.queries.standard import codes_for, codes_of, differences, standard_in_force
from onepoint.quality.services import CodeItems, StandardItems
from onepoint.quality.states import CodeDirection, MarkDirection, StandardState
from quality.conftest import code, verbs_of

ONE = CodeItems(code="Z1", name="新的一条", name_en="A new one", direction="back", points=4, is_fatal=True)


def write(draft: Standard, *codes: CodeItems, lock_version: int | None = None) -> Standard:
    version = draft.lock_version if lock_version is None else lock_version
    return services.write_draft_of_standard(draft, StandardItems(codes=codes), lock_version=version, by=None)


def test_a_house_starts_with_a_published_standard(standard: Standard) -> None:
    assert (standard.number, standard.published_at is not None) == (1, True)
    assert {row.direction for row in codes_of(standard)} == set(CodeDirection)
    assert all(row.name_en and row.examples and row.examples_en for row in codes_of(standard))
    services.load_standard(by=None)
    assert Standard.objects.count() == 1


def test_each_direction_picks_from_its_own_codes(standard: Standard) -> None:
    front = {row.code for row in codes_for(MarkDirection.BACK_ON_FRONT)}
    back = {row.code for row in codes_for(MarkDirection.FRONT_ON_BACK)}
    assert "F01" in front - back
    assert "B01" in back - front
    assert "X02" in front & back
    assert {row.code for row in codes_for(MarkDirection.INSPECTION)} == front | back


def test_publishing_replaces_the_one_in_force_and_keeps_it_as_it_was(standard: Standard, judges: Cast) -> None:
    before = [(row.code, row.points) for row in codes_of(standard)]
    draft = services.begin_draft(by=judges.admin)
    assert [(row.code, row.points) for row in codes_of(draft)] == before
    write(draft, ONE)
    assert standard_in_force() == standard
    services.publish_standard(draft, by=judges.admin)
    standard.refresh_from_db()
    assert (standard.state, standard_in_force()) == (StandardState.RETIRED, draft)
    assert [(row.code, row.points) for row in codes_of(standard)] == before
    assert verbs_of("standard", draft.pk) == ["standard.draft_begun", "standard.changed", "standard.published"]


def test_what_is_published_is_never_written_again(standard: Standard) -> None:
    for refused in (
        lambda: write(standard, ONE),
        lambda: services.publish_standard(standard, by=None),
        lambda: services.discard_draft_of_standard(standard, by=None),
    ):
        with pytest.raises(refusals.NotADraft):
            refused()


def test_there_is_one_draft_and_whoever_read_an_older_one_is_refused(standard: Standard) -> None:
    draft = services.begin_draft(by=None)
    with pytest.raises(refusals.DraftThereAlready):
        services.begin_draft(by=None)
    write(draft, ONE)
    with pytest.raises(SomebodyWasFaster):
        write(draft, ONE, lock_version=draft.lock_version)
    services.discard_draft_of_standard(draft, by=None)
    assert standard_in_force() == standard


def test_a_draft_needs_codes_that_differ_and_are_complete(standard: Standard) -> None:
    draft = services.begin_draft(by=None)
    for codes in (
        (ONE, ONE),
        (CodeItems(code="Z2", name="", direction="back"),),
        (CodeItems(code="Z2", name="x", direction="up"),),
    ):
        with pytest.raises(InvalidInput):
            write(draft, *codes)
    write(draft)
    with pytest.raises(InvalidInput):
        services.publish_standard(draft, by=None)


def test_two_versions_are_told_apart_code_by_code(standard: Standard) -> None:
    draft = services.begin_draft(by=None)
    kept = CodeItems(code="F01", name=code("F01").name, name_en=code("F01").name_en, direction="front", points=9,
                     examples=code("F01").examples, examples_en=code("F01").examples_en)  # fmt: skip
    write(draft, kept, ONE)
    found = {row.code: row.kind for row in differences(codes_of(standard), codes_of(draft))}
    assert (found["F01"], found["Z1"], found["B01"]) == ("changed", "added", "removed")


def test_only_who_manages_the_standard_writes_it(judges: Cast, standard: Standard, client_of) -> None:
    with pytest.raises(NotPermitted):
        services.begin_draft(by=judges.agent)
    services.begin_draft(by=judges.admin)
    agent, admin = client_of(judges.agent), client_of(judges.admin)
    assert agent.get("/standard/").status_code == 200
    assert "客户诉求未写清" in agent.get("/standard/versions/1/print/").content.decode()
    assert agent.get("/standard/versions/2/").status_code == 404
    assert agent.get("/standard/draft/").status_code == 403
    assert admin.get("/standard/versions/2/compare/").status_code == 200


def test_the_draft_is_written_in_the_browser(judges: Cast, standard: Standard, client_of) -> None:
    client = client_of(judges.admin)
    client.post("/standard/draft/begin/")
    draft = Standard.objects.get(state=StandardState.DRAFT)
    rows = {"codes-TOTAL_FORMS": "2", "codes-INITIAL_FORMS": "1"}
    for place, sign in enumerate(("Z1", "")):
        rows |= {
            f"codes-{place}-code": sign,
            f"codes-{place}-name": sign and "新的一条",
            f"codes-{place}-direction": "back",
        }
    form = {"lock_version": draft.lock_version, "appeal_days": 4, "rectification_days": 6, "changes": "精简", **rows}
    assert client.post("/standard/draft/", form | {"codes-0-name": ""}).status_code == 422
    assert client.post("/standard/draft/", form).status_code == 302
    assert client.post("/standard/draft/publish/").status_code == 302
    assert [row.code for row in codes_of(standard_in_force())] == ["Z1"]
    assert standard_in_force().appeal_days == 4

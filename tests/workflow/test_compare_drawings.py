"""Two versions beside each other: what was added, removed, changed and moved, in words."""

from cast import Cast
from onepoint.workflow.designing.comparison import compare_drawings
from workflow.conftest import DELIVERED, chain, drawing, publish, user_task

COMPLAINT = (DELIVERED / "complaint.bpmn").read_text(encoding="utf-8")


def changes(old: str, new: str) -> list[tuple[str, str]]:
    return [(change.id, change.change) for change in compare_drawings(old, new)]


def test_a_drawing_equals_itself() -> None:
    assert changes(COMPLAINT, COMPLAINT) == []


def test_what_editors_write_differently_is_no_difference() -> None:
    assert changes(COMPLAINT, COMPLAINT.replace(' isSequential="false"', "").replace(' isExecutable="true"', "")) == []


def test_added_and_removed_elements() -> None:
    old = drawing(f'<bpmn:startEvent id="s"/>{user_task("a")}{chain("s", "a")}')
    new = drawing(f'<bpmn:startEvent id="s"/>{user_task("b")}{chain("s", "b")}')
    assert changes(old, new) == [("b", "added"), ("s-b", "added"), ("a", "removed"), ("s-a", "removed")]


def test_a_changed_button_is_named_with_both_texts() -> None:
    new = COMPLAINT.replace('id="finish" name="办结" nameEn="Finish"', 'id="finish" name="直接办结" nameEn="Finish"')
    (change,) = compare_drawings(COMPLAINT, new)
    (difference,) = change.differences
    assert (change.id, difference.old, difference.new) == ("coordinate", "办结", "直接办结")
    assert "直接办结" in str(difference.label)


def test_a_changed_condition_and_a_changed_rule() -> None:
    new = COMPLAINT.replace('outcome = "settled"', 'outcome = "settled" or reopen_count > 2')
    assert changes(COMPLAINT, new) == [("settled", "changed")]
    new = COMPLAINT.replace('rule="role" role="visitor"', 'rule="role" role="agent"')
    assert changes(COMPLAINT, new) == [("follow_up", "changed")]


def test_an_element_drawn_elsewhere_is_only_moved() -> None:
    new = COMPLAINT.replace(
        '<dc:Bounds x="190" y="70" width="100" height="80" />', '<dc:Bounds x="190" y="90" width="100" height="80" />'
    )
    assert changes(COMPLAINT, new) == [("correct", "moved")]


def test_the_page_compares_the_last_two_versions(cast: Cast, client_of) -> None:
    publish(COMPLAINT)
    publish(COMPLAINT.replace('outcome = "settled"', 'outcome = "settled" and true'))
    page = client_of(cast.admin).get("/processes/complaint/compare/").content.decode()
    assert "and true" in page
    assert 'data-old-url="/processes/complaint/1/bpmn"' in page
    assert client_of(cast.admin).get("/processes/complaint/compare/?old=x&new=9").status_code == 200
    assert client_of(cast.admin).get("/processes/nothing/compare/").status_code == 404

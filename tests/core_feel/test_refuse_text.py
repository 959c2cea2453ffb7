"""What is refused while compiling, and where the message points."""

import pytest

from onepoint.core.feel import FeelSyntaxError, FeelUnsupportedError, compile_expression, compile_unary_tests


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("1 +", 3),
        ("a b", 2),
        ("(1", 2),
        ("1 + ) 2", 4),
        ('"open', 0),
        ("a # b", 2),
        ("{1: 2}", 1),
        ("a ＝ 1", 2),
        ("if a then b", 11),
    ],
)
def test_text_that_is_no_expression_is_refused_with_its_position(text: str, position: int) -> None:
    with pytest.raises(FeelSyntaxError) as refusal:
        compile_expression(text)
    assert refusal.value.position == position


def test_full_width_punctuation_is_explained() -> None:
    with pytest.raises(FeelSyntaxError, match=r"full-width ，: write ,"):
        compile_expression("级别 in [1，2]")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("frobnicate(1)", "function frobnicate()"),
        ("a instance of tWhatever", "type tWhatever"),
        ('function(x) external {java: "a"}', "external functions"),
    ],
)
def test_what_is_not_offered_is_refused_by_name(text: str, name: str) -> None:
    with pytest.raises(FeelUnsupportedError) as refusal:
        compile_expression(text)
    assert refusal.value.name == name


@pytest.mark.parametrize(
    "text",
    ["1" * 4001, "(" * 60 + "1" + ")" * 60, "- " * 200 + "1", "if true then " * 150 + "1" + " else 1" * 150],
)
def test_text_of_absurd_size_or_depth_is_refused(text: str) -> None:
    with pytest.raises(FeelSyntaxError):
        compile_expression(text)


def test_long_flat_conditions_are_no_matter() -> None:
    text = " or ".join(f"a = {number}" for number in range(250))
    assert compile_expression(text)({"a": 249}) is True


def test_unary_tests_are_refused_alike() -> None:
    with pytest.raises(FeelSyntaxError):
        compile_unary_tests("< 5,")

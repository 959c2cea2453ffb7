"""The demo's people know what to do at every step of every delivered process."""

from pathlib import Path

from onepoint.core.feel import compile_expression
from onepoint.demo.reading import read
from onepoint.workflow import kernel
from onepoint.workflow.engine import parse_bpmn
from onepoint.workflow.steps import StepSpec, read_steps

DELIVERED = Path(kernel.__file__).parent / "delivered"


def steps_of(key: str) -> dict[str, StepSpec]:
    return read_steps(parse_bpmn((DELIVERED / f"{key}.bpmn").read_bytes(), compile_expression).main)[0]


def test_there_is_a_habit_for_every_step_and_every_way_to_finish_it() -> None:
    habits = read("habits")
    delivered = {path.stem for path in DELIVERED.glob("*.bpmn")}
    assert set(habits) == delivered - {"complaint"}  # which has choices of its own
    for key, steps in habits.items():
        drawn = steps_of(key)
        assert set(steps) == set(drawn), key
        for node, outcomes in steps.items():
            assert set(outcomes) == {outcome.id for outcome in drawn[node].outcomes}, (key, node)


def test_where_an_opinion_is_required_there_is_one() -> None:
    for key, steps in read("habits").items():
        for node, step in steps_of(key).items():
            for outcome in step.outcomes:
                if outcome.opinion == "required":
                    assert steps[node][outcome.id][1:], (key, node, outcome.id)


def test_every_request_of_colleagues_has_its_category() -> None:
    leaves = {code for branch in read("categories") for code in branch["children"]}
    assert set(read("internal")) <= leaves

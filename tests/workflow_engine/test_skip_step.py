import pytest

from onepoint.workflow.engine import events
from workflow_engine import drawing as d
from workflow_engine.world import World


def review(when: str, outcome: str = "") -> World:
    """A step, a review that may be skipped, a choice by its outcome, and a last step on either way."""
    ending = f' outcome="{outcome}"' if outcome else ""
    skip = f"<extensionElements><op:skip when='{when}'{ending}/></extensionElements>"
    return World(
        d.drawn(
            d.start(),
            d.user("write", "publish", "shelve"),
            d.element("userTask", "review", skip),
            d.gateway("exclusive", "choice", default="choice-shelve"),
            d.path("start", "write", "review", "choice"),
            d.flow("choice", "publish", 'outcome = "approved"'),
            d.flow("choice", "shelve"),
        ),
        amount=20,
    )


def test_step_is_passed_by_while_its_rule_holds() -> None:
    world = review("amount &lt; 100").start()
    world.complete("write")
    assert world.names == ["shelve"]


def test_skipped_step_counts_as_finished_with_the_outcome_of_the_rule() -> None:
    world = review("amount &lt; 100", "approved").start()
    world.complete("write")
    assert world.names == ["publish"]


@pytest.mark.parametrize("when", ["amount &gt; 100", "missing", "amount"])
def test_anything_but_true_leaves_the_step_waiting(when) -> None:
    world = review(when).start()
    world.complete("write")
    assert world.names == ["review"]


def test_nobody_is_sent_back_to_a_step_nobody_worked_in() -> None:
    world = review("amount &lt; 100", "approved").start()
    world.complete("write")
    targets = world.history.return_targets(world.task("publish"))
    assert [target.node_id for target in targets] == ["write"]


def test_supervisor_who_jumps_to_the_step_finds_it_waiting() -> None:
    world = review("amount &lt; 100").start()
    world.do(events.Jump((events.CancelNode("write"), events.Activate("review"))))
    assert world.names == ["review"]

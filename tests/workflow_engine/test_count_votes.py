import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onepoint.workflow.engine import events
from workflow_engine import drawing as d
from workflow_engine.world import World


def vote(rule: str, people: int = 5) -> World:
    many = d.many(str(list(range(people))), extension=f"<op:countersign {rule}/>")
    process = d.drawn(
        d.start(), d.element("userTask", "vote", many), d.gateway("exclusive", "x", default="no"), d.user("passed", "refused"),
        d.path("start", "vote", "x"), d.flow("x", "passed", 'outcome = "passed"'), d.flow("x", "refused", id="no"),
    )  # fmt: skip
    return World(process).start()


def cast(world: World, *outcomes: str) -> World:
    for outcome in outcomes:
        world.complete("vote", outcome)
    return world


def test_ratio_passes_as_soon_as_it_is_reached() -> None:
    world = cast(vote('rule="ratio" rate="60"'), "agree", "agree")
    assert "vote" in world.names
    assert cast(world, "agree").names == ["passed"]


def test_ratio_is_refused_as_soon_as_it_cannot_be_reached() -> None:
    world = cast(vote('rule="ratio" rate="60"'), "disagree", "disagree")
    assert "vote" in world.names
    assert cast(world, "disagree").names == ["refused"]


def test_all_is_refused_by_the_first_refusal() -> None:
    assert cast(vote('rule="all"'), "agree", "disagree").names == ["refused"]
    assert cast(vote('rule="first-refusal"'), "agree", "agree", "disagree").names == ["refused"]


def test_all_passes_with_the_last_vote() -> None:
    assert cast(vote('rule="all"', 2), "agree", "agree").names == ["passed"]


def test_any_is_decided_by_one_vote() -> None:
    assert cast(vote('rule="any"'), "agree").names == ["passed"]
    assert cast(vote('rule="any"'), "disagree").names == ["refused"]


def test_veto_decides_whatever_the_others_say() -> None:
    assert cast(vote('rule="ratio" rate="20" veto="never"'), "never").names == ["refused"]


def test_abstention_counts_in_the_total_or_not() -> None:
    assert cast(vote('rule="ratio" rate="60" abstain="counts"'), "abstain", "abstain", "abstain").names == ["refused"]
    world = cast(vote('rule="ratio" rate="60" abstain="leaves"'), "abstain", "abstain", "abstain", "agree")
    assert cast(world, "agree").names == ["passed"]


def test_nobody_voting_passes_nothing() -> None:
    assert cast(vote('rule="ratio" rate="1" abstain="leaves"', 2), "abstain", "abstain").names == ["refused"]


def test_withdrawn_signer_changes_the_total() -> None:
    world = cast(vote('rule="ratio" rate="75"', 4), "agree", "agree")
    world.do(events.RemoveInstance(world.task("vote")))
    assert world.names == ["vote"]
    assert cast(world, "agree").names == ["passed"]


def test_added_signer_changes_the_total() -> None:
    world = vote('rule="ratio" rate="50"', 2)
    world.do(events.AddInstances(world.visit("vote", 0), (7, 8)))
    assert cast(world, "agree").names == ["vote", "vote", "vote"]
    assert cast(world, "agree").names == ["passed"]


@pytest.mark.parametrize("rate", [1, 33, 50, 66, 67, 100])
@settings(deadline=None)
@given(ballots=st.lists(st.sampled_from(["agree", "disagree"]), min_size=1, max_size=9))
def test_early_verdict_is_the_verdict_of_all_votes(rate: int, ballots: list[str]) -> None:
    world = vote(f'rule="ratio" rate="{rate}"', len(ballots))
    for ballot in ballots:
        if "vote" in world.names:
            world.complete("vote", ballot)
    passed = ballots.count("agree") * 100 >= rate * len(ballots)
    assert world.names == ["passed" if passed else "refused"]

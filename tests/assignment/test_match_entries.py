"""Who gets what, whatever waits and whoever is there."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from onepoint.assignment.matching import Seat, Waiting, fits, match
from onepoint.assignment.states import EXCLUSIVE, Medium, Strategy

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MEDIA = list(Medium.values)
skills = st.dictionaries(st.integers(1, 3), st.integers(1, 5), max_size=3)


@st.composite
def seats(draw):
    found = []
    for agent in range(1, draw(st.integers(0, 6)) + 1):
        capacity = {medium: draw(st.integers(0, 3)) for medium in MEDIA}
        found.append(
            Seat(
                agent=agent, queues=frozenset(draw(st.sets(st.integers(1, 3)))), capacity=capacity,
                load={medium: draw(st.integers(0, capacity[medium])) for medium in MEDIA}, skills=draw(skills),
                idle_since=draw(st.none() | st.integers(0, 900).map(lambda second: NOON - timedelta(seconds=second))),
            )
        )  # fmt: skip
    return found


@st.composite
def entries(draw):
    return [
        Waiting(
            entry=number, queue=draw(st.integers(1, 3)), medium=draw(st.sampled_from(MEDIA)),
            entered_at=NOON - timedelta(seconds=draw(st.integers(0, 20))), priority=draw(st.integers(0, 2)),
            needs=draw(skills), strategy=draw(st.sampled_from(Strategy.values)),
            preferred=draw(st.none() | st.integers(1, 6)), refused_by=frozenset(draw(st.sets(st.integers(1, 6), max_size=2))),
        )
        for number in range(1, draw(st.integers(0, 12)) + 1)
    ]  # fmt: skip


def copied(seat: Seat) -> Seat:
    return Seat(seat.agent, seat.queues, seat.capacity, dict(seat.load), seat.skills, seat.idle_since)


@given(entries(), seats())
def test_nobody_gets_more_than_he_takes_or_what_he_may_not_have(waiting, there):
    before = {seat.agent: copied(seat) for seat in there}
    by_entry = {one.entry: one for one in waiting}
    pairs = match(waiting, there)
    assert len({entry for entry, _agent in pairs}) == len(pairs)
    for entry, agent in pairs:
        one, seat = by_entry[entry], before[agent]
        assert one.queue in seat.queues
        assert agent not in one.refused_by
        assert all(seat.skills.get(skill, 0) >= level for skill, level in one.needs.items())
    for agent, seat in before.items():
        got = [by_entry[entry].medium for entry, who in pairs if who == agent]
        for medium in set(got):
            assert seat.load.get(medium, 0) + got.count(medium) <= seat.capacity[medium]
        if any(seat.load.get(medium) for medium in EXCLUSIVE):
            assert not got
        if EXCLUSIVE & set(got):
            assert len(got) == 1
            assert not any(seat.load.values())


@given(entries(), seats())
def test_nothing_is_left_that_somebody_could_still_take(waiting, there):
    pairs = dict(match(waiting, there))
    for one in waiting:
        if one.entry not in pairs:
            assert not any(fits(one, seat) for seat in there)


@given(entries(), seats())
def test_whoever_came_first_is_served_first_within_the_same_priority(waiting, there):
    """Of two that could take each other's place the one behind is never served while the one before waits."""
    pairs = dict(match(waiting, there))
    for first in waiting:
        for second in waiting:
            same = (first.queue, first.medium, first.needs, first.refused_by) == (
                second.queue, second.medium, second.needs, second.refused_by,
            )  # fmt: skip
            ahead = (-first.priority, first.entered_at, first.entry) < (
                -second.priority,
                second.entered_at,
                second.entry,
            )
            if same and ahead and second.entry in pairs:
                assert first.entry in pairs


def test_the_strategies_choose_differently():
    def there():
        return [
            Seat(1, frozenset({1}), {"chat": 3}, {"chat": 1}, last_offered_at=NOON - timedelta(minutes=30)),
            Seat(2, frozenset({1}), {"chat": 3}, {}, idle_since=NOON, last_offered_at=NOON - timedelta(minutes=5)),
            Seat(
                3, frozenset({1}), {"chat": 3}, {}, idle_since=NOON - timedelta(minutes=9),
                last_offered_at=NOON - timedelta(minutes=9),
            ),
        ]  # fmt: skip

    def first(strategy, **options):
        return match([Waiting(1, 1, "chat", NOON, strategy=strategy, **options)], there())[0][1]

    assert first(Strategy.LEAST_BUSY) == 3
    assert first(Strategy.LONGEST_IDLE) == 3
    assert first(Strategy.ROUND_ROBIN) == 1
    assert first(Strategy.LONGEST_IDLE, preferred=2) == 2
    assert first(Strategy.LONGEST_IDLE, preferred=9) == 3

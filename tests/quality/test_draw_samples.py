"""Samples: right shares, repeatable from their seed, drawn once, never of the inspector's own unit."""

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cast import Cast, make_user
from onepoint.accounts.models import Role, User
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted, SomebodyWasFaster
from onepoint.core.models import AuditEntry
from onepoint.quality import inspection_rights as rights
from onepoint.quality.apportioning import apportion, share_of
from onepoint.quality.inspection_states import Assigning, Method, SizeRule, Stratum
from onepoint.quality.models import Inspection, SamplingDraw, SamplingPlan, Scorecard, Scoring
from onepoint.quality.periods import days, whole_periods
from onepoint.quality.populations import order_of
from onepoint.quality.queries import inspections as queries
from onepoint.quality.queries.plans import rules_of
from onepoint.quality.services import drawing, inspecting, planning
from onepoint.quality.services.planning import PlanItems
from onepoint.tickets.models import Category, Ticket
from quality.samples import add_tickets, inspector_of, make_card, make_plan, week

pytestmark = pytest.mark.django_db
WEEK = week()


@given(st.integers(0, 500), st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(0, 300), max_size=12))
def test_shares_differ_from_the_exact_ones_by_less_than_one_and_add_up(total: int, populations: dict[str, int]) -> None:
    given_out = apportion(total, populations)
    whole = sum(populations.values())
    assert sum(given_out.values()) == min(total, whole)
    for key, count in populations.items():
        assert 0 <= given_out[key] <= count
        if whole:
            assert abs(given_out[key] - min(total, whole) * count / whole) < 1


@given(st.integers(1, 100), st.integers(1, 10_000))
def test_a_percentage_is_rounded_to_the_nearest_and_never_empty(percent: int, population: int) -> None:
    drawn = share_of(percent, population)
    assert 1 <= drawn <= population
    assert drawn == 1 or abs(drawn - percent * population / 100) <= 0.5


@pytest.fixture
def tickets(cast: Cast, categories: dict[str, Category]) -> list[Ticket]:
    """Thirty closed tickets of the first agent and ten of the second."""
    return add_tickets(cast.agent, categories["bb_slow"], 30) + add_tickets(
        cast.second_agent, categories["bl_high"], 10
    )


def _drawn(draw: SamplingDraw) -> list[int | None]:
    return list(Inspection.objects.filter(draw=draw).order_by("pk").values_list("ticket", flat=True))


def test_a_draw_takes_what_the_seed_says_and_the_same_seed_takes_the_same(tickets: list[Ticket]) -> None:
    plan = make_plan(seed="abc", size=7)
    draw = drawing.draw_plan(plan, WEEK, by=None)
    ranked = sorted(tickets, key=lambda ticket: order_of(ticket.pk, f"abc/{WEEK.name}"))
    assert _drawn(draw) == [ticket.pk for ticket in ranked[:7]]
    assert (draw.population, draw.drawn) == (40, 7)
    again = drawing.draw_plan(make_plan(seed="abc", size=7), WEEK, by=None)
    assert _drawn(again) == _drawn(draw)
    other = drawing.draw_plan(make_plan(seed="abd", size=7), WEEK, by=None)
    assert _drawn(other) != _drawn(draw)


def test_a_period_is_drawn_once_and_noted(tickets: list[Ticket]) -> None:
    plan = make_plan()
    first = drawing.draw_plan(plan, WEEK, by=None)
    assert drawing.draw_plan(plan, WEEK, by=None) == first
    assert Inspection.objects.count() == 5 == Scoring.objects.count()
    assert AuditEntry.objects.filter(verb="sampling_plan.drawn", subject_id=plan.pk).count() == 1


def test_a_worker_that_dies_in_the_middle_leaves_nothing(
    tickets: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan(assigning=Assigning.EVENLY)

    def die(draw: SamplingDraw) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(drawing, "_hand_out", die)
        with pytest.raises(KeyboardInterrupt):
            drawing.draw_plan(plan, WEEK, by=None)
    assert not SamplingDraw.objects.exists()
    assert not Inspection.objects.exists()
    assert drawing.draw_plan(plan, WEEK, by=None).drawn == 5


def test_strata_get_their_proportional_share(tickets: list[Ticket], cast: Cast) -> None:
    plan = make_plan(method=Method.STRATIFIED, stratum=Stratum.PERSON, size=8)
    draw = drawing.draw_plan(plan, WEEK, by=None)
    shares = Counter(Inspection.objects.filter(draw=draw).values_list("person", flat=True))
    assert shares == {cast.agent.pk: 6, cast.second_agent.pk: 2}


def test_so_many_of_each_stratum_are_taken(tickets: list[Ticket], categories: dict[str, Category]) -> None:
    plan = make_plan(method=Method.STRATIFIED, stratum=Stratum.CATEGORY, size=12, size_rule=SizeRule.EACH)
    draw = drawing.draw_plan(plan, WEEK, by=None)
    shares = Counter(Inspection.objects.filter(draw=draw).values_list("category", flat=True))
    assert shares == {categories["bb_slow"].pk: 12, categories["bl_high"].pk: 10}


def test_a_percentage_of_strata_is_drawn_by_unit(tickets: list[Ticket], cast: Cast) -> None:
    plan = make_plan(method=Method.STRATIFIED, stratum=Stratum.UNIT, size=25, size_rule=SizeRule.PERCENT)
    assert drawing.draw_plan(plan, WEEK, by=None).drawn == 10


def test_risky_tickets_come_first_in_the_order_of_their_weights(tickets: list[Ticket]) -> None:
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets[:5]]).update(reopen_count=1)
    plan = make_plan(method=Method.RISK, weights={"reopened": 100, "reminded": 3}, size=10, seed="r")
    draw = drawing.draw_plan(plan, WEEK, by=None)
    weights = {ticket.pk: 101 if place < 5 else 1 for place, ticket in enumerate(tickets)}
    ranked = sorted(weights, key=lambda pk: order_of(pk, f"r/{WEEK.name}", weights[pk]))
    assert _drawn(draw) == ranked[:10]
    assert {risk for one in Inspection.objects.all() for risk in one.risks} == {"reopened"}


def test_a_heavier_ticket_is_drawn_first_as_often_as_its_weight_says() -> None:
    """One of weight 3 beside one of weight 1: first in three of four seeds."""
    first = sum(order_of(1, str(seed), 3) < order_of(2, str(seed), 1) for seed in range(4000))
    assert abs(first / 4000 - 0.75) < 0.03


def test_only_what_the_plan_names_is_drawn(tickets: list[Ticket], cast: Cast, categories: dict[str, Category]) -> None:
    by_category = make_plan(category_ids=(categories["broadband"].pk,), size=100)
    assert drawing.draw_plan(by_category, WEEK, by=None).population == 30
    elsewhere = make_plan(unit_ids=(cast.west_branch.pk,), size=100)
    assert drawing.draw_plan(elsewhere, WEEK, by=None).drawn == 0
    above = make_plan(unit_ids=(cast.head_office.pk,), kinds=("complaint",), size=100)
    assert drawing.draw_plan(above, WEEK, by=None).drawn == 40


def test_what_is_tried_is_what_is_drawn(tickets: list[Ticket], cast: Cast) -> None:
    plan = make_plan(method=Method.STRATIFIED, stratum=Stratum.PERSON, size=8)
    found = drawing.count_strata(rules_of(plan), WEEK, seed="", by=None)
    quotas = drawing.quotas_of(rules_of(plan), found)
    draw = drawing.draw_plan(plan, WEEK, by=None)
    assert (
        {row["key"]: row["quota"] for row in draw.strata}
        == quotas
        == {str(cast.agent.pk): 6, str(cast.second_agent.pk): 2}
    )


def test_the_share_scored_twice_is_exact(tickets: list[Ticket]) -> None:
    draw = drawing.draw_plan(make_plan(size=20, double_share=30), WEEK, by=None)
    assert Inspection.objects.filter(draw=draw, is_double=True).count() == 6
    assert Scoring.objects.filter(inspection__draw=draw).count() == 26


def test_handing_out_is_even_and_gives_a_pair_two_people(tickets: list[Ticket], cast: Cast) -> None:
    people = [inspector_of(cast, f"inspector{number}") for number in range(3)]
    plan = make_plan(
        size=12, double_share=50, assigning=Assigning.EVENLY, inspector_ids=tuple(one.pk for one in people)
    )
    draw = drawing.draw_plan(plan, WEEK, by=None)
    rows = list(Scoring.objects.filter(inspection__draw=draw).values_list("inspection", "inspector"))
    assert set(Counter(inspector for _inspection, inspector in rows).values()) == {6}
    assert len(set(rows)) == len(rows) == 18


@pytest.mark.parametrize("by_hand", [True, False])
def test_nobody_gets_work_of_the_own_unit_where_the_plan_forbids_it(
    tickets: list[Ticket], cast: Cast, by_hand: bool
) -> None:
    colleague = make_user("colleague", cast.call_centre, ["inspector"])
    above = make_user("above", cast.call_centre.parent, ["inspector"])  # the unit above
    stranger = inspector_of(cast, "stranger")
    named = tuple(person.pk for person in (colleague, above, stranger))
    plan = make_plan(inspector_ids=named, assigning=Assigning.CLAIM if by_hand else Assigning.EVENLY)
    drawing.draw_plan(plan, WEEK, by=None)
    for person in (colleague, above):
        assert inspecting.claim_next(by=person) is None
        for scoring in Scoring.objects.all():
            with pytest.raises((rights.OwnUnit, rights.ScoredBySomebody)):
                inspecting.claim_scoring(scoring, by=person)
    if by_hand:
        taken = inspecting.claim_next(by=stranger)
        assert taken is not None
        assert taken.inspector == stranger
        planner = make_user("planner", cast.head_office, ["quality_lead"])
        with pytest.raises(rights.OwnUnit):
            inspecting.hand_over_scoring(taken, to=above, by=planner)
    else:
        assert set(Scoring.objects.values_list("inspector", flat=True)) == {stranger.pk}


def test_where_the_plan_allows_it_a_colleague_scores_but_never_his_own(tickets: list[Ticket], cast: Cast) -> None:
    colleague = make_user("colleague", cast.call_centre, ["inspector"])
    drawing.draw_plan(make_plan(bans_own_unit=False, size=40), WEEK, by=None)
    assert queries.takable(colleague).count() == 40
    Inspection.objects.update(person=colleague)
    assert queries.takable(colleague).count() == 0
    with pytest.raises(rights.OwnWorkInspected):
        inspecting.claim_scoring(Scoring.objects.all()[0], by=colleague)


def test_the_query_of_the_queue_and_the_reason_agree(tickets: list[Ticket], cast: Cast) -> None:
    people = [
        make_user("colleague", cast.call_centre, ["inspector"]), inspector_of(cast, "stranger"), cast.agent,
        make_user("western", cast.west_branch, ["inspector"]), make_user("lead", cast.head_office, ["quality_lead"]),
    ]  # fmt: skip
    role = Role.objects.get(code="inspector")
    for more in ({"bans_own_unit": False}, {"inspector_ids": (people[1].pk,)}, {"role": role}, {"double_share": 50}):
        drawing.draw_plan(make_plan(size=3, **more), WEEK, by=None)
    first = Scoring.objects.filter(part="second").first()
    assert first is not None
    inspecting.claim_scoring(first, by=people[1])
    for person in people:
        person = User.objects.get(pk=person.pk)
        allowed = {one.pk for one in Scoring.objects.filter(state="open") if rights.why_not_take(one, person) is None}
        assert set(queries.takable(person).values_list("pk", flat=True)) == allowed


def test_periods_are_whole_days_weeks_and_months_of_the_house() -> None:
    now = datetime(2026, 11, 23, 0, 30, tzinfo=ZoneInfo("Asia/Shanghai"))  # still Sunday in Greenwich
    since = now - timedelta(days=40)
    assert [one.name for one in whole_periods("daily", since=now - timedelta(days=2), now=now)] == [
        "2026-11-21",
        "2026-11-22",
    ]
    assert [one.name for one in whole_periods("weekly", since=now - timedelta(days=8), now=now)] == [
        "2026-W46",
        "2026-W47",
    ]
    assert [one.name for one in whole_periods("monthly", since=since, now=now)] == ["2026-10"]
    assert whole_periods("once", since=since, now=now) == []
    assert days(date(2026, 11, 1), date(2026, 11, 2)).ends_at - days(
        date(2026, 11, 1), date(2026, 11, 2)
    ).begins_at == timedelta(days=2)


def test_the_tick_makes_good_what_was_missed_and_draws_nothing_twice(tickets: list[Ticket]) -> None:
    with clock.at(clock.now() - timedelta(days=4)):
        make_plan(frequency="daily", size=3)
    assert drawing.draw_due_plans(by=None) == 4
    assert drawing.draw_due_plans(by=None) == 0
    off = make_plan(frequency="daily")
    planning.switch_plan(off, is_active=False, by=None)
    assert drawing.draw_due_plans(by=None) == 0


def test_a_plan_is_changed_by_those_who_may_and_not_over_the_head_of_another(cast: Cast) -> None:
    plan = make_plan()
    items = PlanItems(scorecard=plan.scorecard, name="新", size=9)
    with pytest.raises(NotPermitted):
        planning.change_plan(plan, items, lock_version=1, by=cast.agent)
    planning.change_plan(plan, items, lock_version=1, by=None)
    with pytest.raises(SomebodyWasFaster):
        planning.change_plan(plan, items, lock_version=1, by=None)
    assert SamplingPlan.objects.get(pk=plan.pk).size == 9
    with pytest.raises(NotPermitted):
        drawing.draw_plan(plan, WEEK, by=cast.agent)


@pytest.mark.parametrize(
    "wrong",
    [{"size": 0}, {"size": 101, "size_rule": "percent"}, {"method": "stratified"}, {"method": "risk"},
     {"method": "risk", "weights": {"reopened": 1000}}, {"method": "risk", "weights": {"x": 1}}, {"size_rule": "each"},
     {"name": " "}, {"double_share": 101}],
)  # fmt: skip
def test_a_plan_that_makes_no_sense_is_refused(db: None, wrong: dict) -> None:
    with pytest.raises(InvalidInput):
        make_plan(**wrong)


def test_a_card_without_a_published_version_draws_nothing(db: None) -> None:
    card = make_card("draft", publish=False)
    with pytest.raises(InvalidInput):
        planning.create_plan(PlanItems(scorecard=card, name="x"), by=None)
    assert Scorecard.objects.count() == 1


@settings(max_examples=25)
@given(
    st.integers(1, 40),
    st.lists(st.integers(0, 60), min_size=1, max_size=8),
    st.sampled_from(["total", "percent", "each"]),
)
def test_quotas_never_exceed_what_there_is(size: int, counts: list[int], rule: str) -> None:
    populations = {str(place): count for place, count in enumerate(counts)}
    rules = {"size": size, "size_rule": rule, "method": "stratified"}
    quotas = drawing.quotas_of(rules, populations)
    assert all(0 <= quotas[key] <= count for key, count in populations.items())
    assert sum(quotas.values()) <= drawing.MOST_DRAWN

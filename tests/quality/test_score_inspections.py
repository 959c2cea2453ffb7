"""Scoring alone and blindly by two, arbitration, results, appeals."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from cast import Cast, make_user
from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.notifications.models import Notification
from onepoint.quality import inspection_rights as rights
from onepoint.quality import signals
from onepoint.quality.models import Inspection, Mark, Scoring, UnqualifiedCode
from onepoint.quality.queries import inspection_figures as figures
from onepoint.quality.queries import inspections as queries
from onepoint.quality.scoring import checked_items, items_of, score_of
from onepoint.quality.services import drawing, inspecting, scorecards
from onepoint.tickets.models import Category
from quality.samples import add_tickets, inspector_of, make_card, make_plan, week

pytestmark = pytest.mark.django_db
FULL = {"i1": "5", "i2": "1", "i3": "0"}


@pytest.fixture
def inspectors(cast: Cast, categories: dict[str, Category], standard: Any) -> list[User]:
    """Two inspectors, with five closed tickets of the agent to be inspected."""
    add_tickets(cast.agent, categories["bl_high"], 5)
    return [inspector_of(cast, "inspector1"), inspector_of(cast, "inspector2")]


@pytest.fixture
def lead(cast: Cast, inspectors: list[User]) -> User:
    inspectors[0].refresh_from_db()
    return make_user("lead", inspectors[0].unit, ["quality_lead"])  # type: ignore[arg-type]


def _draw(**more: Any) -> list[Scoring]:
    drawing.draw_plan(make_plan(size=1, **more), week(), by=None)
    return list(Scoring.objects.order_by("pk"))


def test_the_result_of_one_inspector_stands_at_once_and_is_told(cast: Cast, inspectors: list[User]) -> None:
    heard: list[Inspection] = []

    def hear(inspection: Inspection, **_more: Any) -> None:
        heard.append(inspection)

    signals.inspection_submitted.connect(hear)
    _draw()
    scoring = inspecting.claim_next(by=inspectors[0])
    assert scoring is not None
    found = inspecting.submit_scoring(
        scoring, answers={"i1": "4", "i2": "1"}, notes={"i1": "漏了时间"}, words="尚可", by=inspectors[0]
    )
    assert (found.state, found.score, found.is_fatal) == ("told", Decimal("88.00"), False)
    assert heard == [found]
    assert Notification.objects.filter(person=cast.agent, event="inspection.result").count() == 1
    verbs = set(
        AuditEntry.objects.filter(subject_type="inspection", subject_id=found.pk).values_list("verb", flat=True)
    )
    assert verbs == {"inspection.claimed", "inspection.scored", "inspection.result"}
    with pytest.raises(rights.ScoredAlready):
        inspecting.submit_scoring(scoring, answers=FULL, by=inspectors[0])
    signals.inspection_submitted.disconnect(hear)


def test_each_item_needs_its_score_and_only_what_it_takes(inspectors: list[User]) -> None:
    _draw()
    scoring = inspecting.claim_next(by=inspectors[0])
    assert scoring is not None
    with pytest.raises(InvalidInput) as refused:
        inspecting.submit_scoring(scoring, answers={"i1": "6"}, by=inspectors[0])
    assert set(refused.value.errors) == {"i1", "i2"}
    with pytest.raises(rights.NotYourScoring):
        inspecting.submit_scoring(scoring, answers=FULL, by=inspectors[1])


def test_an_item_left_out_is_in_neither_sum_and_a_fatal_one_makes_it_zero(inspectors: list[User]) -> None:
    items = items_of(make_card().versions.get().items)
    assert score_of(items, {"i1": "4", "i2": "na"}) == Decimal("80.00")
    assert score_of(items, {"i1": "1", "i2": "0"}) == Decimal("12.00")
    _draw()
    scoring = inspecting.claim_next(by=inspectors[0])
    assert scoring is not None
    found = inspecting.submit_scoring(scoring, answers=FULL | {"i3": "1"}, by=inspectors[0])
    assert (found.score, found.is_fatal) == (Decimal("0.00"), True)


def test_a_code_found_becomes_a_mark_that_is_appealed_against_by_itself(cast: Cast, inspectors: list[User]) -> None:
    _draw()
    scoring = inspecting.claim_next(by=inspectors[0])
    assert scoring is not None
    code = UnqualifiedCode.objects.filter(standard__state="in_force").first()
    assert code is not None
    found = inspecting.submit_scoring(scoring, answers=FULL, code_ids=[code.pk], words="未写清", by=inspectors[0])
    mark = Mark.objects.get()
    assert (mark.person, mark.direction, mark.code, mark.marked_by) == (cast.agent, "inspection", code, inspectors[0])
    assert queries.marks_of(found) == [mark]
    with pytest.raises(rights.AppealTheMark):
        inspecting.appeal_result(found, words="不对", by=cast.agent)
    Mark.objects.update(state="overturned")
    assert inspecting.appeal_result(found, words="判定已撤销", by=cast.agent).state == "appealed"


def test_two_score_blindly_and_what_they_agree_on_is_the_mean(
    inspectors: list[User], client_of: Callable[[User], Client]
) -> None:
    first, second = _draw(double_share=100, tolerance=15)
    inspecting.claim_scoring(first, by=inspectors[0])
    inspecting.claim_scoring(second, by=inspectors[1])
    found = inspecting.submit_scoring(first, answers=FULL, words="独家意见", by=inspectors[0])
    assert (found.state, found.score) == ("waiting", None)
    assert queries.seen_scorings(found, inspectors[1]) == []
    page = client_of(inspectors[1]).get(found.get_absolute_url()).content.decode()
    assert "独家意见" not in page
    with pytest.raises(rights.SecondOpinionNeeded):
        inspecting.hand_over_scoring(
            second, to=inspectors[0], by=make_user("lead", inspectors[0].unit, ["quality_lead"])
        )  # type: ignore[arg-type]
    found = inspecting.submit_scoring(second, answers=FULL | {"i1": "4"}, by=inspectors[1])
    assert (found.state, found.score) == ("told", Decimal("94.00"))
    assert "独家意见" in client_of(inspectors[1]).get(found.get_absolute_url()).content.decode()


def test_the_figures_count_each_scoring_once(inspectors: list[User], lead: User) -> None:
    first, second = _draw(double_share=100)
    for scoring, person, answers in ((first, inspectors[0], FULL), (second, inspectors[1], FULL | {"i1": "1"})):
        inspecting.claim_scoring(scoring, by=person)
        inspecting.submit_scoring(scoring, answers=answers, by=person)
    third = inspecting.claim_next(by=lead)
    assert third is not None
    inspecting.submit_scoring(third, answers=FULL, by=lead)
    today = clock.today()
    found = figures.figures_of_inspectors(today, today, visible_to=lead)
    assert sorted((one.count, one.doubles, one.overruled) for one in found) == [(1, 0, 0), (1, 1, 1), (1, 1, 1)]
    (of_unit,) = figures.figures_of_inspected("unit", today, today, visible_to=lead)
    assert (of_unit.count, of_unit.pass_percent, of_unit.average) == (1, 100, Decimal(100))


@pytest.mark.parametrize("apart", [{"i1": "2"}, {"i3": "1"}])
def test_what_two_see_differently_is_arbitrated_by_a_third(
    inspectors: list[User], lead: User, apart: dict[str, str]
) -> None:
    first, second = _draw(double_share=100)
    for scoring, person, answers in ((first, inspectors[0], FULL), (second, inspectors[1], FULL | apart)):
        inspecting.claim_scoring(scoring, by=person)
        found = inspecting.submit_scoring(scoring, answers=answers, by=person)
    assert (found.state, found.score) == ("disputed", None)
    assert Notification.objects.filter(person=lead, event="inspection.arbitration").count() == 1
    third = Scoring.objects.get(part="arbitration")
    with pytest.raises(NotPermitted):
        inspecting.claim_scoring(third, by=inspectors[0])
    assert inspecting.claim_next(by=lead) == third
    third.refresh_from_db()
    found = inspecting.submit_scoring(third, answers=FULL | {"i1": "3"}, by=lead)
    assert (found.state, found.score) == ("told", Decimal("76.00"))


def test_an_appeal_is_scored_again_by_somebody_else_and_counts_from_then_on(
    cast: Cast, inspectors: list[User], lead: User
) -> None:
    _draw()
    scoring = inspecting.claim_next(by=inspectors[0])
    assert scoring is not None
    found = inspecting.submit_scoring(scoring, answers=FULL | {"i1": "1"}, by=inspectors[0])
    with pytest.raises(rights.NotAboutYou):
        inspecting.appeal_result(found, words="不对", by=cast.second_agent)
    with pytest.raises(InvalidInput):
        inspecting.appeal_result(found, words=" ", by=cast.agent)
    inspecting.acknowledge_result(found, by=cast.agent)
    found = inspecting.appeal_result(found, words="已写明", by=cast.agent)
    with pytest.raises(rights.NothingToAnswer):
        inspecting.appeal_result(found, words="再来", by=cast.agent)
    again = inspecting.claim_next(by=lead)
    assert again is not None
    found = inspecting.submit_scoring(again, answers=FULL, by=lead)
    assert (found.state, found.score, found.first_score) == ("settled", Decimal("100.00"), Decimal("52.00"))
    assert Notification.objects.filter(person=cast.agent, event="inspection.rescored").count() == 1


def test_who_is_not_concerned_sees_nothing_and_who_is_inspected_not_before_the_result(
    cast: Cast, inspectors: list[User], client_of: Callable[[User], Client]
) -> None:
    (scoring,) = _draw()
    address = scoring.inspection.get_absolute_url()
    for person in (cast.agent, cast.second_agent, cast.outsider):
        assert client_of(person).get(address).status_code == 404
    inspecting.claim_scoring(scoring, by=inspectors[0])
    inspecting.submit_scoring(scoring, answers=FULL, by=inspectors[0])
    page = client_of(cast.agent).get(address)
    assert page.status_code == 200
    assert inspectors[0].name not in page.content.decode()  # what was found, not by whom
    assert client_of(cast.outsider).get(address).status_code == 404
    assert client_of(cast.second_agent).get(address).status_code == 404


def test_the_card_is_filled_in_on_the_page_and_nothing_typed_is_lost(
    inspectors: list[User], client_of: Callable[[User], Client]
) -> None:
    (scoring,) = _draw()
    client = client_of(inspectors[0])
    taken = client.post("/scorings/next/")
    assert taken["Location"] == f"/scorings/{scoring.pk}/"
    card = client.get(taken["Location"]).content.decode()
    # The browser says what lacks a score before it asks whether all is meant so; nothing found is chosen already.
    assert 'name="i1" value="5"' in card
    assert [name for name in ("i1", "i2", "i3") if re.search(rf'<input[^>]*name="{name}"[^>]* required', card)] == [
        "i1",
        "i2",
    ]
    refused = client.post(taken["Location"], {"i1": "4", "i1_note": "我的批注"})
    assert refused.status_code == 422
    assert "我的批注" in refused.content.decode()
    done = client.post(taken["Location"], {"i1": "4", "i2": "1", "i3": "0", "i1_note": "我的批注", "words": "好"})
    assert done.status_code == 302
    scoring.refresh_from_db()
    assert (scoring.state, scoring.notes) == ("submitted", {"i1": "我的批注"})


def test_lists_cost_the_same_however_long_they_are(
    inspectors: list[User], client_of: Callable[[User], Client], django_assert_max_num_queries: Any
) -> None:
    drawing.draw_plan(make_plan(size=5), week(), by=None)
    client = client_of(inspectors[0])
    for address, most in (("/inspections/", 12), ("/scorings/", 12), ("/inspections/mine/", 10)):
        client.get(address)
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200


def test_a_published_card_never_changes_and_what_was_drawn_keeps_it(inspectors: list[User]) -> None:
    (scoring,) = _draw()
    card = make_card()
    changed = checked_items([{"name": "另一项", "type": "scale", "weight": 10}])
    draft = scorecards.write_draft(card, items=changed, lock_version=0, by=None)
    scorecards.publish_scorecard(card, by=None)
    assert [version.items == changed for version in card.versions.order_by("number")] == [False, True]
    assert Inspection.objects.get().version != draft
    inspecting.claim_scoring(scoring, by=inspectors[0])
    assert inspecting.submit_scoring(scoring, answers=FULL, by=inspectors[0]).score == Decimal("100.00")
    with pytest.raises(NotPermitted):
        scorecards.publish_scorecard(card, by=inspectors[0])


def test_the_figures_show_the_period_they_are_of(client_of, cast: Cast) -> None:
    client = client_of(cast.supervisor)
    for page in ("figures", "agreement"):
        with clock.at(datetime(2026, 3, 31, 4, tzinfo=UTC)):
            shown = client.get(f"/inspections/{page}/").content.decode()
            asked = client.get(f"/inspections/{page}/", {"since": "2024-01-01", "until": "2026-02-28"}).content.decode()
        assert 'value="2026-03-02"' in shown
        assert 'value="2026-03-31"' in shown
        assert 'value="2025-02-27"' in asked  # no longer than a year


def test_the_items_of_a_card_are_headed_in_the_language_of_the_reader(client_of, cast: Cast) -> None:
    item = {"key": "polite", "name": "礼貌", "name_en": "Politeness", "type": "scale", "weight": 100}
    scorecards.create_scorecard(code="calls", name="通话", name_en="Calls", about="record", items=[item], by=None)
    cast.admin.language = "en"
    cast.admin.save(update_fields=["language"])
    page = client_of(cast.admin).get("/scorecards/calls/").content.decode()
    assert "1. Politeness" in page
    assert "Made the score card Calls" in page

"""Duty rosters: shifts, the week's plan, exceptions of one date, swaps, and who is on duty now."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from onepoint.accounts import policies, queries, services
from onepoint.accounts.models import Duty, Group, User
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted

MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def at(day, hour, minute=0):
    return clock.at(datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai")))


@pytest.fixture
def group(cast):
    group = Group.objects.create(code="crisis", name="危机处理组")
    group.members.set([cast.agent, cast.second_agent, cast.coordinator])
    return group


@pytest.fixture
def roster(cast, group):
    return services.create_roster(code="crisis", name="危机值班", group=group, by=cast.admin)


@pytest.fixture
def early(cast, roster):
    return services.add_shift(roster, name="白班", starts=time(8), ends=time(20), by=cast.admin)


@pytest.fixture
def night(cast, roster):
    return services.add_shift(roster, name="夜班", starts=time(20), ends=time(8), by=cast.admin)


def answers(person, roster):
    return f"D{roster.pk}" in queries.candidate_keys(User.objects.get(pk=person.pk))


def on_duty():
    return {person.username for watch in queries.on_duty_now() for person in watch.people}


def plan(shift, day, *people, by=None, **more):
    with at(MONDAY, 7):
        return services.plan_duty(shift, day=day, people=people, by=by, **more)


def test_whoever_is_on_duty_answers_and_only_during_the_shift(cast, roster, early):
    plan(early, MONDAY, cast.agent, every_week=True)
    for week in (0, 1, 5):
        day = MONDAY + 7 * week * DAY
        with at(day, 8):
            assert answers(cast.agent, roster)
            assert on_duty() == {"agent"}
        with at(day, 7, 59):
            assert not answers(cast.agent, roster)
        with at(day, 20):
            assert not answers(cast.agent, roster)
        with at(day + DAY, 9):
            assert not answers(cast.agent, roster)


def test_a_night_shift_goes_on_after_midnight_and_belongs_to_the_day_it_began(cast, roster, night):
    plan(night, MONDAY, cast.agent)
    with at(MONDAY, 23):
        assert answers(cast.agent, roster)
    with at(MONDAY + DAY, 7, 59):
        assert answers(cast.agent, roster)
    with at(MONDAY + DAY, 8):
        assert not answers(cast.agent, roster)
    with at(MONDAY, 3):
        assert not answers(cast.agent, roster)


def test_what_is_laid_down_for_a_date_counts_instead_of_the_week(cast, roster, early):
    plan(early, MONDAY, cast.agent, every_week=True)
    plan(early, MONDAY + 7 * DAY, cast.second_agent)
    with at(MONDAY + 7 * DAY, 10):
        assert on_duty() == {"second_agent"}
    with at(MONDAY + 14 * DAY, 10):
        assert on_duty() == {"agent"}
    services.follow_week(early, day=MONDAY + 7 * DAY, by=None)
    with at(MONDAY + 7 * DAY, 10):
        assert on_duty() == {"agent"}


def test_nobody_at_all_is_an_answer_for_one_date(cast, roster, early):
    plan(early, MONDAY, cast.agent, every_week=True)
    plan(early, MONDAY)
    with at(MONDAY, 10):
        assert on_duty() == set()
        assert not answers(cast.agent, roster)


def test_several_people_share_a_shift(cast, roster, early):
    plan(early, MONDAY, cast.agent, cast.second_agent)
    with at(MONDAY, 10):
        assert on_duty() == {"agent", "second_agent"}


def test_two_people_swap_turns_for_these_dates_only(cast, roster, early, last_entry):
    plan(early, MONDAY, cast.agent, every_week=True)
    plan(early, MONDAY + DAY, cast.second_agent, every_week=True)
    turns = {"day": MONDAY, "person": cast.agent, "with_day": MONDAY + DAY, "with_person": cast.second_agent}
    services.swap_duty(early, with_shift=early, **turns, by=cast.agent)
    with at(MONDAY, 10):
        assert on_duty() == {"second_agent"}
    with at(MONDAY + DAY, 10):
        assert on_duty() == {"agent"}
    with at(MONDAY + 7 * DAY, 10):
        assert on_duty() == {"agent"}
    assert last_entry("roster.duty_swapped").subject_id == roster.pk
    with pytest.raises(InvalidInput):
        services.swap_duty(early, with_shift=early, **turns, by=cast.agent)


def test_nobody_swaps_the_turns_of_others_without_planning_the_roster(cast, roster, early):
    plan(early, MONDAY, cast.agent)
    plan(early, MONDAY + DAY, cast.second_agent)
    with pytest.raises(NotPermitted):
        services.swap_duty(
            early, day=MONDAY, person=cast.agent, with_shift=early, with_day=MONDAY + DAY,
            with_person=cast.second_agent, by=cast.coordinator,
        )  # fmt: skip


def test_only_people_of_the_group_are_named(cast, early):
    with pytest.raises(InvalidInput) as refusal:
        plan(early, MONDAY, cast.outsider)
    assert cast.outsider.name in str(refusal.value.errors["people"])
    assert not Duty.objects.exists()


def test_planning_needs_the_right_and_a_roster_in_use(cast, roster, early, last_entry, announced):
    with pytest.raises(NotPermitted):
        plan(early, MONDAY, cast.agent, by=cast.agent)
    plan(early, MONDAY, cast.agent, by=cast.admin)
    assert last_entry("roster.planned").data["people"] == [[], ["agent"]]
    assert "access:agent" in announced
    services.set_roster_use(roster, active=False, by=cast.admin)
    with at(MONDAY, 10):
        assert not answers(cast.agent, roster)
    with pytest.raises(policies.NotInUse):
        plan(early, MONDAY, cast.agent, by=cast.admin)


def test_the_planner_of_a_unit_plans_its_roster_and_no_other(cast, city_admin):
    roster = services.create_roster(code="net", name="网络值班", unit=cast.network, by=city_admin)
    shift = services.add_shift(roster, name="白班", starts=time(8), ends=time(18), by=city_admin)
    plan(shift, MONDAY, cast.handler, by=city_admin)
    with pytest.raises(NotPermitted):
        services.create_roster(code="west", name="西市", unit=cast.west_branch, by=city_admin)


def test_the_pages_show_the_week_plan_a_day_and_swap(cast, client_of, roster, early):
    client = client_of(cast.admin)
    with at(MONDAY, 9):
        url = f"/rosters/crisis/shifts/{early.pk}/{MONDAY.isoformat()}/"
        assert client.post(url, {"action": "plan", "people": [cast.agent.pk]}).status_code == 302
        plan(early, MONDAY + DAY, cast.second_agent)
        page = client.get(f"/rosters/crisis/?week={MONDAY.isoformat()}").content.decode()
        assert cast.agent.name in page
        turn = f"{early.pk}/{(MONDAY + DAY).isoformat()}/{cast.second_agent.pk}"
        swapped = client.post(url, {"action": "swap", "swap-person": cast.agent.pk, "swap-turn": turn})
        assert swapped.status_code == 302
    assert [one.username for one in queries.people_on(early, MONDAY)] == ["second_agent"]


def test_a_roster_is_seen_by_its_people_and_by_who_looks_after_the_place(cast, client_of, roster):
    assert client_of(cast.agent).get("/rosters/crisis/").status_code == 200
    assert client_of(cast.handler).get("/rosters/crisis/").status_code == 404
    assert client_of(cast.outsider).get("/rosters/crisis/").status_code == 404


def test_the_list_tells_who_is_on_duty_now(cast, client_of, roster, early, django_assert_max_num_queries):
    services.create_roster(code="net", name="网络值班", unit=cast.network, by=cast.admin)
    plan(early, MONDAY, cast.second_agent, every_week=True)
    client = client_of(cast.agent)
    with at(MONDAY, 10):
        client.get("/rosters/")
        with django_assert_max_num_queries(8):
            page = client.get("/rosters/").content.decode()
        assert cast.second_agent.name in page
        assert "网络值班" not in page, "another unit's roster"
        assert "网络值班" in client_of(cast.admin).get("/rosters/").content.decode()

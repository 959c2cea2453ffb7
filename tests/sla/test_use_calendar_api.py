"""Working calendars by the REST API."""

from collections.abc import Callable

from django.test import Client

from cast import Cast
from onepoint.sla.services import calendar_days, calendars

Call = Callable[..., Client]
CALENDARS = "/api/v1/calendars"
OFFICE = [[{"from": "08:30", "to": "12:00"}, {"from": "13:30", "to": "17:30", "shift": "下午"}]] * 5 + [[], []]


def test_calendars_are_read_with_their_weeks(cast: Cast, api_of: Call) -> None:
    office = calendars.create_calendar(by=None, name="办公", week=OFFICE, country="CN")
    (row,) = api_of(cast.admin).get(CALENDARS).json()
    assert (row["id"], row["is_default"], row["country"]) == (office.pk, True, "CN")
    assert row["week"][0][1] == {"begins": "13:30", "ends": "17:30", "shift": "下午", "shift_en": ""}
    assert row["week"][6] == []
    assert api_of(cast.agent).get(CALENDARS).status_code == 403
    assert api_of(cast.admin, "tickets:read").get(CALENDARS).status_code == 403


def test_it_tells_by_which_calendar_a_place_works(cast: Cast, api_of: Call) -> None:
    api = api_of(cast.admin)
    nothing = api.get(f"{CALENDARS}/of", {"unit": cast.network.code}).json()
    assert nothing == {"calendar": None, "inherited_from": None}
    office = calendars.create_calendar(by=None, name="办公", week=OFFICE)
    hotline = calendars.create_calendar(by=None, name="热线", is_round_the_clock=True)
    calendars.assign_calendar(hotline, region=cast.province, by=None)
    found = api.get(f"{CALENDARS}/of", {"region": cast.east.code}).json()
    assert (found["calendar"]["id"], found["inherited_from"]) == (hotline.pk, cast.province.code)
    calendars.assign_calendar(office, unit=cast.network, by=None)
    found = api.get(f"{CALENDARS}/of", {"unit": cast.network.code}).json()
    assert (found["calendar"]["id"], found["inherited_from"]) == (office.pk, cast.network.code)
    assert api.get(f"{CALENDARS}/of", {"unit": "nowhere"}).status_code == 422
    assert api.get(f"{CALENDARS}/of").status_code == 422


def test_a_due_moment_is_worked_out_with_its_steps(cast: Cast, api_of: Call) -> None:
    office = calendars.create_calendar(by=None, name="办公", week=OFFICE, country="CN")
    calendar_days.fill_year("CN", 2026, by=None)
    api = api_of(cast.admin)
    asked = {"since": "2026-02-13T16:00:00+08:00", "minutes": 600}
    told = api.get(f"{CALENDARS}/{office.pk}/due", asked).json()
    assert told["due_at"] == "2026-02-24T01:30:00Z"
    assert (told["counted_seconds"], told["unpublished_years"]) == (36000, [])
    assert [step["kind"] for step in told["steps"]].count("holiday") == 9
    assert sum(step["counted_seconds"] for step in told["steps"]) == 36000
    days = api.get(f"{CALENDARS}/{office.pk}/due", {"since": "2028-02-11T16:00:00+08:00", "days": 2}).json()
    assert (days["due_at"], days["unpublished_years"]) == ("2028-02-15T08:00:00Z", [2028])
    for wrong in (
        {"since": "2026-02-13T16:00:00"},  # without a time zone
        {"since": "0001-01-01T00:00:00Z"},
        {"since": "9999-12-31T23:59:59Z"},
        {"since": "2026-02-13T16:00:00Z", "minutes": -1},
        {"since": "2026-02-13T16:00:00Z", "days": 10**9},
    ):
        assert api.get(f"{CALENDARS}/{office.pk}/due", wrong).status_code == 422
    assert api.get(f"{CALENDARS}/999999/due", asked).status_code == 404

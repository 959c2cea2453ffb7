"""Delegation while absent: within its dates, chained, never round."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cast import make_user
from onepoint.accounts import policies, queries, services
from onepoint.accounts.models import Delegation, Role, User
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted

MONDAY = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY = timedelta(days=1)


def keys_of(person, moment=None):
    if moment is None:
        return set(queries.candidate_keys(User.objects.get(pk=person.pk)))
    with clock.at(moment):
        return set(queries.candidate_keys(User.objects.get(pk=person.pk)))


def delegate(absentee, deputy, begin=MONDAY, days=5, by=None, **more):
    with clock.at(MONDAY - DAY):
        return services.delegate_work(
            absentee, deputy=deputy, starts_at=begin, ends_at=begin + days * DAY, by=by or absentee, **more
        )


def test_within_the_dates_the_deputy_answers_for_the_absent_person_and_outside_not(cast):
    delegate(cast.interface_person, cast.billing_handler)
    wanted = {f"P{cast.interface_person.pk}", f"I{cast.network.pk}", f"U{cast.network.pk}"}
    assert wanted <= keys_of(cast.billing_handler, MONDAY)
    assert wanted <= keys_of(cast.billing_handler, MONDAY + 5 * DAY - timedelta(seconds=1))
    assert not wanted & keys_of(cast.billing_handler, MONDAY - timedelta(seconds=1))
    assert not wanted & keys_of(cast.billing_handler, MONDAY + 5 * DAY)
    assert wanted <= keys_of(cast.interface_person, MONDAY), "who is away still sees his own work"


def test_a_chain_reaches_as_far_as_the_dates_of_each_link(cast):
    delegate(cast.interface_person, cast.deputy, days=5)
    delegate(cast.deputy, cast.billing_handler, begin=MONDAY + DAY, days=1)
    first = f"P{cast.interface_person.pk}"
    assert first in keys_of(cast.deputy, MONDAY)
    assert first not in keys_of(cast.billing_handler, MONDAY)
    assert first in keys_of(cast.billing_handler, MONDAY + DAY)
    assert first not in keys_of(cast.billing_handler, MONDAY + 2 * DAY)


def test_the_deputy_acts_in_the_name_of_the_first_in_the_chain(cast):
    delegate(cast.interface_person, cast.deputy)
    delegate(cast.deputy, cast.billing_handler)
    with clock.at(MONDAY):
        deputy = User.objects.get(pk=cast.billing_handler.pk)
        absent = cast.interface_person.pk
        assert queries.principal_of(deputy, [f"P{absent}"], absent) == absent
        assert queries.principal_of(deputy, [f"U{cast.billing.pk}"], None) is None, "his own work stays his own"


def test_only_the_kind_of_work_left_to_the_deputy_reaches_him(cast):
    role = Role.objects.get(code="coordinator")
    delegate(cast.coordinator, cast.visitor, roles=[role])
    delegate(cast.coordinator, cast.agent, work=["personal"])
    coordinating = f"A:coordinator@R{cast.east.pk}"
    assert coordinating in keys_of(cast.visitor, MONDAY)
    assert f"P{cast.coordinator.pk}" not in keys_of(cast.visitor, MONDAY)
    assert coordinating not in keys_of(cast.agent, MONDAY)
    assert f"P{cast.coordinator.pk}" in keys_of(cast.agent, MONDAY)


def test_a_chain_is_limited_by_every_link(cast):
    role = Role.objects.get(code="coordinator")
    delegate(cast.coordinator, cast.deputy)
    delegate(cast.deputy, cast.visitor, roles=[role])
    keys = keys_of(cast.visitor, MONDAY)
    assert f"A:coordinator@R{cast.east.pk}" in keys
    assert f"P{cast.coordinator.pk}" not in keys


def test_a_delegation_that_would_go_round_is_refused(cast):
    delegate(cast.interface_person, cast.deputy)
    delegate(cast.deputy, cast.handler)
    with pytest.raises(policies.DelegationGoesRound):
        delegate(cast.handler, cast.interface_person)
    with pytest.raises(policies.DelegationGoesRound):
        delegate(cast.deputy, cast.interface_person)
    assert Delegation.objects.count() == 2


def test_the_other_way_round_at_another_time_is_no_circle(cast):
    delegate(cast.interface_person, cast.deputy, days=1)
    delegate(cast.deputy, cast.interface_person, begin=MONDAY + DAY, days=1)
    assert f"P{cast.deputy.pk}" in keys_of(cast.interface_person, MONDAY + DAY)


def test_links_without_a_common_moment_make_no_circle(cast):
    delegate(cast.interface_person, cast.deputy, days=1)
    delegate(cast.deputy, cast.handler, begin=MONDAY + 2 * DAY, days=1)
    delegate(cast.handler, cast.interface_person, days=5)
    assert Delegation.objects.count() == 3


def test_the_same_deputy_twice_at_one_time_is_refused(cast):
    delegate(cast.interface_person, cast.deputy)
    with pytest.raises(policies.DelegatedAlready):
        delegate(cast.interface_person, cast.deputy, begin=MONDAY + DAY)


@pytest.mark.parametrize(("begin", "days", "field"), [(MONDAY, 0, "ends_at"), (MONDAY - 9 * DAY, 2, "ends_at")])
def test_impossible_times_are_refused(cast, begin, days, field):
    with pytest.raises(InvalidInput) as refusal:
        delegate(cast.interface_person, cast.deputy, begin=begin, days=days)
    assert field in refusal.value.errors


def test_nobody_stands_in_for_himself_and_nobody_locked_out_stands_in(cast):
    with pytest.raises(InvalidInput):
        delegate(cast.interface_person, cast.interface_person)
    cast.deputy.is_active = False
    cast.deputy.save()
    with pytest.raises(policies.NotInUse):
        delegate(cast.interface_person, cast.deputy)


def test_a_deputy_locked_out_meanwhile_passes_nothing_on(cast):
    delegate(cast.interface_person, cast.deputy)
    delegate(cast.deputy, cast.billing_handler)
    User.objects.filter(pk=cast.deputy.pk).update(is_active=False)
    assert f"P{cast.interface_person.pk}" not in keys_of(cast.billing_handler, MONDAY)


def test_others_delegate_only_for_people_they_look_after(cast, city_admin):
    delegate(cast.interface_person, cast.deputy, by=city_admin)
    with pytest.raises(NotPermitted):
        delegate(cast.outsider, cast.deputy, by=city_admin)
    with pytest.raises(NotPermitted):
        delegate(cast.handler, cast.deputy, by=cast.agent)


def test_ending_early_takes_the_work_back_at_once(cast, last_entry, announced):
    delegation = delegate(cast.interface_person, cast.deputy)
    with clock.at(MONDAY + DAY):
        services.end_delegation(delegation, by=cast.interface_person)
        assert f"P{cast.interface_person.pk}" not in keys_of(cast.deputy, MONDAY + DAY)
        with pytest.raises(policies.AlreadyInThatState):
            services.end_delegation(delegation, by=cast.interface_person)
    assert last_entry("person.delegation_ended").data["deputy"] == "deputy"
    assert {"access:interface_person", "access:deputy"} <= set(announced)


def test_only_the_absent_person_and_administrators_end_it(cast):
    delegation = delegate(cast.interface_person, cast.deputy)
    with pytest.raises(NotPermitted):
        services.end_delegation(delegation, by=cast.deputy)


def test_it_is_journaled_and_announced(cast, last_entry, announced):
    delegate(cast.interface_person, cast.deputy, note="休假")
    entry = last_entry("person.work_delegated")
    assert entry.subject_id == cast.interface_person.pk
    assert entry.data["deputy"] == "deputy"
    assert {"access:interface_person", "access:deputy"} <= set(announced)


def test_who_stands_in_for_nobody_pays_no_extra_query(cast, django_assert_num_queries):
    person = User.objects.get(pk=cast.handler.pk)
    with django_assert_num_queries(2):  # the roles; posts, groups, duties and delegations in one
        queries.candidate_keys(person)


def test_a_post_counts_from_its_first_to_its_last_day(cast):
    person = make_user("guest", cast.network, [])
    position = cast.billing.positions.first()
    services.appoint_person(
        person, position=position, valid_from=MONDAY.date(), valid_to=MONDAY.date() + DAY, by=cast.admin
    )
    key = f"U{cast.billing.pk}"
    assert key not in keys_of(person, MONDAY - DAY)
    assert key in keys_of(person, MONDAY)
    assert key in keys_of(person, MONDAY + DAY)
    assert key not in keys_of(person, MONDAY + 2 * DAY)


def moment(value):
    return value.strftime("%Y-%m-%dT%H:%M")


def test_the_page_delegates_ones_own_work_and_ends_it(cast, client_of):
    client, begin = client_of(cast.interface_person), clock.now()
    form = {"deputy": cast.deputy.pk, "starts_at": moment(begin), "ends_at": moment(begin + DAY), "note": "休假"}
    refused = client.post("/profile/absences/", {**form, "deputy": cast.interface_person.pk})
    assert refused.status_code == 422
    assert "休假" in refused.content.decode(), "what was typed is shown again"
    assert client.post("/profile/absences/", form).status_code == 302
    delegation = Delegation.objects.get()
    assert delegation.is_standing
    assert client.post(f"/profile/absences/{delegation.pk}/end/").status_code == 302
    delegation.refresh_from_db()
    assert delegation.ended_at is not None


def test_nobody_ends_the_delegation_of_another_through_his_own_page(cast, client_of):
    delegation = delegate(cast.interface_person, cast.deputy)
    assert client_of(cast.deputy).post(f"/profile/absences/{delegation.pk}/end/").status_code == 404
    assert client_of(cast.agent).post(f"/people/interface_person/absences/{delegation.pk}/end/").status_code == 403
    assert client_of(cast.outsider).get("/people/interface_person/absences/").status_code == 403


def test_an_administrator_delegates_within_the_part_he_looks_after(cast, client_of, city_admin):
    begin = clock.now()
    form = {"deputy": cast.deputy.pk, "starts_at": moment(begin), "ends_at": moment(begin + DAY)}
    client = client_of(city_admin)
    assert client.post("/people/handler/absences/", form).status_code == 302
    assert client.post("/people/outsider/absences/", form).status_code == 404


def test_the_list_shows_who_is_away_with_a_fixed_number_of_queries(cast, client_of, django_assert_max_num_queries):
    for absentee in (cast.handler, cast.interface_person, cast.agent):
        services.delegate_work(
            absentee, deputy=cast.deputy, starts_at=clock.now(), ends_at=clock.now() + DAY, by=absentee
        )  # fmt: skip
    client = client_of(cast.admin)
    client.get("/absences/")
    with django_assert_max_num_queries(9):
        page = client.get("/absences/").content.decode()
    assert cast.handler.name in page


def test_a_first_post_is_chosen_and_a_post_ends_on_its_last_day(cast, client_of):
    client, position = client_of(cast.admin), cast.billing.positions.first()
    cast.handler.appointments.update(is_primary=True)
    client.post("/people/handler/appoint/", {"position": position.pk, "valid_from": "2026-01-01"})
    post = cast.handler.appointments.get(position=position)
    assert not post.is_primary
    client.post(f"/people/handler/appointments/{post.pk}/first/")
    assert cast.handler.appointments.get(is_primary=True) == post
    client.post(f"/people/handler/appointments/{post.pk}/end/", {"last_day": "2026-12-31"})
    post.refresh_from_db()
    assert str(post.valid_to) == "2026-12-31"
    with pytest.raises(InvalidInput):
        services.appoint_person(cast.handler, position=position, by=cast.admin)

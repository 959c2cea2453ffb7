import pytest

from onepoint.accounts import queries
from onepoint.accounts.models import Group, InterfacePerson, OrgUnit, Role, RoleGrant, User
from onepoint.accounts.states import DataScope


def answers(person, keys):
    return bool(set(queries.candidate_keys(User.objects.get(pk=person.pk))) & set(keys))


def test_a_person_answers_for_himself_his_units_groups_and_interface_posts(cast):
    group = Group.objects.create(code="crisis", name="危机处理组")
    group.members.add(cast.interface_person)
    InterfacePerson.objects.create(unit=cast.billing, user=cast.interface_person, rank=2)
    keys = queries.candidate_keys(User.objects.get(pk=cast.interface_person.pk))
    wanted = {
        f"P{cast.interface_person.pk}",
        f"U{cast.network.pk}",
        f"I{cast.network.pk}",
        f"I{cast.billing.pk}",
        f"G{group.pk}",
    }
    assert wanted <= set(keys)


def test_a_coordinator_of_a_city_answers_for_the_city_and_its_counties_only(cast):
    keys_east = queries.role_keys("coordinator", region=cast.east)
    keys_west = queries.role_keys("coordinator", region=cast.west)
    assert answers(cast.coordinator, keys_east)
    assert not answers(cast.coordinator, keys_west)
    assert answers(cast.outsider, keys_west)
    assert not answers(cast.outsider, keys_east)


def test_a_coordinator_of_the_province_answers_for_its_cities(cast):
    RoleGrant.objects.create(user=cast.handler, role=Role.objects.get(code="coordinator"), unit=cast.head_office)
    assert answers(cast.handler, queries.role_keys("coordinator", region=cast.east))
    assert answers(cast.handler, queries.role_keys("coordinator", region=cast.west))


def test_a_role_everywhere_answers_whatever_the_place(cast):
    RoleGrant.objects.create(
        user=cast.handler, role=Role.objects.get(code="coordinator"), unit=cast.network, data_scope=DataScope.ALL
    )
    assert answers(cast.handler, queries.role_keys("coordinator"))
    assert not answers(cast.coordinator, queries.role_keys("coordinator"))


@pytest.mark.parametrize(("scope", "below"), [(DataScope.OWN_UNIT, False), (DataScope.UNIT_AND_BELOW, True)])
def test_a_role_in_a_unit_answers_below_only_with_that_reach(cast, scope, below):
    branch = OrgUnit.objects.get(code="east-branch")
    RoleGrant.objects.create(user=cast.deputy, role=Role.objects.get(code="visitor"), unit=branch, data_scope=scope)
    assert answers(cast.deputy, queries.role_keys("visitor", unit=branch))
    assert answers(cast.deputy, queries.role_keys("visitor", unit=cast.billing)) is below
    assert not answers(cast.deputy, queries.role_keys("visitor", unit=cast.head_office))


def test_a_role_for_named_places_answers_there(cast):
    grant = RoleGrant.objects.create(
        user=cast.deputy, role=Role.objects.get(code="visitor"), unit=cast.network, data_scope=DataScope.NAMED
    )
    grant.regions.add(cast.west)
    grant.units.add(cast.billing)
    assert answers(cast.deputy, queries.role_keys("visitor", region=cast.west))
    assert answers(cast.deputy, queries.role_keys("visitor", unit=cast.billing))
    assert not answers(cast.deputy, queries.role_keys("visitor", region=cast.east))


def test_interface_people_come_by_rank_without_the_locked(cast):
    User.objects.filter(pk=cast.interface_person.pk).update(is_active=False)
    assert queries.interface_people_of(cast.network) == [cast.deputy]


def test_all_keys_cost_two_queries_once(cast, django_assert_num_queries):
    person = User.objects.get(pk=cast.coordinator.pk)
    with django_assert_num_queries(2):
        queries.candidate_keys(person)
    with django_assert_num_queries(0):
        queries.candidate_keys(person)

"""Data scope: every kind of reach by example, and any mixture of roles on any tree against plain Python."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onepoint.accounts.models import OrgUnit, Region, Role, RoleGrant, User
from onepoint.accounts.scope import scope_of
from onepoint.accounts.states import DataScope


@pytest.fixture
def reader(cast):
    person = User.objects.create(username="reader", name="读者", unit=cast.network)
    Role.objects.create(code="reader", name="读者", permissions=["organisation.view"], data_scope=DataScope.OWN)
    return person


def give(person, unit, scope, units=(), regions=(), code="reader"):
    grant = RoleGrant.objects.create(user=person, role=Role.objects.get(code=code), unit=unit, data_scope=scope)
    grant.units.set(units)
    grant.regions.set(regions)
    person.forget_rights()


def seen_units(person):
    condition = scope_of(person, "organisation.view").by_unit_and_region(unit="pk", region="region")
    return set(OrgUnit.objects.filter(condition).values_list("code", flat=True))


EAST = {"east-branch", "east-calls", "east-network", "east-billing"}


def test_own_work_shows_no_unit(cast, reader):
    give(reader, cast.network, DataScope.OWN)
    assert seen_units(reader) == set()
    assert scope_of(reader, "organisation.view").audience_keys == [f"P{reader.pk}"]


def test_own_unit_shows_that_unit_alone(cast, reader):
    give(reader, OrgUnit.objects.get(code="east-branch"), DataScope.OWN_UNIT)
    assert seen_units(reader) == {"east-branch"}


def test_unit_and_below_shows_the_whole_branch(cast, reader):
    give(reader, OrgUnit.objects.get(code="east-branch"), DataScope.UNIT_AND_BELOW)
    assert seen_units(reader) == EAST


def test_region_shows_everything_that_lies_in_it(cast, reader):
    give(reader, cast.network, DataScope.OWN_REGION)
    assert seen_units(reader) == EAST
    assert scope_of(reader, "organisation.view").region_ids == {cast.east.pk}


def test_a_province_includes_its_cities(cast, reader):
    give(reader, cast.head_office, DataScope.OWN_REGION)
    assert seen_units(reader) == EAST | {"head", "west-branch"}


def test_named_shows_the_named_units_and_regions_with_what_is_below(cast, reader):
    give(reader, cast.network, DataScope.NAMED, units=[cast.billing], regions=[cast.west])
    assert seen_units(reader) == {"east-billing", "west-branch"}


def test_all_shows_everything(cast, reader):
    give(reader, cast.network, DataScope.ALL)
    assert len(seen_units(reader)) == OrgUnit.objects.count()


def test_several_roles_add_up(cast, reader):
    give(reader, cast.network, DataScope.OWN_UNIT)
    give(reader, cast.west_branch, DataScope.OWN_REGION)
    assert seen_units(reader) == {"east-network", "west-branch"}


def test_a_role_without_the_permission_adds_nothing(cast, reader):
    give(reader, cast.network, DataScope.OWN_UNIT)
    give(reader, cast.west_branch, DataScope.ALL, code="agent")
    assert seen_units(reader) == {"east-network"}


def test_without_the_permission_not_even_ones_own_rows_are_seen(cast, reader):
    scope = scope_of(reader, "organisation.view")
    assert not scope.has_permission
    assert not User.objects.filter(scope.by_unit_and_region(unit="unit", region="unit__region", person="pk")).exists()


def test_a_role_out_of_use_and_a_locked_person_see_nothing(cast, reader):
    give(reader, cast.network, DataScope.ALL)
    Role.objects.filter(code="reader").update(is_active=False)
    reader.forget_rights()
    assert seen_units(reader) == set()
    Role.objects.filter(code="reader").update(is_active=True)
    reader.is_active = False
    reader.forget_rights()
    assert seen_units(reader) == set()


def test_a_scope_costs_two_queries_and_is_kept_for_all_permissions_that_reach_as_far(cast, django_assert_num_queries):
    person = User.objects.get(pk=cast.supervisor.pk)
    with django_assert_num_queries(2):
        scope_of(person, "organisation.view")
    with django_assert_num_queries(0):
        scope_of(person, "organisation.view")
        assert scope_of(person, "audit.view").region_ids == scope_of(person, "organisation.view").region_ids


# Any tree, any grants: the condition in the database equals a plain walk over the parents.

parents = st.lists(st.integers(min_value=0, max_value=100), min_size=1, max_size=9)


def plant(model, prefix, parent_numbers, **more):
    """A tree whose node n hangs under one of the earlier nodes (or is a root)."""
    nodes = []
    for number, wanted in enumerate(parent_numbers):
        parent = nodes[wanted % number] if number and wanted % 4 else None
        extra = {name: choose(number) for name, choose in more.items()}
        node = model.objects.create(code=f"{prefix}{number}", name=f"{prefix}{number}", parent=parent, **extra)
        node.path = f"{parent.path if parent else '/'}{node.pk}/"
        node.save()
        nodes.append(node)
    return nodes


def is_below(node, top):
    while node is not None:
        if node.pk == top.pk:
            return True
        node = node.parent
    return False


def is_reached(unit, grant):
    reach, region = grant.data_scope, unit.region
    named = any(is_below(unit, top) for top in grant.units.all())
    named = named or any(is_below(region, top) for top in grant.regions.all())
    own_region = grant.unit.region
    return {
        DataScope.ALL: True,
        DataScope.OWN_UNIT: unit.pk == grant.unit_id,
        DataScope.UNIT_AND_BELOW: is_below(unit, grant.unit),
        DataScope.OWN_REGION: own_region is not None and is_below(region, own_region),
        DataScope.NAMED: named,
    }.get(reach, False)


def expected(person, units):
    grants = RoleGrant.objects.filter(user=person)
    return {unit.pk for unit in units if any(is_reached(unit, grant) for grant in grants)}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), region_parents=parents, unit_parents=parents)
def test_the_condition_equals_a_walk_over_any_tree(db, data, region_parents, unit_parents):
    User.objects.all().delete()
    Role.objects.all().delete()
    for model in (OrgUnit, Region):
        model.objects.update(parent=None)
    OrgUnit.objects.all().delete()
    Region.objects.all().delete()
    regions = plant(Region, "r", region_parents)
    region_of = data.draw(
        st.lists(st.integers(0, len(regions)), min_size=len(unit_parents), max_size=len(unit_parents))
    )
    units = plant(OrgUnit, "u", unit_parents, region=lambda n: ([None, *regions])[region_of[n]])
    person = User.objects.create(username="p", name="p", unit=units[0])
    for number in range(data.draw(st.integers(0, 3), label="grants")):
        role = Role.objects.create(code=f"role{number}", name="r", permissions=["organisation.view"])
        grant = RoleGrant.objects.create(
            user=person,
            role=role,
            unit=data.draw(st.sampled_from(units)),
            data_scope=data.draw(st.sampled_from(DataScope.values)),
        )
        grant.units.set(data.draw(st.lists(st.sampled_from(units), max_size=2)))
        grant.regions.set(data.draw(st.lists(st.sampled_from(regions), max_size=2)))
    person = User.objects.get(pk=person.pk)
    condition = scope_of(person, "organisation.view").by_unit_and_region(unit="pk", region="region")
    assert set(OrgUnit.objects.filter(condition).values_list("pk", flat=True)) == expected(person, units)


def test_one_row_at_hand_is_judged_as_a_list_would(cast, reader):
    give(reader, cast.call_centre, DataScope.OWN_REGION)
    scope = scope_of(reader, "organisation.view")
    assert scope.reaches(region_id=cast.east.pk)
    assert not scope.reaches(region_id=cast.west.pk, unit_id=cast.west_branch.pk)
    assert scope.reaches(region_id=cast.west.pk, person_id=reader.pk)
    assert scope.meets([f"R{cast.east.pk}", "U0"])
    assert not scope.meets([f"R{cast.west.pk}"])
    assert not scope_of(reader, "ticket.view").reaches(region_id=cast.east.pk, person_id=reader.pk)
    assert not scope_of(reader, "ticket.view").meets([f"P{reader.pk}"])

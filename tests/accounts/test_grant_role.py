import pytest

from onepoint.accounts import policies, services
from onepoint.accounts.models import OrgUnit, Role, RoleGrant, User
from onepoint.accounts.states import DataScope
from onepoint.core.errors import InvalidInput, NotPermitted


def grant(person, code, unit, by, **more):
    return services.grant_role(person, role=Role.objects.get(code=code), unit=unit, by=by, **more)


def test_a_granted_role_counts_at_once_and_is_journaled(cast, last_entry, announced):
    assert not cast.handler.may("audit.view")
    grant(cast.handler, "supervisor", cast.call_centre, cast.admin)
    assert cast.handler.may("audit.view")
    entry = last_entry("person.role_granted")
    assert (entry.subject_id, entry.data["role"], entry.data["reach"]) == (cast.handler.pk, "supervisor", "own_region")
    assert announced == ["access:handler"]


def test_granting_again_changes_the_reach_only(cast):
    grant(cast.handler, "supervisor", cast.call_centre, cast.admin)
    grant(cast.handler, "supervisor", cast.call_centre, cast.admin, data_scope=DataScope.NAMED, regions=[cast.west])
    found = RoleGrant.objects.get(user=cast.handler, role__code="supervisor")
    assert found.reach == DataScope.NAMED
    assert list(found.regions.all()) == [cast.west]


def test_units_and_regions_are_named_exactly_for_the_named_scope(cast):
    with pytest.raises(InvalidInput):
        grant(cast.handler, "supervisor", cast.call_centre, cast.admin, data_scope=DataScope.NAMED)
    with pytest.raises(InvalidInput):
        grant(cast.handler, "supervisor", cast.call_centre, cast.admin, regions=[cast.west])


def test_nobody_grants_himself_anything(cast):
    with pytest.raises(policies.NotYourOwnAccess):
        grant(cast.admin, "agent", cast.call_centre, cast.admin)


def test_only_who_manages_people_grants(cast):
    with pytest.raises(NotPermitted):
        grant(cast.handler, "agent", cast.call_centre, cast.supervisor)


def test_a_city_administrator_grants_within_his_city(cast, city_admin):
    assert grant(cast.handler, "coordinator", cast.call_centre, city_admin).pk
    with pytest.raises(policies.OutsideYourScope):
        grant(cast.outsider, "handler", cast.west_branch, city_admin)
    for scope, places in (
        (DataScope.ALL, {}),
        (DataScope.NAMED, {"regions": [cast.west]}),
        (DataScope.NAMED, {"units": [cast.west_branch]}),
    ):
        with pytest.raises(policies.ReachesTooFar):
            grant(cast.handler, "agent", cast.call_centre, city_admin, data_scope=scope, **places)
    with pytest.raises(policies.ReachesTooFar):
        grant(cast.handler, "handler", cast.west_branch, city_admin)
    with pytest.raises(policies.ReachesTooFar):
        grant(cast.handler, "handler", cast.head_office, city_admin)


def test_unit_and_below_reaches_too_far_where_something_below_belongs_to_others(cast, city_admin):
    branch = OrgUnit.objects.get(code="east-branch")
    assert grant(cast.handler, "handler", branch, city_admin, data_scope=DataScope.UNIT_AND_BELOW).pk
    services.create_unit(code="exile", name="驻西市办事处", parent=branch, region=cast.west, by=None)
    with pytest.raises(policies.ReachesTooFar):
        grant(cast.deputy, "handler", branch, city_admin, data_scope=DataScope.UNIT_AND_BELOW)


def test_guarded_rights_are_passed_on_only_by_who_holds_them(cast, city_admin):
    with pytest.raises(policies.GuardedPermission):
        grant(cast.handler, "admin", cast.call_centre, city_admin, data_scope=DataScope.OWN_UNIT)
    assert grant(cast.handler, "city_admin", cast.call_centre, city_admin, data_scope=DataScope.OWN_UNIT).pk


def test_a_role_or_unit_out_of_use_is_not_granted(cast):
    Role.objects.filter(code="visitor").update(is_active=False)
    with pytest.raises(policies.NotInUse):
        grant(cast.handler, "visitor", cast.call_centre, cast.admin)


def test_revoking_takes_the_rights_and_is_journaled(cast, last_entry, announced):
    services.revoke_role(RoleGrant.objects.get(user=cast.supervisor), by=cast.admin)
    assert not User.objects.get(pk=cast.supervisor.pk).may("organisation.view")
    assert last_entry("person.role_revoked").data == {"role": "supervisor", "unit": "east-calls"}
    assert announced == ["access:supervisor"]


def test_nobody_revokes_his_own_role_or_one_outside_his_scope(cast, city_admin):
    with pytest.raises(policies.NotYourOwnAccess):
        services.revoke_role(RoleGrant.objects.get(user=cast.admin), by=cast.admin)
    with pytest.raises(NotPermitted):
        services.revoke_role(RoleGrant.objects.filter(user=cast.outsider).first(), by=city_admin)


def test_the_last_administrator_keeps_his_role(cast):
    with pytest.raises(policies.NoAdministratorLeft):
        services.revoke_role(RoleGrant.objects.get(user=cast.admin), by=None)
    assert RoleGrant.objects.filter(user=cast.admin).exists()

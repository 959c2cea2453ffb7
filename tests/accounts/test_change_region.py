import pytest

from onepoint.accounts import policies, services
from onepoint.accounts.models import Region
from onepoint.accounts.states import RegionKind
from onepoint.core.errors import InvalidInput, NotPermitted


def test_a_new_region_stands_below_its_parent(cast, last_entry, announced):
    county = services.create_region(
        code="east-county", name="东县", kind=RegionKind.COUNTY, parent=cast.east, area_code="0571", by=cast.admin
    )
    assert county.path == f"{cast.east.path}{county.pk}/"
    assert last_entry("region.created").data["parent"] == "east"
    assert announced == ["region.created"]


def test_moving_a_region_takes_its_counties_along(cast, last_entry):
    county = services.create_region(code="c", name="县", parent=cast.east, by=cast.admin)
    services.move_region(cast.east, parent=cast.west, by=cast.admin)
    assert Region.objects.get(pk=county.pk).ancestor_ids == [cast.province.pk, cast.west.pk, cast.east.pk, county.pk]
    assert last_entry("region.moved").data["regions"] == 2


def test_a_region_cannot_stand_below_itself(cast):
    with pytest.raises(policies.WouldStandBelowItself):
        services.move_region(cast.province, parent=cast.east, by=cast.admin)


def test_a_region_with_units_stays_in_use(cast):
    with pytest.raises(policies.StillInUse):
        services.deactivate_region(cast.east, by=cast.admin)


def test_an_empty_region_goes_out_of_use_and_back(cast, last_entry):
    county = services.create_region(code="c", name="县", parent=cast.east, by=cast.admin)
    services.deactivate_region(county, by=cast.admin)
    assert not Region.objects.get(pk=county.pk).is_active
    services.reactivate_region(county, by=cast.admin)
    assert last_entry("region.reactivated").subject_id == county.pk
    with pytest.raises(policies.AlreadyInThatState):
        services.reactivate_region(county, by=cast.admin)


def test_changes_are_journaled_and_codes_unique(cast, last_entry):
    services.change_region(cast.east, area_code="0571", by=cast.admin)
    assert last_entry("region.changed").data["changes"] == {"area_code": ["", "0571"]}
    with pytest.raises(InvalidInput):
        services.create_region(code="west", name="西", by=cast.admin)


def test_regions_are_changed_only_by_who_looks_after_them(cast, city_admin):
    services.create_region(code="c", name="县", parent=cast.east, by=city_admin)
    for by in (city_admin, cast.handler):
        with pytest.raises(NotPermitted):
            services.change_region(cast.west, name="x", by=by)
        with pytest.raises(NotPermitted):
            services.move_region(cast.east, parent=cast.west, by=by)
        with pytest.raises(NotPermitted):
            services.create_region(code="d", name="顶", by=by)

import threading

import pytest
from django.db import connection, transaction

from onepoint.accounts import policies, services
from onepoint.accounts.models import OrgUnit
from onepoint.accounts.states import UnitKind
from onepoint.core.errors import InvalidInput, NotPermitted


def test_a_new_unit_stands_below_its_parent_and_is_journaled(cast, last_entry, announced):
    unit = services.create_unit(
        code="east-market",
        name="东市市场部",
        name_en="East Marketing",
        parent=cast.network.parent,
        region=cast.east,
        by=cast.admin,
    )
    assert unit.path == f"{cast.network.parent.path}{unit.pk}/"
    assert unit.kind == UnitKind.DEPARTMENT
    entry = last_entry("unit.created")
    assert (entry.subject_type, entry.subject_id, entry.actor_id) == ("unit", unit.pk, cast.admin.pk)
    assert entry.data["parent"] == "east-branch"
    assert announced == ["unit.created"]


def test_a_code_is_given_once_and_can_stand_in_an_address(cast):
    with pytest.raises(InvalidInput) as refusal:
        services.create_unit(code="east-network", name="又一个", by=cast.admin)
    assert "code" in refusal.value.errors
    for code in ("new", "a/b", "网络", ""):
        with pytest.raises(InvalidInput):
            services.create_unit(code=code, name="又一个", by=cast.admin)


def test_who_may_not_manage_the_organisation_creates_nothing(cast):
    with pytest.raises(NotPermitted):
        services.create_unit(code="x", name="x", parent=cast.network, by=cast.handler)
    assert not OrgUnit.objects.filter(code="x").exists()


def test_a_city_administrator_creates_in_his_city_only(cast, city_admin):
    unit = services.create_unit(code="east-x", name="东", parent=cast.network, region=cast.east, by=city_admin)
    assert unit.pk
    with pytest.raises(policies.OutsideYourScope):
        services.create_unit(code="west-x", name="西", parent=cast.west_branch, region=cast.west, by=city_admin)
    with pytest.raises(policies.OutsideYourScope):
        services.create_unit(code="root", name="顶", by=city_admin)


def test_nobody_puts_a_unit_where_he_could_not_change_it_back(cast, city_admin):
    with pytest.raises(policies.OutsideYourScope):
        services.change_unit(cast.network, region=cast.west, by=city_admin)
    with pytest.raises(policies.OutsideYourScope):
        services.create_unit(code="east-y", name="东", parent=cast.network, region=cast.west, by=city_admin)


def test_changes_are_journaled_with_old_and_new(cast, last_entry):
    services.change_unit(cast.network, name="东市网络运维部", receives_tickets=False, by=cast.admin)
    cast.network.refresh_from_db()
    assert cast.network.name == "东市网络运维部"
    assert last_entry("unit.changed").data["changes"] == {
        "name": ["东市网络部", "东市网络运维部"],
        "receives_tickets": [True, False],
    }


def test_saving_the_same_again_journals_nothing(cast, announced):
    services.change_unit(cast.network, name=cast.network.name, region=cast.east, by=cast.admin)
    assert announced == []


def test_a_code_cannot_be_changed(cast):
    with pytest.raises(TypeError):
        services.change_unit(cast.network, code="other", by=cast.admin)


def test_moving_takes_everything_below_along(cast, last_entry):
    branch = cast.network.parent
    team = services.create_unit(code="east-team", name="东市一班", parent=cast.network, region=cast.east, by=cast.admin)
    services.move_unit(branch, parent=cast.west_branch, by=cast.admin)
    for unit in OrgUnit.objects.filter(code__in=["east-branch", "east-network", "east-team", "east-billing"]):
        assert unit.path.startswith(cast.west_branch.path)
        assert unit.path.endswith(f"/{unit.pk}/")
    team.refresh_from_db()
    assert team.ancestor_ids[-3:] == [branch.pk, cast.network.pk, team.pk]
    assert last_entry("unit.moved").data == {"parent": ["head", "west-branch"], "units": 5}


def test_a_unit_can_become_a_root(cast):
    services.move_unit(cast.network, parent=None, by=cast.admin)
    cast.network.refresh_from_db()
    assert cast.network.path == f"/{cast.network.pk}/"


def test_a_unit_cannot_stand_below_itself(cast):
    branch = cast.network.parent
    with pytest.raises(policies.WouldStandBelowItself):
        services.move_unit(branch, parent=cast.network, by=cast.admin)
    with pytest.raises(policies.WouldStandBelowItself):
        services.move_unit(branch, parent=branch, by=cast.admin)


@pytest.mark.django_db(transaction=True)
def test_two_opposite_moves_at_once_make_no_circle():
    one = services.create_unit(code="one", name="一", by=None)
    two = services.create_unit(code="two", name="二", by=None)
    first_has_moved, may_commit, outcome = threading.Event(), threading.Event(), []

    def move_first() -> None:
        try:
            with transaction.atomic():
                services.move_unit(one, parent=two, by=None)
                first_has_moved.set()
                may_commit.wait(60)
        finally:
            connection.close()

    def move_second() -> None:
        try:
            services.move_unit(OrgUnit.objects.get(pk=two.pk), parent=OrgUnit.objects.get(pk=one.pk), by=None)
            outcome.append("moved")
        except policies.WouldStandBelowItself:
            outcome.append("refused")
        finally:
            connection.close()

    first, second = threading.Thread(target=move_first), threading.Thread(target=move_second)
    first.start()
    assert first_has_moved.wait(60)
    second.start()
    second.join(0.3)
    may_commit.set()
    first.join(60)
    second.join(60)
    assert outcome == ["refused"]
    assert OrgUnit.objects.get(pk=two.pk).path == f"/{two.pk}/"


def test_a_unit_with_people_or_units_stays_in_use(cast):
    with pytest.raises(policies.StillInUse):
        services.deactivate_unit(cast.network, by=cast.admin)
    with pytest.raises(policies.StillInUse):
        services.deactivate_unit(cast.network.parent, by=cast.admin)


def test_an_empty_unit_goes_out_of_use_and_back(cast, last_entry, announced):
    unit = services.create_unit(code="empty", name="空", parent=cast.network, region=cast.east, by=cast.admin)
    services.deactivate_unit(unit, by=cast.admin)
    assert not OrgUnit.objects.get(pk=unit.pk).is_active
    assert last_entry("unit.deactivated").subject_id == unit.pk
    with pytest.raises(policies.AlreadyInThatState):
        services.deactivate_unit(unit, by=cast.admin)
    with pytest.raises(policies.NotInUse):
        services.create_unit(code="below", name="下", parent=unit, by=cast.admin)
    services.reactivate_unit(unit, by=cast.admin)
    assert OrgUnit.objects.get(pk=unit.pk).is_active
    assert announced[-2:] == ["unit.deactivated", "unit.reactivated"]


def test_only_who_looks_after_a_unit_moves_or_closes_it(cast, city_admin):
    for act in (
        lambda by: services.change_unit(cast.west_branch, name="x", by=by),
        lambda by: services.move_unit(cast.west_branch, parent=None, by=by),
        lambda by: services.deactivate_unit(cast.west_branch, by=by),
        lambda by: services.create_position(cast.west_branch, name="x", by=by),
        lambda by: services.arrange_interface_people(cast.west_branch, people=[], by=by),
    ):
        for by in (cast.handler, city_admin):
            with pytest.raises(NotPermitted):
                act(by)

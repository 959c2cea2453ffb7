import pytest

from onepoint.accounts import services
from onepoint.accounts.models import OrgUnit, Region, Role
from onepoint.core import clock


@pytest.mark.parametrize(
    ("url", "queries"),
    [("/units/", 2), ("/regions/", 2), ("/roles/", 2), ("/groups/", 2)],
)
def test_lists_cost_a_fixed_number_of_queries(cast, client_of, django_assert_num_queries, url, queries):
    client = client_of(cast.admin)
    for number in range(3):
        services.create_unit(code=f"n{number}", name="新", parent=cast.network, region=cast.east, by=cast.admin)
        services.create_region(code=f"n{number}", name="新", parent=cast.east, by=cast.admin)
        services.create_role(code=f"n{number}", name="新", permissions=[], by=cast.admin)
        services.create_group(code=f"n{number}", name="新", by=cast.admin)
    client.get(url)  # what is kept until it changes
    with django_assert_num_queries(queries):
        assert client.get(url).status_code == 200


def test_the_tree_keeps_the_order_of_siblings(cast, client_of):
    services.change_unit(cast.billing, position_order=1, by=cast.admin)
    services.change_unit(cast.network, position_order=2, by=cast.admin)
    services.change_unit(cast.call_centre, position_order=3, by=cast.admin)
    codes = [unit.code for unit in client_of(cast.admin).get("/units/").context["tree"]]
    assert codes == ["head", "east-branch", "east-billing", "east-network", "east-calls", "west-branch"]


def test_a_reader_sees_the_units_of_his_region(cast, client_of):
    client = client_of(cast.supervisor)
    codes = {unit.code for unit in client.get("/units/").context["tree"]}
    assert codes == {"east-branch", "east-calls", "east-network", "east-billing"}
    assert client.get("/units/west-branch/").status_code == 404


def test_pages_create_change_move_and_close_units(cast, client_of):
    client = client_of(cast.admin)
    data = {
        "code": "east-market",
        "name": "东市市场部",
        "kind": "department",
        "region": cast.east.pk,
        "parent": cast.network.pk,
        "position_order": 0,
    }
    assert client.post("/units/new/", data).url == "/units/east-market/"
    assert client.post("/units/new/", data).status_code == 422
    changed = {**data, "name": "市场经营部", "receives_tickets": "on"}
    assert client.post("/units/east-market/change/", changed).status_code == 302
    assert client.post("/units/east-market/move/", {"parent": cast.billing.pk}).status_code == 302
    unit = OrgUnit.objects.get(code="east-market")
    assert (unit.name, unit.parent, unit.receives_tickets) == ("市场经营部", cast.billing, True)
    assert client.post("/units/east-market/positions/new/", {"name": "市场专员"}).status_code == 302
    assert client.post("/units/east-market/positions/new/", {"name": "市场专员"}).status_code == 422
    client.post("/units/east-market/deactivate/")
    assert not OrgUnit.objects.get(code="east-market").is_active
    client.post("/units/east-market/reactivate/")
    assert OrgUnit.objects.get(code="east-market").is_active


def test_a_refused_closing_is_told_on_the_page_one_came_from(cast, client_of):
    client = client_of(cast.admin)
    response = client.post(
        "/units/east-network/deactivate/", headers={"Referer": "http://testserver/units/east-network/"}
    )
    assert response.status_code == 302
    assert OrgUnit.objects.get(code="east-network").is_active


def test_pages_create_change_move_and_close_regions(cast, client_of):
    client = client_of(cast.admin)
    data = {"code": "c1", "name": "东县", "kind": "county", "parent": cast.east.pk, "position_order": 0}
    assert client.post("/regions/new/", data).url == "/regions/c1/"
    assert client.post("/regions/c1/change/", {**data, "area_code": "abc"}).status_code == 422
    assert client.post("/regions/c1/change/", {**data, "area_code": "0571"}).status_code == 302
    assert client.post("/regions/c1/move/", {"parent": cast.west.pk}).status_code == 302
    client.post("/regions/c1/deactivate/")
    region = Region.objects.get(code="c1")
    assert (region.area_code, region.parent, region.is_active) == ("0571", cast.west, False)


def test_the_matrix_of_a_role_saves_what_is_ticked(cast, client_of):
    client = client_of(cast.admin)
    page = client.get("/roles/supervisor/")
    ticked = {one["right"].code for group in page.context["form"].matrix() for one in group["rights"] if one["ticked"]}
    assert {"organisation.view", "audit.view"} <= ticked
    data = {"name": "值班长", "data_scope": "own_unit", "permissions": ["organisation.view"]}
    assert client.post("/roles/supervisor/", data).status_code == 302
    role = Role.objects.get(code="supervisor")
    assert (role.name, role.permissions, role.data_scope) == ("值班长", ["organisation.view"], "own_unit")


def test_a_reader_may_read_the_matrix_but_not_save_it(cast, client_of):
    client = client_of(cast.supervisor)
    assert client.get("/roles/agent/").status_code == 200
    response = client.post("/roles/agent/", {"name": "x", "data_scope": "all", "permissions": []})
    assert response.status_code == 403
    assert Role.objects.get(code="agent").name == "agent"


def test_pages_create_a_group_and_keep_its_members(cast, client_of):
    client = client_of(cast.admin)
    assert client.post("/groups/new/", {"code": "crisis", "name": "危机处理组"}).url == "/groups/crisis/"
    client.post("/groups/crisis/members/add/", {"person": cast.handler.pk})
    assert [member.username for member in client.get("/groups/crisis/").context["members"]] == ["handler"]
    client.post("/groups/crisis/members/handler/remove/")
    assert not client.get("/groups/crisis/").context["members"]


def test_pages_give_and_take_posts_and_roles(cast, client_of):
    client = client_of(cast.admin)
    position = services.create_position(cast.billing, name="账务复核", by=cast.admin)
    client.post("/people/handler/appoint/", {"position": position.pk})
    appointment = cast.handler.appointments.get(position=position)
    client.post(f"/people/handler/appointments/{appointment.pk}/end/")
    assert not cast.handler.appointments.in_force(clock.today()).filter(position=position).exists()
    visitor = Role.objects.get(code="visitor")
    refused = client.post(
        "/people/handler/grant-role/", {"role": visitor.pk, "unit": cast.network.pk, "data_scope": "named"}
    )
    assert refused.status_code == 422
    client.post("/people/handler/grant-role/", {"role": visitor.pk, "unit": cast.network.pk})
    grant = cast.handler.role_grants.get(role=visitor)
    client.post(f"/people/handler/roles/{grant.pk}/revoke/")
    assert not cast.handler.role_grants.filter(role=visitor).exists()

"""A role that counts for customers of some levels only, and roles for business lines."""

import pytest

from onepoint.accounts import queries, services
from onepoint.accounts.models import BusinessLine, OrgUnit, Role, RoleGrant, User
from onepoint.accounts.scope import scope_of
from onepoint.accounts.states import DataScope, UnitKind
from onepoint.core.errors import InvalidInput
from onepoint.customers import services as customer_services
from onepoint.customers.models import Customer, CustomerLevel


@pytest.fixture
def levels(db):
    rows = (("bronze", 1), ("gold", 2), ("platinum", 3))
    return {code: CustomerLevel.objects.create(code=code, name=code, rank=rank) for code, rank in rows}


@pytest.fixture
def customers(cast, levels):
    made = {}
    for name in ("none", "bronze", "gold", "platinum"):
        made[name] = customer_services.create_customer(
            by=None, name=f"客户{name}", region=cast.east, level=levels.get(name),
        )  # fmt: skip
    return made


def limit(person, lowest="", highest=""):
    RoleGrant.objects.filter(user=person).update(lowest_level=lowest, highest_level=highest)
    return User.objects.get(pk=person.pk)


def seen(person):
    return {name.removeprefix("客户") for name in Customer.objects.visible_to(person).values_list("name", flat=True)}


@pytest.mark.parametrize(
    ("lowest", "highest", "expected"),
    [
        ("", "", {"none", "bronze", "gold", "platinum"}),
        ("", "gold", {"none", "bronze", "gold"}),
        ("platinum", "", {"platinum"}),
        ("bronze", "gold", {"bronze", "gold"}),
        ("gone", "", set()),
    ],
)
def test_customers_are_seen_between_the_levels(cast, customers, lowest, highest, expected):
    person = limit(cast.agent, lowest, highest)
    assert seen(person) == expected
    scope = scope_of(person, "customer.view")
    for name, customer in customers.items():
        reached = scope.reaches(
            unit_id=customer.unit_id, region_id=customer.region_id, level_id=customer.level_id, has_customer=True
        )  # fmt: skip
        assert reached == (name in expected), name


def test_a_limited_role_beside_an_unlimited_one_adds_only_its_own_part(cast, customers):
    limit(cast.agent, "platinum")
    role = Role.objects.get(code="agent")
    RoleGrant.objects.create(user=cast.agent, role=role, unit=cast.west_branch)
    customer_services.create_customer(by=None, name="客户west", region=cast.west)
    assert seen(User.objects.get(pk=cast.agent.pk)) == {"platinum", "west"}


def test_even_everything_is_limited(cast, customers):
    assert seen(limit(cast.admin, "", "bronze")) == {"none", "bronze"}


def test_what_has_no_customer_is_not_limited(cast):
    person = limit(cast.supervisor, "platinum")
    assert queries.people(visible_to=person).filter(pk=cast.agent.pk).exists()


def test_the_levels_of_a_grant_must_exist_and_leave_somebody(cast, levels):
    role = Role.objects.get(code="agent")
    for bounds in ({"lowest_level": "gone"}, {"lowest_level": "platinum", "highest_level": "gold"}):
        with pytest.raises(InvalidInput):
            services.grant_role(cast.handler, role=role, unit=cast.call_centre, by=cast.admin, **bounds)
    grant = services.grant_role(
        cast.handler, role=role, unit=cast.call_centre, by=cast.admin, highest_level="gold"
    )  # fmt: skip
    assert "gold" in queries.reach_in_words(grant)


def test_a_limited_role_answers_only_for_tasks_of_its_levels(cast, levels):
    person = limit(cast.coordinator, "", "gold")
    keys = set(queries.candidate_keys(person))
    task = queries.role_keys("coordinator", region=cast.east)
    assert not keys & set(task)
    assert keys & {queries.key_of_level(key, levels["gold"].pk) for key in task}
    assert keys & {queries.key_of_level(key, 0) for key in task}
    assert not keys & {queries.key_of_level(key, levels["platinum"].pk) for key in task}


@pytest.fixture
def group(cast):
    """A machine-tool group: lathes and mills with a service department each, and a platform in East for both."""
    lathes = services.create_business_line(code="lathes", name="车床", by=cast.admin)
    mills = services.create_business_line(code="mills", name="铣床", by=cast.admin)
    service = services.create_business_function(code="service", name="售后", by=cast.admin)
    units = {}
    for code, line in (("lathe", lathes), ("mill", mills)):
        units[code] = services.create_unit(
            code=code, name=code, kind=UnitKind.BUSINESS_UNIT, business_lines=[line], parent=cast.head_office,
            by=cast.admin,
        )  # fmt: skip
        units[f"{code}-service"] = services.create_unit(
            code=f"{code}-service", name="售后", parent=units[code], function=service, by=cast.admin
        )
    units["platform"] = services.create_unit(
        code="platform", name="东区平台", kind=UnitKind.PLATFORM, region=cast.east, business_lines=[lathes, mills],
        parent=cast.head_office, by=cast.admin,
    )  # fmt: skip
    return lathes, mills, units


def test_a_department_works_for_the_line_of_the_unit_above_it(group):
    lathes, _mills, units = group
    assert queries.lines_of(units["lathe-service"]) == [lathes]
    assert len(queries.lines_of(units["platform"])) == 2


def test_a_scope_by_business_line_reaches_what_works_for_it_alone(cast, group):
    lathes, _mills, units = group
    grant = services.grant_role(
        cast.handler, role=Role.objects.get(code="handler"), unit=units["lathe"], by=cast.admin,
        data_scope=DataScope.BUSINESS_LINES, business_lines=[lathes],
    )  # fmt: skip
    scope = scope_of(User.objects.get(pk=cast.handler.pk), "ticket.view")
    assert {units["lathe"].pk, units["lathe-service"].pk} <= scope.unit_ids
    assert not scope.unit_ids & {units["mill"].pk, units["mill-service"].pk, units["platform"].pk}
    assert f"B{lathes.pk}" in scope.audience_keys
    assert lathes.label in queries.reach_in_words(grant)


def test_the_platform_of_a_region_is_found_for_a_line_from_below_it(cast, group):
    lathes, _mills, units = group
    assert queries.platform_for(cast.east.ancestor_ids, lathes.pk) == units["platform"]
    assert queries.platform_for(cast.west.ancestor_ids, lathes.pk) is None
    services.change_unit(units["platform"], business_lines=[], by=cast.admin)
    assert queries.platform_for(cast.east.ancestor_ids, lathes.pk) is None


def test_the_matrix_shows_departments_and_arranges_platforms(cast, group, client_of):
    lathes, mills, units = group
    client = client_of(cast.admin)
    page = client.get("/matrix/").content.decode()
    assert "/units/lathe-service/" in page
    ticks = [f"{units['platform'].pk}/{mills.pk}"]
    assert client.post("/matrix/platforms/", {"served": ticks}).status_code == 302
    assert queries.lines_of(OrgUnit.objects.get(code="platform")) == [mills]
    new = {"lines-code": "gears", "lines-name": "齿轮", "lines-position_order": 3}
    assert client.post("/matrix/lines/new/", new).status_code == 302
    assert client.post("/matrix/lines/new/", new).status_code == 422
    changed = {"name": "齿轮机床", "position_order": 3}
    assert client.post("/matrix/lines/gears/", changed).status_code == 302
    line = BusinessLine.objects.get(code="gears")
    assert (line.name, line.is_active) == ("齿轮机床", False)


def test_only_who_manages_the_whole_house_changes_the_matrix(cast, group, client_of, city_admin):
    assert (
        client_of(city_admin)
        .post("/matrix/lines/new/", {"lines-code": "x", "lines-name": "x", "lines-position_order": 0})
        .status_code
        == 403
    )
    assert client_of(cast.agent).get("/matrix/").status_code == 403

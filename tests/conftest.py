"""What every test may ask for: the cast, and clients that act as one of them."""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client

from cast import Cast, make_region, make_unit, make_user
from onepoint.accounts.models import InterfacePerson, User
from onepoint.accounts.states import RegionKind, UnitKind
from onepoint.config.live import conninfo

#: After so many tests what they rolled back is cleared away.
TESTS_A_CLEANING = 150
_tests = count(1)
_cleaned_at = 0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Between two modules, when no transaction is open: cleaning beside one that has written much hides that from the planner."""
    global _cleaned_at
    yield
    done = next(_tests)
    if nextitem is None or nextitem.path == item.path or done - _cleaned_at < TESTS_A_CLEANING:
        return
    _cleaned_at = done
    if connection.settings_dict["NAME"].startswith("test_"):  # else no test has asked for a database yet
        with psycopg.connect(conninfo(), autocommit=True) as line:
            line.execute("VACUUM")


@pytest.fixture(autouse=True)
def _without_reminder_rules() -> None:
    """Rules of reminders are kept by the process for half a minute; a test that makes some calls ``forget_rules``."""
    from onepoint.workflow.urging import rules

    rules._kept = (float("inf"), ())


@pytest.fixture(autouse=True)
def _without_rules_for_steps() -> None:
    """Kept in the same way; a test that makes some has them forgotten by the service."""
    from onepoint.sla import step_rules

    step_rules._kept = (float("inf"), ())


@pytest.fixture(autouse=True)
def _without_green_channels() -> None:
    """Kept in the same way; a test that makes some calls ``forget_channels``."""
    from onepoint.tickets import green_channels

    green_channels._kept = (float("inf"), ())


@pytest.fixture(autouse=True)
def _without_level_demands() -> None:
    """Kept in the same way; a test that makes some calls ``forget_demands``."""
    from onepoint.quality import level_demands

    level_demands._kept = (float("inf"), ())


@pytest.fixture
def cast(db: None) -> Cast:
    province = make_region("province", "某省", RegionKind.PROVINCE)
    east = make_region("east", "东市", RegionKind.CITY, province)
    west = make_region("west", "西市", RegionKind.CITY, province)
    head_office = make_unit("head", "省公司", UnitKind.HEAD_OFFICE, province)
    east_branch = make_unit("east-branch", "东市分公司", UnitKind.CITY, east, head_office)
    call_centre = make_unit("east-calls", "东市客服中心", UnitKind.CALL_CENTRE, east, east_branch)
    network = make_unit("east-network", "东市网络部", UnitKind.DEPARTMENT, east, east_branch, receives_tickets=True)
    billing = make_unit("east-billing", "东市计费部", UnitKind.DEPARTMENT, east, east_branch, receives_tickets=True)
    west_branch = make_unit("west-branch", "西市分公司", UnitKind.CITY, west, head_office)
    people = {
        "agent": make_user("agent", call_centre, ["agent"], "安坐席"),
        "second_agent": make_user("second_agent", call_centre, ["agent"], "毕坐席"),
        "coordinator": make_user("coordinator", call_centre, ["coordinator"], "程协调"),
        "interface_person": make_user("interface_person", network, ["handler"], "丁接口"),
        "deputy": make_user("deputy", network, ["handler"], "方副手"),
        "handler": make_user("handler", network, ["handler"], "高处理"),
        "billing_interface": make_user("billing_interface", billing, ["handler"], "韩接口"),
        "billing_handler": make_user("billing_handler", billing, ["handler"], "江处理"),
        "visitor": make_user("visitor", call_centre, ["visitor"], "孔回访"),
        "supervisor": make_user("supervisor", call_centre, ["supervisor"], "李值班"),
        "admin": make_user("admin", head_office, ["admin"], "马管理"),
        "outsider": make_user("outsider", west_branch, ["agent", "coordinator"], "外市人"),
    }
    InterfacePerson.objects.create(unit=network, user=people["interface_person"], rank=1)
    InterfacePerson.objects.create(unit=network, user=people["deputy"], rank=2)
    InterfacePerson.objects.create(unit=billing, user=people["billing_interface"], rank=1)
    return Cast(
        province=province, east=east, west=west, head_office=head_office, call_centre=call_centre, network=network,
        billing=billing, west_branch=west_branch, **people,
    )  # fmt: skip


@pytest.fixture
def client_of():
    """A function giving a browser-like client logged in as a person."""

    def login(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="onepoint.accounts.login.PersonBackend")
        # As a login by the form does: the session is looked up together with the person.
        UserSession.objects.create(user=user, session_key=client.session.session_key, ip="127.0.0.1")
        return client

    return login


@pytest.fixture
def api_of():
    """A function giving a client of the API that acts as a person with a key of every scope, or of those named."""
    from onepoint.core import rest
    from onepoint.integrations import services

    def call_as(user: User, *scopes: str) -> Client:
        _key, secret = services.create_api_key(name="测试", person=user, scopes=scopes or rest.scopes(), by=None)
        return Client(headers={"authorization": f"Bearer {secret}"}, raise_request_exception=False)

    return call_as

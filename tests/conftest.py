"""The fixed cast: a small province with two cities, and the people every test meets."""

from dataclasses import dataclass

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client

from onepoint.accounts.models import Appointment, InterfacePerson, OrgUnit, Position, Region, Role, RoleGrant, User
from onepoint.accounts.states import DataScope, RegionKind, UnitKind

PASSWORD = "Onepoint-2026"

# The real cost is meant to slow down thieves; the tests set hundreds of passwords.
Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1

#: What each role of the cast may do; capabilities' tests rely on these codes and the demo uses the same ones.
ROLE_PERMISSIONS = {
    "agent": [
        "queue.work", "desk.use", "message.write", "ticket.view", "ticket.create", "ticket.edit", "customer.view", "customer.create", "customer.edit",
        "contact.create", "contact.view", "text.view", "text.file", "mail.view", "mail.file", "counter.greet", "counter.serve", "scan.view", "scan.take_in", "personal_data.see_phone", "personal_data.see_address",
        "personal_data.unmask", "list.export", "grant.give", "grant.view", "hidden_risk.view", "hidden_risk.raise",
    ],
    "coordinator": [
        "ticket.batch", "incident.declare", "desk.use", "message.write", "ticket.view", "ticket.create", "ticket.edit", "ticket.coordinate", "customer.view", "customer.edit",
        "contact.view", "task.reassign", "personal_data.see_phone", "personal_data.see_address", "personal_data.unmask",
        "list.export", "filter.share", "grant.give", "grant.view", "grant.approve", "regulator.view", "regulator.register", "regulator.answer",
        "hidden_risk.view", "hidden_risk.raise", "hidden_risk.coordinate", "measure.view",
    ],
    "handler": ["desk.use", "message.write", "ticket.view", "personal_data.unmask"],
    "visitor": [
        "desk.use", "ticket.view", "customer.view", "contact.view", "contact.create", "personal_data.see_phone",
        "follow_up.view", "follow_up.visit",
    ],
    "supervisor": ["export.approve", "queue.watch", "ticket.batch", "incident.declare", "desk.use", "message.write", "ticket.view", "customer.view", "contact.view", "follow_up.view", "follow_up.assign", "task.reassign", "process.terminate", "process.move", "process.suspend", "process.reopen", "organisation.view", "audit.view", "access.explain", "grant.view", "grant.settle", "grant.audit", "hidden_risk.view", "hidden_risk.raise", "hidden_risk.coordinate", "hidden_risk.remove", "measure.view", "inspection.view", "inspection.score", "coaching.view", "coaching.manage", "mark.view", "rectification.ask"],
    "admin": [
        "hidden_risk.view", "measure.view", "journal.manage", "authority.manage", "regulator.manage", "green_channel.manage", "desk.use", "organisation.view", "organisation.manage", "person.manage", "role.manage", "audit.view", "form.manage",
        "category.manage", "tag.manage", "schedule.manage", "notification.manage", "process.view", "process.manage", "ticket.view", "customer.view", "apikey.manage", "house.watch", "personal_data.audit",
        "access.explain", "list.export", "calendar.view", "calendar.change", "counter.manage", "scan.manage", "mailbox.view", "mailbox.change", "mail.view", "mail.original", "gateway.view", "gateway.change", "queue.watch", "queue.change", "canned_text.change", "outbox.view", "outbox.resend", "portal.manage", "follow_up.view", "follow_up.manage", "mark.view", "standard.manage", "inspection.view", "inspection.plan",
    ],
}  # fmt: skip
ROLE_SCOPES = {
    "agent": DataScope.OWN_REGION,
    "coordinator": DataScope.OWN_REGION,
    "handler": DataScope.OWN_UNIT,
    "visitor": DataScope.OWN_REGION,
    "supervisor": DataScope.OWN_REGION,
    "admin": DataScope.ALL,
}


@dataclass
class Cast:
    """Province P with cities East and West; everybody but the outsider works for East or the province."""

    province: Region
    east: Region
    west: Region
    head_office: OrgUnit
    call_centre: OrgUnit  # of East
    network: OrgUnit  # department of East
    billing: OrgUnit  # department of East
    west_branch: OrgUnit
    agent: User
    second_agent: User
    coordinator: User
    interface_person: User  # of network
    deputy: User  # of network
    handler: User  # of network
    billing_interface: User
    billing_handler: User
    visitor: User
    supervisor: User
    admin: User
    outsider: User  # agent and coordinator of West


def _unit(code: str, name: str, kind: str, region: Region, parent: OrgUnit | None = None, **more: object) -> OrgUnit:
    unit = OrgUnit.objects.create(
        code=code, name=name, name_en=code.title(), kind=kind, region=region, parent=parent, **more
    )
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save(update_fields=["path"])
    return unit


def _region(code: str, name: str, kind: str, parent: Region | None = None) -> Region:
    region = Region.objects.create(code=code, name=name, name_en=code.title(), kind=kind, parent=parent)
    region.path = f"{parent.path if parent else '/'}{region.pk}/"
    region.save(update_fields=["path"])
    return region


def make_user(username: str, unit: OrgUnit, roles: list[str], name: str = "") -> User:
    """A person with a position in ``unit`` and the given roles there; the password is ``PASSWORD``."""
    user = User(username=username, name=name or username, unit=unit, name_key=username)
    user.set_unusable_password()
    user.save()
    position, _ = Position.objects.get_or_create(unit=unit, name=roles[0] if roles else "clerk")
    Appointment.objects.create(user=user, position=position)
    for code in roles:
        role, _ = Role.objects.get_or_create(
            code=code, defaults={"name": code, "permissions": ROLE_PERMISSIONS[code], "data_scope": ROLE_SCOPES[code]}
        )
        RoleGrant.objects.create(user=user, role=role, unit=unit)
    return user


@pytest.fixture(autouse=True)
def _without_reminder_rules() -> None:
    """Rules of reminders are kept by the process for half a minute; a test that makes some calls ``forget_rules``."""
    from onepoint.workflow.urging import rules

    rules._kept = (float("inf"), ())


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
    province = _region("province", "某省", RegionKind.PROVINCE)
    east = _region("east", "东市", RegionKind.CITY, province)
    west = _region("west", "西市", RegionKind.CITY, province)
    head_office = _unit("head", "省公司", UnitKind.HEAD_OFFICE, province)
    east_branch = _unit("east-branch", "东市分公司", UnitKind.CITY, east, head_office)
    call_centre = _unit("east-calls", "东市客服中心", UnitKind.CALL_CENTRE, east, east_branch)
    network = _unit("east-network", "东市网络部", UnitKind.DEPARTMENT, east, east_branch, receives_tickets=True)
    billing = _unit("east-billing", "东市计费部", UnitKind.DEPARTMENT, east, east_branch, receives_tickets=True)
    west_branch = _unit("west-branch", "西市分公司", UnitKind.CITY, west, head_office)
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

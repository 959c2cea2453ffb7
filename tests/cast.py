"""The fixed cast: a small province with two cities, and the people every test meets.

Not in ``conftest``: pytest forgets that module at every folder it enters, and each import would make another copy.
"""

from dataclasses import dataclass

from django.contrib.auth.hashers import Argon2PasswordHasher

from onepoint.accounts.models import Appointment, OrgUnit, Position, Region, Role, RoleGrant, User
from onepoint.accounts.states import DataScope

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
        "hidden_risk.view", "hidden_risk.manage", "measure.view", "journal.manage", "authority.manage", "regulator.manage", "green_channel.manage", "desk.use", "organisation.view", "organisation.manage", "person.manage", "role.manage", "audit.view", "form.manage",
        "category.manage", "tag.manage", "schedule.manage", "notification.manage", "process.view", "process.manage", "ticket.view", "customer.view", "apikey.manage", "house.watch", "personal_data.audit",
        "access.explain", "list.export", "calendar.view", "calendar.change", "counter.manage", "scan.manage", "mailbox.view", "mailbox.change", "mail.view", "mail.original", "gateway.view", "gateway.change", "queue.watch", "queue.change", "canned_text.change", "outbox.view", "outbox.resend", "portal.manage", "follow_up.view", "follow_up.manage", "mark.view", "standard.manage", "inspection.view", "inspection.plan",
    ],
    "inspector": ["inspection.view", "inspection.score", "mark.inspect"],
    "quality_lead": [
        "inspection.view", "inspection.score", "inspection.arbitrate", "inspection.plan", "mark.inspect", "coaching.view",
        "coaching.manage",
    ],
}  # fmt: skip
ROLE_SCOPES = {
    "agent": DataScope.OWN_REGION,
    "coordinator": DataScope.OWN_REGION,
    "handler": DataScope.OWN_UNIT,
    "visitor": DataScope.OWN_REGION,
    "supervisor": DataScope.OWN_REGION,
    "admin": DataScope.ALL,
    "inspector": DataScope.OWN_REGION,
    "quality_lead": DataScope.OWN_REGION,
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


def make_unit(
    code: str, name: str, kind: str, region: Region, parent: OrgUnit | None = None, **more: object
) -> OrgUnit:
    unit = OrgUnit.objects.create(
        code=code, name=name, name_en=code.title(), kind=kind, region=region, parent=parent, **more
    )
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save(update_fields=["path"])
    return unit


def make_region(code: str, name: str, kind: str, parent: Region | None = None) -> Region:
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

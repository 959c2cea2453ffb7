"""The organisation for other systems: units, regions, roles, groups and people in the caller's scope."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Status
from pydantic import Field

from onepoint.accounts import policies, queries, services
from onepoint.accounts.models import Group, OrgUnit, Region, Role, TreeNode, User
from onepoint.accounts.queries import lookups
from onepoint.core.errors import InvalidInput, require
from onepoint.core.rest import (
    PROBLEMS,
    Body,
    Code,
    Cursor,
    Limit,
    Line,
    Page,
    Schema,
    found,
    needs,
    page_by_cursor,
)

router = Router()
READ, WRITE = "organisation:read", "organisation:write"


class UnitOut(Schema):
    code: str
    name: str
    name_en: str
    kind: str
    parent: str | None
    region: str | None
    receives_tickets: bool
    is_active: bool


class RegionOut(Schema):
    code: str
    name: str
    name_en: str
    kind: str
    parent: str | None
    area_code: str
    is_active: bool


class RoleOut(Schema):
    code: str
    name: str
    name_en: str
    permissions: list[str]
    data_scope: str
    is_active: bool


class GroupOut(Schema):
    code: str
    name: str
    name_en: str
    is_active: bool


class PersonOut(Schema):
    username: str
    name: str
    name_en: str
    email: str
    unit: str | None
    language: str
    is_active: bool


class NewPerson(Body):
    username: Code
    name: Annotated[Line, Field(max_length=80)]
    unit: Code
    name_en: Annotated[Line, Field(max_length=80)] = ""
    email: Annotated[Line, Field(max_length=254)] = ""
    phone: Annotated[Line, Field(max_length=32)] = ""
    language: Code = "zh-hans"


def _code_of(node: TreeNode | None) -> str | None:
    return node.code if node else None


def _unit(unit: OrgUnit) -> dict[str, Any]:
    return {
        "code": unit.code, "name": unit.name, "name_en": unit.name_en, "kind": unit.kind,
        "parent": _code_of(unit.parent), "region": _code_of(unit.region), "receives_tickets": unit.receives_tickets,
        "is_active": unit.is_active,
    }  # fmt: skip


def _region(region: Region) -> dict[str, Any]:
    return {
        "code": region.code, "name": region.name, "name_en": region.name_en, "kind": region.kind,
        "parent": _code_of(region.parent), "area_code": region.area_code, "is_active": region.is_active,
    }  # fmt: skip


def _role(role: Role) -> dict[str, Any]:
    return {
        "code": role.code, "name": role.name, "name_en": role.name_en, "permissions": role.permissions,
        "data_scope": role.data_scope, "is_active": role.is_active,
    }  # fmt: skip


def _group(group: Group) -> dict[str, Any]:
    return {"code": group.code, "name": group.name, "name_en": group.name_en, "is_active": group.is_active}


def _person(person: User) -> dict[str, Any]:
    return {
        "username": person.username, "name": person.name, "name_en": person.name_en, "email": person.email,
        "unit": _code_of(person.unit), "language": person.language, "is_active": person.is_active,
    }  # fmt: skip


@router.get("/me", response={200: PersonOut, **PROBLEMS}, summary="Whom the key acts as")
@needs(READ)
def show_me(request: HttpRequest) -> Any:
    return _person(request.user)


@router.get("/units", response={200: Page[UnitOut], **PROBLEMS}, summary="Units in scope")
@needs(READ)
def list_units(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    require(policies.why_not_permitted("organisation.view", request.user))
    rows = queries.units(visible_to=request.user).select_related("parent")
    return page_by_cursor(rows, _unit, cursor=cursor, limit=limit)


@router.get("/regions", response={200: Page[RegionOut], **PROBLEMS}, summary="All regions")
@needs(READ)
def list_regions(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    return page_by_cursor(lookups.regions(), _region, cursor=cursor, limit=limit)


@router.get("/roles", response={200: Page[RoleOut], **PROBLEMS}, summary="All roles")
@needs(READ)
def list_roles(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    require(policies.why_not_permitted("organisation.view", request.user))
    return page_by_cursor(queries.roles(), _role, cursor=cursor, limit=limit)


@router.get("/groups", response={200: Page[GroupOut], **PROBLEMS}, summary="All groups")
@needs(READ)
def list_groups(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    require(policies.why_not_permitted("organisation.view", request.user))
    return page_by_cursor(queries.groups(), _group, cursor=cursor, limit=limit)


@router.get("/people", response={200: Page[PersonOut], **PROBLEMS}, summary="People in scope")
@needs(READ)
def list_people(request: HttpRequest, text: Line = "", cursor: Cursor = "", limit: Limit = 50) -> Any:
    require(policies.why_not_permitted("organisation.view", request.user))
    rows = queries.people(visible_to=request.user).filter(lookups.matching(text))
    return page_by_cursor(rows, _person, cursor=cursor, limit=limit)


@router.post("/people", response={201: PersonOut, **PROBLEMS}, summary="Add a person, who has no password yet")
@needs(WRITE)
def create_person(request: HttpRequest, body: NewPerson) -> Any:
    unit = lookups.unit_by_code(body.unit)
    if unit is None:
        raise InvalidInput({"unit": _("There is no unit with this code.")})
    values = body.model_dump(exclude={"unit"})
    return Status(201, _person(services.create_person(**values, unit=unit, password=None, by=request.user)))


@router.get("/people/{username}", response={200: PersonOut, **PROBLEMS}, summary="One person")
@needs(READ)
def show_person(request: HttpRequest, username: Code) -> Any:
    require(policies.why_not_permitted("organisation.view", request.user))
    return _person(found(queries.people(visible_to=request.user).filter(username=username).first()))


@router.post("/people/{username}/deactivate", response={200: PersonOut, **PROBLEMS}, summary="Lock a person out")
@needs(WRITE)
def deactivate_person(request: HttpRequest, username: Code) -> Any:
    person = found(queries.people(visible_to=request.user).filter(username=username).first())
    return _person(services.deactivate_person(person, by=request.user))


@router.post("/people/{username}/reactivate", response={200: PersonOut, **PROBLEMS}, summary="Let a person in again")
@needs(WRITE)
def reactivate_person(request: HttpRequest, username: Code) -> Any:
    person = found(queries.people(visible_to=request.user).filter(username=username).first())
    return _person(services.reactivate_person(person, by=request.user))

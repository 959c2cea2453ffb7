"""Each field of each operation with what it does not expect: refused by name, or done; never a failure.

Generated from the API's own description, so that a new field is tried without anybody thinking of it.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.test import Client

from access.house import House
from access.test_walk_every_operation import OPERATIONS, ROOT, UPLOAD, paths
from cast import ROLE_PERMISSIONS, make_user
from onepoint.accounts.models import Role, RoleGrant, User
from onepoint.accounts.states import DataScope
from onepoint.integrations.api import api
from onepoint.integrations.models import ApiKey

#: As they stand in the body: JSON, or what only looks like it. Every field meets these …
ALWAYS = (
    json.dumps("A" * 400), json.dumps("9" * 90), '"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-12:00"', '"2026-11-22T00:00:00"', '{"a": [null]}',
)  # fmt: skip
#: … and every fifth of these.
WRONG = (
    json.dumps("字" * 2000), '"\\ud800"', '"a\\u0000"', '["\\ud800"]', '{"\\ud800": 1}', '{"a\\u0000": 1}',
    '"0001-01-01"', '"9999-12-31"', '"9999-12-31T23:59:59Z"',
    "null", "true", "-1", "2147483648", "9223372036854775808", "1e308", "1e999999", "NaN", "-Infinity", "9" * 4500, '"²"', "[]", "[null]", "[[1]]",
    "{}", '{"": ""}', '{"a": {"$ne": null}}', "[" * 900 + "]" * 900, '{"a":' * 900 + "1" + "}" * 900, json.dumps(["x"] * 1000),
)  # fmt: skip


def _names(schemas: dict[str, Any], node: dict[str, Any]) -> Iterator[str]:
    while "$ref" in node:
        node = schemas[node["$ref"].rpartition("/")[2]]
    for one in node.get("anyOf", []) + node.get("allOf", []):
        yield from _names(schemas, one)
    yield from node.get("properties", {})


def fields() -> dict[str, list[str]]:
    """Of every operation, what its body may hold."""
    told = json.loads(json.dumps(api.get_openapi_schema(path_prefix=f"{ROOT}/")))
    found = {}
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            for kind in operation.get("requestBody", {}).get("content", {}).values():
                name = f"{method.upper()} {path.removeprefix(ROOT).rstrip('/')}".replace("//", "/")
                found[name] = [*_names(told["components"]["schemas"], kind["schema"])]
    return found


def somebody_who_may_everything(house: House) -> User:
    codes = sorted({code for codes in ROLE_PERMISSIONS.values() for code in codes})
    role = Role.objects.create(code="everything", name="everything", permissions=codes, data_scope=DataScope.ALL)
    person = make_user("everybody", house.cast.call_centre, [])
    RoleGrant.objects.create(user=person, role=role, unit=house.cast.call_centre)
    return User.objects.get(pk=person.pk)


def days_asked_for() -> Iterator[tuple[str, str]]:
    """Lists with the parameters that are days or moments."""
    told = json.loads(json.dumps(api.get_openapi_schema(path_prefix=f"{ROOT}/")))
    for path, operations in told["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", []):
            if parameter["in"] == "query" and '"date' in json.dumps(parameter["schema"]):
                yield path, parameter["name"]


def test_no_list_fails_on_the_first_or_last_of_all_days(house: House, api_of: Callable[..., Client]) -> None:
    client = api_of(somebody_who_may_everything(house))
    faults, tried = [], 0
    for path, name in days_asked_for():
        for value in ("0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
            status = client.get(path.replace("{calendar_id}", str(house.calendar.pk)), {name: value}).status_code
            tried += 1
            if status >= 500:
                faults.append(f"{path} {name}={value}: {status}")
    assert faults == []
    assert tried > 40


def test_no_field_of_any_operation_fails(house: House, api_of: Callable[..., Client]) -> None:
    client = api_of(somebody_who_may_everything(house))
    ApiKey.objects.update(requests_per_minute=1_000_000)
    known, faults, tried = fields(), [], 0
    for name, entry in OPERATIONS.items():
        if name not in known or entry.body is UPLOAD:
            continue
        method = name.partition(" ")[0]
        _side, path = next(paths(house, name, entry))
        for turn, field in enumerate(known[name], tried):
            parts = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in entry.body.items() if key != field]
            for wrong in (*ALWAYS, *WRONG[turn % 5 :: 5]):
                body = "{" + ", ".join([*parts, f"{json.dumps(field)}: {wrong}"]) + "}"
                with transaction.atomic():
                    answer = client.generic(
                        method, path, body, content_type="application/json", headers={"If-Match": '"1"'}
                    )
                    transaction.set_rollback(True)
                tried += 1
                if answer.status_code >= 500:
                    faults.append(f"{name} {field}={wrong[:40]}: {answer.status_code}")
    assert faults == []
    assert tried > 1500

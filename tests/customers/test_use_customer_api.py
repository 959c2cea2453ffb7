"""Customers by the REST API: masked, versioned, in scope."""

import json
from collections.abc import Callable
from typing import Any

from django.test import Client

from cast import Cast
from onepoint.accounts.models import Role
from onepoint.core.models import AuditEntry
from onepoint.customers import services
from onepoint.customers.models import Customer

Call = Callable[..., Client]
CUSTOMERS = "/api/v1/customers"
NEW = {
    "name": "钱多多", "region": "east", "id_number": "330106199003071233", "address": "东市人民路 1 号",
    "accounts": [{"value": "13912345678"}],
}  # fmt: skip


def send(client: Client, path: str, body: Any, method: str = "post", **headers: str) -> Any:
    call = getattr(client, method)
    return call(path, data=json.dumps(body), content_type="application/json", headers=headers)


def sees_all(*roles: str) -> None:
    for role in Role.objects.filter(code__in=roles):
        wanted = {"personal_data.see_phone", "personal_data.see_identity", "personal_data.see_address"}
        role.permissions = sorted({*role.permissions, *wanted})
        role.save()


def test_a_customer_is_registered_found_and_changed(cast: Cast, api_of: Call) -> None:
    sees_all("agent")
    api = api_of(cast.agent)
    made = send(api, CUSTOMERS, NEW)
    assert made.status_code == 201
    number = made.json()["number"]
    found = api.get(CUSTOMERS, {"text": "139 1234 5678"}).json()["items"]
    assert [row["number"] for row in found] == [number]
    path = f"{CUSTOMERS}/{number}"
    assert api.get(path).json()["id_number"] == NEW["id_number"]
    assert send(api, path, {"name": "钱少少"}, "patch").status_code == 428
    changed = send(api, path, {"name": "钱少少"}, "patch", **{"If-Match": made["ETag"]})
    assert (changed.status_code, changed.json()["name"]) == (200, "钱少少")
    assert send(api, path, {"name": "钱"}, "patch", **{"If-Match": made["ETag"]}).status_code == 412
    assert AuditEntry.objects.filter(verb="customer.changed", actor_id=cast.agent.pk).count() == 1


def test_a_second_customer_with_the_same_number_is_refused(cast: Cast, api_of: Call) -> None:
    api = api_of(cast.agent)
    assert send(api, CUSTOMERS, NEW).status_code == 201
    twice = send(api, CUSTOMERS, NEW)
    assert (twice.status_code, twice.json()["code"]) == (409, "possible_duplicate")
    assert send(api, CUSTOMERS, NEW | {"despite_duplicates": True}).status_code == 201


def test_who_holds_no_right_reads_masked_values_and_cannot_overwrite_with_them(cast: Cast, api_of: Call) -> None:
    customer = services.create_customer(
        by=None, name="钱多多", region=cast.east, id_number=NEW["id_number"], address=NEW["address"],
        accounts=[services.NewAccount("13912345678")],
    )  # fmt: skip
    for role in Role.objects.filter(code="agent"):
        role.permissions = [code for code in role.permissions if not code.startswith("personal_data.")]
        role.save()
    api = api_of(cast.agent)
    answer = api.get(f"{CUSTOMERS}/{customer.number}")
    shown = answer.json()
    assert NEW["id_number"] not in answer.content.decode()
    assert "人民路" not in answer.content.decode()
    back = {"address": shown["address"], "id_number": shown["id_number"]}
    refused = send(api, f"{CUSTOMERS}/{customer.number}", back, "patch", **{"If-Match": answer["ETag"]})
    assert (refused.status_code, refused.json()["errors"].keys()) == (422, {"address", "id_number"})
    kept = Customer.objects.get()
    assert (kept.id_number, kept.address) == (NEW["id_number"], NEW["address"])


def test_the_outsider_finds_nothing(cast: Cast, api_of: Call) -> None:
    customer = services.create_customer(by=None, name="钱多多", region=cast.east)
    api = api_of(cast.outsider)
    assert api.get(CUSTOMERS, {"text": "钱多多"}).json()["items"] == []
    path = f"{CUSTOMERS}/{customer.number}"
    assert api.get(path).status_code == 404
    assert send(api, path, {"name": "x"}, "patch", **{"If-Match": '"1"'}).status_code == 404
    assert send(api, f"{path}/accounts", {"value": "13900001111"}).status_code == 404


def test_unknown_codes_and_protected_fields_are_refused(cast: Cast, api_of: Call) -> None:
    api = api_of(cast.agent)
    for more, field in (
        ({"region": "nowhere"}, "region"),
        ({"level": "nothing"}, "level"),
        ({"version": 9}, "version"),
    ):
        answer = send(api, CUSTOMERS, NEW | more)
        assert answer.status_code == 422
        assert any(field in name for name in answer.json()["errors"]), answer.json()
    assert not Customer.objects.exists()

"""Categories with and without special items, the delivered complaint process, and a customer of East."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cast import Cast
from onepoint.customers import services as customer_services
from onepoint.customers.models import Customer
from onepoint.customers.services import NewAccount
from onepoint.dynamic_forms import services as form_services
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.services.categories import CategoryItems, SeverityItems
from onepoint.workflow import kernel
from onepoint.workflow import services as workflow_services

SCHEMA = {
    "fields": [
        {"key": "account", "label": "宽带账号", "label_en": "Broadband account", "type": "text", "required": True},
        {"key": "speed", "label": "实测速率", "label_en": "Measured speed", "type": "integer", "min": 0},
    ]
}


@pytest.fixture(autouse=True)
def files_of_this_test(settings: Any, tmp_path: Path) -> None:
    """Uploaded files go to a folder of the test's own."""
    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": tmp_path / "files", "base_url": None}}
    settings.STORAGES = storages


@pytest.fixture
def categories(db: None) -> dict[str, Category]:
    """Broadband asks for special items, billing for none; both run through the complaint process."""
    version = workflow_services.deploy_version(
        (Path(kernel.__file__).parent / "delivered" / "complaint.bpmn").read_bytes(), by=None
    )
    workflow_services.publish_version(version, by=None)
    severity = ticket_services.create_severity(
        SeverityItems(code="normal", rank=3, name="一般", name_en="Normal", standard="一般", answer_hours=48), by=None
    )
    form = form_services.create_form(key="broadband", name="宽带专项", name_en="Broadband items", by=None)
    form_services.publish_version(form_services.draft_version(form, schema=SCHEMA, by=None), by=None)
    more = {"default_severity": severity}
    return {
        "broadband": ticket_services.create_category(
            CategoryItems(code="broadband", name="网速慢", name_en="Slow", form_key="broadband", **more), by=None
        ),
        "billing": ticket_services.create_category(
            CategoryItems(code="billing", name="费用突增", name_en="High charge", kinds=["complaint"], **more), by=None
        ),
    }


@pytest.fixture
def customer(cast: Cast) -> Customer:
    return customer_services.create_customer(
        by=cast.agent, name="王小明", name_en="Wang Xiaoming", region=cast.east,
        accounts=[NewAccount("0571-8888 8888", "landline"), NewAccount("13800138000")],
    )  # fmt: skip


@pytest.fixture
def typed(cast: Cast, categories: dict[str, Category]) -> Callable[..., dict[str, Any]]:
    """A function giving a filled-in intake form; every call is a new form with a key of its own."""

    def fill(**more: Any) -> dict[str, Any]:
        return {
            "request_key": str(uuid.uuid4()), "channel": "hotline", "kind": "complaint", "urgency": "normal",
            "category": categories["billing"].pk, "description": "本月话费突然多了两百元，要求核查。", "do": "ticket",
            **more,
        }  # fmt: skip

    return fill


@pytest.fixture
def ticket(cast: Cast, categories: dict[str, Category], customer: Customer) -> Ticket:
    new = ticket_services.NewTicket(
        kind="complaint", category=categories["billing"], title="话费突增", channel="hotline", customer=customer
    )
    return ticket_services.create_ticket(new, by=cast.agent)

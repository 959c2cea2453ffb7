"""A small category tree, the delivered complaint process, a customer, and a complaint the agent has just registered."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cast import Cast
from onepoint.accounts.models import User
from onepoint.channels.states import Channel
from onepoint.core.models import AuditEntry
from onepoint.customers import services as customer_services
from onepoint.customers.models import Customer
from onepoint.customers.services import NewAccount
from onepoint.dynamic_forms import services as form_services
from onepoint.dynamic_forms.models import FormVersion
from onepoint.tickets import services
from onepoint.tickets.models import Category, Severity, Ticket
from onepoint.tickets.services.categories import CategoryItems, SeverityItems
from onepoint.tickets.states import TicketKind
from onepoint.workflow import kernel
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import UserTask

DELIVERED = Path(kernel.__file__).parent / "delivered"
SCHEMA = {
    "fields": [
        {"key": "account", "label": "宽带账号", "label_en": "Broadband account", "type": "text", "required": True},
        {"key": "speed", "label": "实测速率", "label_en": "Measured speed", "type": "integer", "min": 0, "max": 10000},
    ]
}


@pytest.fixture(autouse=True)
def files_of_this_test(settings: Any, tmp_path: Path) -> None:
    """Uploaded files go to a folder of the test's own."""
    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": tmp_path / "files", "base_url": None}}
    settings.STORAGES = storages


@pytest.fixture
def severities(db: None) -> dict[str, Severity]:
    rows = (
        ("critical", 1, "特急", "Critical", 4),
        ("major", 2, "重要", "Major", 24),
        ("normal", 3, "一般", "Normal", 480),
    )
    return {
        code: services.create_severity(
            SeverityItems(code=code, rank=rank, name=name, name_en=name_en, standard=name, answer_hours=hours), by=None
        )
        for code, rank, name, name_en, hours in rows
    }


@pytest.fixture
def broadband_form(db: None) -> FormVersion:
    form = form_services.create_form(key="broadband_fault", name="宽带专项", name_en="Broadband items", by=None)
    return form_services.publish_version(form_services.draft_version(form, schema=SCHEMA, by=None), by=None)


@pytest.fixture
def categories(severities: dict[str, Severity], broadband_form: FormVersion) -> dict[str, Category]:
    """Broadband (with special items) and billing, each with leaves."""
    made: dict[str, Category] = {}
    for code, name, name_en, parent, more in (
        (
            "broadband",
            "宽带",
            "Broadband",
            "",
            {"form_key": "broadband_fault", "default_severity": severities["major"]},
        ),
        ("bb_slow", "网速慢", "Slow", "broadband", {}),
        ("bb_drops", "频繁掉线", "Frequent drops", "broadband", {}),
        ("billing", "计费与账单", "Billing", "", {}),
        ("bl_high", "费用突增", "Sudden high charge", "billing", {"kinds": [TicketKind.COMPLAINT.value]}),
    ):
        items = CategoryItems(code=code, name=name, name_en=name_en, parent=made.get(parent), **more)
        made[code] = services.create_category(items, by=None)
    return made


@pytest.fixture
def complaint_process(db: None) -> None:
    version = workflow_services.deploy_version((DELIVERED / "complaint.bpmn").read_bytes(), by=None)
    workflow_services.publish_version(version, by=None)


@pytest.fixture
def customer(cast: Cast) -> Customer:
    return customer_services.create_customer(
        by=cast.agent, name="王小明", name_en="Wang Xiaoming", region=cast.east,
        accounts=[NewAccount("0571-8888 8888", "landline"), NewAccount("13800138000")],
    )  # fmt: skip


@pytest.fixture
def register(cast: Cast, categories: dict[str, Category], complaint_process: None) -> Callable[..., Ticket]:
    """A function that registers a complaint of East, by the agent unless said otherwise."""

    def create(by: User | None = None, **more: Any) -> Ticket:
        items = {
            "kind": TicketKind.COMPLAINT,
            "category": categories["bl_high"],
            "title": "话费突然多了两百元",
            "channel": Channel.HOTLINE,
            **more,
        }
        return services.create_ticket(services.NewTicket(**items), by=by or cast.agent)

    return create


@pytest.fixture
def ticket(register: Callable[..., Ticket], customer: Customer) -> Ticket:
    return register(customer=customer, contact_name="王小明", contact_phone="138 0013 8000", description="本月话费异常")


def fresh(user: User) -> User:
    """The same person without what an earlier request remembered."""
    return User.objects.get(pk=user.pk)


def again(ticket: Ticket) -> Ticket:
    """The ticket as it stands in the database."""
    return Ticket.objects.get(pk=ticket.pk)


def task_at(ticket: Ticket, node: str) -> UserTask:
    """The one live task of a ticket at a step."""
    return (
        UserTask.objects.live()
        .select_related("instance")
        .get(subject_type="ticket", subject_id=ticket.pk, node_id=node)
    )


def do(ticket: Ticket, node: str, by: User, outcome: str, opinion: str = "已处理", **inputs: Any) -> None:
    """Finish a step of a ticket."""
    workflow_services.complete_task(
        task_at(ticket, node), outcome=outcome, inputs=inputs, opinion=opinion, by=fresh(by)
    )


def verbs_of(ticket: Ticket) -> list[str]:
    """What the journal says about a ticket, in order; what it says of its clocks has tests of its own."""
    entries = AuditEntry.objects.filter(subject_type="ticket", subject_id=ticket.pk).order_by("id")
    entries = entries.exclude(verb__startswith="clock.")
    return list(entries.values_list("verb", flat=True))

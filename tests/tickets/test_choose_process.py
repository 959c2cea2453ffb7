"""Which process a ticket runs through: its category's, or the one the category names for its kind."""

import pytest
from django.urls import reverse

from cast import Cast
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.tickets import services
from onepoint.tickets.models import Category
from onepoint.tickets.services.categories import CategoryItems
from onepoint.tickets.states import TicketKind
from onepoint.workflow import services as workflow_services
from tickets.conftest import DELIVERED, fresh


def items_of(category: Category, **changes) -> CategoryItems:
    return CategoryItems(**{name: getattr(category, name) for name in CategoryItems.__dataclass_fields__} | changes)


@pytest.fixture
def repair_process(db: None) -> None:
    for key in ("field_work", "repair"):
        workflow_services.publish_version(
            workflow_services.deploy_version((DELIVERED / f"{key}.bpmn").read_bytes(), by=None), by=None
        )


def test_a_kind_may_run_through_a_process_of_its_own(categories, repair_process, register) -> None:
    slow = services.change_category(
        categories["bb_slow"], items_of(categories["bb_slow"], kind_processes={"repair": "repair"}), by=None
    )
    kept = AuditEntry.objects.get(verb="category.changed").data["changes"]
    assert kept["kind_processes"] == ["{}", "{'repair': 'repair'}"]
    keys = {
        kind: register(kind=kind, category=slow).process_instance.version.definition.key
        for kind in (TicketKind.REPAIR, TicketKind.COMPLAINT)
    }
    assert keys == {"repair": "repair", "complaint": "complaint"}


def test_only_kinds_there_are_and_only_by_who_may(cast: Cast, categories) -> None:
    with pytest.raises(InvalidInput):
        services.change_category(
            categories["bb_slow"], items_of(categories["bb_slow"], kind_processes={"gossip": "repair"}), by=None
        )
    with pytest.raises(NotPermitted):
        services.change_category(
            categories["bb_slow"], items_of(categories["bb_slow"], kind_processes={}), by=fresh(cast.agent)
        )


def test_the_page_keeps_processes_by_kind_and_offers_those_of_the_branch(
    cast: Cast, categories, complaint_process, repair_process, client_of
) -> None:
    client = client_of(cast.admin)
    broadband = categories["broadband"]
    url = reverse("category-detail", args=[broadband.pk])
    form = {
        "code": broadband.code, "name": broadband.name, "process_key": "complaint", "position_order": 0,
        "form_key": "", "is_active": "on", "process_of_repair": "repair",
    }  # fmt: skip
    assert client.post(url, form).status_code == 302
    broadband.refresh_from_db()
    assert broadband.kind_processes == {"repair": "repair"}
    assert client.get(url).context["form"]["process_of_repair"].value() == "repair"
    below = client.get(reverse("category-create"), {"parent": "broadband"})
    assert below.context["form"]["process_of_repair"].value() == "repair"
    assert client.post(url, form | {"process_of_repair": "nothing"}).status_code == 422
    client.post(url, form | {"process_of_repair": ""})
    broadband.refresh_from_db()
    assert broadband.kind_processes == {}

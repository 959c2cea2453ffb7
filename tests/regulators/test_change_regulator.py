"""The authorities themselves."""

import pytest
from django.test import Client
from django.urls import reverse

from cast import Cast
from onepoint.core.errors import InvalidInput, NotPermitted, SomebodyWasFaster
from onepoint.core.models import AuditEntry
from onepoint.regulators import services
from onepoint.regulators.models import Regulator
from onepoint.regulators.services import RegulatorItems


def test_a_change_is_journaled_and_of_two_the_second_is_told(appeals: Regulator, cast: Cast) -> None:
    items = RegulatorItems(name="申诉中心", answer_days=15)
    services.change_regulator(appeals, items, version=1, by=cast.admin)
    assert AuditEntry.objects.get(verb="regulator.changed").data["changes"]["answer_days"] == ["10", "15"]
    with pytest.raises(SomebodyWasFaster):
        services.change_regulator(appeals, items, version=1, by=cast.admin)


def test_it_needs_its_permission_and_sense(appeals: Regulator, cast: Cast) -> None:
    with pytest.raises(NotPermitted):
        services.create_regulator("x", RegulatorItems(name="x"), by=cast.coordinator)
    with pytest.raises(InvalidInput):
        services.create_regulator("appeals", RegulatorItems(name="x"), by=cast.admin)
    with pytest.raises(InvalidInput):
        services.create_regulator("x", RegulatorItems(name=" ", answer_days=0), by=cast.admin)


def test_the_screen_adds_and_changes(cast: Cast, client: Client) -> None:
    client.force_login(cast.admin)
    typed = {
        "code": "hotline",
        "name": "12345 热线",
        "answer_days": 5,
        "acceptance_days": 0,
        "report_hours": 0,
        "position_order": 1,
        "is_active": "on",
    }
    assert client.post(reverse("regulator-create"), typed).status_code == 302
    row = Regulator.objects.get()
    typed |= {"answer_days": 7, "version": row.version}
    assert client.post(reverse("regulator-detail", args=[row.pk]), typed).status_code == 302
    row.refresh_from_db()
    assert (row.answer_days, row.version) == (7, 2)
    assert client.get(reverse("regulator-list")).status_code == 200

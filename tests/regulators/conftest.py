"""Two authorities, beside everything the tests of tickets have."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from cast import Cast
from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.regulators import services
from onepoint.regulators.models import Regulator, RegulatorCase
from onepoint.regulators.services import NewCase, RegulatorItems
from onepoint.tickets.models import Severity
from tickets.conftest import (  # noqa: F401  (fixtures)
    broadband_form,
    categories,
    complaint_process,
    customer,
    files_of_this_test,
    register,
    severities,
    ticket,
)


@pytest.fixture
def appeals(severities: dict[str, Severity]) -> Regulator:  # noqa: F811
    """The appeals centre: ten days, supervised, at least critical."""
    items = RegulatorItems(
        name="电信用户申诉受理中心",
        name_en="Appeals centre",
        answer_days=10,
        severity=severities["critical"],
        acceptance_days=5,
    )
    return services.create_regulator("appeals", items, by=None)


@pytest.fixture
def hand_over(cast: Cast, appeals: Regulator, complaint_process: None) -> Callable[..., RegulatorCase]:  # noqa: F811
    """A function that registers a case, by the coordinator unless said otherwise."""

    def take_in(case_number: str = "鄂申〔2026〕1024", by: User | None = None, **more: Any) -> RegulatorCase:
        items = {
            "request_key": uuid4(), "regulator": appeals, "case_number": case_number, "received_at": clock.now(),
            "subject": "宽带故障长期未修复", "content": "用户反映报修多次未果。", **more,
        }  # fmt: skip
        return services.register_case(NewCase(**items), by=by or cast.coordinator)

    return take_in

"""A customer of East with a landline, a mobile and a machine."""

import pytest

from onepoint.customers import services
from onepoint.customers.models import Customer
from onepoint.customers.services import NewAccount


@pytest.fixture
def customer(cast) -> Customer:
    return services.create_customer(
        by=cast.agent,
        name="王小明",
        name_en="Wang Xiaoming",
        region=cast.east,
        id_number="330106198001011234",
        accounts=[NewAccount("0571-8888 8888", "landline"), NewAccount("13800138000")],
    )

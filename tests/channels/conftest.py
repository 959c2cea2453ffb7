import pytest

from onepoint.channels import services
from onepoint.channels.models import Contact
from onepoint.customers import services as customers
from onepoint.customers.models import Customer
from onepoint.customers.services import NewAccount


@pytest.fixture
def customer(cast) -> Customer:
    return customers.create_customer(
        by=cast.agent, name="王小明", region=cast.east, accounts=[NewAccount("0571-88888888", "landline")]
    )


@pytest.fixture
def contact(cast, customer) -> Contact:
    return services.journal_contact(
        by=cast.agent, channel="hotline", subject="宽带上网慢", content="晚上八点以后打不开网页，已重启光猫。",
        customer=customer, caller_number="0571 8888 8888",
    )  # fmt: skip

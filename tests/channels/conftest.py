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


@pytest.fixture
def gateway_to():
    """A function that sets up a gateway of a provider with the given settings."""

    def make(provider: str, *, name: str = "", secrets: dict[str, str] | None = None, **settings):
        own = {key: settings.pop(key) for key in ("rank", "rate_per_minute", "connections") if key in settings}
        return services.create_gateway(
            provider=provider, name=name or provider, settings=SETTINGS.get(provider, {}) | settings, secrets=secrets,
            by=None, **own,
        )  # fmt: skip

    return make


#: Of peers on this machine.
SETTINGS = {
    "smtp": {"host": "127.0.0.1", "encryption": "none", "sender": "service@onepoint.example", "sender_name": "一点通"},
    "smpp": {"host": "127.0.0.1", "system_id": "onepoint", "sender": "10690001"},
    "http_sms": {"allows_private": True},
    "webhook": {"allows_private": True},
}

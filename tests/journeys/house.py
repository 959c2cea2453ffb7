"""A furnished house: what every installation starts with, the fixed cast at work in it, and a customer who calls."""

from dataclasses import dataclass, fields

from cast import Cast
from onepoint.accounts.models import User
from onepoint.customers import services as customer_services
from onepoint.customers.models import Customer
from onepoint.customers.services import NewAccount

PHONE = "13800138000"
PHONE_AS_SPOKEN = "+86 138-0013-8000"


@dataclass(frozen=True)
class House:
    """The cast with the starter under it; ``people`` by their part."""

    cast: Cast
    customer: Customer

    @property
    def people(self) -> dict[str, User]:
        parts = [field.name for field in fields(Cast) if isinstance(getattr(self.cast, field.name), User)]
        return {part: getattr(self.cast, part) for part in parts}


def register_customer(cast: Cast) -> Customer:
    """A subscriber of East who is found by telephone however it is written."""
    return customer_services.create_customer(
        name="王小明", name_en="Wang Xiaoming", region=cast.east, unit=cast.call_centre,
        accounts=[NewAccount(PHONE, is_primary=True)], by=cast.agent,
    )  # fmt: skip

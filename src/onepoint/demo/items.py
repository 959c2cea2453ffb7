"""Special items as an agent of the demo would fill them in, per form."""

import random
from datetime import date, timedelta
from typing import Any

from onepoint.customers.models import Customer
from onepoint.customers.states import AccountKind
from onepoint.tickets.models import Category


def special_items(category: Category, customer: Customer, day: date, chance: random.Random) -> dict[str, Any]:
    """Answers for the category's form; nothing for a category without one."""
    fill = _FORMS.get(category.form_key)
    return fill(customer, day, chance) if fill else {}


def _account_of(customer: Customer, *kinds: str) -> str:
    account = customer.accounts.filter(kind__in=kinds).first() or customer.accounts.first()
    return account.value if account else "0000"


def _mobile_signal(customer: Customer, day: date, chance: random.Random) -> dict[str, Any]:
    kind = chance.choice(("home", "office", "street", "vehicle", "rural"))
    items: dict[str, Any] = {
        "place": customer.address or customer.region.name,
        "place_kind": kind,
        "since": (day - timedelta(days=chance.randrange(1, 20))).isoformat(),
        "network": chance.choice(("5g", "4g", "unknown")),
        "handset": chance.choice(("Mate 60", "iPhone 15", "小米 14", "荣耀 100", "OPPO A3")),
        "others_affected": chance.random() < 0.4,
    }
    if kind in ("home", "office"):
        items["floor"] = chance.randrange(1, 32)
    return items


def _broadband_fault(customer: Customer, day: date, chance: random.Random) -> dict[str, Any]:
    light = chance.choice(("normal", "los_red", "off", "unknown"))
    items = {
        "account": _account_of(customer, AccountKind.BROADBAND, AccountKind.LANDLINE).replace(" ", ""),
        "address": customer.address,
        "light": light,
        "restarted": chance.random() < 0.8,
    }
    if light in ("los_red", "off"):
        items |= {
            "visit_date": (day + timedelta(days=1)).isoformat(),
            "visit_part": chance.choice(("morning", "afternoon")),
        }
    elif chance.random() < 0.5:
        items["speed"] = f"{chance.randrange(20, 3000) / 10:.1f}"
    return items


def _billing_dispute(customer: Customer, day: date, chance: random.Random) -> dict[str, Any]:
    wants = chance.choice(("explain", "refund", "cancel"))
    items = {
        "number": _account_of(customer, AccountKind.MOBILE),
        "month": f"{day.replace(day=1) - timedelta(days=1):%Y-%m}",
        "amount": f"{chance.randrange(500, 30000) / 100:.2f}",
        "item": chance.choice(("monthly", "data", "voice", "value_added", "other")),
        "wants": wants,
    }
    if wants == "refund":
        items["refund_to"] = chance.choice(("balance", "bank"))
    return items


def _installation(customer: Customer, day: date, chance: random.Random) -> dict[str, Any]:
    ordered = day - timedelta(days=chance.randrange(3, 20))
    return {
        "order_number": f"SL{ordered:%Y%m%d}{chance.randrange(10000):04d}",
        "address": customer.address,
        "ordered_on": ordered.isoformat(),
        "promised_on": (ordered + timedelta(days=2)).isoformat(),
        "area": chance.choice(("urban", "rural")),
    }


def _machine_fault(customer: Customer, day: date, chance: random.Random) -> dict[str, Any]:
    asset = customer.assets.order_by("pk").first()
    stopped = chance.random() < 0.5
    items = {
        "serial_number": asset.serial_number if asset else "0",
        "alarm": f"ALM{chance.randrange(1000, 9999)}",
        "stopped": stopped,
        "under_warranty": bool(asset and asset.warranty_until and asset.warranty_until >= day),
        "hours": chance.randrange(500, 40000),
        "wants_engineer": chance.random() < 0.7,
    }
    if stopped:
        items["stopped_since"] = f"{day.isoformat()}T08:{chance.randrange(60):02d}"
    return items


_FORMS = {
    "mobile_signal": _mobile_signal,
    "broadband_fault": _broadband_fault,
    "billing_dispute": _billing_dispute,
    "installation": _installation,
    "machine_fault": _machine_fault,
}

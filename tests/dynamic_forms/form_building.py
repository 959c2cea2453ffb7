"""Forms for the tests."""

from typing import Any

from onepoint.accounts.models import User
from onepoint.dynamic_forms import services
from onepoint.dynamic_forms.models import FormVersion

REFUND = {
    "fields": [
        {"key": "number", "label": "计费号码", "label_en": "Number billed", "type": "phone", "required": True},
        {
            "key": "wants",
            "label": "客户诉求",
            "label_en": "Wants",
            "type": "choice",
            "required": True,
            "choices": [
                {"value": "explain", "label": "解释", "label_en": "Explanation"},
                {"value": "refund", "label": "退费", "label_en": "Refund"},
            ],
        },
        {"key": "amount", "label": "金额", "type": "money", "min": 0, "max": 1000, "visible_if": 'wants = "refund"'},
        {
            "key": "account",
            "label": "收款账户",
            "type": "text",
            "visible_if": 'wants = "refund"',
            "required_if": "amount > 100",
        },
    ]
}


def field(type_: str, **options: Any) -> dict[str, Any]:
    return {"key": "x", "label": "甲", "type": type_, **options}


def one(type_: str, **options: Any) -> dict[str, Any]:
    """A schema of one field with the key x."""
    return {"fields": [field(type_, **options)]}


def published(by: User | None = None, schema: dict[str, Any] | None = None, key: str = "refund") -> FormVersion:
    form = services.create_form(key=key, name="费用争议", name_en="Charge dispute", by=by)
    return services.publish_version(services.draft_version(form, schema=schema or REFUND, by=by), by=by)

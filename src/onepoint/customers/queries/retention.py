"""Reads of how long files are kept."""

from onepoint.customers import retention
from onepoint.customers.models import RetentionRule
from onepoint.customers.retention import Kind


def retention_rules() -> list[tuple[Kind, RetentionRule]]:
    """Every kind with its rule; one nobody has made keeps for ever."""
    rules = {rule.code: rule for rule in RetentionRule.objects.all()}
    return [(kind, rules.get(kind.code) or RetentionRule(code=kind.code)) for kind in retention.kinds()]


def retention_rule(kind: Kind) -> RetentionRule:
    return RetentionRule.objects.filter(code=kind.code).first() or RetentionRule(code=kind.code)

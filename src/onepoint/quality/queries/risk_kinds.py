"""Reads of the kinds of hidden risks."""

from onepoint.core import stamped
from onepoint.quality.models import RiskKind


def risk_kinds(*, only_in_use: bool = True) -> list[RiskKind]:
    """The kinds in the order people gave them; nobody may change the list."""
    every = stamped.kept("terms", "kinds of hidden risks", lambda: list(RiskKind.objects.all()))
    return [kind for kind in every if kind.is_active] if only_in_use else every


def find_risk_kind(code: str) -> RiskKind | None:
    return RiskKind.objects.filter(code=code).first()


def kind_to_raise(code: str) -> RiskKind | None:
    """A kind that may be chosen."""
    return RiskKind.objects.filter(code=code, is_active=True).first()

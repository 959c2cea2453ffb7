"""Countersign arithmetic in whole numbers (workflow.md, rule 10)."""

from __future__ import annotations

from typing import Any

from onepoint.workflow.engine.graph import Countersign
from onepoint.workflow.engine.state import Body

PASSED = "passed"
REFUSED = "refused"


def count_vote(body: Body, rule: Countersign, outcome: Any) -> None:
    """Count one outcome as yes, no, or abstention."""
    if outcome in rule.yes:
        body.yes += 1
    elif outcome in rule.no or outcome in rule.veto:
        body.no += 1
    else:
        body.abstained += 1
    if outcome in rule.veto:
        body.vetoed = True


def verdict(body: Body, rule: Countersign) -> str | None:
    """Passed, refused, or None while the votes still out can change it.

    Passed as soon as yes reaches `rate` per cent of the total, refused as soon as it no longer can. Abstentions leave
    the total unless they are declared to count.
    """
    if body.vetoed:
        return REFUSED
    if rule.any_decides:
        if body.yes:
            return PASSED
        return REFUSED if body.no else None
    total = body.total
    if not rule.abstain_counts:
        total -= body.abstained
    if total <= 0:
        return None
    possible = body.total - body.no - body.abstained
    if body.yes * 100 >= rule.rate * total:
        return PASSED
    if possible * 100 < rule.rate * total:
        return REFUSED
    return None

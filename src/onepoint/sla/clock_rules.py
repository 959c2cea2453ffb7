"""Which rule counts for a subject, and why: plain comparison of rules with facts, the most specific one wins."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from onepoint.sla.models import ClockPolicy

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_WARNING = re.compile(r"(\d+)(%|[mhd])")
MOST_WARNINGS = 6
#: Facts that name a node with everything above it.
TREES = ("category", "region")


@dataclass(frozen=True)
class Verdict:
    """What became of one rule: the names of the conditions it meets and of the first it does not."""

    policy: ClockPolicy
    met: tuple[str, ...]
    unmet: str = ""
    depth: int = 0  # how far down the trees its conditions reach

    @property
    def fits(self) -> bool:
        return not self.unmet

    @property
    def rank(self) -> tuple[int, int, int]:
        """More conditions win, then deeper ones, then the older rule: never a matter of luck."""
        return len(self.met), self.depth, -self.policy.pk


def _list_of(facts: Mapping[str, Any], key: str) -> list[str]:
    value = facts.get(key)
    if value is None:
        return []
    return [str(part) for part in value] if isinstance(value, list | tuple) else [str(value)]


def conditions_of(policy: ClockPolicy) -> list[tuple[str, Sequence[str]]]:
    """Facts with the values a rule wants; one of them must be among those of the subject. None wanted: any will do."""
    return [
        ("process", [policy.process] if policy.process else []),
        ("step", policy.steps),
        ("unit_kind", policy.unit_kinds),
        ("kind", policy.subject_kinds),
        ("category", [policy.category] if policy.category else []),
        ("severity", policy.severities),
        ("level", policy.levels),
        ("channel", policy.channels),
        ("business", [policy.business] if policy.business else []),
        ("region", [str(policy.region_id)] if policy.region_id else []),
        ("tag", [policy.tag] if policy.tag else []),
        ("area", [policy.area] if policy.area else []),
    ]


def judge(policy: ClockPolicy, facts: Mapping[str, Any]) -> Verdict:
    """Whether a rule fits the facts, and by which of its conditions not."""
    met: list[str] = []
    depth = 0
    for name, wanted in conditions_of(policy):
        if not wanted:
            continue
        have = _list_of(facts, name)
        if not set(wanted) & set(have):
            return Verdict(policy, tuple(met), name)
        met.append(name)
        if name in TREES:
            depth += max(place for place, value in enumerate(have, start=1) if value in wanted)
    return Verdict(policy, tuple(met), "", depth)


def verdicts(policies: Iterable[ClockPolicy], facts: Mapping[str, Any], kind: str, stage: str = "") -> list[Verdict]:
    """All rules for one kind of clock: the one that counts first, then those that fit but are less specific, then the rest."""
    judged = [judge(one, facts) for one in policies if one.kind == kind and one.stage == stage]
    return sorted(judged, key=lambda verdict: (verdict.fits, verdict.rank), reverse=True)


def choose(policies: Iterable[ClockPolicy], facts: Mapping[str, Any], kind: str, stage: str = "") -> ClockPolicy | None:
    """The rule that counts, or None."""
    judged = verdicts(policies, facts, kind, stage)
    return judged[0].policy if judged and judged[0].fits else None


def warning_spans(text: str, limit: timedelta) -> list[int]:
    """Seconds counted at each warning, in order: "80%", "12d 14d", "90m". Raises ValidationError for anything else."""
    spans = set()
    for word in text.replace(",", " ").replace("，", " ").replace("、", " ").split():
        found = _WARNING.fullmatch(word.lower())
        if found is None:
            raise ValidationError(_("“%(word)s” is not a warning; write 80%%, 12d, 4h or 30m."), params={"word": word})
        number, unit = int(found[1]), found[2]
        span = limit * number / 100 if unit == "%" else number * UNITS[unit]
        if not timedelta() < span < limit:
            raise ValidationError(_("A warning must come before the limit: %(word)s."), params={"word": word})
        spans.add(int(span.total_seconds()))
    if len(spans) > MOST_WARNINGS:
        raise ValidationError(_("No more than %(count)s warnings."), params={"count": MOST_WARNINGS})
    return sorted(spans)

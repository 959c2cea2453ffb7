"""Why a clock is due when it is: the rule that chose its limit and why others did not, its calendar, its pauses."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from onepoint.accounts.states import UnitKind
from onepoint.core import clock
from onepoint.sla import calendar_words, clock_arithmetic, clock_rows, clock_rules, registry
from onepoint.sla.calendars import calendar_of
from onepoint.sla.clock_rules import Verdict
from onepoint.sla.models import Clock, ClockPolicy, ClockSegment
from onepoint.sla.states import Area, ClockKind, ClockState
from onepoint.sla.working_time import NoWorkingTime

CONDITIONS: dict[str, str | Promise] = {
    "kind": gettext_lazy("Kind"),
    "category": gettext_lazy("Category"),
    "severity": gettext_lazy("Severity"),
    "level": gettext_lazy("Customer level"),
    "channel": gettext_lazy("Channel"),
    "business": gettext_lazy("Business line"),
    "region": gettext_lazy("Region"),
    "tag": gettext_lazy("Tag"),
    "area": gettext_lazy("Urban or rural"),
    "process": gettext_lazy("Process"),
    "step": gettext_lazy("Step"),
    "unit_kind": gettext_lazy("Kind of unit"),
}
WHAT: dict[str, str | Promise] = {
    "started": pgettext_lazy("clock", "started"),
    "paused": pgettext_lazy("clock", "stands still"),
    "resumed": pgettext_lazy("clock", "runs on"),
    "retargeted": pgettext_lazy("clock", "got another limit"),
    "moved": pgettext_lazy("clock", "counts in another calendar"),
    "reopened": pgettext_lazy("clock", "runs again"),
    "settled": pgettext_lazy("clock", "settled"),
    "cancelled": pgettext_lazy("clock", "cancelled"),
}
#: Steps and days shown of one deadline.
MOST_DAYS = 60


@dataclass(frozen=True)
class ToldClock:
    """A clock as a panel shows it."""

    clock: Clock
    elapsed: timedelta
    left: timedelta
    pause_reason: str = ""

    @property
    def counted_share(self) -> int:
        """Per cent of the limit that is counted, at most 100."""
        return min(int(100 * self.elapsed / self.clock.limit), 100) if self.clock.limit else 100

    @property
    def in_words(self) -> str:
        """In whose time it counts."""
        if not self.clock.in_working_time:
            return _("by the clock")
        calendar = self.clock.calendar
        return (
            _("working time of “%(calendar)s”") % {"calendar": calendar.label} if calendar else _("working time, 7×24")
        )


@dataclass(frozen=True)
class ToldSegment:
    """One stretch of a clock with what it counted."""

    segment: ClockSegment
    what: str
    until: datetime | None
    counted: timedelta
    is_running: bool


@dataclass(frozen=True)
class ToldVerdict:
    """One rule and what became of it, in a sentence."""

    policy: ClockPolicy
    is_chosen: bool
    why: str


@dataclass
class Explanation:
    """Everything behind one due moment."""

    told: ToldClock
    segments: list[ToldSegment]
    verdicts: list[ToldVerdict] = field(default_factory=list)
    days: list[calendar_words.ToldDay] = field(default_factory=list)
    unpublished: list[int] = field(default_factory=list)
    is_own_limit: bool = False  # no rule: the hours of its severity
    is_drawn: bool = False  # the limit stands in the drawing of the process
    drawn: timedelta | None = None  # what the drawing says where a rule goes before it


def tell(one: Clock, segments: Sequence[ClockSegment]) -> ToldClock:
    """A clock with what it has counted and what is left, as of now or of its end."""
    end = clock.now() if one.is_open else one.settled_at or clock.now()
    counted = clock_arithmetic.elapsed(clock_rows.entries_of(segments), end)
    paused = next((s.reason for s in reversed(segments) if s.state == ClockState.PAUSED), "") if one.is_paused else ""
    return ToldClock(one, counted, one.limit - counted, paused)


def explain(one: Clock, segments: Sequence[ClockSegment], policies: Sequence[ClockPolicy]) -> Explanation:
    """The whole story of one due moment. ``policies`` are the rules in force now."""
    explanation = Explanation(tell(one, segments), _stretches(segments))
    explanation.is_drawn = one.kind == ClockKind.STEP and one.policy_id is None
    if one.kind == ClockKind.STEP and one.policy_id and (seconds := one.facts.get("drawn")):
        explanation.drawn = timedelta(seconds=seconds)
    if one.kind != ClockKind.PROMISE:
        explanation.verdicts = _verdicts(one, policies)
        explanation.is_own_limit = one.kind != ClockKind.STEP and one.policy_id is None
    _tell_days(one, segments, explanation)
    return explanation


def _stretches(segments: Sequence[ClockSegment]) -> list[ToldSegment]:
    entries = clock_rows.entries_of(segments)
    told = []
    for number, (segment, entry) in enumerate(zip(segments, entries, strict=True)):
        until = entries[number + 1].at if number + 1 < len(entries) else None
        end = until or clock.now()
        counted = entry.time.between(entry.at, end) if entry.runs and end > entry.at else timedelta()
        told.append(ToldSegment(segment, str(WHAT.get(segment.what, segment.what)), until, counted, entry.runs))
    return told


def _tell_days(one: Clock, segments: Sequence[ClockSegment], explanation: Explanation) -> None:
    """Day by day from where it last began to run to the due moment."""
    running = next((s for s in reversed(segments) if s.state == ClockState.RUNNING), None)
    if running is None or one.due_at is None:
        return
    entries = clock_rows.entries_of(segments)
    before = next((earlier for earlier, later in pairwise(segments) if later.pk == running.pk), None)
    counted = running.carried
    if counted is None:
        known = entries[: list(segments).index(running)]
        counted = clock_arithmetic.elapsed(known, running.from_at) if before else timedelta()
    calendar = calendar_of(running.calendar_id)
    try:
        pieces = calendar.explain(running.from_at, max(running.limit - counted, timedelta()), most=MOST_DAYS)
    except (NoWorkingTime, OverflowError):
        return
    explanation.days = calendar_words.tell(calendar, pieces)
    explanation.unpublished = sorted({piece.date.year for piece in pieces if piece.is_unpublished})


def _verdicts(one: Clock, policies: Sequence[ClockPolicy]) -> list[ToldVerdict]:
    judged = clock_rules.verdicts(policies, one.facts, one.kind, one.stage)
    if one.kind == ClockKind.STEP:  # rules about other steps have nothing to do with it
        judged = [verdict for verdict in judged if verdict.unmet not in ("process", "step")]
    return [ToldVerdict(verdict.policy, verdict.policy.pk == one.policy_id, _why(verdict, one)) for verdict in judged]


def _why(verdict: Verdict, one: Clock) -> str:
    names = _(", ").join(str(CONDITIONS[name]) for name in verdict.met)
    if not verdict.fits:
        have = values_in_words(verdict.unmet, one.facts.get(verdict.unmet)) or _("none")
        wanted = values_in_words(verdict.unmet, dict(clock_rules.conditions_of(verdict.policy))[verdict.unmet])
        told = {"condition": CONDITIONS[verdict.unmet], "wanted": wanted, "have": have}
        return _("does not fit: %(condition)s is %(have)s, not %(wanted)s") % told
    if verdict.policy.pk == one.policy_id:
        return _("counts: fits by %(names)s") % {"names": names} if names else _("counts: it has no conditions")
    return (
        _("fits by %(names)s, but another one is more specific") % {"names": names}
        if names
        else _("fits everything, but another one is more specific")
    )


def values_in_words(fact: str, value: Any) -> str:
    """The value of a fact, or the wanted values of a rule, as people read them; of a path the last node."""
    if value in (None, "", []):
        return ""
    values = [str(part) for part in value] if isinstance(value, list | tuple) else [str(value)]
    if fact in clock_rules.TREES:
        values = values[-1:]
    if fact == "unit_kind":
        return _(", ").join(str(UnitKind(one).label) for one in values if one in UnitKind.values)
    if fact == "area":
        return _(", ").join(str(Area(one).label) for one in values)
    return _(", ").join(registry.label_of(fact, one).strip("　 ") for one in values)


def conditions_in_words(policy: ClockPolicy) -> list[tuple[str, str]]:
    """What a rule asks for: (condition, values)."""
    told = []
    for name, wanted in clock_rules.conditions_of(policy):
        if wanted:
            value = policy.region.label if name == "region" and policy.region else values_in_words(name, list(wanted))
            told.append((str(CONDITIONS[name]), value))
    return told

"""How clocks read in timelines: one line per start, pause, change and breach."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from onepoint.core import audit, timeline
from onepoint.core.templatetags.ui_time import duration_text
from onepoint.sla.states import ClockKind


def clock_title(fact: Mapping[str, Any]) -> str:
    """What a clock of the journal measures: its own name, else its kind."""
    english = (get_language() or "").startswith("en")
    name = fact.get("name_en") if english and fact.get("name_en") else fact.get("name")
    return str(name or ClockKind(fact["kind"]).label)


def _moment(text: str) -> str:
    return timezone.localtime(datetime.fromisoformat(text)).strftime("%m-%d %H:%M") if text else ""


def _titles(data: Mapping[str, Any]) -> str:
    return gettext(", ").join(clock_title(fact) for fact in data.get("clocks") or [])


def _with_due(data: Mapping[str, Any]) -> str:
    parts = []
    for fact in data.get("clocks") or []:
        due = _moment(fact.get("due") or "")
        told = {"clock": clock_title(fact), "due": due}
        parts.append(gettext("%(clock)s until %(due)s") % told if due else told["clock"])
    return gettext(", ").join(parts)


def _retargeted(fact: Mapping[str, Any]) -> str:
    def length(seconds: Any) -> str:
        return duration_text(timedelta(seconds=float(seconds)))

    told = {"clock": clock_title(fact), "due": _moment(fact.get("due") or "")}
    told |= {"was": length(fact.get("was") or 0), "limit": length(fact.get("limit") or 0)}
    if not told["due"]:
        return gettext("%(clock)s %(was)s → %(limit)s") % told
    return gettext("%(clock)s %(was)s → %(limit)s, until %(due)s") % told


def _reason(data: Mapping[str, Any]) -> str:
    reason = str(data.get("reason") or "")
    return gettext(": %(reason)s") % {"reason": reason} if reason else ""


def _sentence(text: Promise, of: Callable[[Mapping[str, Any]], str]) -> Callable[[Mapping[str, Any]], str]:
    return lambda data: str(text) % {"clocks": of(data)} + _reason(data)


def _retargeted_all(data: Mapping[str, Any]) -> str:
    return gettext("; ").join(_retargeted(fact) for fact in data.get("clocks") or [])


SENTENCES: dict[str, timeline.Sentence] = {
    "clock.started": _sentence(_("Time runs: %(clocks)s"), _with_due),
    "clock.paused": _sentence(_("Time stands still: %(clocks)s"), _titles),
    "clock.resumed": _sentence(_("Time runs on: %(clocks)s"), _with_due),
    "clock.retargeted": _sentence(_("Limit changed: %(clocks)s"), _retargeted_all),
    "clock.lifted": _sentence(_("Limited no longer: %(clocks)s"), _titles),
    "clock.reopened": _sentence(_("Time runs again: %(clocks)s"), _with_due),
    "clock.breached": _sentence(_("Limit exceeded: %(clocks)s"), _titles),
    "clock.promised": _sentence(_("Promised to the customer: %(clocks)s"), _with_due),
    "clock.kept": _sentence(_("Promise kept: %(clocks)s"), _titles),
    "clock.broken": _sentence(_("Promise broken: %(clocks)s"), _titles),
}
VERBS = {
    "clock.started": _("Clock started"),
    "clock.paused": _("Clock paused"),
    "clock.resumed": _("Clock resumed"),
    "clock.retargeted": _("Limit of a clock changed"),
    "clock.lifted": _("Limit lifted"),
    "clock.reopened": _("Clock started again"),
    "clock.breached": _("Limit exceeded"),
    "clock.promised": _("Promise made to the customer"),
    "clock.kept": _("Promise kept"),
    "clock.broken": _("Promise broken"),
    "clock_policy.created": _("Rule for limits created"),
    "clock_policy.changed": _("Rule for limits changed"),
}


def register() -> None:
    """Called once by the AppConfig."""
    timeline.register_sentences(SENTENCES)
    for verb, label in VERBS.items():
        audit.name_verb(verb, label)

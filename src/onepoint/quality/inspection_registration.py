"""What inspections and coaching tell the rest of the house when it starts: permissions, navigation, sentences."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions
from onepoint.core import audit, timeline
from onepoint.core.navigation import NavItem
from onepoint.core.navigation import register as register_entry
from onepoint.quality import inspection_events, inspection_exports, level_demands  # noqa: F401  (lists register by being imported)
from onepoint.quality.inspection_states import ScoringPart
from onepoint.quality.models import (
    CaseMeeting,
    CoachingCase,
    ExpertLevel,
    Inspection,
    SamplingPlan,
    Scorecard,
    Training,
)
from onepoint.workflow import registry as workflow_registry

PERMISSIONS = {
    "inspection.view": _("See inspections and their figures"),
    "inspection.score": _("Score what was drawn for inspection"),
    "inspection.arbitrate": _("Arbitrate between inspectors, score again after appeals"),
    "inspection.plan": _("Change score cards and sampling plans, draw, hand inspections out"),
}
COACHING = {
    "coaching.view": _("Read the case library"),
    "coaching.manage": _("Keep cases, hold case meetings, plan training, decide expert levels"),
}


def _with_part(sentence: Any) -> timeline.Sentence:
    def say(facts: Mapping[str, Any]) -> str:
        part = facts["part"]
        shown = str(ScoringPart(part).label) if part in ScoringPart.values else str(part)
        return str(sentence) % {**facts, "part": shown}

    return say


def _result(facts: Mapping[str, Any]) -> str:
    return gettext("The result stands: %(score)s points") % {"score": facts["score"]}


SENTENCES: dict[str, tuple[Any, timeline.Sentence]] = {
    "scorecard.created": (_("Score card made"), _("Made the score card %(name)s")),
    "scorecard.changed": (_("Score card changed"), _("Changed the draft of version %(version)s")),
    "scorecard.published": (_("Score card published"), _("Published version %(version)s")),
    "scorecard.switched_on": (_("Score card taken into use"), _("Took the score card into use")),
    "scorecard.switched_off": (_("Score card taken out of use"), _("Took the score card out of use")),
    "sampling_plan.created": (_("Sampling plan made"), _("Made the sampling plan %(name)s")),
    "sampling_plan.changed": (_("Sampling plan changed"), _("Changed the sampling plan")),
    "sampling_plan.switched_on": (_("Sampling plan taken into use"), _("Took the sampling plan into use")),
    "sampling_plan.switched_off": (_("Sampling plan taken out of use"), _("Took the sampling plan out of use")),
    "sampling_plan.drawn": (_("Sample drawn"), _("Drew %(drawn)s of %(population)s for %(period)s")),
    "inspection.claimed": (_("Inspection taken"), _with_part(_("Took it: %(part)s"))),
    "inspection.released": (_("Inspection given back"), _with_part(_("Gave it back: %(part)s"))),
    "inspection.handed_over": (_("Inspection handed over"), _with_part(_("Handed it to %(to)s: %(part)s"))),
    "inspection.scored": (_("Inspection scored"), _with_part(_("Submitted the scores: %(part)s"))),
    "inspection.result": (_("Inspection with a result"), _result),
    "inspection.acknowledged": (_("Result acknowledged"), _("Read and acknowledged the result")),
    "inspection.appealed": (_("Result appealed against"), _("Appealed: %(words)s")),
    "coaching_case.created": (_("Case added"), _("Added the case %(title)s")),
    "coaching_case.changed": (_("Case changed"), _("Changed the case")),
    "case_meeting.planned": (_("Case meeting planned"), _("Planned the meeting %(topic)s")),
    "case_meeting.held": (_("Case meeting held"), _("Held the meeting; %(count)s came")),
    "training.planned": (_("Training planned"), _("Planned for %(person)s: %(topic)s")),
    "training.done": (_("Training done"), _("Done: %(topic)s")),
    "training.dropped": (_("Training dropped"), _("Dropped: %(topic)s")),
    "expert_level.created": (_("Expert level made"), _("Made the level %(name)s")),
    "expert_level.changed": (_("Expert level changed"), _("Changed the level %(name)s")),
    "expert_level.given": (_("Expert level given"), _("Stands on the level %(level)s from now on. %(reason)s")),
    "expert_level.demanded": (_("Expert level asked for"), _("Work asks for the level %(name)s")),
    "expert_level.not_demanded": (
        _("Expert level not asked for any more"),
        _("Some work does not ask for the level %(name)s any more"),
    ),
    "ticket.below_level": (
        _("Taken below the expert level"),
        _("Took a step that asks for the expert level %(level)s"),
    ),
}


def register() -> None:
    """Called once by the AppConfig."""
    permissions.name_noun("inspection", _("Inspections"))
    permissions.name_noun("coaching", _("Coaching"))
    for code, label in (PERMISSIONS | COACHING).items():
        permissions.register(code, label)
    for verb, (label, sentence) in SENTENCES.items():
        audit.name_verb(verb, label)
        timeline.register_sentences({verb: sentence})
    timeline.name_subject("scorecard", Scorecard, "name")
    timeline.name_subject("sampling_plan", SamplingPlan, "name")
    timeline.name_subject("inspection", Inspection, "pk", page="inspection-detail")
    timeline.name_subject("coaching_case", CoachingCase, "title")
    timeline.name_subject("case_meeting", CaseMeeting, "topic", page="case-meeting-detail", key="pk")
    timeline.name_subject("training", Training, "topic", page="training-detail", key="pk")
    timeline.name_subject("expert_level", ExpertLevel, "name")
    register_entry(
        NavItem("quality", 20, _("Inspections to score"), "scoring-list", "clipboard-check", "inspection.score")
    )
    register_entry(NavItem("quality", 45, _("Inspections of my work"), "inspection-own", "star"))
    register_entry(NavItem("quality", 25, _("Inspections"), "inspection-list", "zoom-question", "inspection.view"))
    register_entry(NavItem("quality", 75, _("Score cards"), "scorecard-list", "list-check", "inspection.plan"))
    register_entry(NavItem("quality", 80, _("Sampling plans"), "sampling-plan-list", "filter", "inspection.plan"))
    register_entry(NavItem("quality", 50, _("Case library"), "coaching-case-list", "book", "coaching.view"))
    register_entry(NavItem("quality", 55, _("Training"), "training-list", "school", "coaching.manage"))
    register_entry(NavItem("quality", 60, _("Expert levels"), "ladder", "crown", "coaching.manage"))
    inspection_events.register()
    workflow_registry.register_fitness(level_demands.why_unfit)

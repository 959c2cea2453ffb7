"""What return visits tell the rest of the house when it starts: permissions and the sentences of the timeline."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions
from onepoint.core import audit, rest, timeline
from onepoint.customers.hints import register_hints
from onepoint.follow_ups import visit_events
from onepoint.follow_ups.customer_hints import visit_hints
from onepoint.follow_ups.models import FollowUp, Questionnaire, ReplyRule, RiskWord, VisitRule
from onepoint.follow_ups.states import AttemptOutcome, VisitWay


def _way(code: Any) -> str:
    return str(VisitWay(code).label) if code in VisitWay.values else str(code)


def _answered(data: Mapping[str, Any]) -> str:
    said = gettext("satisfied") if data["satisfied"] else gettext("not satisfied")
    told = {"way": _way(data["way"]), "said": said, "words": data["words"]}
    return (gettext("The customer answered the return visit by %(way)s: %(said)s. %(words)s") % told).strip()


def _attempted(data: Mapping[str, Any]) -> str:
    outcome = data["outcome"]
    shown = str(AttemptOutcome(outcome).label) if outcome in AttemptOutcome.values else str(outcome)
    sentence = gettext("Return visit by telephone: %(outcome)s") % {"outcome": shown}
    return f"{sentence}. {data['note']}" if data["note"] else sentence


def _reply_attempted(data: Mapping[str, Any]) -> str:
    outcome = data["outcome"]
    shown = str(AttemptOutcome(outcome).label) if outcome in AttemptOutcome.values else str(outcome)
    return gettext("Called the customer with the answer: %(outcome)s") % {"outcome": shown}


def _link_sent(data: Mapping[str, Any]) -> str:
    return gettext("Asked the customer by %(way)s whether it is settled") % {"way": _way(data["way"])}


_WHY = {
    "second_time": _("not satisfied for the second time"),
    "risk_word": _("the customer said “%(word)s”"),
    "attention": _("the customer is on the attention list"),
}


def _to_crisis(data: Mapping[str, Any]) -> str:
    why = str(_WHY[data["why"]]) % {"word": data["word"]} if data["why"] in _WHY else str(data["why"])
    return gettext("Sent to the crisis seats: %(why)s") % {"why": why}


SENTENCES: dict[str, timeline.Sentence] = {
    "ticket.visit_answered": _answered,
    "ticket.visit_attempted": _attempted,
    "ticket.visit_link_sent": _link_sent,
    "ticket.visit_unreached": _("The return visit reached nobody"),
    "ticket.to_crisis": _to_crisis,
    "ticket.not_reopened": _("The customer is not satisfied, but the ticket could not be reopened: %(reason)s"),
    "follow_up.claimed": _("Return visit given to %(to)s"),
    "follow_up.released": _("Gave the return visit back"),
    "ticket.reply_attempted": _reply_attempted,
    "reply_rule.changed": _("Changed the rule of answers"),
    "visit_rule.created": _("Made the rule %(name)s"),
    "visit_rule.changed": _("Changed the rule; version %(version)s is in force"),
    "visit_rule.switched_on": _("Switched the rule on"),
    "visit_rule.switched_off": _("Switched the rule off"),
    "questionnaire.created": _("Made the questionnaire %(name)s"),
    "questionnaire.changed": _("Changed the draft of version %(version)s"),
    "questionnaire.published": _("Published version %(version)s"),
    "questionnaire.switched_on": _("Took the questionnaire into use"),
    "questionnaire.switched_off": _("Took the questionnaire out of use"),
    "risk_word.added": _("Added the risk word %(word)s"),
    "risk_word.switched_on": _("Took the risk word %(word)s into use"),
    "risk_word.switched_off": _("Took the risk word %(word)s out of use"),
}
VERBS = {
    "ticket.visit_answered": _("Return visit answered"),
    "ticket.visit_attempted": _("Return visit tried"),
    "ticket.visit_link_sent": _("Return visit asked by message"),
    "ticket.visit_unreached": _("Return visit reached nobody"),
    "ticket.to_crisis": _("Ticket sent to the crisis seats"),
    "ticket.not_reopened": _("Ticket not reopened"),
    "follow_up.claimed": _("Return visit claimed"),
    "follow_up.released": _("Return visit given back"),
    "ticket.reply_attempted": _("Answer tried"),
    "reply_rule.changed": _("Rule of answers changed"),
    "visit_rule.created": _("Rule of return visits made"),
    "visit_rule.changed": _("Rule of return visits changed"),
    "visit_rule.switched_on": _("Rule of return visits switched on"),
    "visit_rule.switched_off": _("Rule of return visits switched off"),
    "questionnaire.created": _("Questionnaire made"),
    "questionnaire.changed": _("Questionnaire changed"),
    "questionnaire.published": _("Questionnaire published"),
    "questionnaire.switched_on": _("Questionnaire taken into use"),
    "questionnaire.switched_off": _("Questionnaire taken out of use"),
    "risk_word.added": _("Risk word added"),
    "risk_word.switched_on": _("Risk word taken into use"),
    "risk_word.switched_off": _("Risk word taken out of use"),
}


def register() -> None:
    """Called once by the AppConfig."""
    permissions.name_noun("follow_up", _("Return visits"))
    for code, label in (
        ("follow_up.view", _("See return visits and their answers")),
        ("follow_up.visit", _("Make return visits")),
        ("follow_up.assign", _("Hand return visits over to others")),
        ("follow_up.manage", _("Change the rules, questionnaires and risk words of return visits")),
    ):
        permissions.register(code, label)
    for verb, label in VERBS.items():
        audit.name_verb(verb, label)
    timeline.register_sentences(SENTENCES)
    timeline.name_subject("follow_up", FollowUp, "ticket__number", page="visit-detail", key="pk")
    timeline.name_subject("visit_rule", VisitRule, "name")
    timeline.name_subject("questionnaire", Questionnaire, "name")
    timeline.name_subject("reply_rule", ReplyRule, "kind")
    timeline.name_subject("risk_word", RiskWord, "word")
    register_hints("follow_ups", "follow_up.view", visit_hints)
    visit_events.register()
    rest.register_router("/visits", "onepoint.follow_ups.api.router", "Return visits")

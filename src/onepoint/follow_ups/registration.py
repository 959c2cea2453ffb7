"""What return visits tell the rest of the house when it starts: permissions and the sentences of the timeline."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions
from onepoint.core import audit, timeline
from onepoint.follow_ups.states import VisitWay


def _way(code: Any) -> str:
    return str(VisitWay(code).label) if code in VisitWay.values else str(code)


def _answered(data: Mapping[str, Any]) -> str:
    said = gettext("satisfied") if data["satisfied"] else gettext("not satisfied")
    sentence = gettext("The customer answered the return visit by %(way)s: %(said)s") % {
        "way": _way(data["way"]), "said": said,
    }  # fmt: skip
    return f"{sentence}{gettext(': ')}{data['words']}" if data["words"] else sentence


SENTENCES: dict[str, timeline.Sentence] = {
    "ticket.visit_answered": _answered,
}
VERBS = {
    "ticket.visit_answered": _("Return visit answered"),
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

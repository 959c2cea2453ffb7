"""Loading what every house starts with; what is there already is left as it is."""

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.core.errors import require
from onepoint.follow_ups import policies, presets
from onepoint.follow_ups.models import Questionnaire, ReplyRule, RiskWord, VisitRule
from onepoint.follow_ups.services.questionnaires import create_questionnaire, publish_questionnaire
from onepoint.follow_ups.services.risk_words import add_risk_word
from onepoint.follow_ups.services.rules import RuleItems, create_rule
from onepoint.tickets.states import TicketKind


@transaction.atomic
def load_presets(*, by: User | None) -> None:
    """The delivered questionnaires, and, in a house without any, the rules and risk words. Raises NotPermitted."""
    require(policies.why_not_manage(by))
    for code, (name, name_en, kinds, schema) in presets.QUESTIONNAIRES.items():
        if not Questionnaire.objects.filter(code=code).exists():
            made = create_questionnaire(code=code, name=name, name_en=name_en, kinds=kinds, schema=schema, by=by)
            publish_questionnaire(made, by=by)
    if not VisitRule.objects.exists():
        for name, name_en, code, values in presets.RULES:
            items = RuleItems(questionnaire=Questionnaire.objects.get(code=code), **values)
            create_rule(name=name, name_en=name_en, items=items, by=by)
    for kind in TicketKind:
        is_complaint = kind == TicketKind.COMPLAINT
        ReplyRule.objects.get_or_create(kind=kind, defaults={"wants_reason": is_complaint})
    if not RiskWord.objects.exists():
        for word in presets.RISK_WORDS:
            add_risk_word(word=word, by=by)

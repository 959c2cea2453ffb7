"""What the designer's panel offers to choose from: people, states, facts, services, processes, and all texts."""

import re
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from onepoint.accounts import queries as people
from onepoint.accounts.models import OrgUnit, User
from onepoint.workflow import registry
from onepoint.workflow.designing.texts import CANVAS, PANEL, by_source
from onepoint.workflow.models import DecisionDefinition, ProcessDefinition
from onepoint.workflow.steps import ACTION_LABELS, ACTIONS, INPUT_TYPES, ITEM_RULES, OPINIONS, RULES
from onepoint.workflow.urging.drawn import DEED_LABELS, RECIPIENT_LABELS, WAY_LABELS

RULE_LABELS = {
    "role": gettext_lazy("everybody with a role"),
    "interface": gettext_lazy("the interface person of a unit"),
    "unit": gettext_lazy("everybody of a unit"),
    "user": gettext_lazy("a person"),
    "group": gettext_lazy("a group"),
    "duty": gettext_lazy("whoever is on duty"),
    "platform": gettext_lazy("the service platform of the region and business line"),
    "initiator": gettext_lazy("whoever registered the ticket"),
    "owner": gettext_lazy("whoever was first asked and answers for the ticket"),
    "handler_of": gettext_lazy("whoever handled an earlier step"),
}
INPUT_LABELS = {
    "unit": gettext_lazy("a unit"),
    "units": gettext_lazy("several units"),
    "user": gettext_lazy("a person"),
    "text": gettext_lazy("text"),
    "choice": gettext_lazy("one of several answers"),
    "boolean": gettext_lazy("yes or no"),
    "datetime": gettext_lazy("date and time"),
}
OPINION_LABELS = {
    "required": gettext_lazy("must be written"),
    "optional": gettext_lazy("may be written"),
    "none": gettext_lazy("is not asked for"),
}


ITEM_RULE_LABELS = {
    "shown": gettext_lazy("as usual"),
    "required": gettext_lazy("must be filled"),
    "read-only": gettext_lazy("cannot be changed"),
    "hidden": gettext_lazy("is hidden"),
}


def _rows(pairs: Any) -> list[dict[str, str]]:
    return [{"value": str(value), "label": str(label)} for value, label in pairs]


def _facts() -> list[dict[str, Any]]:
    return [
        {
            "name": fact.name,
            "label": str(fact.label),
            "kind": fact.kind,
            "choices": _rows(fact.choices()) if fact.choices else [],
        }
        for kind in registry.described_subjects().values()
        for fact in kind.facts
    ]


def _named_units(bpmn: str) -> dict[str, str]:
    """Labels of the units a drawing names by number, so that the panel shows more than the number."""
    numbers = {int(number) for number in re.findall(r'\b(?:unit|of)="(\d{1,9})"', bpmn)}
    return {str(unit.pk): unit.label for unit in OrgUnit.objects.filter(pk__in=numbers)}


def _named_people(bpmn: str) -> dict[str, str]:
    numbers = {int(number) for number in re.findall(r'\buser="(\d{1,9})"', bpmn)}
    return {str(person.pk): person.label for person in User.objects.filter(pk__in=numbers)}


def offers(definition: ProcessDefinition, bpmn: str, by: User) -> dict[str, Any]:
    """Everything the island reads once, as JSON."""
    key = definition.key
    kinds = list(registry.described_subjects().values())
    others = ProcessDefinition.objects.exclude(pk=definition.pk)
    return {
        "key": key,
        "urls": {
            "drawing": reverse("process-drawing", args=[key]),
            "save": reverse("process-draft-save", args=[key]),
            "check": reverse("process-check", args=[key]),
            "publish": reverse("process-draft-publish", args=[key]),
            "trial": reverse("process-trial", args=[key]),
            "expression": reverse("process-expression"),
            "units": reverse("unit-options"),
            "people": reverse("person-options"),
        },
        "roles": _rows((role.code, role.label) for role in people.roles() if role.is_active),
        "groups": _rows((group.code, group.label) for group in people.groups() if group.is_active),
        "processes": _rows((other.key, other.label) for other in others),
        "handlers": registry.handler_names(),
        "decisions": _rows((f"decision:{table.key}", table.label) for table in DecisionDefinition.objects.all()),
        "statuses": _rows(status for kind in kinds for status in kind.statuses),
        "endOutcomes": _rows(outcome for kind in kinds for outcome in kind.outcomes),
        "facts": _facts(),
        "items": _rows(item for kind in kinds for item in kind.items),
        "itemRules": _rows((rule, ITEM_RULE_LABELS.get(rule, rule)) for rule in ITEM_RULES),
        "rules": _rows((rule, RULE_LABELS.get(rule, rule)) for rule in RULES),
        "reaches": _rows(
            [("region", _("in the ticket's region")), ("unit", _("in the ticket's unit")), ("anywhere", _("anywhere"))]
        ),
        "inputTypes": _rows((kind, INPUT_LABELS.get(kind, kind)) for kind in INPUT_TYPES),
        "opinions": _rows((opinion, OPINION_LABELS.get(opinion, opinion)) for opinion in OPINIONS),
        "styles": _rows([("", _("plain")), ("primary", _("main button")), ("danger", _("red: gives something up"))]),
        "actions": _rows((action, ACTION_LABELS.get(action, action)) for action in ACTIONS),
        "clocks": _rows([("working", _("working time")), ("clock", _("clock time"))]),
        "recipients": _rows(RECIPIENT_LABELS.items()),
        "ways": _rows(WAY_LABELS.items()),
        "deeds": _rows(DEED_LABELS.items()),
        "countersignRules": _rows(
            [
                ("all", _("when all agree")), ("any", _("when one agrees")), ("ratio", _("when a share agrees")),
                ("first-refusal", _("unless somebody disagrees")),
            ]
        ),
        "operators": _rows(
            [
                ("=", pgettext("condition", "is")), ("!=", pgettext("condition", "is not")),
                ("<", pgettext("condition", "less than")), ("<=", pgettext("condition", "at most")),
                (">", pgettext("condition", "more than")), (">=", pgettext("condition", "at least")),
            ]
        ),
        "usualFacts": {"unit": by.unit_id, "region": by.unit.region_id} if by.unit else {},
        "usualUnit": by.unit.label if by.unit else "",
        "unitNames": _named_units(bpmn),
        "personNames": _named_people(bpmn),
        "texts": {name: str(text) for name, text in PANEL.items()},
        "canvas": by_source(CANVAS),
    }  # fmt: skip

"""The form of a rule of reminders: lengths of time in hours, as people say them."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onepoint.accounts.models import OrgUnit
from onepoint.core.errors import InvalidInput
from onepoint.workflow import registry
from onepoint.workflow.models import ProcessDefinition, ReminderRule
from onepoint.workflow.services.reminder_rules import RULE_RECIPIENTS, RuleItems
from onepoint.workflow.urging.drawn import DEED_LABELS, DEEDS, RECIPIENT_LABELS, WAY_LABELS, WAYS
from onepoint.workflow.urging.rules import span_of

ANY = ("", "—")
HOURS = {"after": "after_hours", "every": "every_hours", "escalate_after": "escalate_hours"}


def hours_of(text: str) -> float | None:
    """The hours of an ISO duration of a rule."""
    span = span_of(text)
    return (span.days * 24 + span.seconds / 3600) if span else None


def _iso(hours: float | None) -> str:
    return f"PT{round(hours * 60)}M" if hours else ""


def _facts(name: str) -> list[Any]:
    for kind in registry.described_subjects().values():
        for fact in kind.facts:
            if fact.name == name and fact.choices:
                return [ANY, *fact.choices()]
    return [ANY]


def _hours(label: Any) -> forms.FloatField:
    return forms.FloatField(label=label, required=False, min_value=0, max_value=24 * 90)


class ReminderRuleForm(forms.Form):
    """A rule in words; what is left open holds for everything."""

    process_key = forms.ChoiceField(label=gettext_lazy("Process"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of ticket"), required=False)
    severity = forms.ChoiceField(label=gettext_lazy("Severity"), required=False)
    unit = forms.ModelChoiceField(
        label=gettext_lazy("Unit and below"), queryset=OrgUnit.objects.filter(is_active=True), required=False
    )
    after_hours = _hours(gettext_lazy("First reminder after (hours)"))
    every_hours = _hours(gettext_lazy("Then every (hours)"))
    times = forms.IntegerField(label=gettext_lazy("How often"), min_value=1, max_value=999, initial=1)
    remind_to = forms.ChoiceField(
        label=gettext_lazy("Reminds"), choices=[(to, RECIPIENT_LABELS[to]) for to in RULE_RECIPIENTS]
    )
    remind_ways = forms.MultipleChoiceField(
        label=gettext_lazy("Reminded by"), choices=[(way, WAY_LABELS[way]) for way in WAYS], required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    escalate_hours = _hours(gettext_lazy("Escalates after (hours)"))
    escalate_to = forms.ChoiceField(
        label=gettext_lazy("Escalates to"), initial="superior",
        choices=[(to, RECIPIENT_LABELS[to]) for to in RULE_RECIPIENTS],
    )  # fmt: skip
    escalate_ways = forms.MultipleChoiceField(
        label=gettext_lazy("Told by"), choices=[(way, WAY_LABELS[way]) for way in WAYS], required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    deeds = forms.MultipleChoiceField(
        label=gettext_lazy("And then"), choices=[(deed, DEED_LABELS[deed]) for deed in DEEDS], required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    always = forms.BooleanField(label=gettext_lazy("At any hour, counted by the clock"), required=False)
    pause_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes between two of one person"), min_value=0, max_value=9999, initial=30
    )
    answer_minutes = forms.IntegerField(
        label=gettext_lazy("Answer owed within minutes"), min_value=1, max_value=9999, initial=120
    )
    escalate_count = forms.IntegerField(
        label=gettext_lazy("Escalates from the … time on (0: never)"), min_value=0, max_value=99, initial=3
    )
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)

    def __init__(self, data: Any = None, *, rule: ReminderRule | None = None) -> None:
        initial = {name: getattr(rule, name) for name in RuleItems.__dataclass_fields__} if rule else {}
        initial |= {field: hours_of(getattr(rule, name)) for name, field in HOURS.items()} if rule else {}
        if not rule:
            initial |= {"remind_ways": ["app"], "escalate_ways": ["app"]}
        super().__init__(data, initial=initial)
        named = [(one.key, one.label) for one in ProcessDefinition.objects.order_by("key")]
        self.fields["process_key"].choices = [ANY, *named]  # type: ignore[attr-defined]
        self.fields["kind"].choices = _facts("kind")  # type: ignore[attr-defined]
        self.fields["severity"].choices = _facts("severity")  # type: ignore[attr-defined]

    def items(self) -> RuleItems:
        said = dict(self.cleaned_data)
        said |= {name: _iso(said.pop(field)) for name, field in HOURS.items()}
        said |= {name: tuple(said[name]) for name in ("remind_ways", "escalate_ways", "deeds")}
        return RuleItems(**said)

    def add_refusal(self, refusal: InvalidInput) -> None:
        for name, text in refusal.errors.items():
            self.add_error(HOURS.get(name, name), str(text))


def in_words(rule: ReminderRule) -> dict[str, Any]:
    """A rule for the list: for what it holds, what it does by the clock, and about urging by people."""
    held = [rule.process_key]
    for name in ("kind", "severity"):
        if value := getattr(rule, name):
            held.append(str(dict(_facts(name)).get(value, value)))
    held.append(rule.unit.label if rule.unit else "")
    return {
        "held": " · ".join(part for part in held if part) or _("everything"),
        "after": hours_of(rule.after), "every": hours_of(rule.every), "escalate_after": hours_of(rule.escalate_after),
        "remind_to": RECIPIENT_LABELS.get(rule.remind_to, ""), "escalate_to": RECIPIENT_LABELS.get(rule.escalate_to, ""),
        "deeds": ", ".join(str(DEED_LABELS[deed]) for deed in rule.deeds if deed in DEED_LABELS),
    }  # fmt: skip

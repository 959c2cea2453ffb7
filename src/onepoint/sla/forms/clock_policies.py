"""The form of a rule for limits. Its choices come from whoever has subjects with limits."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from onepoint.accounts.models import Region
from onepoint.accounts.states import UnitKind
from onepoint.sla import clock_rules, registry
from onepoint.sla.models import ClockPolicy
from onepoint.sla.states import AfterReopening, Area, ClockKind

UNITS = [
    ("minutes", ngettext_lazy("minute", "minutes", 2)),
    ("hours", ngettext_lazy("hour", "hours", 2)),
    ("days", ngettext_lazy("day (24 hours)", "days (24 hours)", 2)),
]
#: Promises have theirs in what was promised.
KINDS = [(kind.value, kind.label) for kind in ClockKind if kind != ClockKind.PROMISE]
_FACT_OF = {
    "subject_kinds": "kind", "severities": "severity", "levels": "level", "channels": "channel", "category": "category",
    "business": "business", "tag": "tag", "stage": "stage", "process": "process", "steps": "step",
}  # fmt: skip
_MANY = ("subject_kinds", "severities", "levels", "channels", "steps")


def split(length: timedelta | None) -> tuple[int | None, str]:
    """A length as a number and the biggest unit that leaves nothing over."""
    if not length:
        return None, "hours"
    minutes = int(length.total_seconds()) // 60
    if minutes % 1440 == 0:
        return minutes // 1440, "days"
    return (minutes // 60, "hours") if minutes % 60 == 0 else (minutes, "minutes")


def _amount(required: bool, label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=1_000_000, required=required)


class ClockPolicyForm(forms.Form):
    """One rule: which subjects, which clock, how long."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=120, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of clock"), choices=KINDS)
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), required=False)
    limit_amount = _amount(True, gettext_lazy("Limit"))
    limit_unit = forms.ChoiceField(label=gettext_lazy("Unit of time"), choices=UNITS, initial="hours")
    in_working_time = forms.BooleanField(
        label=gettext_lazy("In working time"), required=False, initial=True,
        help_text=gettext_lazy("Otherwise by the clock, nights and holidays included."),
    )  # fmt: skip
    warnings = forms.CharField(
        label=gettext_lazy("Warnings"), max_length=120, required=False,
        help_text=gettext_lazy("When it is at risk, one after the other: 80%, 12d, 4h, 30m."),
    )  # fmt: skip
    pauses_on_hold = forms.BooleanField(label=gettext_lazy("Stands still while on hold"), required=False, initial=True)
    pauses_on_waiting = forms.BooleanField(
        label=gettext_lazy("Stands still while the customer is waited for"), required=False, initial=True
    )
    after_reopening = forms.ChoiceField(label=gettext_lazy("After reopening"), choices=AfterReopening.choices)
    reopened_amount = _amount(False, gettext_lazy("Limit after reopening"))
    reopened_unit = forms.ChoiceField(
        label=gettext_lazy("Unit of time"), choices=UNITS, initial="hours", required=False
    )
    source = forms.CharField(
        label=gettext_lazy("Source"), max_length=200, required=False,
        help_text=gettext_lazy("Law, standard or contract."),
    )  # fmt: skip
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)

    subject_kinds = forms.MultipleChoiceField(label=gettext_lazy("Kinds"), required=False)
    category = forms.ChoiceField(label=gettext_lazy("Category, with everything below"), required=False)
    severities = forms.MultipleChoiceField(label=gettext_lazy("Severities"), required=False)
    levels = forms.MultipleChoiceField(label=gettext_lazy("Customer levels"), required=False)
    channels = forms.MultipleChoiceField(label=gettext_lazy("Channels"), required=False)
    business = forms.ChoiceField(label=gettext_lazy("Business line"), required=False)
    tag = forms.ChoiceField(label=gettext_lazy("Tag"), required=False)
    region = forms.ModelChoiceField(
        Region.objects.active(), label=gettext_lazy("Region, with everything below"), required=False
    )
    area = forms.ChoiceField(label=gettext_lazy("Urban or rural"), required=False)
    process = forms.ChoiceField(label=gettext_lazy("Process"), required=False)
    steps = forms.MultipleChoiceField(label=gettext_lazy("Steps"), required=False)
    unit_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Kind of the unit that has the step"), choices=UnitKind.choices, required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name, fact in _FACT_OF.items():
            choices = registry.choices_of(fact)
            known = {value for value, _label in choices}
            kept = self.initial.get(name)
            # What a rule asks for stays to be seen and kept, also where it is out of use by now.
            choices += [(one, one) for one in (kept if isinstance(kept, list) else [kept]) if one and one not in known]
            self.fields[name].choices = choices if name in _MANY else [("", "—"), *choices]  # type: ignore[attr-defined]
        self.fields["area"].choices = [("", "—"), *Area.choices]  # type: ignore[attr-defined]

    @classmethod
    def of(cls, policy: ClockPolicy, data: Any = None) -> "ClockPolicyForm":
        """The form filled with a rule."""
        initial = {name: getattr(policy, name) for name in cls.base_fields if hasattr(policy, name)}
        initial["limit_amount"], initial["limit_unit"] = split(policy.limit)
        initial["reopened_amount"], initial["reopened_unit"] = split(policy.reopened_limit)
        return cls(data, initial=initial)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        try:
            data["limit"] = timedelta(**{data.pop("limit_unit", "hours"): data.pop("limit_amount", None) or 0})
            amount, unit = data.pop("reopened_amount", None), data.pop("reopened_unit", "") or "hours"
            data["reopened_limit"] = timedelta(**{unit: amount}) if amount else None
        except OverflowError:
            raise ValidationError(_("This is too long.")) from None
        if data.get("warnings") and data["limit"]:
            try:
                clock_rules.warning_spans(data["warnings"], data["limit"])
            except ValidationError as wrong:
                self.add_error("warnings", wrong)
        return data


class ClockPolicyFilter(forms.Form):
    """What narrows the list of rules."""

    kind = forms.ChoiceField(label=gettext_lazy("Clock"), choices=[("", gettext_lazy("All")), *KINDS], required=False)
    active = forms.ChoiceField(
        label=gettext_lazy("In use"), required=False,
        choices=[("", gettext_lazy("All")), ("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))],
    )  # fmt: skip

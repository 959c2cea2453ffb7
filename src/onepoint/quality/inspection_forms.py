"""Forms of score cards, sampling plans, inspections and scorings."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Role, User
from onepoint.channels.states import Channel
from onepoint.core import clock
from onepoint.core.pickers import PickedSelect, PickedSelectMultiple
from onepoint.core.templatetags.ui_forms import SearchInput
from onepoint.quality.inspection_states import (
    Assigning,
    CardAbout,
    ItemType,
    Method,
    PlanFrequency,
    SizeRule,
    Stratum,
)
from onepoint.quality.models import SamplingPlan, Scorecard, UnqualifiedCode
from onepoint.quality.queries.inspections import InspectionFilter
from onepoint.quality.risks import all_risks
from onepoint.quality.scoring import LONGEST_NOTE, LONGEST_WORDS, MOST_ITEMS, Item
from onepoint.quality.services.planning import LARGEST_WEIGHT, PlanItems
from onepoint.tickets.models import Category
from onepoint.tickets.states import TicketKind

LONGEST_PERIOD = timedelta(days=366)


class ScorecardForm(forms.Form):
    """Name and purpose of a new card; its items are rows of ``ItemForm``."""

    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    code = forms.SlugField(label=_("Code"), max_length=40)
    about = forms.ChoiceField(label=_("Judges"), choices=CardAbout.choices)


class LockForm(forms.Form):
    """The version that was read."""

    lock_version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ItemForm(forms.Form):
    """One item of a card."""

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    name = forms.CharField(label=_("What is judged"), max_length=200, required=False)
    name_en = forms.CharField(label=_("In English"), max_length=200, required=False)
    type = forms.ChoiceField(label=_("Kind of item"), choices=ItemType.choices)
    weight = forms.IntegerField(label=_("Weight"), min_value=0, max_value=100, required=False)
    may_be_left = forms.BooleanField(label=_("May be “not applicable”"), required=False)
    codes = forms.CharField(
        label=_("Codes of the standard"), max_length=200, required=False,
        help_text=_("Separated by commas. Those of a fatal item that is found are marked."),
    )  # fmt: skip
    hint = forms.CharField(label=_("How to judge it"), max_length=500, required=False)
    hint_en = forms.CharField(label=_("How to judge it, in English"), max_length=500, required=False)

    def row(self) -> dict[str, Any]:
        """The item as a card has it."""
        found = self.cleaned_data
        codes = [code.strip() for code in found["codes"].replace("，", ",").split(",") if code.strip()]
        return found | {"codes": codes}


EMPTY_ROWS = 3
ItemFormSet = forms.formset_factory(ItemForm, extra=EMPTY_ROWS, max_num=MOST_ITEMS)


def item_rows(items: list[dict[str, Any]], data: Any = None) -> Any:
    """The items of a card as rows to be edited, with some empty ones."""
    return ItemFormSet(data, initial=[{**one, "codes": ", ".join(one.get("codes", []))} for one in items], prefix="i")


def items_of_rows(rows: Any) -> list[dict[str, Any]]:
    """The items typed; rows without words vanish."""
    return [form.row() for form in rows if form.cleaned_data.get("name", "").strip()]


def _optional(choices: Iterable[Any]) -> list[Any]:
    return [("", "—"), *choices]


class PlanForm(forms.Form):
    """What a sampling plan says."""

    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    scorecard = forms.ModelChoiceField(label=_("Score card"), queryset=Scorecard.objects.filter(is_active=True))
    kinds = forms.MultipleChoiceField(label=_("Kinds of ticket"), choices=TicketKind.choices, required=False)
    channels = forms.MultipleChoiceField(label=_("Channels"), choices=Channel.choices, required=False)
    categories = forms.ModelMultipleChoiceField(label=_("Categories"), queryset=Category.objects.filter(is_active=True), required=False)  # fmt: skip
    units = forms.ModelMultipleChoiceField(label=_("Units"), queryset=OrgUnit.objects.filter(is_active=True), required=False)  # fmt: skip
    method = forms.ChoiceField(label=_("How"), choices=Method.choices)
    stratum = forms.ChoiceField(label=_("Strata by"), choices=_optional(Stratum.choices), required=False)
    size = forms.IntegerField(label=_("Sample size"), min_value=1, max_value=2000, initial=10)
    size_rule = forms.ChoiceField(label=_("The size is"), choices=SizeRule.choices)
    double_share = forms.IntegerField(label=_("Share scored twice, blindly (%)"), min_value=0, max_value=100, initial=10)  # fmt: skip
    tolerance = forms.IntegerField(label=_("Points two inspectors may differ"), min_value=0, max_value=100, initial=10)
    frequency = forms.ChoiceField(label=_("How often"), choices=PlanFrequency.choices)
    assigning = forms.ChoiceField(label=_("Who scores"), choices=Assigning.choices)
    inspectors = forms.ModelMultipleChoiceField(label=_("Inspectors"), queryset=User.objects.filter(is_active=True), required=False, widget=PickedSelectMultiple)  # fmt: skip
    role = forms.ModelChoiceField(label=_("Inspectors by role"), queryset=Role.objects.filter(is_active=True), required=False)  # fmt: skip
    bans_own_unit = forms.BooleanField(label=_("Nobody inspects the own unit"), required=False, initial=True, help_text=_("Nor the units below it."))  # fmt: skip
    seed = forms.CharField(label=_("Seed"), max_length=32, required=False, help_text=_("Empty: one is made up. It never changes afterwards."))  # fmt: skip
    lock_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, is_new: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        self.risk_names = [f"risk_{risk.code}" for risk in all_risks()]
        for name, risk in zip(self.risk_names, all_risks(), strict=True):
            self.fields[name] = forms.IntegerField(
                label=str(risk.label),
                min_value=0,
                max_value=LARGEST_WEIGHT,
                required=False,
                initial=risk.usual if is_new else 0,
            )
        if not is_new:
            del self.fields["seed"]

    @property
    def risk_fields(self) -> list[Any]:
        return [self[name] for name in self.risk_names]

    @classmethod
    def of(cls, plan: SamplingPlan, data: Any = None) -> "PlanForm":
        """The form filled with what a plan says."""
        names = (
            "name", "name_en", "kinds", "channels", "method", "stratum", "size", "size_rule", "double_share", "tolerance",
            "frequency", "assigning", "bans_own_unit", "lock_version",
        )  # fmt: skip
        initial: dict[str, Any] = {name: getattr(plan, name) for name in names}
        initial |= {
            "scorecard": plan.scorecard_id, "role": plan.role_id, "categories": plan.category_ids, "units": plan.unit_ids,
            "inspectors": plan.inspector_ids,
        }  # fmt: skip
        initial |= {f"risk_{code}": weight for code, weight in plan.weights.items()}
        return cls(data, initial=initial, is_new=False)

    def items(self) -> PlanItems:
        """What the plan is to say."""
        found = self.cleaned_data
        same = (
            "scorecard", "name", "name_en", "method", "stratum", "size", "size_rule", "double_share", "tolerance",
            "frequency", "assigning", "role", "bans_own_unit",
        )  # fmt: skip
        ids = {"category_ids": "categories", "unit_ids": "units", "inspector_ids": "inspectors"}
        chosen: dict[str, Any] = {name: tuple(row.pk for row in found[field]) for name, field in ids.items()}
        return PlanItems(
            **{name: found[name] for name in same},
            **chosen,
            kinds=tuple(found["kinds"]), channels=tuple(found["channels"]), seed=found.get("seed", ""),
            weights={name.removeprefix("risk_"): found[name] or 0 for name in self.risk_names},
        )  # fmt: skip


class DaysForm(forms.Form):
    """The days a plan is tried or drawn for."""

    begins_on = forms.DateField(label=_("From"))
    ends_on = forms.DateField(label=_("Until"))


class InspectionFilterForm(forms.Form):
    """What the list is narrowed to."""

    q = forms.CharField(label=_("Number"), required=False, widget=SearchInput, max_length=24)
    plan = forms.ModelChoiceField(label=_("Sampling plan"), queryset=SamplingPlan.objects.all(), required=False)
    unit = forms.ModelChoiceField(
        label=_("Unit"), queryset=OrgUnit.objects.all(), required=False,
        widget=PickedSelect(attrs={"data-island": "picker", "data-url": reverse_lazy("unit-options")}),
    )  # fmt: skip
    person = forms.ModelChoiceField(
        label=_("Inspected"), queryset=User.objects.all(), required=False,
        widget=PickedSelect(attrs={"data-island": "picker", "data-url": reverse_lazy("person-options")}),
    )  # fmt: skip
    below = forms.IntegerField(label=_("Score under"), required=False, min_value=0, max_value=100)
    since = forms.DateField(label=_("Drawn from"), required=False)
    until = forms.DateField(label=_("Until"), required=False)

    first_fields = ("q", "plan", "unit", "person")

    def chosen(self, which: str) -> InspectionFilter:
        """What was chosen; what cannot be read does not narrow."""
        self.is_valid()
        found = self.cleaned_data
        ids = {f"{name}_id": found[name].pk if found.get(name) else None for name in ("plan", "unit", "person")}
        return InspectionFilter(
            which, number=(found.get("q") or "").strip(), below=found.get("below"), since=found.get("since"),
            until=found.get("until"), **ids,
        )  # fmt: skip


def _headline(item: Item) -> str:
    """An item with its weight, or that it is fatal, and the codes of the standard it stands for."""
    words = gettext("%(item)s (fatal)") if item.is_fatal else gettext("%(item)s (weight %(weight)s)")
    return " · ".join([words % {"item": item.label, "weight": item.weight}, *item.codes])


class ScoreForm(forms.Form):
    """The card to be filled in: a choice and a note for each item, codes found, a comment."""

    codes = forms.ModelMultipleChoiceField(
        label=_("Codes of the standard found"), queryset=UnqualifiedCode.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    words = forms.CharField(label=_("Comment"), required=False, max_length=LONGEST_WORDS, widget=forms.Textarea)

    def __init__(self, items: list[Item], codes: list[UnqualifiedCode], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.items = items
        for item in items:
            choices = [(value, item.answer_label(value)) for value in item.values]
            self.fields[item.key] = forms.ChoiceField(
                # The browser says what lacks a score before it asks whether all is meant so.
                label=_headline(item), choices=choices, required=not item.is_fatal, widget=forms.RadioSelect,
                help_text=item.hint_label, initial="0" if item.is_fatal else None,
            )  # fmt: skip
            self.fields[f"{item.key}_note"] = forms.CharField(label=_("Note"), required=False, max_length=LONGEST_NOTE)
        chosen: Any = self.fields["codes"]
        chosen.queryset = UnqualifiedCode.objects.filter(pk__in=[code.pk for code in codes])
        chosen.label_from_instance = lambda code: code.full_label
        if not codes:
            del self.fields["codes"]

    @property
    def rows(self) -> list[tuple[Item, Any, Any]]:
        """Each item with its choice and its note."""
        return [(item, self[item.key], self[f"{item.key}_note"]) for item in self.items]

    def given(self) -> dict[str, Any]:
        """What ``submit_scoring`` takes."""
        found = self.cleaned_data
        return {
            "answers": {item.key: found[item.key] for item in self.items},
            "notes": {item.key: found[f"{item.key}_note"] for item in self.items},
            "code_ids": [code.pk for code in found.get("codes", ())],
            "words": found["words"],
        }


class HandOverForm(forms.Form):
    """Who scores instead."""

    person = forms.ModelChoiceField(
        label=_("Person"), queryset=User.objects.filter(is_active=True), widget=PickedSelect
    )


class AppealForm(forms.Form):
    """Why the person inspected disagrees."""

    words = forms.CharField(label=_("Why you disagree"), max_length=LONGEST_WORDS, widget=forms.Textarea)


class PeriodForm(forms.Form):
    """The period shown, and what results are counted by."""

    since = forms.DateField(label=_("From"), required=False)
    until = forms.DateField(label=_("Until"), required=False)
    by = forms.ChoiceField(
        label=_("Counted by"), required=False,
        choices=[("unit", _("Unit")), ("person", _("Person")), ("category", _("Category"))],
    )  # fmt: skip

    def period(self) -> tuple[date, date]:
        """The days asked for; the last thirty where nothing sensible was. The fields show the days it came to."""
        self.is_valid()
        until = clock.day_within(self.cleaned_data.get("until") or clock.today())
        since = self.cleaned_data.get("since") or until - timedelta(days=29)
        since = min(max(since, until - LONGEST_PERIOD), until)
        shown = {"since": since, "until": until}
        self.data = {**dict(self.data.items()), **{name: day for name, day in shown.items() if name not in self.errors}}
        return since, until


class AgreementPeriodForm(PeriodForm):
    """The period whose blind pairs are compared."""

    by = None  # type: ignore[assignment]

"""Forms of queues, skills and agents."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Group, OrgUnit
from onepoint.assignment.models import Queue, Skill
from onepoint.assignment.states import USUAL_CAPACITY, Medium, Strategy
from onepoint.core.pickers import PickedSelectMultiple
from onepoint.sla.models import BusinessCalendar

NUMBERS = ["ring_seconds", "unanswered_limit", "wrap_up_seconds", "longest", "overflow_seconds"]
OWN = ["name", "name_en", "strategy", "last_agent_first", *NUMBERS, "overflow_to", "calendar", "is_active"]


class QueueForm(forms.Form):
    code = forms.SlugField(label=_("Code"), max_length=40)
    medium = forms.ChoiceField(label=_("Medium"), choices=Medium.choices)
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    units: Any = forms.ModelMultipleChoiceField(
        label=_("Served by units"), queryset=OrgUnit.objects.active(), required=False, widget=PickedSelectMultiple,
        help_text=_("And the units below them."),
    )  # fmt: skip
    groups: Any = forms.ModelMultipleChoiceField(
        label=_("Served by groups"), queryset=Group.objects.filter(is_active=True), required=False,
        widget=PickedSelectMultiple,
    )  # fmt: skip
    strategy = forms.ChoiceField(label=_("Who is next"), choices=Strategy.choices)
    last_agent_first = forms.BooleanField(
        label=_("Whoever served the customer last comes first"), required=False, initial=True
    )
    ring_seconds = forms.IntegerField(label=_("Seconds it rings"), initial=25)
    unanswered_limit = forms.IntegerField(label=_("Unanswered until somebody is paused"), initial=2)
    wrap_up_seconds = forms.IntegerField(label=_("Seconds of wrap-up"), initial=120)
    longest = forms.IntegerField(label=_("Most that may wait"), initial=50)
    overflow_to = forms.ModelChoiceField(Queue.objects.none(), label=_("Overflows to"), required=False)
    overflow_seconds = forms.IntegerField(label=_("Overflows after seconds"), initial=120)
    calendar = forms.ModelChoiceField(
        BusinessCalendar.objects.all(), label=_("Open by calendar"), required=False, help_text=_("Empty: always open.")
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *arguments: Any, queue: Queue | None, skills: list[Skill], **named: Any) -> None:
        if queue is not None:
            needs = {f"skill-{need.skill.code}": need.level for need in queue.needs.all()}
            own = {name: getattr(queue, name) for name in [*OWN, "revision"]}
            named["initial"] = {
                **own, **needs, "units": list(queue.units.all()), "groups": list(queue.groups.all()),
            }  # fmt: skip
        super().__init__(*arguments, **named)
        self.skills = skills
        others: Any = self.fields["overflow_to"]
        others.queryset = Queue.objects.filter(is_active=True)
        if queue is not None:
            others.queryset = others.queryset.filter(medium=queue.medium).exclude(pk=queue.pk)
            del self.fields["code"], self.fields["medium"]
        else:
            del self.fields["revision"]
        add_skill_fields(self, skills)

    @property
    def skill_fields(self) -> list[forms.BoundField]:
        return [self[f"skill-{skill.code}"] for skill in self.skills]

    def values(self) -> dict[str, Any]:
        """What the services take."""
        data = self.cleaned_data
        kept = {name: value for name, value in data.items() if not name.startswith("skill-")}
        return {**kept, "needs": levels_in(data, self.skills)}


def add_skill_fields(form: forms.Form, skills: list[Skill]) -> None:
    """One number for each skill."""
    for skill in skills:
        form.fields[f"skill-{skill.code}"] = forms.IntegerField(
            label=skill.label, required=False, min_value=0, max_value=5
        )


def levels_in(values: Mapping[str, Any], skills: list[Skill]) -> dict[Skill, int]:
    return {skill: values[f"skill-{skill.code}"] for skill in skills if values.get(f"skill-{skill.code}")}


class SkillForm(forms.Form):
    code = forms.SlugField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)


class AgentForm(forms.Form):
    """Level of each skill, and how much at once."""

    def __init__(self, *arguments: Any, skills: list[Skill], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.skills = skills
        add_skill_fields(self, skills)
        for medium in Medium:
            self.fields[f"capacity-{medium}"] = forms.IntegerField(
                label=medium.label, required=False, min_value=0, max_value=20,
                help_text=_("Empty: %(count)s.") % {"count": USUAL_CAPACITY[medium]},
            )  # fmt: skip

    @property
    def skill_fields(self) -> list[forms.BoundField]:
        return [self[f"skill-{skill.code}"] for skill in self.skills]

    @property
    def capacity_fields(self) -> list[forms.BoundField]:
        return [self[f"capacity-{medium}"] for medium in Medium.values]

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        return {
            "levels": levels_in(data, self.skills),
            "capacities": {medium: data[f"capacity-{medium}"] for medium in Medium.values},
        }

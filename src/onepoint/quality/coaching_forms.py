"""Forms of cases, meetings, training and the ladder."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.core.pickers import PickedSelect, PickedSelectMultiple
from onepoint.core.templatetags.ui_forms import SearchInput
from onepoint.quality.inspection_states import CaseKind, DemandEffect
from onepoint.quality.models import CaseMeeting, CoachingCase, ExpertLevel, MeetingAttendance
from onepoint.tickets.models import Category, Severity


class CaseFilterForm(forms.Form):
    """What the library is narrowed to."""

    q = forms.CharField(label=_("Words"), required=False, widget=SearchInput, max_length=100)
    kind = forms.ChoiceField(label=_("Kind of case"), required=False, choices=[("", _("All")), *CaseKind.choices])
    tag = forms.CharField(label=_("Tag"), required=False, max_length=40)


class CaseForm(forms.Form):
    """One case, told without names."""

    title = forms.CharField(label=_("Title"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind of case"), choices=CaseKind.choices)
    category = forms.ModelChoiceField(label=_("Category"), queryset=Category.objects.filter(is_active=True), required=False)  # fmt: skip
    story = forms.CharField(label=_("What happened"), widget=forms.Textarea, max_length=20_000, help_text=_("Without names and numbers of customers and colleagues."))  # fmt: skip
    lesson = forms.CharField(label=_("What is to be learnt"), widget=forms.Textarea, max_length=10_000, required=False)
    tags = forms.CharField(label=_("Tags"), max_length=400, required=False, help_text=_("Separated by commas."))
    is_active = forms.BooleanField(label=_("In the library"), required=False, initial=True)
    lock_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, case: CoachingCase, sent: Any = None) -> "CaseForm":
        names = ("title", "kind", "story", "lesson", "is_active", "lock_version")
        initial = {name: getattr(case, name) for name in names}
        return cls(sent, initial=initial | {"category": case.category_id, "tags": ", ".join(case.tags)})

    def given(self) -> dict[str, Any]:
        """What ``CaseItems`` takes."""
        found = self.cleaned_data
        tags = [tag.strip() for tag in found["tags"].replace("，", ",").split(",") if tag.strip()]
        return {name: found[name] for name in ("title", "kind", "category", "story", "lesson")} | {"tags": tags}


class MeetingForm(forms.Form):
    """A case meeting to be held."""

    topic = forms.CharField(label=_("Topic"), max_length=200)
    unit = forms.ModelChoiceField(label=_("Unit"), queryset=OrgUnit.objects.filter(is_active=True), widget=PickedSelect)
    held_at = forms.DateTimeField(label=_("Date and time"))
    place = forms.CharField(label=_("Place"), max_length=120, required=False)
    leader = forms.ModelChoiceField(label=_("Led by"), queryset=User.objects.filter(is_active=True), widget=PickedSelect)  # fmt: skip
    cases = forms.ModelMultipleChoiceField(label=_("Cases"), queryset=CoachingCase.objects.none(), required=False)
    people = forms.ModelMultipleChoiceField(label=_("People asked"), queryset=User.objects.filter(is_active=True), widget=PickedSelectMultiple)  # fmt: skip

    def __init__(self, *args: Any, cases: QuerySet[CoachingCase], **more: Any) -> None:
        super().__init__(*args, **more)
        chosen: Any = self.fields["cases"]
        chosen.queryset = cases


class ConclusionForm(forms.Form):
    """Who came, and what was concluded."""

    present = forms.MultipleChoiceField(label=_("Who came"), required=False, widget=forms.CheckboxSelectMultiple)
    conclusions = forms.CharField(label=_("Conclusions"), widget=forms.Textarea, max_length=10_000)

    def __init__(self, meeting: CaseMeeting, asked: list[MeetingAttendance], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        chosen: Any = self.fields["present"]
        chosen.choices = [(str(one.person_id), one.person.label) for one in asked]


class TrainingForm(forms.Form):
    """Something a person is to learn."""

    topic = forms.CharField(label=_("Topic"), max_length=200)
    reason = forms.CharField(label=_("Why"), max_length=300, required=False)
    due_on = forms.DateField(label=_("Until"))


class ProofForm(forms.Form):
    """What proves that training was done."""

    proof = forms.CharField(label=_("Proof"), max_length=4000, widget=forms.Textarea)


class LevelForm(forms.Form):
    """A rung of the ladder."""

    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    days_below = forms.IntegerField(label=_("Days on the rung below"), min_value=0, max_value=3650)
    inspections = forms.IntegerField(label=_("Inspections in that time"), min_value=0, max_value=1000)
    average = forms.IntegerField(label=_("Average score at least"), min_value=0, max_value=100)
    most_fatal = forms.IntegerField(label=_("Fatal inspections at most"), min_value=0, max_value=100)


class GiveLevelForm(forms.Form):
    """Who stands on which rung."""

    person = forms.ModelChoiceField(
        label=_("Person"), queryset=User.objects.filter(is_active=True), widget=PickedSelect
    )
    level = forms.ModelChoiceField(label=_("Level"), queryset=ExpertLevel.objects.all())
    reason = forms.CharField(label=_("Why"), max_length=300, required=False)


class DemandForm(forms.Form):
    """What asks for a level."""

    level = forms.ModelChoiceField(label=_("Level"), queryset=ExpertLevel.objects.all())
    category = forms.ModelChoiceField(label=_("Category"), queryset=Category.objects.filter(is_active=True), required=False)  # fmt: skip
    severity = forms.ModelChoiceField(label=_("Severity"), queryset=Severity.objects.filter(is_active=True), required=False)  # fmt: skip
    effect = forms.ChoiceField(label=_("Without it, the house"), choices=DemandEffect.choices)

"""Forms around a ticket: relating, merging, splitting, tags, schedules. They translate input; rules are in the services."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.core import masking
from onepoint.core.models import Attachment
from onepoint.core.pickers import PickedSelectMultiple
from onepoint.core.withheld import WORDS, withhold
from onepoint.customers.models import Customer
from onepoint.tickets.forms import picked
from onepoint.tickets.models import Category, Severity, Tag, Ticket
from onepoint.tickets.services import ScheduleItems
from onepoint.tickets.states import ASKED_KINDS, Frequency, LinkKind

#: How the other ticket is to stand to this one, beside the kinds of links.
CHILD, PARENT = "child", "parent"


def _label_of(ticket: Ticket) -> str:
    return f"{ticket.number} {masking.shown_words(ticket.title)}"


def ticket_choice(user: User, label: Any, *, without: Ticket, alive: bool = False) -> forms.ModelChoiceField:
    """A choice among the tickets the person may see; the picker asks the server."""
    tickets = Ticket.objects.visible_to(user).exclude(pk=without.pk)
    field = picked(
        tickets.alive() if alive else tickets, "ticket-options", label, required=True, to_field_name="number"
    )
    field.label_from_instance = _label_of  # type: ignore[method-assign, assignment]
    return field


class RelateForm(forms.Form):
    how = forms.ChoiceField(label=_("The other ticket is"), choices=[
        (CHILD, _("a child of this one")),
        (PARENT, _("the parent of this one")),
        (LinkKind.RELATED, _("related to this one")),
        (LinkKind.DUPLICATE_OF, _("what this one is a duplicate of")),
        (LinkKind.CAUSED_BY, _("the cause of this one")),
    ])  # fmt: skip

    def __init__(self, *args: Any, ticket: Ticket, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other"] = ticket_choice(user, _("Ticket"), without=ticket)


class ChildForm(forms.Form):
    """A new ticket below another, which lends it its customer, contact and place."""

    request_key = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Kind"), choices=ASKED_KINDS)
    category = picked(Category.objects.filter(is_active=True), "category-options", _("Category"), required=True)
    severity = forms.ModelChoiceField(
        Severity.objects.filter(is_active=True), label=_("Severity"), required=False, empty_label=_("as usual")
    )
    title = forms.CharField(label=_("Title"), max_length=200)
    description = forms.CharField(label=_("What is to be done"), required=False, max_length=8000, widget=forms.Textarea)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        withhold(self, {"title": WORDS, "description": WORDS})


class SplitForm(forms.Form):
    """The part of a ticket that becomes one of its own."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=ASKED_KINDS)
    category = picked(Category.objects.filter(is_active=True), "category-options", _("Category"), required=True)
    title = forms.CharField(label=_("Title"), max_length=200)
    description = forms.CharField(label=_("Problem described"), required=False, max_length=8000, widget=forms.Textarea)

    def __init__(self, *args: Any, files: Sequence[Attachment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("stay", _("stays here")), ("share", _("on both")), ("move", _("moves along"))]
        for file in files:
            self.fields[f"file-{file.pk}"] = forms.ChoiceField(label=file.name, choices=choices, initial="stay")
        self.file_ids = [file.pk for file in files]
        withhold(self, {"title": WORDS, "description": WORDS})

    @property
    def file_fields(self) -> list[forms.BoundField]:
        return [self[f"file-{pk}"] for pk in self.file_ids]

    def files_that(self, what: str) -> list[int]:
        """Ids of the files for which ``what`` ("move", "share") was chosen."""
        return [pk for pk in self.file_ids if self.cleaned_data.get(f"file-{pk}") == what]


class MergeForm(forms.Form):
    """Which tickets are one matter, and which of them goes on."""

    survives = forms.ChoiceField(label=_("Which one goes on"), widget=forms.RadioSelect, choices=[
        ("this", _("this ticket; the others end and point to it")),
        ("other", _("the other ticket; this one ends and points to it")),
    ], initial="this")  # fmt: skip
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea)
    despite_customers = forms.BooleanField(label=_("They belong to different customers, and it is one matter all the same"), required=False)  # fmt: skip

    def __init__(self, *args: Any, ticket: Ticket, user: User, candidates: Sequence[Ticket], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["same"] = forms.MultipleChoiceField(
            label=_("Of the same customer or number"), required=False, widget=forms.CheckboxSelectMultiple,
            choices=[(one.number, _label_of(one)) for one in candidates],
        )  # fmt: skip
        others = Ticket.objects.visible_to(user).alive().exclude(pk=ticket.pk)
        self.fields["others"] = forms.ModelMultipleChoiceField(
            others, label=_("Other tickets"), required=False, to_field_name="number",
            widget=PickedSelectMultiple(),
        )  # fmt: skip
        self.fields["others"].label_from_instance = _label_of  # type: ignore[attr-defined]
        self._candidates = {one.number: one for one in candidates}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        others = {one.pk: one for one in cleaned.get("others") or ()}
        others |= {self._candidates[number].pk: self._candidates[number] for number in cleaned.get("same") or ()}
        if not others and not self.errors:
            self.add_error("others", _("Please choose at least one ticket."))
        if len(others) > 1 and cleaned.get("survives") == "other":
            self.add_error("survives", _("Several are chosen: open the one that is to go on and merge from there."))
        cleaned["tickets"] = list(others.values())
        return cleaned


class TagForm(forms.ModelForm):
    class Meta:
        model = Tag
        fields = ["name", "name_en", "colour", "unit", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = picked(OrgUnit.objects.all(), "unit-options", self.fields["unit"].label, help_text=self.fields["unit"].help_text)  # fmt: skip
        self.fields["name"].max_length = 40  # type: ignore[attr-defined]
        self.fields["name"].widget.attrs["maxlength"] = 40
        self.fields["is_active"].initial = True


class ScheduleForm(forms.Form):
    """A ticket that opens by itself."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("Name"), max_length=120)
    frequency = forms.ChoiceField(label=_("How often"), choices=Frequency.choices, initial=Frequency.MONTHLY)
    interval = forms.IntegerField(label=_("Every … days, weeks or months"), min_value=1, max_value=366, initial=1)
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On weekdays"), choices=list(WEEKDAYS.items()), coerce=int, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("For weekly ones; none ticked: the weekday of the first date."),
    )  # fmt: skip
    month_day = forms.IntegerField(
        label=_("Day of the month"), min_value=1, max_value=31, required=False,
        help_text=_("For monthly ones; where a month has no such day, its last."),
    )  # fmt: skip
    at_time = forms.TimeField(label=_("At"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    starts_on = forms.DateField(label=_("From"))
    ends_on = forms.DateField(label=_("Until"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=ASKED_KINDS)
    category = picked(Category.objects.filter(is_active=True), "category-options", _("Category"), required=True)
    severity = forms.ModelChoiceField(
        Severity.objects.filter(is_active=True), label=_("Severity"), required=False, empty_label=_("as usual")
    )
    title = forms.CharField(label=_("Title"), max_length=200)
    description = forms.CharField(label=_("What is to be done"), required=False, max_length=8000, widget=forms.Textarea)
    customer = picked(Customer.objects.none(), "customer-options", _("Customer"))
    region = forms.ModelChoiceField(Region.objects.active(), label=_("Region"), required=False, empty_label="—")
    unit = picked(OrgUnit.objects.filter(is_active=True), "unit-options", _("Unit"))
    owner = picked(User.objects.filter(is_active=True), "person-options", _("Responsible person"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].queryset = Customer.objects.visible_to(user)  # type: ignore[attr-defined]

    def items(self) -> ScheduleItems:
        values = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return ScheduleItems(**{**values, "weekdays": tuple(values["weekdays"])})

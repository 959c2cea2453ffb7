"""Forms of the ticket list: what it is narrowed to, and the filters people keep."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Role, User
from onepoint.channels.states import Channel
from onepoint.core import clock
from onepoint.core.pickers import PickedSelect, PickedSelectMultiple
from onepoint.core.templatetags.ui_forms import SearchInput
from onepoint.tickets.models import Category
from onepoint.tickets.queries import FilterChoices, TicketFilter, filter_choices
from onepoint.tickets.services.saved_filters import FilterItems
from onepoint.tickets.states import TicketKind, TicketStatus

ANY = [("", _("any"))]
#: Groups of statuses a filter offers before the single ones.
STATUS_GROUPS = [("alive", _("in progress")), ("finished", _("finished"))]
RELATIONS = [
    ("handled", _("came to me")),
    ("started", _("registered by me")),
    ("owned", _("I was asked first")),
    ("watched", _("watched by me")),
    ("copied", _("copied to me")),
]
PERIODS = [("1", _("today")), ("7", _("the last 7 days")), ("30", _("the last 30 days")), ("90", _("the last 90 days"))]
FLAGS = [("overdue", _("overdue")), ("reopened", _("reopened")), ("urged", _("urged"))]

#: How far the page of what is late soon looks ahead.
WINDOWS = [
    ("15m", _("in the next 15 minutes")),
    ("1h", _("in the next hour")),
    ("4h", _("in the next 4 hours")),
    ("today", _("today")),
    ("over", _("late already")),
]


def _picked(queryset: Any, url_name: str, label: Any) -> forms.ModelChoiceField:
    widget = PickedSelect(attrs={"data-island": "picker", "data-url": reverse_lazy(url_name)})
    return forms.ModelChoiceField(queryset, label=label, required=False, widget=widget)


class TicketFilterForm(forms.Form):
    #: The others appear when one asks for them, or when they are in use.
    first_fields = frozenset({"text", "status", "kind", "category", "severity", "region", "opened_within", "relation"})

    text = forms.CharField(label=_("Search"), required=False, max_length=100, widget=SearchInput(
        attrs={"placeholder": _("Number, telephone, any words")}
    ))  # fmt: skip
    status = forms.ChoiceField(label=_("Status"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[*ANY, *TicketKind.choices])
    category = _picked(Category.objects.all(), "category-options", _("Category"))
    severity = forms.ChoiceField(label=_("Severity"), required=False)
    region = forms.ChoiceField(
        label=_("Region"), required=False, widget=forms.Select(attrs={"data-island": "picker"})
    )  # fmt: skip
    opened_within = forms.ChoiceField(label=_("Opened"), required=False, choices=[*ANY, *PERIODS])
    relation = forms.ChoiceField(label=_("My part"), required=False, choices=[*ANY, *RELATIONS])
    flag = forms.ChoiceField(label=_("Overdue, reopened or urged"), required=False, choices=[*ANY, *FLAGS])
    unit = _picked(OrgUnit.objects.all(), "unit-options", _("Unit"))
    channel = forms.ChoiceField(label=_("Channel"), required=False, choices=[*ANY, *Channel.choices])
    level = forms.ChoiceField(label=_("Customer level"), required=False)
    tag = forms.ChoiceField(label=_("Tag"), required=False)
    assignee = _picked(User.objects.all(), "person-options", _("In the hands of"))
    creator = _picked(User.objects.all(), "person-options", _("Taken by"))
    number = forms.CharField(label=_("Number begins with"), required=False, max_length=20)
    opened_from = forms.DateField(label=_("Opened from"), required=False)
    opened_to = forms.DateField(label=_("to"), required=False)

    def __init__(self, *args: Any, offered: FilterChoices | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered or filter_choices()
        self.fields["status"].choices = [*ANY, *STATUS_GROUPS, *TicketStatus.choices]  # type: ignore[attr-defined]
        for name in ("severity", "region", "level", "tag"):
            self.fields[name].choices = [*ANY, *self.offered[name]]  # type: ignore[attr-defined]

    def chosen(self) -> TicketFilter:
        """The valid part of what was asked for; a wrong value narrows nothing."""
        self.full_clean()
        values = {name: value for name, value in self.cleaned_data.items() if value} if self.is_bound else {}
        status, flag = values.pop("status", ""), values.pop("flag", "")
        group = {"alive": True, "finished": False}.get(status)
        if days := values.pop("opened_within", ""):
            since = timezone.localdate(clock.now()) - timedelta(days=int(days) - 1)
            values["opened_from"] = max(since, values.get("opened_from", since))
        for name in ("severity", "region", "level"):
            if name in values:
                values[name] = int(values[name])
        return TicketFilter(
            statuses=(status,) if status and group is None else (),
            alive=group,
            overdue=flag == "overdue",
            reopened=flag == "reopened",
            urged=flag == "urged",
            **values,
        )

    def accepted(self) -> dict[str, str]:
        """What was asked for as it is kept: the fields with a valid value, as texts."""
        self.full_clean()
        valid = {name for name, value in self.cleaned_data.items() if value} if self.is_bound else set()
        return {name: str(self.data.get(name)) for name in self.fields if name in valid}

    @classmethod
    def of_saved(cls, query: Mapping[str, str], *, offered: FilterChoices | None = None) -> "TicketFilterForm":
        """The form as it was when the filter was saved; what has gone since narrows nothing."""
        return cls({name: value for name, value in query.items() if name in cls.base_fields}, offered=offered)


class SavedFilterForm(forms.Form):
    """Name of a filter and with whom it is shared."""

    name = forms.CharField(label=_("Name"), max_length=40)
    is_first = forms.BooleanField(label=_("Open the ticket list with it"), required=False)
    units = forms.ModelMultipleChoiceField(
        OrgUnit.objects.filter(is_active=True), label=_("For these units and everything below them"), required=False,
        widget=PickedSelectMultiple(attrs={"data-island": "picker", "data-url": reverse_lazy("unit-options")}),
    )  # fmt: skip
    roles = forms.ModelMultipleChoiceField(
        Role.objects.filter(is_active=True), label=_("For these roles"), required=False,
        widget=forms.SelectMultiple(attrs={"data-island": "picker"}),
    )  # fmt: skip
    people = forms.ModelMultipleChoiceField(
        User.objects.filter(is_active=True), label=_("For these people"), required=False,
        widget=PickedSelectMultiple(attrs={"data-island": "picker", "data-url": reverse_lazy("person-options")}),
    )  # fmt: skip

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            for name in ("units", "roles", "people"):
                del self.fields[name]

    def items(self) -> FilterItems:
        values = self.cleaned_data
        return FilterItems(
            name=values["name"],
            is_first=values["is_first"],
            units=list(values.get("units", ())),
            roles=list(values.get("roles", ())),
            people=list(values.get("people", ())),
        )


class LateForm(forms.Form):
    """What is late soon: steps or tickets, the window and the unit."""

    what = forms.ChoiceField(
        label=_("What"), choices=[("steps", _("Steps")), ("tickets", _("Tickets"))], required=False
    )
    window = forms.ChoiceField(label=_("Due"), choices=WINDOWS, required=False)
    unit = _picked(OrgUnit.objects.all(), "unit-options", _("Unit and below"))

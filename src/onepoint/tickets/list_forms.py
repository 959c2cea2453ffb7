"""Forms of the ticket list: what it is narrowed to."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.channels.states import Channel
from onepoint.core.filtering import ANY, PERIODS, KeptFilterForm, first_day_of
from onepoint.core.pickers import PickedSelect
from onepoint.core.templatetags.ui_forms import SearchInput
from onepoint.tickets.late import LateFilter
from onepoint.tickets.models import Category
from onepoint.tickets.queries import FilterChoices, TicketFilter, filter_choices
from onepoint.tickets.states import TicketKind, TicketStatus

#: Groups of statuses a filter offers before the single ones.
STATUS_GROUPS = [("alive", _("in progress")), ("finished", _("finished"))]
RELATIONS = [
    ("handled", _("came to me")),
    ("started", _("registered by me")),
    ("owned", _("I was asked first")),
    ("watched", _("watched by me")),
    ("copied", _("copied to me")),
]
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


class TicketFilterForm(KeptFilterForm):
    #: The others appear when one asks for them, or when they are in use.
    first_fields = frozenset({"text", "status", "kind", "category", "severity", "region", "opened_within", "relation"})

    text = forms.CharField(label=_("Search"), required=False, max_length=100, widget=SearchInput(
        attrs={"placeholder": _("Number, telephone, any words")}
    ))  # fmt: skip
    status = forms.ChoiceField(label=_("Status"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[ANY, *TicketKind.choices])
    category = _picked(Category.objects.all(), "category-options", _("Category"))
    severity = forms.ChoiceField(label=_("Severity"), required=False)
    region = forms.ChoiceField(
        label=_("Region"), required=False, widget=forms.Select(attrs={"data-island": "picker"})
    )  # fmt: skip
    opened_within = forms.ChoiceField(label=_("Opened"), required=False, choices=[ANY, *PERIODS])
    relation = forms.ChoiceField(label=_("My part"), required=False, choices=[ANY, *RELATIONS])
    flag = forms.ChoiceField(label=_("Overdue, reopened or urged"), required=False, choices=[ANY, *FLAGS])
    unit = _picked(OrgUnit.objects.all(), "unit-options", _("Unit"))
    channel = forms.ChoiceField(label=_("Channel"), required=False, choices=[ANY, *Channel.choices])
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
        self.fields["status"].choices = [ANY, *STATUS_GROUPS, *TicketStatus.choices]  # type: ignore[attr-defined]
        for name in ("severity", "region", "level", "tag"):
            self.fields[name].choices = [ANY, *self.offered[name]]  # type: ignore[attr-defined]

    def chosen(self) -> TicketFilter:
        """The valid part of what was asked for; a wrong value narrows nothing."""
        self.full_clean()
        values = {name: value for name, value in self.cleaned_data.items() if value} if self.is_bound else {}
        status, flag = values.pop("status", ""), values.pop("flag", "")
        group = {"alive": True, "finished": False}.get(status)
        if days := values.pop("opened_within", ""):
            since = first_day_of(days)
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


#: What may be late soon, and how its tab is called.
LATE_TABS = {"steps": _("Steps"), "tickets": _("Tickets")}


class LateForm(forms.Form):
    """What is late soon: steps or tickets, the window and the unit."""

    what = forms.ChoiceField(choices=[(name, name) for name in LATE_TABS], required=False, widget=forms.HiddenInput)
    window = forms.ChoiceField(label=_("Due"), choices=WINDOWS, required=False)
    unit = _picked(OrgUnit.objects.all(), "unit-options", _("Unit and below"))

    @classmethod
    def of(cls, parameters: QueryDict) -> "LateForm":
        """As the address fills it: the steps of the next hour where it says nothing."""
        return cls({"what": "steps", "window": "1h", **parameters.dict()})

    def tab(self) -> str:
        """The tab asked for: ``steps`` or ``tickets``."""
        self.is_valid()
        return self.cleaned_data.get("what") or "steps"

    def chosen(self) -> LateFilter:
        """What was chosen; what cannot be read does not narrow."""
        self.is_valid()
        return LateFilter(self.cleaned_data.get("window") or "1h", self.cleaned_data.get("unit"))

"""What measures are asked with."""

import re
from datetime import date
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.analytics.dimensions import DIMENSIONS
from onepoint.analytics.measures import MEASURES, USUAL
from onepoint.analytics.periods import Period, Step, fitting_step
from onepoint.analytics.queries import PARTS, Choice, usual_period
from onepoint.channels.states import Channel
from onepoint.core import clock
from onepoint.core.pickers import PickedSelect
from onepoint.customers.models import CustomerLevel
from onepoint.tickets.models import Category, Severity
from onepoint.tickets.states import TicketKind

_ANY = [("", _("any"))]
#: What a line of the table adds to an address and no field offers: exactly one node, or none.
_SPECIAL = re.compile(r"0|\d{1,12}!")
#: Nobody looks further back at once.
MOST_DAYS = 3 * 366
#: Nor further than this.
EARLIEST, LATEST = date(2000, 1, 2), date(2100, 1, 1)


def _picked(queryset: Any, url_name: str, label: Any) -> forms.ModelChoiceField:
    widget = PickedSelect(attrs={"data-island": "picker", "data-url": reverse_lazy(url_name)})
    return forms.ModelChoiceField(queryset, label=label, required=False, widget=widget)


class MeasureForm(forms.Form):
    """The table of measures: which, by what, over which period, of what."""

    first_fields = frozenset({"measure", "rows", "step", "since", "until"})

    measure = forms.MultipleChoiceField(
        label=_("Measures"), required=False, choices=[(one.code, one.label) for one in MEASURES.values()],
        widget=forms.SelectMultiple(attrs={"data-island": "picker"}),
    )  # fmt: skip
    rows = forms.ChoiceField(
        label=_("Lines"), required=False, choices=[(one.key, one.label) for one in DIMENSIONS.values()]
    )
    step = forms.ChoiceField(label=_("Columns"), required=False, choices=Step.choices)
    since = forms.DateField(label=_("From"), required=False)
    until = forms.DateField(label=_("Until"), required=False)
    unit = _picked(OrgUnit.objects.all(), "unit-options", _("Unit whose work it was"))
    category = _picked(Category.objects.all(), "category-options", _("Category"))
    person = _picked(User.objects.all(), "person-options", _("Person"))
    channel = forms.ChoiceField(label=_("Channel"), required=False, choices=[*_ANY, *Channel.choices])
    region = forms.ModelChoiceField(Region.objects.all(), label=_("Region and below"), required=False)
    severity = forms.ModelChoiceField(Severity.objects.all(), label=_("Severity"), required=False)
    level = forms.ModelChoiceField(CustomerLevel.objects.all(), label=_("Customer level"), required=False)
    kind = forms.ChoiceField(label=_("Kind of ticket"), required=False, choices=[*_ANY, *TicketKind.choices])
    home = _picked(OrgUnit.objects.all(), "unit-options", _("Unit that took it"))

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        region = self.fields["region"]
        region.label_from_instance = lambda one: f"{'　' * one.depth}{one.label}"  # type: ignore[attr-defined]
        # What stands for everything that was not said stands in the fields too.
        if data is not None:
            usual = usual_period(clock.today())
            filled = data.copy()
            for name, value in (
                ("rows", "unit"),
                ("step", Step.WHOLE.value),
                ("since", usual.since),
                ("until", usual.until),
            ):
                if not filled.get(name):
                    filled[name] = str(value)
            if not filled.getlist("measure"):
                filled.setlist("measure", list(USUAL))
            self.data = filled

    def chosen(self) -> Choice:
        """What was asked for; what cannot be read is taken as not said, a filter that cannot as one that finds nothing."""
        self.full_clean()
        said = self.cleaned_data
        usual = usual_period(clock.today())
        period = _period(said.get("since") or usual.since, said.get("until") or usual.until)
        measures = tuple(said.get("measure") or ()) or USUAL
        rows = said.get("rows") or "unit"
        step = fitting_step(said.get("step") or Step.WHOLE.value, period)
        return Choice(measures, rows, step, period, self._filters())

    def _filters(self) -> dict[str, str]:
        found = {}
        for key, dimension in DIMENSIONS.items():
            raw = (self.data.get(key) or "").strip()
            value = self.cleaned_data.get(key)
            if value:
                found[key] = str(value.pk if dimension.model is not None else value)
            elif _SPECIAL.fullmatch(raw):
                found[key] = raw
            elif raw:
                found[key] = "0!"
        return found


def _period(since: date, until: date) -> Period:
    """The right way round, and not endless."""
    first, last = (min(max(day, EARLIEST), LATEST) for day in sorted((since, until)))
    if (last - first).days > MOST_DAYS:
        first = date.fromordinal(last.toordinal() - MOST_DAYS)
    return Period(first, last)


class PartForm(forms.Form):
    """Which events of a share are listed."""

    part = forms.ChoiceField(required=False, choices=[(part, part) for part in PARTS])

    def chosen(self, usual: str) -> str:
        return (self.cleaned_data["part"] if self.is_valid() else "") or usual


class ViewForm(forms.Form):
    """A view is kept under a name."""

    name = forms.CharField(label=_("Name"), max_length=60)
    parameters = forms.CharField(required=False, max_length=1000, widget=forms.HiddenInput)

"""Forms of the calendar pages: they translate what was typed; every rule is in the services."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from onepoint.accounts.models import OrgUnit, Region
from onepoint.core import clock
from onepoint.core.pickers import PickedSelect
from onepoint.sla.calendar_words import WEEKDAYS
from onepoint.sla.models import BusinessCalendar
from onepoint.sla.public_holidays import COUNTRIES, EARLIEST, LATEST
from onepoint.sla.queries.calendars import base_options
from onepoint.sla.states import DayKind

SPARE_BANDS = 2
MOST_BANDS = 40


class CalendarForm(forms.Form):
    """A calendar without its week, which :class:`BandForm` rows hold."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=120, required=False)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), initial="Asia/Shanghai")
    country = forms.ChoiceField(
        label=gettext_lazy("Public holidays"),
        required=False,
        help_text=gettext_lazy("Whose public holidays and make-up workdays are kept."),
    )
    based_on = forms.ModelChoiceField(
        BusinessCalendar.objects.none(),
        label=gettext_lazy("Keeps the days of"),
        required=False,
        help_text=gettext_lazy(
            "The days that calendar lists by date count here too, unless this one lists them itself."
        ),
    )
    is_round_the_clock = forms.BooleanField(
        label=gettext_lazy("Round the clock (7×24): the week and all holidays are left aside"), required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, calendar: BusinessCalendar | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
        self.fields["time_zone"].choices = [(zone, zone.replace("_", " ")) for zone in zones]  # type: ignore[attr-defined]
        self.fields["country"].choices = [("", pgettext_lazy("public holidays", "none")), *COUNTRIES.items()]  # type: ignore[attr-defined]
        self.fields["based_on"].queryset = base_options(calendar)  # type: ignore[attr-defined]


class BandForm(forms.Form):
    """One band of working time with the weekdays that have it; a row without days is left out."""

    days = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Weekdays"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    begins = forms.TimeField(label=gettext_lazy("From time"), required=False)
    ends = forms.TimeField(label=gettext_lazy("To time"), required=False)
    shift = forms.CharField(label=gettext_lazy("Shift"), max_length=40, required=False)
    shift_en = forms.CharField(label=gettext_lazy("Shift in English"), max_length=40, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("days") and not self.errors:
            for name in ("begins", "ends"):
                if data.get(name) is None:
                    self.add_error(name, _("Give a time of day."))
        return data


BandFormSet = forms.formset_factory(BandForm, extra=SPARE_BANDS, max_num=MOST_BANDS, absolute_max=MOST_BANDS)


def band_rows(week: list[list[Mapping[str, str]]]) -> list[dict[str, Any]]:
    """A stored week as initial values of the rows: bands that are alike share one."""
    alike: dict[tuple[str, str, str, str], list[int]] = {}
    for number, day in enumerate(week):
        for row in day:
            band = (row["from"], "00:00" if row["to"] == "24:00" else row["to"])
            alike.setdefault((*band, row.get("shift", ""), row.get("shift_en", "")), []).append(number)
    return [
        {"days": days, "begins": begins, "ends": ends, "shift": shift, "shift_en": shift_en}
        for (begins, ends, shift, shift_en), days in alike.items()
    ]


def week_of(rows: list[dict[str, Any]]) -> list[list[dict[str, str]]]:
    """The rows as a week is stored; a band to midnight ends at ``00:00`` and so on the next day."""
    week: list[list[dict[str, str]]] = [[] for _number in range(7)]
    for row in rows:
        for number in row.get("days") or ():
            band = {"from": row["begins"].strftime("%H:%M"), "to": row["ends"].strftime("%H:%M")}
            week[number].append(band | {name: row[name] for name in ("shift", "shift_en") if row.get(name)})
    return [sorted(day, key=lambda band: band["from"]) for day in week]


class BandsField(forms.CharField):
    """Hours of a day as one writes them: ``08:30-12:00, 13:30-17:30``."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        found = []
        for part in re.split(r"[,，、;；]", text or ""):
            if not part.strip():
                continue
            band = re.fullmatch(r"\s*(\d{1,2}[:：]\d{2})\s*[-–—~～至]\s*(\d{1,2}[:：]\d{2})\s*", part)
            if not band:
                raise forms.ValidationError(_("Write hours like 08:30-12:00, 13:30-17:30."))
            begins, ends = (time.replace("：", ":").zfill(5) for time in band.groups())
            found.append({"from": begins, "to": ends})
        return found


class DayForm(forms.Form):
    first = forms.DateField(label=gettext_lazy("First day"))
    last = forms.DateField(label=gettext_lazy("Last day"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=DayKind.choices)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80, required=False)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=120, required=False)
    bands = BandsField(
        label=gettext_lazy("Hours"),
        required=False,
        help_text=gettext_lazy("For special hours: 08:30-12:00, 13:30-15:00"),
    )


class CopyYearForm(forms.Form):
    from_year = forms.IntegerField(label=gettext_lazy("From year"), min_value=EARLIEST, max_value=LATEST)
    to_year = forms.IntegerField(label=gettext_lazy("To year"), min_value=EARLIEST, max_value=LATEST)


class FillYearForm(forms.Form):
    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=list(COUNTRIES.items()))
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=EARLIEST, max_value=LATEST)


class CountryForm(forms.Form):
    """Which public holidays to look at."""

    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=list(COUNTRIES.items()), required=False)
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=EARLIEST, max_value=LATEST, required=False)


class PlaceForm(forms.Form):
    """A unit or a region."""

    unit = forms.ModelChoiceField(
        OrgUnit.objects.active(), label=gettext_lazy("Unit"), required=False, widget=PickedSelect
    )
    region = forms.ModelChoiceField(Region.objects.active(), label=gettext_lazy("Region"), required=False)


class AssignForm(PlaceForm):
    calendar = forms.ModelChoiceField(BusinessCalendar.objects.all(), label=gettext_lazy("Calendar"))
    field_order = ["calendar", "unit", "region"]


class PreviewForm(forms.Form):
    """From a moment, so much time: when is it due?"""

    since = forms.DateTimeField(label=gettext_lazy("From moment"))
    amount = forms.DecimalField(
        label=gettext_lazy("Limit"), min_value=0, max_value=10000, max_digits=8, decimal_places=2
    )
    measure = forms.ChoiceField(
        label=gettext_lazy("Measured in"),
        choices=[
            ("hours", gettext_lazy("working hours")),
            ("minutes", gettext_lazy("working minutes")),
            ("days", gettext_lazy("working days")),
        ],
    )

    @classmethod
    def now(cls) -> "PreviewForm":
        """With values to begin with: this minute, eight hours."""
        since = timezone.localtime(clock.now()).replace(second=0, microsecond=0)
        return cls({"since": since.strftime("%Y-%m-%dT%H:%M"), "amount": "8", "measure": "hours"})

    def clean_amount(self) -> Any:
        amount = self.cleaned_data["amount"]
        if self.data.get("measure") == "days" and amount != amount.to_integral_value():
            raise forms.ValidationError(_("Working days are whole."))
        return amount

    @property
    def span(self) -> timedelta:
        """Hours or minutes asked for."""
        return timedelta(**{self.cleaned_data["measure"]: float(self.cleaned_data["amount"])})

    def clean_since(self) -> datetime:
        since: datetime = self.cleaned_data["since"]
        if not EARLIEST <= since.year <= LATEST:
            raise forms.ValidationError(_("Choose a date of this century."))
        return since

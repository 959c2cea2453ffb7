"""Filter forms of lists: only what is valid narrows, and what was asked can be kept and asked again."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Self

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onepoint.core import clock

ANY = ("", _("any"))
#: Periods that end today, by their days: what is kept by one of them stays true tomorrow.
PERIODS = [("1", _("today")), ("7", _("the last 7 days")), ("30", _("the last 30 days")), ("90", _("the last 90 days"))]


def first_day_of(period: str) -> date:
    """The day on which one of ``PERIODS`` begins, in the house's time zone."""
    return timezone.localdate(clock.now()) - timedelta(days=int(period) - 1)


class KeptFilterForm(forms.Form):
    """A filter form whose questions people keep."""

    def accepted(self) -> dict[str, str]:
        """What was asked for as it is kept: the fields with a valid value, as texts."""
        self.full_clean()
        valid = {name for name, value in self.cleaned_data.items() if value} if self.is_bound else set()
        return {name: str(self.data.get(name)) for name in self.fields if name in valid}

    @classmethod
    def of_saved(cls, query: Mapping[str, str], **options: Any) -> Self:
        """The form as it was when the filter was saved; what has gone since narrows nothing."""
        return cls({name: value for name, value in query.items() if name in cls.base_fields}, **options)

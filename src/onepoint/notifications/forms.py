"""Forms of notifications."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.notifications.registry import all_groups

ANY = ("", _("any"))


def group_choices() -> list[tuple[str, Any]]:
    return [ANY, *all_groups()]


class NoticeFilter(forms.Form):
    state = forms.ChoiceField(label=_("Read or not"), required=False, choices=[ANY, ("unread", _("Unread only"))])
    group = forms.ChoiceField(label=_("Group of events"), required=False, choices=group_choices)

    def criteria(self) -> dict[str, Any]:
        """What the query takes; a filter nobody understands filters nothing."""
        values = self.cleaned_data if self.is_valid() else {}
        return {"unread": values.get("state") == "unread", "group": values.get("group", "")}

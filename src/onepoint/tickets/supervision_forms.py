"""Forms of supervision."""

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Region, User
from onepoint.core.pickers import PickedSelectMultiple
from onepoint.core.templatetags.ui_forms import SearchInput
from onepoint.tickets.services.supervising import LONGEST_INTERVAL
from onepoint.tickets.supervisions import SupervisionFilter


class SuperviseForm(forms.Form):
    """Why, how often reports are owed, and who gets them beside oneself."""

    text = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea)
    interval_hours = forms.IntegerField(
        label=_("A report every … working hours"), initial=8, min_value=1, max_value=LONGEST_INTERVAL
    )
    receivers = forms.ModelMultipleChoiceField(
        label=_("Reports go to me and"),
        queryset=User.objects.filter(is_active=True),
        required=False,
        widget=PickedSelectMultiple,
    )


class SupervisionFilterForm(forms.Form):
    """What the list is narrowed to."""

    q = forms.CharField(label=_("Number"), required=False, widget=SearchInput, max_length=24)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("open", _("under way")),
            ("overdue", _("report overdue")),
            ("ended", _("ended")),
            ("all", _("all")),
        ],
    )
    region = forms.ModelChoiceField(label=_("Region and below"), queryset=Region.objects.all(), required=False)
    mine = forms.BooleanField(label=_("Mine only"), required=False)

    def chosen(self) -> SupervisionFilter:
        """What was chosen; what cannot be read does not narrow."""
        self.is_valid()
        chosen = self.cleaned_data
        return SupervisionFilter(
            state=chosen.get("state") or "open", region=chosen.get("region"), mine=bool(chosen.get("mine")),
            number=(chosen.get("q") or "").strip(),
        )  # fmt: skip

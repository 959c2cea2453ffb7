"""Forms of the pages about personal data."""

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import PrivacyPolicy
from onepoint.accounts.states import UnmaskingReason
from onepoint.core import masking
from onepoint.core.templatetags.ui_forms import SearchInput

ANY = ("", _("any"))
#: Groups of personal data as people call them.
GROUP_LABELS = {"phone": _("Telephone, account, e-mail"), "identity": _("ID number"), "address": _("Address")}
assert set(GROUP_LABELS) == set(masking.GROUPS)


class UnmaskForm(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", "—"), *UnmaskingReason.choices])
    note = forms.CharField(label=_("What you need it for"), max_length=500)


class ReadersFilter(forms.Form):
    person = forms.CharField(
        label=_("Person"), required=False, max_length=80, widget=SearchInput, help_text=_("Name or staff number")
    )
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput)
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput)


class UnmaskingFilter(ReadersFilter):
    about = forms.CharField(label=_("Customer, ticket or contact number"), required=False, max_length=40)
    group = forms.ChoiceField(label=_("Kind"), required=False, choices=[ANY, *GROUP_LABELS.items()])
    reason = forms.ChoiceField(label=_("Reason"), required=False, choices=[ANY, *UnmaskingReason.choices])
    field_order = ("person", "about", "group", "reason", "since", "until")


class PrivacyPolicyForm(forms.ModelForm):
    class Meta:
        model = PrivacyPolicy
        fields = ["unmaskings_per_day"]

"""Forms of the pages about personal data."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import field_rights, queries
from onepoint.accounts.models import PrivacyPolicy, Role, User
from onepoint.accounts.states import UnmaskingReason
from onepoint.core import masking
from onepoint.core.pickers import PickedSelect
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


class ExplainForm(forms.Form):
    """Who, and what about; people within the asker's reach."""

    person = forms.ModelChoiceField(User.objects.none(), label=_("Person"), widget=PickedSelect)
    about = forms.CharField(
        label=_("About"),
        max_length=300,
        help_text=_("Number of a ticket, customer or contact, or the address of a page"),
    )

    def __init__(self, *args: Any, visible_to: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = queries.people(visible_to=visible_to)  # type: ignore[attr-defined]


class FieldRightsForm(forms.Form):
    """What a role may do with each field, one choice per field under its subject."""

    def __init__(self, *args: Any, role: Role, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups: list[tuple[str, list[str]]] = []
        for subject in field_rights.subjects():
            for field in subject.fields.values():
                self.fields[field.code] = forms.ChoiceField(
                    label=str(field.label),
                    choices=[(right.value, right.label) for right in field.rights],
                    initial=field_rights.right_of_role(role, field.code).value,
                )
            self.groups.append((str(subject.label), [field.code for field in subject.fields.values()]))

    def panels(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under the subject they belong to."""
        return [(label, [self[code] for code in codes]) for label, codes in self.groups]


class PrivacyPolicyForm(forms.ModelForm):
    class Meta:
        model = PrivacyPolicy
        fields = ["unmaskings_per_day"]

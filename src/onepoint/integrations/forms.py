"""Forms of the API keys."""

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.core import rest
from onepoint.core.pickers import PickedSelect


class ApiKeyForm(forms.Form):
    """A new key: for whom it acts, what it may do, until when."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Which program uses it."))
    person = forms.ModelChoiceField(User.objects.filter(is_active=True), label=_("Acts as"), widget=PickedSelect)
    scopes = forms.MultipleChoiceField(label=_("Scopes"), widget=forms.CheckboxSelectMultiple)
    expires_at = forms.DateTimeField(
        label=_("Valid until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Empty: until it is revoked."),
    )
    requests_per_minute = forms.IntegerField(
        label=_("Requests per minute"), min_value=1, max_value=100_000, initial=600
    )

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]
        self.fields["scopes"].choices = [(code, f"{label} ({code})") for code, label in rest.scopes().items()]  # type: ignore[attr-defined]

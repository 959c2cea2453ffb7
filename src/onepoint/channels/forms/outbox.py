"""Forms of the outbox and of the gateways; the latter are made from what a provider declares."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onepoint.channels.forms.journal import ANY
from onepoint.channels.models import Gateway
from onepoint.channels.providers.interface import Provider, Setting
from onepoint.channels.states import Medium, MessageState
from onepoint.core import clock

OWN = ("name", "name_en", "rank", "connections", "rate_per_minute")


class MessageFilter(forms.Form):
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False, choices=[ANY, *MessageState.choices])
    medium = forms.ChoiceField(label=gettext_lazy("Medium"), required=False, choices=[ANY, *Medium.choices])
    gateway = forms.ModelChoiceField(
        Gateway.objects.order_by("medium", "rank", "pk"), label=gettext_lazy("Gateway"), required=False
    )
    address = forms.CharField(label=gettext_lazy("Address (all of it)"), required=False, max_length=500)
    since = forms.DateField(label=gettext_lazy("From date"), required=False, widget=forms.DateInput)
    until = forms.DateField(label=gettext_lazy("To date"), required=False, widget=forms.DateInput)
    about = forms.RegexField(r"^[a-z_]{1,40}:[0-9]{1,18}$", required=False, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, only_dead: bool = False, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if only_dead:
            del self.fields["state"]

    def criteria(self) -> dict[str, Any]:
        """What the query takes; a filter nobody understands filters nothing."""
        values = self.cleaned_data if self.is_valid() else {}
        until = values.get("until")
        kind, _sign, number = (values.get("about") or "").partition(":")
        return {
            "state": values.get("state", ""),
            "medium": values.get("medium", ""),
            "gateway": values.get("gateway"),
            "address": values.get("address", ""),
            "about": (kind, int(number)) if number else None,
            "start": clock.day_start(since) if (since := values.get("since")) else None,
            "end": clock.day_end(until) if until else None,
        }


class CancelForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class HoldForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class TryForm(forms.Form):
    address = forms.CharField(label=gettext_lazy("Send a test message to"), max_length=500)


class GatewayForm(forms.Form):
    """Name, order and pace, then what the provider asks for. Secrets are only ever written."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=120, required=False)
    rank = forms.IntegerField(
        label=gettext_lazy("Order"), min_value=1, max_value=999, initial=10,
        help_text=gettext_lazy("The lowest number sends; the others step in while it does not answer."),
    )  # fmt: skip
    connections = forms.IntegerField(
        label=gettext_lazy("Connections at once"), min_value=1, max_value=16, initial=2,
        help_text=gettext_lazy("Of each worker."),
    )  # fmt: skip
    rate_per_minute = forms.IntegerField(
        label=gettext_lazy("Messages per minute"), required=False, min_value=1, max_value=100_000,
        help_text=gettext_lazy("Empty: as fast as it goes."),
    )  # fmt: skip
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *arguments: Any, provider: Provider, known_secrets: Mapping[str, str] | None = None, **named: Any
    ):
        super().__init__(*arguments, **named)
        self.provider = provider
        for setting in provider.settings:
            self.fields[setting.name] = _field_of(setting, is_known=bool((known_secrets or {}).get(setting.name)))

    @property
    def own_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in OWN]

    @property
    def setting_fields(self) -> list[tuple[forms.BoundField, bool]]:
        """Each with whether it takes the whole width."""
        return [(self[setting.name], setting.kind == "lines") for setting in self.provider.settings]

    def values(self) -> dict[str, Any]:
        """What the services take."""
        own = {name: self.cleaned_data[name] for name in OWN}
        plain: dict[str, Any] = {}
        secret: dict[str, str] = {}
        for setting in self.provider.settings:
            (secret if setting.kind == "secret" else plain)[setting.name] = self.cleaned_data[setting.name]
        return {**own, "settings": plain, "secrets": secret}


def _field_of(setting: Setting, *, is_known: bool) -> forms.Field:
    common: dict[str, Any] = {
        "label": setting.label, "help_text": setting.help, "required": setting.is_required, "initial": setting.default,
    }  # fmt: skip
    if setting.kind == "number":
        return forms.IntegerField(min_value=setting.low, max_value=setting.high, **common)
    if setting.kind == "bool":
        return forms.BooleanField(**{**common, "required": False})
    if setting.kind == "choice":
        return forms.ChoiceField(choices=setting.choices, **{**common, "required": True})
    if setting.kind == "lines":
        return forms.CharField(
            widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}), max_length=4000, **common
        )
    if setting.kind == "secret":
        help_text = " ".join(
            str(part) for part in (_("Empty: it stays as it is.") if is_known else "", setting.help) if part
        )
        box = forms.PasswordInput(
            render_value=False,
            attrs={"autocomplete": "new-password", "placeholder": "••••••••" if is_known else ""},
        )
        return forms.CharField(widget=box, max_length=400, **{**common, "help_text": help_text, "required": False})
    return forms.CharField(max_length=400, **common)

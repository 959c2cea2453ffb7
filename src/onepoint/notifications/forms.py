"""Forms of notifications."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.channels.models import Gateway
from onepoint.channels.states import Medium
from onepoint.notifications.choosing import default_ways, mandatory_ways
from onepoint.notifications.models import (
    NotificationPolicy,
    Preference,
    RoleDefault,
    TellingRules,
    WebhookSubscription,
)
from onepoint.notifications.registry import Event, all_events, all_groups, group_label
from onepoint.notifications.states import DigestMode, Way, Weekday

ANY = ("", _("any"))
OFF, ON, MUST = "off", "on", "must"
USES = [(OFF, _("No")), (ON, _("Yes")), (MUST, _("Always"))]


def group_choices() -> list[tuple[str, Any]]:
    return [ANY, *all_groups()]


class NoticeFilter(forms.Form):
    state = forms.ChoiceField(label=_("Read or not"), required=False, choices=[ANY, ("unread", _("Unread only"))])
    group = forms.ChoiceField(label=_("Group of events"), required=False, choices=group_choices)

    def criteria(self) -> dict[str, Any]:
        """What the query takes; a filter nobody understands filters nothing."""
        values = self.cleaned_data if self.is_valid() else {}
        return {"unread": values.get("state") == "unread", "group": values.get("group", "")}


class Row(NamedTuple):
    """One group of events in the matrix."""

    group: str
    label: str
    events: list[str]
    cells: list[forms.BoundField]
    own: forms.BoundField | None = None


def events_of(group: str) -> list[Event]:
    return [event for event in all_events() if event.group == group]


def usual_ways(group: str) -> tuple[str, ...]:
    """How people are told of a group while nobody said anything: what any of its events brings."""
    return tuple(way for way in Way.values if any(way in event.ways for event in events_of(group)))


class Matrix(forms.Form):
    """Groups of events down, ways across; what a cell is, its heirs say."""

    def matrix(self) -> Iterator[Row]:
        for group, label in all_groups():
            own = f"own-{group}"
            yield Row(
                group,
                label,
                [str(event.label) for event in events_of(group)],
                [self[f"{group}-{way}"] for way in Way.values],
                self[own] if own in self.fields else None,
            )

    @property
    def way_labels(self) -> list[str]:
        return [str(way.label) for way in Way]

    def ways_where(self, *uses: object) -> dict[str, list[str]]:
        """Per group the ways whose cell holds one of ``uses``."""
        return {
            group: [way for way in Way.values if self.cleaned_data.get(f"{group}-{way}") in uses]
            for group, _label in all_groups()
        }


class QuietHours(forms.Form):
    """When e-mail and SMS wait, and how e-mails are collected."""

    quiet_from = forms.TimeField(label=_("Quiet from"), required=False)
    quiet_to = forms.TimeField(label=_("Quiet until"), required=False)
    quiet_days = forms.TypedMultipleChoiceField(
        label=_("Quiet hours begin on"),
        required=False,
        coerce=int,
        choices=Weekday.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    digest = forms.ChoiceField(label=_("E-mails leave"), choices=DigestMode.choices)
    digest_at = forms.TimeField(label=_("Daily e-mail at"))

    def rules(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in QuietHours.base_fields}


def initial_rules(rules: TellingRules) -> dict[str, Any]:
    return {name: getattr(rules, name) for name in QuietHours.base_fields}


class PreferenceForm(QuietHours, Matrix):
    """How one person wants to be told; what cannot be switched off is ticked and fixed."""

    def __init__(
        self,
        *args: Any,
        preference: Preference | None,
        policy: NotificationPolicy,
        roles: Sequence[RoleDefault],
        **kwargs: Any,
    ) -> None:
        kwargs["initial"] = initial_rules(preference or policy)
        super().__init__(*args, **kwargs)
        chosen: Mapping[str, Sequence[str]] = preference.choices if preference else {}
        for group, label in all_groups():
            ways = chosen.get(group)
            now = default_ways(group, usual_ways(group), policy, roles) if ways is None else ways
            must = mandatory_ways(group, policy, roles)
            for way in Way:
                self.fields[f"{group}-{way.value}"] = forms.BooleanField(
                    label=f"{label}: {way.label}",
                    required=False,
                    initial=way.value in now or way.value in must,
                    disabled=way.value in must,
                    widget=forms.CheckboxInput({"class": "form-check-input"}),
                )

    def choices(self) -> dict[str, list[str]]:
        return self.ways_where(True)


OWN_RULES = ("house_address", "keep_read_days", "keep_unread_days", "keep_message_days")


class RulesForm(QuietHours, Matrix):
    """The rules of the house."""

    house_address = forms.URLField(
        label=NotificationPolicy._meta.get_field("house_address").verbose_name,
        required=False,
        assume_scheme="https",
        help_text=NotificationPolicy._meta.get_field("house_address").help_text,
    )
    keep_read_days = forms.IntegerField(label=_("Days read notifications are kept"), min_value=1, max_value=730)
    keep_unread_days = forms.IntegerField(label=_("Days unread notifications are kept"), min_value=1, max_value=730)

    keep_message_days = forms.IntegerField(
        label=NotificationPolicy._meta.get_field("keep_message_days").verbose_name, min_value=30, max_value=3660
    )

    def __init__(self, *args: Any, policy: NotificationPolicy, **kwargs: Any) -> None:
        own = {name: getattr(policy, name) for name in OWN_RULES}
        kwargs["initial"] = initial_rules(policy) | own
        super().__init__(*args, **kwargs)
        for group, label in all_groups():
            _add_uses(self, group, label, default_ways(group, usual_ways(group), policy, ()), policy.mandatory)

    def values(self) -> dict[str, Any]:
        own = {name: self.cleaned_data[name] for name in OWN_RULES}
        return self.rules() | own | {"choices": self.ways_where(ON, MUST), "mandatory": self.ways_where(MUST)}


class RoleDefaultForm(Matrix):
    """What is different for the holders of a role."""

    def __init__(self, *args: Any, default: RoleDefault | None, policy: NotificationPolicy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = default.choices if default else {}
        mandatory = default.mandatory if default else {}
        for group, label in all_groups():
            self.fields[f"own-{group}"] = forms.BooleanField(
                label=_("Differs from the house"),
                required=False,
                initial=group in choices,
                widget=forms.CheckboxInput({"class": "form-check-input"}),
            )
            now = choices.get(group, default_ways(group, usual_ways(group), policy, ()))
            _add_uses(self, group, label, now, mandatory)

    def values(self) -> dict[str, Any]:
        own = {group for group, _label in all_groups() if self.cleaned_data.get(f"own-{group}")}
        chosen, mandatory = self.ways_where(ON, MUST), self.ways_where(MUST)
        return {
            "choices": {group: ways for group, ways in chosen.items() if group in own},
            "mandatory": {group: ways for group, ways in mandatory.items() if group in own and ways},
        }


def _add_uses(
    form: forms.Form, group: str, label: str, now: Sequence[str], mandatory: Mapping[str, Sequence[str]]
) -> None:
    for way in Way:
        use = MUST if way.value in mandatory.get(group, ()) else ON if way.value in now else OFF
        form.fields[f"{group}-{way.value}"] = forms.ChoiceField(
            label=f"{label}: {way.label}", choices=USES, initial=use, widget=forms.Select({"class": "form-select"})
        )


class WordingForm(forms.Form):
    """One text; ``seen`` says which one the person began with."""

    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    body = forms.CharField(label=_("Body"), max_length=4000, required=False, widget=forms.Textarea)
    seen = forms.CharField(required=False, widget=forms.HiddenInput, max_length=60)

    def __init__(self, *args: Any, way: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if way == Way.SMS:
            del self.fields["subject"]


def event_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every event under its group."""
    return [
        (group_label(group), [(event.name, str(event.label)) for event in events_of(group)])
        for group, _label in all_groups()
    ]


class SubscriptionForm(forms.ModelForm):
    events = forms.MultipleChoiceField(label=_("Events"), choices=event_choices)

    class Meta:
        model = WebhookSubscription
        fields = ["name", "address", "gateway", "events", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["address"] = forms.URLField(
            label=self.fields["address"].label, max_length=500, assume_scheme="https"
        )
        self.fields["gateway"] = forms.ModelChoiceField(
            Gateway.objects.filter(medium=Medium.WEBHOOK).order_by("name"),
            label=_("Gateway"),
            required=False,
            empty_label=_("whichever is switched on"),
            initial=self.instance.gateway_id,
        )

    def _post_clean(self) -> None:
        """The service looks at the values; the row is not to be touched before."""

"""Forms of mailboxes and incoming mails."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Region
from onepoint.channels import category_names
from onepoint.channels.forms.journal import ANY
from onepoint.channels.models import Gateway, Mailbox
from onepoint.channels.states import MailState
from onepoint.core import clock
from onepoint.core.pickers import PickedSelect


class MailFilter(forms.Form):
    state = forms.ChoiceField(label=_("State"), required=False, choices=[ANY, *MailState.choices])
    mailbox = forms.ModelChoiceField(Mailbox.objects.order_by("name"), label=_("Mailbox"), required=False)
    sender = forms.CharField(label=_("From (the whole address)"), required=False, max_length=254)
    since = forms.DateField(label=_("From date"), required=False, widget=forms.DateInput)
    until = forms.DateField(label=_("To date"), required=False, widget=forms.DateInput)

    def __init__(self, *arguments: Any, has_state: bool = True, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if not has_state:
            del self.fields["state"]

    def criteria(self) -> dict[str, Any]:
        """What the query takes; a filter nobody understands filters nothing."""
        values = self.cleaned_data if self.is_valid() else {}
        until = values.get("until")
        return {
            "state": values.get("state", ""),
            "mailbox": values.get("mailbox"),
            "sender": values.get("sender", ""),
            "start": clock.day_start(since) if (since := values.get("since")) else None,
            "end": clock.day_end(until) if until else None,
        }


class MailboxForm(forms.ModelForm):
    """Where the mailbox is, what its mail becomes, and what bounds it; the password is only ever written."""

    password = forms.CharField(label=_("Password"), required=False, max_length=400)
    category_code = forms.ChoiceField(label=_("Category"), required=False)
    unit = forms.ModelChoiceField(OrgUnit.objects.active(), label=_("Unit"), widget=PickedSelect)
    region = forms.ModelChoiceField(
        Region.objects.filter(is_active=True), label=_("Region"), required=False, widget=PickedSelect,
        help_text=_("Of customers nobody knows. Empty: the unit's."),
    )  # fmt: skip
    gateway = forms.ModelChoiceField(
        Gateway.objects.filter(medium="email").order_by("rank"), label=_("Answers leave by"), required=False,
        help_text=_("Empty: by the first mail server."),
    )  # fmt: skip
    begins_at = forms.DateTimeField(
        label=_("Only mail since"), required=False, widget=forms.DateTimeInput,
        help_text=_("Empty: everything in the folder becomes contacts and tickets."),
    )  # fmt: skip

    class Meta:
        model = Mailbox
        fields = [
            "name", "name_en", "address", "unit", "region", "host", "port", "encryption", "verifies", "username", "folder", "waits",
            "poll_seconds", "left", "begins_at", "creates_tickets", "ticket_kind", "closed_rule", "acknowledgement",
            "most_per_hour", "most_tickets_per_hour", "most_answers_per_day", "purpose", "only_from", "trusted_server",
            "forged_rule", "same_matter_minutes",
        ]  # fmt: skip
        widgets = {
            "acknowledgement": forms.Textarea(attrs={"rows": 4}),
            "only_from": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "acknowledgement": _(
                "Sent once for each new ticket; {ticket} stands for its number, {title} for its title. Empty: nothing is"
                " sent. Robots are never answered."
            ),
            "only_from": _(
                "For faxes and letters: addresses, or @ and a domain, one a line. Empty: everybody may send them."
            ),
            "trusted_server": _(
                "The name by which your own mail server signs what it found out about senders (SPF, DKIM, DMARC) in"
                " Authentication-Results. Empty: senders are not checked."
            ),
            "same_matter_minutes": _("Of the same sender, whatever its subject. 0: never."),
            "most_per_hour": _("Whoever sends more is muted for a day, and somebody is told."),
            "most_tickets_per_hour": _("Further mails wait for review."),
        }

    def __init__(
        self, *arguments: Any, kinds: list[tuple[str, str]], knows_password: bool = False, **named: Any
    ) -> None:
        super().__init__(*arguments, **named)
        self.fields["category_code"].choices = [("", "—"), *category_names.choices()]  # type: ignore[attr-defined]
        self.fields["category_code"].initial = self.instance.category_code
        self.fields["gateway"].initial = self.instance.gateway_id
        self.fields["ticket_kind"] = forms.ChoiceField(label=_("Kind of ticket"), choices=kinds)
        placeholder = "••••••••" if knows_password else ""
        self.fields["password"].widget = forms.PasswordInput(
            attrs={"autocomplete": "new-password", "placeholder": placeholder}
        )
        if knows_password:
            self.fields["password"].help_text = _("Empty: it stays as it is.")

    def _post_clean(self) -> None:
        """The service judges; this form only brings what was typed."""

    @property
    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: value for name, value in self.cleaned_data.items() if name != "password"}

    SERVER = (
        "host",
        "port",
        "encryption",
        "verifies",
        "username",
        "password",
        "folder",
        "left",
        "waits",
        "poll_seconds",
    )
    FILING = ("purpose", "creates_tickets", "category_code", "ticket_kind", "closed_rule", "begins_at", "only_from")
    CHECKS = ("trusted_server", "forged_rule")
    LIMITS = ("same_matter_minutes", "most_per_hour", "most_tickets_per_hour", "most_answers_per_day")

    def bound(self, names: tuple[str, ...]) -> list[forms.BoundField]:
        return [self[name] for name in names]

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields as the page shows them."""
        return [
            (_("Mailbox"), self.bound(("name", "name_en", "address", "unit", "region"))),
            (_("Mail server (IMAP)"), self.bound(self.SERVER)),
            (_("What its mail becomes"), self.bound(self.FILING)),
            (_("Whether senders are who they say"), self.bound(self.CHECKS)),
            (_("Automatic answer"), self.bound(("acknowledgement", "gateway"))),
            (_("Limits"), self.bound(self.LIMITS)),
        ]

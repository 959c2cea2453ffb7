"""The intake form: it translates what was typed; every rule is in the services."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.accounts.states import UnitKind
from onepoint.channels.models import Contact, ContactResult
from onepoint.channels.origins import PARTS, Origin, variant_of
from onepoint.channels.states import Channel
from onepoint.core import clock, masking, staging
from onepoint.core.models import StagedFile
from onepoint.core.pickers import PickedSelect
from onepoint.customers import phone_numbers
from onepoint.customers.lookup_keys import account_keys, typed_forms
from onepoint.customers.models import Asset, Customer, CustomerAccount
from onepoint.customers.services import NewAccount
from onepoint.customers.states import AccountKind, CustomerKind
from onepoint.grants.models import GrantKind
from onepoint.tickets.models import Category, Severity, Ticket
from onepoint.tickets.services.intake import Intake, NewCustomer
from onepoint.tickets.states import ASKED_KINDS, ReplyChannel, Urgency
from onepoint.workspace.services import OnTheSpot

#: A conversation longer ago than this did not begin when the form says so.
LONGEST_CONVERSATION = timedelta(hours=12)
_USUAL_CHANNEL = {UnitKind.HALL: Channel.HALL}
#: Field names of the services → fields of this form, for refusals.
PLACES = {
    "name": "new_name",
    "region": "new_region",
    "value": "contact_phone",
    "file": "attachments",
    "subject": "title",
    "kind": "grant_kind",
    "amount": "grant_amount",
    "reason": "grant_reason",
}


#: Fields that go into the intake as they are.
AS_TYPED = (
    "request_key", "channel", "began_at", "account", "asset", "kind", "category", "severity", "urgency", "title",
    "description", "promised_reply_channel", "promised_reply_at", "result", "result_text",
)  # fmt: skip


def _account_called_by(customer: Customer, typed: str) -> CustomerAccount | None:
    """The number or account by which the customer was looked up: most probably it is about that one."""
    wanted = typed_forms(typed)
    accounts = customer.accounts.all() if wanted else ()
    return next((one for one in accounts if wanted & account_keys(one.kind, one.value)), None)


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of files; ``cleaned_data`` holds the list."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        return [super(ManyFilesField, self).clean(one, initial) for one in data or []]


def _account_label(account: CustomerAccount) -> str:
    return " · ".join(part for part in (masking.shown(account.value, "phone"), account.product) if part)


class IntakeForm(forms.Form):
    """One conversation. ``customer`` is the chosen one; its numbers and products can then be named."""

    use_required_attribute = False  # what is needed depends on the button that is pressed

    request_key = forms.UUIDField(widget=forms.HiddenInput)
    began_at = forms.DateTimeField(widget=forms.HiddenInput, required=False)
    contact = forms.CharField(widget=forms.HiddenInput, required=False, max_length=24)
    bundle = forms.CharField(widget=forms.HiddenInput, required=False, max_length=24)
    customer = forms.CharField(widget=forms.HiddenInput, required=False, max_length=24)
    related = forms.CharField(widget=forms.HiddenInput, required=False, max_length=24)
    incident = forms.CharField(widget=forms.HiddenInput, required=False, max_length=24)

    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices)
    outlet = forms.ModelChoiceField(
        OrgUnit.objects.filter(is_active=True), label=_("Outlet"), required=False, widget=PickedSelect
    )
    clerk_number = forms.CharField(label=_("Number of the clerk there"), required=False, max_length=40)
    document_number = forms.CharField(label=_("Number of the paper"), required=False, max_length=60)
    account_manager = forms.ModelChoiceField(
        User.objects.filter(is_active=True), label=_("Account manager"), required=False, widget=PickedSelect,
        help_text=_("Answers to the customer go to the manager too."),
    )  # fmt: skip
    q = forms.CharField(label=_("Telephone, account, serial number or name"), required=False, max_length=120)
    new_name = forms.CharField(label=_("Name of the new customer"), required=False, max_length=160)
    new_kind = forms.ChoiceField(label=_("Kind of customer"), choices=CustomerKind.choices, required=False)
    new_region = forms.ModelChoiceField(Region.objects.active(), label=_("Region"), required=False)
    despite_duplicates = forms.BooleanField(label=_("It is somebody else: register all the same"), required=False)
    account = forms.ModelChoiceField(
        CustomerAccount.objects.none(), label=_("About the number"), required=False, empty_label="—"
    )
    asset = forms.ModelChoiceField(Asset.objects.none(), label=_("About the product"), required=False, empty_label="—")
    contact_name = forms.CharField(label=_("Who is to be answered"), required=False, max_length=80)
    contact_phone = forms.CharField(label=_("Telephone to call back"), required=False, max_length=40)

    kind = forms.ChoiceField(label=_("Kind of request"), choices=ASKED_KINDS)
    category = forms.ModelChoiceField(
        Category.objects.active(), label=_("Category"), required=False, widget=PickedSelect
    )
    severity = forms.ModelChoiceField(
        Severity.objects.filter(is_active=True), label=_("Severity"), required=False, empty_label=_("as usual")
    )
    urgency = forms.ChoiceField(label=_("Urgency"), choices=Urgency.choices)
    title = forms.CharField(
        label=_("Title"), required=False, max_length=200, help_text=_("Empty: taken from the text.")
    )
    description = forms.CharField(
        label=_("What the customer says"), required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 5})
    )
    promised_reply_channel = forms.ChoiceField(
        label=_("Reply promised by"), required=False, choices=[("", "—"), *ReplyChannel.choices]
    )
    promised_reply_at = forms.DateTimeField(label=_("Reply promised for"), required=False, widget=forms.DateTimeInput)
    attachments = ManyFilesField(label=_("Files"), required=False)
    result = forms.ModelChoiceField(
        ContactResult.objects.filter(is_active=True), label=_("Result, if solved now"), required=False, empty_label="—"
    )
    result_text = forms.CharField(label=_("What was said or done"), required=False, max_length=500)
    grant_kind = forms.ModelChoiceField(
        GrantKind.objects.filter(is_active=True), label=_("Granted"), required=False, empty_label=_("nothing granted")
    )
    grant_amount = forms.DecimalField(
        label=_("Amount or number"), required=False, max_digits=12, decimal_places=2, min_value=0
    )
    grant_reason = forms.CharField(
        label=_("Why"), required=False, max_length=500, help_text=_("Empty: what the customer says.")
    )

    def __init__(
        self, *args: Any, chosen: Customer | None = None, carried_on: Contact | None = None,
        bundled_with: Ticket | None = None, **kwargs: Any
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.bundled_with = bundled_with
        self.chosen = chosen
        self.carried_on = carried_on
        self.fields["new_region"].label_from_instance = lambda region: f"{'　' * region.depth}{region.label}"  # type: ignore[attr-defined]
        if chosen is not None:
            self.fields["account"].queryset = chosen.accounts.order_by("-is_primary", "pk")  # type: ignore[attr-defined]
            self.fields["account"].label_from_instance = _account_label  # type: ignore[attr-defined]
            self.fields["asset"].queryset = chosen.assets.filter(is_active=True)  # type: ignore[attr-defined]
            if not self.is_bound and not self.initial.get("account"):
                self.initial["account"] = _account_called_by(chosen, self.initial.get("q") or "")

    def _carried_over(self, name: str, masked: str, whole: str) -> str:
        """What stood masked in the form because the reader may not see it, and came back unchanged, is still the whole."""
        typed = str(self.cleaned_data[name])
        return whole if masked != whole and " ".join(typed.split()) == " ".join(masked.split()) else typed

    def clean_q(self) -> str:
        contact = self.carried_on
        number = contact.caller_number if contact else ""
        return self._carried_over("q", masking.shown(number, "phone"), number)

    def clean_title(self) -> str:
        subject = self.carried_on.subject if self.carried_on else ""
        return self._carried_over("title", masking.shown_words(subject), subject)

    def clean_description(self) -> str:
        content = self.carried_on.content if self.carried_on else ""
        return self._carried_over("description", masking.shown_words(content), content)

    def clean_contact_phone(self) -> str:
        phone = self.cleaned_data["contact_phone"]
        if phone and not phone_numbers.normalise(phone):
            raise forms.ValidationError(_now("This is not a telephone number."))
        return phone

    def clean_began_at(self) -> datetime | None:
        began_at, now = self.cleaned_data["began_at"], clock.now()
        return began_at if began_at and now - LONGEST_CONVERSATION <= began_at <= now else None

    def clean_promised_reply_at(self) -> datetime | None:
        promised = self.cleaned_data["promised_reply_at"]
        if promised and promised < clock.now():
            raise forms.ValidationError(_now("This moment has passed."))
        return promised

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.is_of_new_customer and not cleaned.get("new_region") and "new_region" not in self.errors:
            self.add_error("new_region", _now("Where does the new customer belong?"))
        if cleaned.get("grant_kind") and not cleaned.get("grant_amount") and "grant_amount" not in self.errors:
            self.add_error("grant_amount", _now("How much?"))
        return cleaned

    @property
    def is_of_new_customer(self) -> bool:
        return self.chosen is None and bool(self.cleaned_data.get("new_name"))

    def _caller_number(self) -> str:
        """The number that was looked up, if it was a telephone number at all."""
        typed = self.cleaned_data["q"]
        return typed if phone_numbers.normalise(typed) else ""

    def _new_customer(self) -> NewCustomer | None:
        if not self.is_of_new_customer:
            return None
        values = self.cleaned_data
        phone = self._caller_number() or values["contact_phone"]
        kind = AccountKind.MOBILE if phone_numbers.is_mobile(phone) else AccountKind.LANDLINE
        return NewCustomer(
            name=values["new_name"],
            region=values["new_region"],
            kind=values["new_kind"] or CustomerKind.PERSON,
            accounts=[NewAccount(phone, kind)] if phone else [],
            despite_duplicates=values["despite_duplicates"],
        )

    def _phone_to_call(self) -> str:
        """What was typed, else the number that called, else the one the customer wants to be called at first."""
        typed = self.cleaned_data["contact_phone"] or self._caller_number()
        if typed or self.chosen is None:
            return typed
        telephones = self.chosen.accounts.filter(kind__in=(AccountKind.MOBILE, AccountKind.LANDLINE))
        primary = telephones.order_by("-is_primary", "pk").first()
        return primary.value if primary else ""

    def intake(self, special_items: dict[str, Any], kept: Sequence[StagedFile] = (), **found: Any) -> Intake:
        """What the services take; ``kept`` are files of an earlier, refused sending of this form, ``found`` is what was
        chosen beside it."""
        values = self.cleaned_data
        return Intake(
            **{name: values[name] for name in AS_TYPED},
            contact=self.carried_on,
            bundled_with=self.bundled_with,
            customer=self.chosen,
            new_customer=self._new_customer(),
            caller_number=self._caller_number(),
            contact_name=values["contact_name"] or values["new_name"],
            contact_phone=self._phone_to_call(),
            special_items=special_items,
            origin=None if self.bundled_with else Origin(**{part: values[part] for part in PARTS}),
            files=[*(staging.as_upload(file) for file in kept), *values["attachments"]],
            **found,
        )

    def origin_fields(self) -> list[forms.BoundField]:
        """The fields the chosen channel asks for about how the customer came; none for a further request."""
        if self.bundled_with:
            return []
        return [self[part] for part in variant_of(str(self["channel"].value() or "")).asked]

    @property
    def names_grant(self) -> bool:
        """Whether something was chosen to be granted on the spot."""
        return bool(self["grant_kind"].value())

    def on_the_spot(self) -> OnTheSpot | None:
        """What is granted together with this request."""
        values = self.cleaned_data
        if not values["grant_kind"] or self.chosen is None:
            return None
        reason = values["grant_reason"] or values["description"] or values["title"]
        return OnTheSpot(values["grant_kind"], values["grant_amount"], reason[:500])


def usual_channel(person: User) -> str:
    """The channel a person of this unit usually speaks on."""
    return _USUAL_CHANNEL.get(UnitKind(person.unit.kind), Channel.HOTLINE) if person.unit else Channel.HOTLINE

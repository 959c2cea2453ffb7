"""Forms of the record, of what belongs to it, and of the levels."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import field_rights
from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.core import masking
from onepoint.core.fixed_fields import fix_fields
from onepoint.core.pickers import PickedSelect
from onepoint.core.templatetags.ui_forms import SearchInput
from onepoint.core.withheld import WORDS, withhold
from onepoint.customers import phone_numbers
from onepoint.customers.models import Asset, ContactPerson, Customer, CustomerAccount, CustomerLevel
from onepoint.customers.services import NewAccount, NewAsset
from onepoint.customers.states import AccountKind, AccountStatus, CustomerKind, PreferredChannel


def indented(region: Region) -> str:
    """A tree in a plain select: deeper nodes further in."""
    return f"{'　' * region.depth}{region.label}"


def region_field(**options: Any) -> forms.ModelChoiceField:
    field: Any = forms.ModelChoiceField(Region.objects.active(), **{"label": _("Region"), **options})
    field.label_from_instance = indented
    return field


class CustomerFilter(forms.Form):
    text = forms.CharField(
        label=_("Telephone, account, serial or ID number, name, pinyin"),
        required=False,
        max_length=120,
        widget=SearchInput,
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("any")), *CustomerKind.choices])
    level = forms.ModelChoiceField(
        CustomerLevel.objects.all(), label=_("Level"), required=False, to_field_name="code", empty_label=_("any")
    )
    region = region_field(required=False, to_field_name="code", empty_label=_("any"))
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("In use")), ("closed", _("Out of use")), ("all", _("All"))]
    )

    def criteria(self) -> dict[str, Any]:
        """What the query takes; a filter nobody understands filters nothing."""
        values = {name: value for name, value in self.cleaned_data.items() if value} if self.is_valid() else {}
        state = values.pop("state", "")
        return {**values, "in_use": {"": True, "closed": False, "all": None}[state]}


class CustomerForm(forms.Form):
    """What is known of the customer itself."""

    kind = forms.ChoiceField(label=_("Kind"), choices=CustomerKind.choices)
    name = forms.CharField(label=_("Name"), max_length=160)
    name_en = forms.CharField(label=_("English name"), max_length=160, required=False)
    id_number = forms.CharField(label=_("ID number"), max_length=40, required=False)
    level = forms.ModelChoiceField(
        CustomerLevel.objects.filter(is_active=True), label=_("Level"), required=False, empty_label="—"
    )
    region = region_field()
    unit = forms.ModelChoiceField(OrgUnit.objects.active(), label=_("Owner unit"), required=False, widget=PickedSelect)
    address = forms.CharField(label=_("Address"), max_length=300, required=False)
    preferred_channel = forms.ChoiceField(label=_("Preferred way to reply"), choices=PreferredChannel.choices)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    consent_to_contact = forms.BooleanField(label=_("Agrees to be contacted"), required=False)
    note = forms.CharField(label=_("Note"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    @classmethod
    def initial_of(cls, customer: Customer) -> dict[str, Any]:
        return {name: getattr(customer, name) for name in cls.base_fields if hasattr(customer, name)}


#: What of a customer is personal data, and of which group.
PERSONAL = {"id_number": "identity", "address": "address", "note": WORDS}


class CustomerChangeForm(CustomerForm):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reader: Any = masking.reader.get()
        fix_fields(
            self,
            read_only=field_rights.fixed_fields(reader, "customer"),
            hidden=field_rights.hidden_fields(reader, "customer"),
        )
        withhold(self, PERSONAL)


class CustomerCreateForm(CustomerForm):
    """The customer with the numbers given first and perhaps the machine it is about."""

    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    second_phone = forms.CharField(label=_("Second telephone"), max_length=40, required=False)
    account = forms.CharField(label=_("Broadband or other account"), max_length=120, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=120, required=False)
    product = forms.CharField(label=_("Product or machine"), max_length=120, required=False)
    serial_number = forms.CharField(label=_("Serial number"), max_length=80, required=False)
    despite_duplicates = forms.BooleanField(label=_("Register all the same"), required=False)

    @classmethod
    def initial_for(cls, person: User) -> dict[str, Any]:
        """What a form begins with: the person's own region and the usual choices."""
        region = person.unit.region if person.unit else None
        return {"region": region, "kind": CustomerKind.PERSON, "preferred_channel": PreferredChannel.PHONE,
                "language": "zh-hans", "consent_to_contact": True}  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("serial_number") and not cleaned.get("product"):
            self.add_error("product", _("Say what the serial number belongs to."))
        for name in ("phone", "second_phone"):
            if cleaned.get(name) and not phone_numbers.normalise(cleaned[name]):
                self.add_error(name, _("This is not a telephone number."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """Keyword arguments of ``services.create_customer``."""
        values = dict(self.cleaned_data)
        phones = [values.pop("phone"), values.pop("second_phone")]
        accounts = [NewAccount(phone, kind_of_phone(phone)) for phone in phones if phone]
        if account := values.pop("account"):
            accounts.append(NewAccount(account, AccountKind.BROADBAND))
        if email := values.pop("email"):
            accounts.append(NewAccount(email, AccountKind.EMAIL))
        product, serial = values.pop("product"), values.pop("serial_number")
        return {**values, "accounts": accounts, "assets": [NewAsset(product, serial_number=serial)] if product else []}


def kind_of_phone(text: str) -> str:
    """Mobile or landline, judged by the number itself."""
    return AccountKind.MOBILE if phone_numbers.is_mobile(text) else AccountKind.LANDLINE


class _Belonging(forms.Form):
    """``version`` is asked for only where an existing row is changed."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)
    personal: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        withhold(self, self.personal)

    @classmethod
    def initial_of(cls, row: CustomerAccount | Asset | ContactPerson) -> dict[str, Any]:
        return {name: getattr(row, name) for name in cls.base_fields if hasattr(row, name)}


class AccountForm(_Belonging):
    personal = {"value": "phone"}

    kind = forms.ChoiceField(label=_("Kind"), choices=AccountKind.choices)
    value = forms.CharField(label=_("Number or account"), max_length=120)
    product = forms.CharField(label=_("Product"), max_length=120, required=False)
    status = forms.ChoiceField(
        label=_("Status"),
        choices=[choice for choice in AccountStatus.choices if choice[0] != AccountStatus.CLOSED],
        required=False,
    )
    is_primary = forms.BooleanField(label=_("Call this number first"), required=False)

    def clean_status(self) -> str:
        return self.cleaned_data["status"] or AccountStatus.ACTIVE


class AssetForm(_Belonging):
    personal = {"address": "address"}

    product = forms.CharField(label=_("Product"), max_length=120)
    model = forms.CharField(label=_("Model"), max_length=80, required=False)
    serial_number = forms.CharField(label=_("Serial number"), max_length=80, required=False)
    contract_number = forms.CharField(label=_("Contract number"), max_length=80, required=False)
    installed_on = forms.DateField(label=_("Installed on"), required=False, widget=forms.DateInput)
    warranty_until = forms.DateField(label=_("Warranty until"), required=False, widget=forms.DateInput)
    region = region_field(required=False, empty_label="—")
    address = forms.CharField(label=_("Place"), max_length=300, required=False)


class ContactPersonForm(_Belonging):
    personal = {"phone": "phone", "email": "phone"}

    name = forms.CharField(label=_("Name"), max_length=80)
    relation = forms.CharField(label=_("Relation"), max_length=40, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)


class LevelForm(forms.Form):
    code = forms.SlugField(label=_("Code"), max_length=40, help_text=_("It stays for ever; rules refer to it."))
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    rank = forms.IntegerField(label=_("Rank"), min_value=0, max_value=999, help_text=_("The highest is served first."))


class LevelChangeForm(LevelForm):
    code = None  # type: ignore[assignment]
    is_active = forms.BooleanField(label=_("In use"), required=False)


class OptionsQuery(forms.Form):
    """What a picker asks."""

    q = forms.CharField(required=False, max_length=120)


class DuplicatesQuery(forms.Form):
    """The numbers typed so far."""

    phone = forms.CharField(required=False, max_length=40)
    second_phone = forms.CharField(required=False, max_length=40)
    account = forms.CharField(required=False, max_length=120)
    email = forms.CharField(required=False, max_length=120)
    id_number = forms.CharField(required=False, max_length=40)
    serial_number = forms.CharField(required=False, max_length=80)

    def criteria(self) -> dict[str, Any]:
        """Keyword arguments of ``queries.possible_duplicates``."""
        values = self.cleaned_data if self.is_valid() else {}
        accounts = [
            (kind_of_phone(values[name]), values[name]) for name in ("phone", "second_phone") if values.get(name)
        ]
        if values.get("account"):
            accounts.append((AccountKind.BROADBAND, values["account"]))
        if values.get("email"):
            accounts.append((AccountKind.EMAIL, values["email"]))
        return {
            "accounts": accounts,
            "id_number": values.get("id_number", ""),
            "serial_numbers": [values["serial_number"]] if values.get("serial_number") else [],
        }

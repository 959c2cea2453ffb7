"""Forms of regulators and their cases."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Region
from onepoint.core.pickers import PickedSelect
from onepoint.core.templatetags.ui_forms import SearchInput
from onepoint.customers.models import Customer
from onepoint.regulators.models import Regulator
from onepoint.regulators.queries import CaseFilter
from onepoint.regulators.services import RegulatorItems
from onepoint.regulators.states import CaseResult, CaseState
from onepoint.tickets.models import Category, Severity, Tag


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(FilesField, self).clean(one, initial) for one in data or []]


class CaseForm(forms.Form):
    """The intake of what an authority hands over: to a ticket that is here, to a new one, or for the time being to none."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    contact = forms.CharField(widget=forms.HiddenInput, required=False, max_length=24)
    regulator = forms.ModelChoiceField(label=_("Regulator"), queryset=Regulator.objects.filter(is_active=True))
    case_number = forms.CharField(label=_("Number of the authority"), max_length=80)
    received_at = forms.DateTimeField(label=_("Received on"))
    contact_person = forms.CharField(label=_("Contact person there"), max_length=80, required=False)
    contact_phone = forms.CharField(label=_("Telephone there"), max_length=40, required=False)
    subject = forms.CharField(label=_("Subject"), max_length=200)
    content = forms.CharField(
        label=_("What was handed over"), max_length=8000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    customer = forms.ModelChoiceField(
        Customer.objects.none(), label=_("Customer"), required=False, widget=PickedSelect, to_field_name="number"
    )
    customer_name = forms.CharField(label=_("Complainant, if unknown"), max_length=80, required=False)
    customer_phone = forms.CharField(label=_("Telephone of the complainant"), max_length=40, required=False)
    region = forms.ModelChoiceField(Region.objects.active(), label=_("Region"), required=False)
    ticket_number = forms.CharField(
        label=_("Ticket that is here already"), max_length=20, required=False,
        help_text=_("Leave it empty to make a new one by the category."),
    )  # fmt: skip
    category = forms.ModelChoiceField(
        Category.objects.active(), label=_("Category of the new ticket"), required=False, widget=PickedSelect,
        help_text=_("Without ticket and category the case waits for its ticket."),
    )  # fmt: skip
    attachments = FilesField(label=_("Files"), required=False)

    def __init__(self, *args: Any, customers: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("request_key", uuid4())
        if customers is not None:
            self.fields["customer"].queryset = customers  # type: ignore[attr-defined]
        self.fields["region"].label_from_instance = lambda region: f"{'　' * region.depth}{region.label}"  # type: ignore[attr-defined]


class CaseFilterForm(forms.Form):
    """What the list is narrowed to."""

    q = forms.CharField(
        label=_("Number"), required=False, widget=SearchInput, max_length=80,
        help_text=_("Of the case, the authority, the ticket or the customer."),
    )  # fmt: skip
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[
            ("open", _("answer owed")), ("soon", _("due in three days")), ("late", _("overdue")), ("all", _("all")),
            *CaseState.choices,
        ],
    )  # fmt: skip
    regulator = forms.ModelChoiceField(label=_("Regulator"), queryset=Regulator.objects.all(), required=False)
    region = forms.ModelChoiceField(label=_("Region and below"), queryset=Region.objects.all(), required=False)

    def chosen(self) -> CaseFilter:
        """What was chosen; what cannot be read does not narrow."""
        self.is_valid()
        chosen = self.cleaned_data
        return CaseFilter(
            text=chosen.get("q") or "", state=chosen.get("state") or "open",
            regulator=chosen.get("regulator"), region=chosen.get("region"),
        )  # fmt: skip


class AnswerForm(forms.Form):
    """The answer given to the authority."""

    document_number = forms.CharField(label=_("Document number of the answer"), max_length=80)
    text = forms.CharField(label=_("What was answered"), max_length=8000, widget=forms.Textarea)
    attachments = FilesField(label=_("The document"), required=False)


class ClosingForm(forms.Form):
    """How the authority closed it."""

    result = forms.ChoiceField(label=_("Result"), choices=CaseResult.choices)
    words = forms.CharField(label=_("Words of the authority"), max_length=1000, required=False, widget=forms.Textarea)


class RegulatorForm(forms.Form):
    """One authority."""

    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    answer_days = forms.IntegerField(label=_("Answer within (days)"), min_value=1, max_value=365, initial=10)
    in_working_days = forms.BooleanField(label=_("Counted in working days"), required=False)
    acceptance_days = forms.IntegerField(
        label=_("It decides on acceptance within (working days)"), min_value=0, max_value=60, initial=0,
        help_text=_("0: it does not say."),
    )  # fmt: skip
    severity = forms.ModelChoiceField(
        Severity.objects.filter(is_active=True), label=_("Severity of its cases, at least"), required=False
    )
    report_hours = forms.IntegerField(
        label=_("Supervised: a report every … working hours"), min_value=0, max_value=720, initial=8,
        help_text=_("0: not put under supervision by itself."),
    )  # fmt: skip
    tag = forms.ModelChoiceField(
        Tag.objects.filter(is_active=True), label=_("Tag of its tickets"), required=False,
        help_text=_("Rules for limits may ask for it."),
    )  # fmt: skip
    source = forms.CharField(label=_("Where the limit stands"), max_length=200, required=False)
    position_order = forms.IntegerField(label=_("Order"), min_value=0, max_value=9999, initial=0)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, row: Regulator, data: Any = None) -> "RegulatorForm":
        return cls(data, initial={name: getattr(row, name) for name in cls.base_fields})

    def items(self) -> RegulatorItems:
        """What the services take."""
        return RegulatorItems(
            **{name: value for name, value in self.cleaned_data.items() if name not in ("version", "code")}
        )


class NewRegulatorForm(RegulatorForm):
    """A new authority."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    field_order = ["code"]

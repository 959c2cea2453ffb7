"""Forms of the ticket pages: they translate input; every rule is in the services."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import BusinessLine, OrgUnit, User
from onepoint.core.fixed_fields import fix_fields
from onepoint.core.pickers import PickedSelect
from onepoint.core.withheld import WORDS, withhold
from onepoint.customers.models import Customer
from onepoint.tickets import item_rights, queries, services
from onepoint.tickets.models import Category, Severity, Ticket
from onepoint.tickets.services.categories import CategoryItems, SeverityItems
from onepoint.tickets.states import OwnerRule, ParentRule, ReplyChannel, TicketKind, Urgency


def picked(queryset: Any, url_name: str, label: Any, **options: Any) -> forms.ModelChoiceField:
    """A choice among too many rows to list; the picker asks the server."""
    attributes = {"data-island": "picker", "data-url": reverse_lazy(url_name)}
    widget = PickedSelect(attrs=attributes)
    return forms.ModelChoiceField(
        queryset, label=label, required=options.pop("required", False), widget=widget, **options
    )


class CorrectionForm(forms.Form):
    """The common items of a ticket."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Kind"), choices=TicketKind.choices)
    category = picked(Category.objects.filter(is_active=True), "category-options", _("Category"), required=True)
    severity = forms.ModelChoiceField(Severity.objects.filter(is_active=True), label=_("Severity"), empty_label=None)
    urgency = forms.ChoiceField(label=_("Urgency"), choices=Urgency.choices)
    title = forms.CharField(label=_("Title"), max_length=200)
    description = forms.CharField(label=_("Problem described"), required=False, max_length=8000, widget=forms.Textarea)
    customer = picked(Customer.objects.none(), "customer-options", _("Customer"))
    contact_name = forms.CharField(label=_("Contact person"), required=False, max_length=80)
    contact_phone = forms.CharField(label=_("Contact telephone"), required=False, max_length=40)
    promised_reply_channel = forms.ChoiceField(
        label=_("Reply promised by"), required=False, choices=[("", "—"), *ReplyChannel.choices]
    )
    promised_reply_at = forms.DateTimeField(label=_("Reply promised for"), required=False)

    def __init__(self, data: QueryDict | None, *, ticket: Ticket, user: User) -> None:
        super().__init__(data, initial=self.items_of(ticket))
        # The ticket's own customer stays choosable for somebody whose scope does not reach him.
        reachable = Customer.objects.visible_to(user) | Customer.objects.filter(
            pk__in=[ticket.customer_id] if ticket.customer_id else []
        )
        self.fields["customer"].queryset = reachable  # type: ignore[attr-defined]
        rights = item_rights.rights_of(ticket, user)
        fix_fields(self, read_only=rights.read_only, hidden=rights.hidden)
        withhold(self, {"title": WORDS, "description": WORDS, "contact_phone": "phone"})
        for name in (rights.required & self.fields.keys()) - rights.fixed:
            self.fields[name].required = True

    @classmethod
    def items_of(cls, ticket: Ticket) -> dict[str, Any]:
        """The present values as the form's initial ones."""
        return {name: getattr(ticket, name) for name in cls.base_fields}

    def correction(self, special_items: dict[str, Any] | None) -> services.Correction:
        items = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        if special_items is not None:
            items["special_items"] = special_items
        return services.Correction(**items)


#: Begins the names of the fields that say which process tickets of a kind run through.
_PROCESS_OF = "process_of_"


class CategoryForm(forms.Form):
    code = forms.SlugField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    parent = forms.ModelChoiceField(
        Category.objects.all(), label=_("Below"), required=False, empty_label=_("(a branch of its own)")
    )
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of ticket"), required=False, choices=TicketKind.choices, widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all kinds."),
    )  # fmt: skip
    default_severity = forms.ModelChoiceField(
        Severity.objects.filter(is_active=True), label=_("Usual severity"), required=False, empty_label=_("as above it")
    )
    form_key = forms.ChoiceField(label=_("Form of special items"), required=False)
    process_key = forms.ChoiceField(label=_("Process"))
    default_unit = forms.ModelChoiceField(
        OrgUnit.objects.filter(is_active=True, receives_tickets=True), label=_("Usual department"), required=False
    )
    business_line = forms.ModelChoiceField(
        BusinessLine.objects.filter(is_active=True),
        label=_("Business line"),
        required=False,
        help_text=_("Empty: as the category above it."),
    )
    parent_rule = forms.ChoiceField(
        label=_("A ticket with child tickets"), required=False, choices=[("", _("as above it")), *ParentRule.choices]
    )
    owner_rule = forms.ChoiceField(
        label=_("Who settles it"), required=False, choices=[("", _("as above it")), *OwnerRule.choices]
    )
    position_order = forms.IntegerField(label=_("Order"), min_value=0, max_value=9999, initial=0)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form_key"].choices = [("", _("as above it")), *queries.form_choices()]  # type: ignore[attr-defined]
        processes = queries.process_choices()
        self.fields["process_key"].choices = processes  # type: ignore[attr-defined]
        chosen = self.initial.get("kind_processes") or {}
        for kind in TicketKind:
            self.fields[_PROCESS_OF + kind] = forms.ChoiceField(
                label=kind.label, required=False, initial=chosen.get(kind, ""),
                choices=[("", _("the process above")), *processes],
            )  # fmt: skip

    @property
    def process_fields(self) -> list[forms.BoundField]:
        """One choice per kind of ticket."""
        return [self[_PROCESS_OF + kind] for kind in TicketKind]

    @property
    def has_processes_by_kind(self) -> bool:
        return any(field.value() for field in self.process_fields)

    def items(self) -> CategoryItems:
        usual = {name: value for name, value in self.cleaned_data.items() if not name.startswith(_PROCESS_OF)}
        by_kind = {kind.value: key for kind in TicketKind if (key := self.cleaned_data[_PROCESS_OF + kind])}
        return CategoryItems(**usual, kind_processes=by_kind)


class SeverityForm(forms.ModelForm):
    class Meta:
        model = Severity
        fields = ["code", "rank", "name", "name_en", "standard", "standard_en", "answer_hours", "colour", "is_active"]
        widgets = {"standard": forms.Textarea(attrs={"rows": 2}), "standard_en": forms.Textarea(attrs={"rows": 2})}

    def validate_unique(self) -> None:
        """Left to the service, whose sentence says what is taken."""

    def items(self) -> SeverityItems:
        return SeverityItems(**self.cleaned_data)

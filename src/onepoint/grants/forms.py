"""Forms of grants, their audit and the administration of authorities."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.levels import level_choices
from onepoint.accounts.models import Role
from onepoint.core.pickers import PickedSelect
from onepoint.grants.models import AuditRule, Authority, GrantKind, ObjectionCode
from onepoint.grants.services.administering import AuthorityItems
from onepoint.grants.services.auditing import LONGEST_LIMIT
from onepoint.grants.states import GrantUnit
from onepoint.tickets.models import Category


class GrantForm(forms.Form):
    """What is granted, how much and why. ``key`` names this form: sent twice, it grants once."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    kind = forms.ModelChoiceField(label=_("Kind"), queryset=GrantKind.objects.filter(is_active=True), empty_label=None)
    amount = forms.DecimalField(label=_("Amount"), max_digits=12, decimal_places=2, min_value=0)
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "grant_%s")
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid4())


class AuthorityForm(forms.Form):
    """One row of the table of authorities."""

    role = forms.ModelChoiceField(label=_("Role"), queryset=Role.objects.filter(is_active=True))
    kind = forms.ModelChoiceField(label=_("Kind of grant"), queryset=GrantKind.objects.all())
    category = forms.ModelChoiceField(
        Category.objects.active(), label=_("Category and below"), required=False, widget=PickedSelect,
        help_text=_("Empty: every category."),
    )  # fmt: skip
    levels = forms.MultipleChoiceField(
        label=_("Customer levels"), required=False, help_text=_("Empty: every level, and customers without one.")
    )
    amount = forms.DecimalField(label=_("Per grant"), max_digits=12, decimal_places=2, min_value=0)
    customer_month = forms.DecimalField(
        label=_("Per customer and month"), max_digits=12, decimal_places=2, min_value=0, required=False,
        help_text=_("Empty: no limit. Counts what everybody granted of this kind."),
    )  # fmt: skip
    agent_day = forms.DecimalField(
        label=_("Per person and day"), max_digits=12, decimal_places=2, min_value=0, required=False,
        help_text=_("Empty: no limit."),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["levels"].choices = level_choices()  # type: ignore[attr-defined]

    @classmethod
    def of(cls, row: Authority, data: Any = None) -> "AuthorityForm":
        names = ("role", "kind", "category", "levels", "amount", "customer_month", "agent_day", "is_active", "version")
        return cls(data, initial={name: getattr(row, name) for name in names})

    def items(self) -> AuthorityItems:
        """What the services take."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return AuthorityItems(**values | {"levels": tuple(values["levels"])})


class KindForm(forms.Form):
    """A new kind of grant."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    unit = forms.ChoiceField(label=_("Counted in"), choices=GrantUnit.choices)
    position_order = forms.IntegerField(label=_("Order"), min_value=0, max_value=9999, initial=0)


class KindChangeForm(forms.Form):
    """What of a kind can be changed."""

    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    position_order = forms.IntegerField(label=_("Order"), min_value=0, max_value=9999)
    is_active = forms.BooleanField(label=_("In use"), required=False)


class ObjectionCodeForm(forms.Form):
    """A new reason for objecting."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    points = forms.IntegerField(label=_("Points"), min_value=0, max_value=1000, initial=1)
    position_order = forms.IntegerField(label=_("Order"), min_value=0, max_value=9999, initial=0)


class ObjectionCodeChangeForm(forms.Form):
    """What of a reason can be changed."""

    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    points = forms.IntegerField(label=_("Points"), min_value=0, max_value=1000)
    position_order = forms.IntegerField(label=_("Order"), min_value=0, max_value=9999)
    is_active = forms.BooleanField(label=_("In use"), required=False)


class AuditRuleForm(forms.Form):
    """How many grants are audited."""

    kind = forms.ModelChoiceField(
        label=_("Kind of grant"),
        queryset=GrantKind.objects.all(),
        required=False,
        empty_label=_("all without a rule of their own"),
    )
    share = forms.IntegerField(label=_("Share audited, in per cent"), min_value=0, max_value=100, initial=100)
    always_above = forms.DecimalField(
        label=_("Always from this amount"), max_digits=12, decimal_places=2, min_value=0, required=False
    )
    not_own_unit = forms.BooleanField(label=_("Nobody audits grants of his own unit"), required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, rule: AuditRule, data: Any = None) -> "AuditRuleForm":
        names = ("kind", "share", "always_above", "not_own_unit", "version")
        form = cls(data, initial={name: getattr(rule, name) for name in names})
        form.fields["kind"].disabled = True
        return form


class ObjectionForm(forms.Form):
    """What an auditor objects to, and by when it is put right."""

    code = forms.ModelChoiceField(label=_("Objection"), queryset=ObjectionCode.objects.filter(is_active=True))
    words = forms.CharField(label=_("What is wrong"), max_length=1000, widget=forms.Textarea)
    hours = forms.IntegerField(
        label=_("Correction within … working hours"), min_value=1, max_value=LONGEST_LIMIT, required=False, initial=16,
        help_text=_("Empty: only noted, nothing is demanded."),
    )  # fmt: skip


class DemandForm(forms.Form):
    """What is still missing of a correction, and by when."""

    words = forms.CharField(label=_("What is still missing"), max_length=1000, widget=forms.Textarea)
    hours = forms.IntegerField(
        label=_("Correction within … working hours"), min_value=1, max_value=LONGEST_LIMIT, initial=8
    )

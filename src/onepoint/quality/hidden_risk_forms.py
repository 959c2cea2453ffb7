"""Forms of hidden risks."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.core import clock
from onepoint.core.pickers import PickedSelect
from onepoint.core.templatetags.ui_forms import SearchInput
from onepoint.quality.hidden_risk_states import RiskState
from onepoint.quality.queries.hidden_risks import RiskFilter
from onepoint.quality.queries.risk_kinds import risk_kinds
from onepoint.tickets.models import Category

_ANY = [("", _("any"))]


def kinds_to_raise() -> list[tuple[str, str]]:
    return [(kind.code, kind.label) for kind in risk_kinds()]


def kinds_to_find() -> list[tuple[str, Any]]:
    """Also those out of use: risks of that kind stay."""
    return [*_ANY, *((kind.code, kind.label) for kind in risk_kinds(only_in_use=False))]


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(FilesField, self).clean(one, initial) for one in data or []]


def _picked(queryset: Any, url_name: str, label: Any, *, required: bool = False) -> forms.ModelChoiceField:
    widget = PickedSelect(attrs={"data-island": "picker", "data-url": reverse_lazy(url_name)})
    return forms.ModelChoiceField(queryset, label=label, required=required, widget=widget)


class QuickRiskForm(forms.Form):
    """Raised from a ticket in passing: three answers."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=kinds_to_raise)
    title = forms.CharField(label=_("In one line"), max_length=200)
    words = forms.CharField(label=_("What was found"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("request_key", uuid4())


class RiskForm(QuickRiskForm):
    """Everything one may say of it."""

    ticket_number = forms.CharField(label=_("Found at ticket"), max_length=20, required=False)
    category = _picked(Category.objects.active(), "category-options", _("Category"))
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    product = forms.CharField(label=_("Product or equipment"), max_length=200, required=False)
    region = forms.ModelChoiceField(Region.objects.active(), label=_("Region"), required=False)
    unit = _picked(OrgUnit.objects.filter(is_active=True), "unit-options", _("Unit concerned"))
    attachments = FilesField(label=_("Files"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].label_from_instance = lambda region: f"{'　' * region.depth}{region.label}"  # type: ignore[attr-defined]


class ChargeForm(forms.Form):
    """Who removes it, until when."""

    owner_unit = _picked(OrgUnit.objects.filter(is_active=True), "unit-options", _("Removed by unit"), required=True)
    owner = _picked(User.objects.filter(is_active=True), "person-options", _("Responsible person"))
    due_at = forms.DateTimeField(label=_("Due"))
    words = forms.CharField(label=_("Note"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("due_at", clock.now() + timedelta(days=7))


class WordsForm(forms.Form):
    """What somebody says to a move."""

    words = forms.CharField(label=_("What is to be said"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3}))  # fmt: skip


class RemovalForm(forms.Form):
    """How it was removed, with proof."""

    words = forms.CharField(label=_("How it was removed"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    attachments = FilesField(label=_("Proof"), required=False)


class SendBackForm(forms.Form):
    """What is still there, and until when it is to be gone."""

    words = forms.CharField(label=_("What is still there"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    due_at = forms.DateTimeField(label=_("New limit"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("due_at", clock.now() + timedelta(days=3))


class RiskKindForm(forms.Form):
    """A new kind."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    position_order = forms.IntegerField(label=_("Order"), min_value=0, max_value=9999, initial=0)


class RiskKindChangeForm(forms.Form):
    """A kind that is there; its code stays."""

    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    position_order = forms.IntegerField(label=_("Order"), min_value=0, max_value=9999, initial=0)
    is_active = forms.BooleanField(label=_("In use"), required=False)


class RiskFilterForm(forms.Form):
    """What list and counts are narrowed to."""

    q = forms.CharField(
        label=_("Search"), required=False, widget=SearchInput(attrs={"placeholder": _("Number, ticket, words")}),
        max_length=80,
    )  # fmt: skip
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("open", _("not yet closed")), ("late", _("overdue")), ("all", _("all")), *RiskState.choices],
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=kinds_to_find)
    mine = forms.ChoiceField(
        label=_("My part"), required=False,
        choices=[*_ANY, ("raised", _("raised by me")), ("owned", _("mine to remove"))],
    )  # fmt: skip
    unit = _picked(OrgUnit.objects.all(), "unit-options", _("Removed by unit"))
    region = forms.ModelChoiceField(label=_("Region and below"), queryset=Region.objects.all(), required=False)
    raiser = _picked(User.objects.all(), "person-options", _("Raised by"))
    since = forms.DateField(label=_("From"), required=False)
    until = forms.DateField(label=_("Until"), required=False)

    first_fields = frozenset({"q", "state", "kind", "mine"})

    def chosen(self, *, state: str = "open") -> RiskFilter:
        """What was chosen; what cannot be read does not narrow. ``state`` counts where none is given."""
        self.is_valid()
        chosen = self.cleaned_data
        return RiskFilter(
            text=chosen.get("q") or "", state=chosen.get("state") or state,
            kind=chosen.get("kind") or "", mine=chosen.get("mine") or "", raiser=chosen.get("raiser"),
            unit=chosen.get("unit"), region=chosen.get("region"), since=chosen.get("since"), until=chosen.get("until"),
        )  # fmt: skip

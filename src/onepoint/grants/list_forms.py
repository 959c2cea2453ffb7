"""What the lists are narrowed to."""

from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Region, Role
from onepoint.core import clock
from onepoint.core.templatetags.ui_forms import SearchInput
from onepoint.grants.models import GrantKind
from onepoint.grants.queries import AuditFilter, GrantFilter
from onepoint.grants.states import AuditState, GrantState

_ALL = [("", _("all"))]


class GrantFilterForm(forms.Form):
    """The list of grants."""

    q = forms.CharField(
        label=_("Number"), required=False, widget=SearchInput, max_length=60,
        help_text=_("Of the grant, the ticket, the customer or the voucher."),
    )  # fmt: skip
    state = forms.ChoiceField(label=_("State"), required=False, choices=[*_ALL, *GrantState.choices])
    kind = forms.ModelChoiceField(label=_("Kind"), queryset=GrantKind.objects.all(), required=False)
    region = forms.ModelChoiceField(label=_("Region and below"), queryset=Region.objects.all(), required=False)
    since = forms.DateField(label=_("From"), required=False)
    until = forms.DateField(label=_("Until"), required=False)
    mine = forms.BooleanField(label=_("Mine only"), required=False)

    def chosen(self) -> GrantFilter:
        """What was chosen; what cannot be read does not narrow."""
        self.is_valid()
        chosen = self.cleaned_data
        return GrantFilter(
            text=chosen.get("q") or "", state=chosen.get("state") or "", kind=chosen.get("kind"),
            region=chosen.get("region"), mine=bool(chosen.get("mine")), since=chosen.get("since"),
            until=chosen.get("until"),
        )  # fmt: skip


class AuditFilterForm(forms.Form):
    """The audit queue."""

    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("open", _("to do")), ("mine", _("mine")), ("all", _("all")), *AuditState.choices],
    )  # fmt: skip
    kind = forms.ModelChoiceField(label=_("Kind"), queryset=GrantKind.objects.all(), required=False)
    region = forms.ModelChoiceField(label=_("Region and below"), queryset=Region.objects.all(), required=False)

    def chosen(self) -> AuditFilter:
        """What was chosen; what cannot be read does not narrow."""
        self.is_valid()
        chosen = self.cleaned_data
        return AuditFilter(state=chosen.get("state") or "open", kind=chosen.get("kind"), region=chosen.get("region"))


class AuthorityFilterForm(forms.Form):
    """The table of authorities."""

    role = forms.ModelChoiceField(label=_("Role"), queryset=Role.objects.filter(is_active=True), required=False)
    kind = forms.ModelChoiceField(label=_("Kind of grant"), queryset=GrantKind.objects.all(), required=False)


class PeriodForm(forms.Form):
    """The period of the statistics, and what they are grouped by."""

    since = forms.DateField(label=_("From"), required=False)
    until = forms.DateField(label=_("Until"), required=False)
    by = forms.ChoiceField(
        label=_("Grouped by"),
        required=False,
        choices=[("person", _("person")), ("unit", _("unit")), ("kind", _("kind"))],
    )

    def chosen(self) -> tuple[str, date, date]:
        """The grouping and the days asked for: the last thirty by person, where nothing sensible was."""
        self.is_valid()
        chosen = self.cleaned_data
        until = chosen.get("until") or clock.today()
        return chosen.get("by") or "person", chosen.get("since") or until - timedelta(days=29), until

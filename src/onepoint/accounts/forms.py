"""Forms of the organisation's pages: they translate input; every rule is in the services."""

from datetime import date, timedelta
from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from onepoint.accounts import permissions, queries
from onepoint.accounts.levels import level_choices
from onepoint.accounts.models import (
    BusinessFunction,
    BusinessLine,
    Group,
    LoginPolicy,
    OrgUnit,
    Position,
    Region,
    Role,
    Roster,
    Shift,
    User,
)
from onepoint.accounts.states import DataScope, RegionKind, UnitKind, WorkKind
from onepoint.core import audit, clock
from onepoint.core.pickers import PickedSelect, PickedSelectMultiple
from onepoint.core.templatetags.ui_forms import SearchInput

LANGUAGE: dict[str, Any] = {"choices": settings.LANGUAGES, "label": _("Language")}
ANY = [("", _("any"))]


class LoginForm(AllauthLoginForm):
    """Staff number and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Staff number")
        self.fields["login"].widget.attrs.pop("placeholder", None)
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""


def unit_field(units: QuerySet[OrgUnit], label: Any, **options: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(units, label=label, widget=PickedSelect, **options)


# Units and regions


class UnitForm(forms.Form):
    code = forms.CharField(label=_("Code"), max_length=40, help_text=_("It stays for ever; other systems refer to it."))
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=UnitKind.choices, initial=UnitKind.DEPARTMENT)
    region = forms.ModelChoiceField(Region.objects.active(), label=_("Region"), required=False)
    parent = unit_field(OrgUnit.objects.active(), _("Under"), required=False)
    function = forms.ModelChoiceField(
        BusinessFunction.objects.filter(is_active=True), label=_("Function"), required=False
    )
    business_lines = forms.ModelMultipleChoiceField(
        BusinessLine.objects.filter(is_active=True),
        label=_("Business lines"),
        required=False,
        help_text=_("None: as the unit above it. A shared platform serves several."),
    )
    receives_tickets = forms.BooleanField(
        label=_("Receives tickets"), required=False, help_text=_("Coordinators may choose it as a handling department.")
    )
    position_order = forms.IntegerField(label=_("Order"), min_value=0, max_value=9999, initial=0)


class UnitChangeForm(UnitForm):
    code = None  # type: ignore[assignment]
    parent = None  # type: ignore[assignment]


class UnitMoveForm(forms.Form):
    parent = unit_field(OrgUnit.objects.active(), _("Under"), required=False, help_text=_("Empty: at the top."))


class AxisForm(forms.Form):
    """A business line or a function."""

    code = forms.SlugField(label=_("Code"), max_length=40, help_text=_("It stays for ever; other systems refer to it."))
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    position_order = forms.IntegerField(label=_("Order"), min_value=0, max_value=9999, initial=0)


class AxisChangeForm(AxisForm):
    code = None  # type: ignore[assignment]
    is_active = forms.BooleanField(label=_("In use"), required=False)


class RegionForm(forms.Form):
    code = forms.CharField(label=_("Code"), max_length=40, help_text=_("It stays for ever; other systems refer to it."))
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=RegionKind.choices, initial=RegionKind.CITY)
    area_code = forms.RegexField(r"^\d*$", label=_("Telephone area code"), max_length=8, required=False)
    parent = forms.ModelChoiceField(Region.objects.active(), label=_("Under"), required=False)
    position_order = forms.IntegerField(label=_("Order"), min_value=0, max_value=9999, initial=0)


class RegionChangeForm(RegionForm):
    code = None  # type: ignore[assignment]
    parent = None  # type: ignore[assignment]


class RegionMoveForm(forms.Form):
    parent = forms.ModelChoiceField(
        Region.objects.active(), label=_("Under"), required=False, help_text=_("Empty: at the top.")
    )


class PositionForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)


class InterfacePersonForm(forms.Form):
    """Adds one person at the end of the order."""

    person = forms.ModelChoiceField(User.objects.filter(is_active=True), label=_("Person"), widget=PickedSelect)


# People


class PeopleFilter(forms.Form):
    text = forms.CharField(label=_("Name, pinyin or number"), required=False, max_length=80, widget=SearchInput)
    unit = forms.ModelChoiceField(OrgUnit.objects.none(), label=_("Unit"), required=False)
    role = forms.ModelChoiceField(Role.objects.all(), label=_("Role"), required=False, to_field_name="code")
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("May log in")), ("locked", _("Locked")), ("all", _("All"))],
    )

    def __init__(self, *args: Any, visible_to: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit: Any = self.fields["unit"]
        unit.queryset = queries.units(visible_to=visible_to).active()
        unit.to_field_name = "code"
        unit.label_from_instance = indented


def indented(node: OrgUnit | Region) -> str:
    """A tree in a plain select: deeper nodes further in."""
    return f"{'　' * node.depth}{node.label}"


class PersonForm(forms.Form):
    username = forms.CharField(label=_("Staff number"), max_length=40)
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=80)
    name_en = forms.CharField(label=pgettext_lazy("person", "English name"), max_length=80, required=False)
    unit = unit_field(OrgUnit.objects.active(), _("Home unit"))
    phone = forms.CharField(label=_("Telephone"), max_length=32, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    language = forms.ChoiceField(**LANGUAGE)
    password = forms.CharField(
        label=_("First password"),
        max_length=128,
        required=False,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Empty: one is made and shown once. It must be changed at the first login."),
    )


class PersonChangeForm(PersonForm):
    username = None  # type: ignore[assignment]
    password = None  # type: ignore[assignment]


class AppointmentForm(forms.Form):
    position = forms.ModelChoiceField(Position.objects.none(), label=_("Position"))
    valid_from = forms.DateField(label=_("From"), required=False, widget=forms.DateInput)
    valid_to = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput)
    is_primary = forms.BooleanField(label=_("First post"), required=False)

    def __init__(self, *args: Any, visible_to: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["position"]
        field.queryset = queries.open_positions(visible_to=visible_to)
        field.label_from_instance = lambda position: f"{position.unit.label} · {position.label}"


class LastDayForm(forms.Form):
    """When a post ends; empty: at once."""

    last_day = forms.DateField(label=_("Last day"), required=False, widget=forms.DateInput)


class DelegationForm(forms.Form):
    deputy = forms.ModelChoiceField(User.objects.filter(is_active=True), label=_("Deputy"), widget=PickedSelect)
    starts_at = forms.DateTimeField(label=_("From"), widget=forms.DateTimeInput)
    ends_at = forms.DateTimeField(label=_("Until"), widget=forms.DateTimeInput)
    work = forms.MultipleChoiceField(
        label=_("Kinds of work"), choices=WorkKind.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    roles = forms.ModelMultipleChoiceField(
        Role.objects.none(), label=_("Work of the roles"), required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, absentee: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles: Any = self.fields["roles"]
        roles.queryset = queries.roles_of(absentee)


class GrantForm(forms.Form):
    role = forms.ModelChoiceField(Role.objects.filter(is_active=True), label=_("Role"))
    unit = unit_field(OrgUnit.objects.active(), _("In unit"))
    data_scope = forms.ChoiceField(
        label=_("Data scope"), required=False, choices=[("", _("as the role has it")), *DataScope.choices]
    )
    units = forms.ModelMultipleChoiceField(
        OrgUnit.objects.active(), label=_("Named units"), required=False, widget=PickedSelectMultiple
    )
    regions = forms.ModelMultipleChoiceField(Region.objects.active(), label=_("Named regions"), required=False)

    business_lines = forms.ModelMultipleChoiceField(
        BusinessLine.objects.filter(is_active=True), label=_("Named business lines"), required=False
    )
    lowest_level = forms.ChoiceField(label=_("Customers from level"), required=False)
    highest_level = forms.ChoiceField(label=_("Customers up to level"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions: Any = self.fields["regions"]
        regions.label_from_instance = indented
        for name in ("lowest_level", "highest_level"):
            level: Any = self.fields[name]
            level.choices = [*ANY, *level_choices()]


class PasswordResetForm(forms.Form):
    password = forms.CharField(
        label=_("First password"),
        max_length=128,
        required=False,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Empty: one is made and shown once. It must be changed at the first login."),
    )


# Roles, groups, login policy, journal


class RoleForm(forms.Form):
    code = forms.SlugField(label=_("Code"), max_length=40, help_text=_("It stays for ever; processes refer to it."))
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    data_scope = forms.ChoiceField(label=_("Data scope"), choices=DataScope.choices, initial=DataScope.OWN_UNIT)
    description = forms.CharField(
        label=_("Description"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    permissions = forms.MultipleChoiceField(label=_("Permissions"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["permissions"]
        field.choices = [(one.code, one.label) for one in permissions.all_permissions()]

    def matrix(self) -> list[dict[str, Any]]:
        """The permissions under their nouns, each with whether it is ticked."""
        ticked = set(self["permissions"].value() or ())
        return [
            {"label": label, "rights": [{"right": right, "ticked": right.code in ticked} for right in rights]}
            for label, rights in permissions.permissions_by_heading()
        ]


class RoleChangeForm(RoleForm):
    code = None  # type: ignore[assignment]


class GroupForm(forms.Form):
    code = forms.SlugField(label=_("Code"), max_length=40, help_text=_("It stays for ever; processes refer to it."))
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)


class GroupChangeForm(GroupForm):
    code = None  # type: ignore[assignment]


class MemberForm(forms.Form):
    person = forms.ModelChoiceField(User.objects.filter(is_active=True), label=_("Person"), widget=PickedSelect)


class HandOverForm(forms.Form):
    """A receiver for each kind of thing somebody holds."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
    locks_out = forms.BooleanField(
        label=_("Lock the person out afterwards"), required=False, initial=True, help_text=_("All sessions end then.")
    )

    def __init__(self, *args: Any, held: list[queries.Held], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = [one.holding.kind for one in held]
        for one in held:
            self.fields[one.holding.kind] = forms.ModelChoiceField(
                User.objects.filter(is_active=True),
                label=str(one.holding.label),
                required=not one.holding.may_end,
                widget=PickedSelect,
            )

    def order(self) -> dict[str, Any]:
        """What ``services.start_hand_over`` wants to know."""
        data = self.cleaned_data
        receivers = {kind: data[kind] for kind in self.kinds}
        return {"receivers": receivers, "reason": data["reason"], "locks_out": data["locks_out"]}


class RosterForm(forms.Form):
    code = forms.SlugField(label=_("Code"), max_length=40, help_text=_("It stays for ever; processes refer to it."))
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    group = forms.ModelChoiceField(
        Group.objects.filter(is_active=True), label=_("Group"), required=False, help_text=_("either a group")
    )
    unit = unit_field(OrgUnit.objects.active(), _("Unit"), required=False, help_text=_("or a unit"))


class ShiftForm(forms.Form):
    name = forms.CharField(label=_("New shift"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    starts = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}))
    ends = forms.TimeField(label=_("Until"), widget=forms.TimeInput(attrs={"type": "time"}))


class DutyForm(forms.Form):
    people = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("On duty"), required=False, widget=forms.CheckboxSelectMultiple
    )
    every_week = forms.BooleanField(label=_("Every week on this weekday"), required=False)

    def __init__(self, *args: Any, roster: Roster, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["people"]
        people.queryset = queries.candidates_of(roster).order_by("name_key", "username")
        people.label_from_instance = lambda person: person.label


class SwapForm(forms.Form):
    """Whose turn here goes to whom for which turn there; a turn is written ``shift/day/person``."""

    person = forms.TypedChoiceField(label=_("Turn of"), coerce=int)
    turn = forms.ChoiceField(label=_("Swapped for"))

    def __init__(self, *args: Any, roster: Roster, shift: Shift, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = queries.people_on(shift, day)
        self.people = {person.pk: person for person in here}
        turns = [
            turn for turn in queries.turns_from(roster, max(day - timedelta(days=7), clock.today()))
            if turn[2].pk not in self.people
        ]  # fmt: skip
        self.choices = {f"{one.pk}/{when.isoformat()}/{person.pk}": (one, when, person) for one, when, person in turns}
        owner: Any = self.fields["person"]
        owner.choices = [(person.pk, person.label) for person in here]
        other: Any = self.fields["turn"]
        other.choices = [
            (key, f"{date_format(when, 'MONTH_DAY_FORMAT')} · {one.label} · {person.label}")
            for key, (one, when, person) in self.choices.items()
        ]

    def turns(self) -> dict[str, Any]:
        """What ``services.swap_duty`` wants to know."""
        one, when, person = self.choices[self.cleaned_data["turn"]]
        own = self.people[self.cleaned_data["person"]]
        return {"person": own, "with_shift": one, "with_day": when, "with_person": person}


class LoginPolicyForm(forms.ModelForm):
    class Meta:
        model = LoginPolicy
        fields = ["idle_minutes", "password_days", "one_session_only", "second_factor", "are_administrators_apart"]


class JournalFilter(forms.Form):
    person = forms.CharField(
        label=_("Person"), required=False, max_length=80, widget=SearchInput, help_text=_("Name or staff number")
    )
    verb = forms.ChoiceField(label=_("What"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput)
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        verbs = sorted(audit.named_verbs().items(), key=lambda pair: str(pair[1]))
        field: Any = self.fields["verb"]
        field.choices = [*ANY, *verbs]


# One's own


class ProfileForm(forms.Form):
    name_en = forms.CharField(label=pgettext_lazy("person", "English name"), max_length=80, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=32, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    language = forms.ChoiceField(**LANGUAGE)


class PasswordChangeForm(forms.Form):
    old = forms.CharField(
        label=_("Present password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "At least ten characters of three kinds: lower case, upper case, digits, others. None of your last five."
        ),
    )
    again = forms.CharField(
        label=_("New password again"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("new") and cleaned.get("again") and cleaned["new"] != cleaned["again"]:
            self.add_error("again", _("The two do not match."))
        return cleaned


class CodeForm(forms.Form):
    """A code of the authenticator app, or a recovery code where one is accepted."""

    code = forms.CharField(
        label=pgettext_lazy("second factor", "Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class LanguageForm(forms.Form):
    language = forms.ChoiceField(**LANGUAGE)


class OptionsQuery(forms.Form):
    """What a picker asks: some letters and perhaps a restriction."""

    q = forms.CharField(required=False, max_length=80)
    unit = forms.CharField(required=False, max_length=40)
    receives_tickets = forms.BooleanField(required=False)
    role = forms.SlugField(required=False, max_length=40)
    may = forms.RegexField(r"^[a-z_]+\.[a-z_]+$", required=False, max_length=60)

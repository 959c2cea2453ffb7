"""Forms of the portal: what customers fill in, and the screens of the house about it."""

from typing import Any
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Region
from onepoint.portal import limits, queries
from onepoint.portal.addressing import Address, NotAnAddress, address_from
from onepoint.portal.models import PortalRules, PortalSession
from onepoint.portal.services import NewFiling
from onepoint.portal.services.acting import LONGEST_REASON, LONGEST_REMINDER
from onepoint.portal.states import PUBLIC_KINDS, REPLY_WAYS, STATUS_LABELS, Stage
from onepoint.tickets.models import Category
from onepoint.tickets.states import ReplyChannel

ANSWER_WAYS = [(way.value, way.label) for way in REPLY_WAYS]


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files in one field."""

    widget = ManyFilesInput

    def clean(self, value: Any, initial: Any = None) -> list[UploadedFile]:
        chosen = value if isinstance(value, list | tuple) else [value]
        return [super(ManyFilesField, self).clean(one, initial) for one in chosen if one]


class Keyed(forms.Form):
    """A form that knows when it is sent a second time."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"key": uuid4(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)


class AddressField(forms.CharField):
    """A mobile number or an e-mail address."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Mobile number or e-mail address"))
        attrs = {"autocomplete": "tel", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(max_length=120, widget=forms.TextInput(attrs=attrs), **kwargs)

    def to_python(self, value: Any) -> Any:
        typed = super().to_python(value)
        if not typed:
            return typed
        try:
            return address_from(typed)
        except NotAnAddress as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def run_validators(self, value: Any) -> None:
        """Checked already, as an address."""


class EnterForm(forms.Form):
    """By which number or address somebody comes in, and for which request."""

    address = AddressField()
    number = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)


class CodeForm(forms.Form):
    """The digits that were sent."""

    digits = forms.CharField(
        label=pgettext_lazy("portal", "Code"), max_length=12,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric", "autocomplete": "one-time-code", "class": "public__code", "maxlength": "6",
                "autofocus": True,
            }
        ),
    )  # fmt: skip


class FilingForm(Keyed):
    """A request. With a session the address is known, and with a customer the name and the city too."""

    kind = forms.ChoiceField(
        label=_("What do you want?"), choices=[(kind.value, kind.label) for kind in PUBLIC_KINDS],
        widget=forms.RadioSelect,
    )  # fmt: skip
    category = forms.ModelChoiceField(
        Category.objects.none(), label=_("What is it about?"), empty_label=_("Please choose")
    )
    text = forms.CharField(
        label=_("Please tell us what happened"),
        max_length=limits.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    region = forms.ModelChoiceField(
        Region.objects.none(), label=pgettext_lazy("portal", "City"), empty_label=_("Please choose")
    )
    place = forms.CharField(
        label=_("Where?"), required=False, max_length=200, help_text=_("Street, building or number it is about.")
    )
    files = ManyFilesField(label=_("Photos or documents"), required=False)  # type: ignore[assignment]  # the field of that name
    name = forms.CharField(label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    address = AddressField(
        label=_("Your mobile number or e-mail address"),
        help_text=_("We send a code there, so that nobody files in your name."),
    )
    reply_way = forms.ChoiceField(label=_("How shall we answer?"), choices=ANSWER_WAYS, widget=forms.RadioSelect)

    def __init__(self, *args: Any, session: PortalSession | None = None, **kwargs: Any) -> None:
        initial = {"reply_way": ReplyChannel.PHONE}
        if session and session.medium == "email":
            initial["reply_way"] = ReplyChannel.EMAIL
        super().__init__(*args, initial=initial | (kwargs.pop("initial", None) or {}), **kwargs)
        self.session = session
        self.fields["files"].help_text = gettext("At most %(count)s files of %(size)s MB.") % {
            "count": limits.MOST_FILES, "size": limits.LARGEST_FILE // 1024 // 1024,
        }  # fmt: skip
        ids = [topic.pk for topic in queries.topics()]
        self._offer("category", Category.objects.filter(pk__in=ids).order_by("position_order", "pk"))
        self._offer("region", queries.places())
        if session is not None:
            del self.fields["address"]
            reply: Any = self.fields["reply_way"]
            reply.choices = [
                way for way in ANSWER_WAYS if (way[0] == ReplyChannel.EMAIL) != session.reached_by.is_phone
            ]
            if session.customer is not None:
                del self.fields["name"]
                if city := queries.city_of(session.customer.region):
                    self.initial.setdefault("region", city)

    def _offer(self, name: str, rows: QuerySet[Any]) -> None:
        choice: Any = self.fields[name]
        choice.queryset, choice.label_from_instance = rows, _label

    @property
    def address_field(self) -> forms.BoundField | None:
        """For templates: the field, where this form asks for it."""
        return self["address"] if "address" in self.fields else None

    @property
    def name_field(self) -> forms.BoundField | None:
        return self["name"] if "name" in self.fields else None

    @property
    def proved_or_to_prove(self) -> Address | None:
        """Where the answer goes."""
        if self.session is not None:
            return self.session.reached_by
        found = self.cleaned_data.get("address")
        return found if isinstance(found, Address) else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        address, way = self.proved_or_to_prove, cleaned.get("reply_way")
        if address and way and (way == ReplyChannel.EMAIL) == address.is_phone:
            said = (
                _("You gave a mobile number: please choose telephone or SMS.")
                if address.is_phone
                else _("You gave an e-mail address: please choose e-mail.")
            )
            self.add_error("reply_way", said)
        return cleaned

    def filing(self, kept: list[UploadedFile]) -> NewFiling:
        """What was written, with the files kept from an earlier try. Only of a valid form."""
        given = self.cleaned_data
        customer = self.session.customer if self.session else None
        address = self.proved_or_to_prove
        assert address is not None  # a valid form has one
        return NewFiling(
            address=address, kind=given["kind"], category=given["category"], text=given["text"],
            region=given["region"], name=customer.name[:80] if customer else given["name"], place=given["place"],
            reply_way=given["reply_way"], files=[*kept, *given["files"]], key=given["key"],
        )  # fmt: skip


def _label(named: Any) -> str:
    return str(named.label)


class AddForm(Keyed):
    """Something more about a request."""

    text = forms.CharField(
        label=_("What would you like to add?"), required=False, max_length=limits.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    files = ManyFilesField(label=_("Photos or documents"), required=False)  # type: ignore[assignment]  # the field of that name


class RemindForm(Keyed):
    """Asking for speed."""

    text = forms.CharField(
        label=_("Anything to say about it (optional)"), required=False, max_length=LONGEST_REMINDER,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class WithdrawForm(Keyed):
    """It is no longer needed."""

    reason = forms.CharField(
        label=_("Why (optional)"), required=False, max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2})
    )


class RateForm(Keyed):
    """How it went."""

    stars = forms.TypedChoiceField(
        label=_("How did we do?"), coerce=int, widget=forms.RadioSelect,
        choices=[
            (5, pgettext_lazy("stars", "Very satisfied")), (4, pgettext_lazy("stars", "Satisfied")),
            (3, pgettext_lazy("stars", "So-so")), (2, pgettext_lazy("stars", "Not satisfied")),
            (1, pgettext_lazy("stars", "Not satisfied at all")),
        ],
    )  # fmt: skip
    text = forms.CharField(
        label=_("Would you like to tell us more? (optional)"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class ReopenForm(Keyed):
    """It is not settled after all."""

    text = forms.CharField(
        label=_("What is not settled yet?"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3})
    )


class RulesForm(forms.ModelForm):
    """The rules of the portal."""

    class Meta:
        model = PortalRules
        fields = ("is_open", "reopen_days", "remind_hours", "hotline")


class OriginForm(forms.Form):
    """A web site that may show the form."""

    origin = forms.CharField(
        label=_("Address of the web site"), max_length=200, help_text=_("Such as https://www.example.com.")
    )
    name = forms.CharField(label=_("Name"), max_length=80)


class WordingForm(forms.Form):
    """Words for a status or a step. What they are for is chosen once."""

    process_key = forms.ChoiceField(label=_("Process"), required=False)
    place = forms.ChoiceField(label=_("Status or step"))
    stage = forms.ChoiceField(
        label=_("Shown as"), required=False, choices=[("", _("as the status says")), *Stage.choices]
    )
    words = forms.CharField(label=_("What customers read"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    words_en = forms.CharField(
        label=_("What customers read, in English"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, process: str = "", is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["process_key"], self.fields["place"]
            return
        self.fields["process_key"].choices = [("", gettext("every process")), *queries.processes()]  # type: ignore[attr-defined]
        statuses = [(f"status:{code}", label) for code, label in STATUS_LABELS.items()]
        steps = [(f"step:{code}", label) for code, label in queries.steps_of(process)]
        groups: list[Any] = [(gettext("Status"), statuses)]
        self.fields["place"].choices = [*groups, *([(gettext("Steps"), steps)] if steps else [])]  # type: ignore[attr-defined]

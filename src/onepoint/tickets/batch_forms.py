"""What a batch asks for, verb by verb."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.core.templatetags.ui_forms import SearchInput
from onepoint.tickets import related
from onepoint.tickets.batch_rights import OF_INCIDENTS
from onepoint.tickets.batch_states import BatchVerb, ItemState
from onepoint.tickets.batches import PresentStep
from onepoint.tickets.forms import picked
from onepoint.tickets.models import Category, MassIncident, Severity, Ticket
from onepoint.tickets.states import LinkKind, ReplyChannel, Urgency

ANY = [("", _("unchanged"))]
LONGEST_TEXT = 2000

#: Verb → what it asks for; a trailing "?" marks what may stay empty.
FIELDS: dict[str, tuple[str, ...]] = {
    BatchVerb.CLAIM: (),
    BatchVerb.REASSIGN: ("person", "reason"),
    BatchVerb.COMPLETE: ("step", "opinion?"),
    BatchVerb.REPLY: ("subject?", "text", "text_en?", "way?"),
    BatchVerb.TAG: ("tag",),
    BatchVerb.UNTAG: ("tag",),
    BatchVerb.CORRECT: ("severity?", "urgency?", "category?"),
    BatchVerb.HOLD: ("reason", "until?", "waits_for_customer?"),
    BatchVerb.RESUME: ("reason?",),
    BatchVerb.URGE: ("text",),
    BatchVerb.SUPERVISE: ("reason", "interval_hours"),
    BatchVerb.UNSUPERVISE: ("reason",),
    BatchVerb.LINK: ("ticket", "kind"),
    BatchVerb.MERGE: ("ticket", "reason", "despite_customers?"),
    BatchVerb.CLOSE: ("reason",),
    BatchVerb.ATTACH: ("incident",),
    BatchVerb.DETACH: (),
}
#: What needs a second look before it is done to many.
CANNOT_BE_UNDONE = frozenset({BatchVerb.REPLY, BatchVerb.MERGE, BatchVerb.CLOSE, BatchVerb.COMPLETE})


def offered_verbs(person: User) -> list[tuple[str, str]]:
    """What the list offers: everything but what belongs to a mass incident and what the person's roles exclude."""
    needs = {
        BatchVerb.TAG: "ticket.edit", BatchVerb.UNTAG: "ticket.edit", BatchVerb.CORRECT: "ticket.edit",
        BatchVerb.LINK: "ticket.edit", BatchVerb.MERGE: "ticket.coordinate", BatchVerb.CLOSE: "ticket.coordinate",
        BatchVerb.URGE: "ticket.remind", BatchVerb.SUPERVISE: "ticket.supervise",
        BatchVerb.UNSUPERVISE: "ticket.supervise", BatchVerb.ATTACH: "incident.declare",
        BatchVerb.DETACH: "incident.declare",
    }  # fmt: skip
    return [
        (code, str(label))
        for code, label in BatchVerb.choices
        if code not in OF_INCIDENTS and (code not in needs or person.may(needs[BatchVerb(code)]))
    ]


class BatchForm(forms.Form):
    """The fields of one verb; ``parameters`` gives them as they are kept with the batch."""

    request_key = forms.UUIDField(widget=forms.HiddenInput)
    person = picked(User.objects.filter(is_active=True), "person-options", _("Give to"))
    step = forms.ChoiceField(label=_("Step and outcome"))
    opinion = forms.CharField(label=_("Opinion"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3}))
    subject = forms.CharField(label=_("Subject"), max_length=200)
    text = forms.CharField(
        label=_("What the customer is told"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 5})
    )
    text_en = forms.CharField(
        label=_("The same in English"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4})
    )
    way = forms.ChoiceField(label=_("Way"), choices=[
        ("", _("as promised, else as the customer wishes")),
        (ReplyChannel.SMS, ReplyChannel.SMS.label),
        (ReplyChannel.EMAIL, ReplyChannel.EMAIL.label),
    ])  # fmt: skip
    tag = forms.ChoiceField(label=_("Tag"))
    severity = forms.ModelChoiceField(
        Severity.objects.filter(is_active=True), label=_("Severity"), empty_label=_("unchanged"),
        to_field_name="code",
    )  # fmt: skip
    urgency = forms.ChoiceField(label=_("Urgency"), choices=[*ANY, *Urgency.choices])
    category = picked(Category.objects.filter(is_active=True), "category-options", _("Category"))
    until = forms.DateTimeField(label=_("Until"))
    waits_for_customer = forms.BooleanField(label=_("The customer is waited for"))
    interval_hours = forms.IntegerField(
        label=_("A report every … working hours"), initial=8, min_value=1, max_value=720
    )
    kind = forms.ChoiceField(label=_("The tickets chosen are"), choices=LinkKind.choices)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    despite_customers = forms.BooleanField(label=_("It is one matter, though the customers differ"))

    def __init__(self, *args: Any, verb: str, user: User, steps: Sequence[PresentStep] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ticket"] = picked(
            Ticket.objects.visible_to(user), "ticket-options", _("Ticket"), required=True, to_field_name="number"
        )
        self.fields["incident"] = forms.ModelChoiceField(
            MassIncident.objects.visible_to(user).open(), label=_("Mass incident"), to_field_name="number"
        )
        wanted = {name.rstrip("?"): not name.endswith("?") for name in FIELDS[verb]}
        for name in list(self.fields):
            if name in wanted:
                self.fields[name].required = wanted[name]
            elif name != "request_key":
                del self.fields[name]
        self.order_fields(["request_key", *wanted])
        if "tag" in self.fields:
            self.fields["tag"].choices = [(tag.code, tag.label) for tag in related.tags_for(user)]  # type: ignore[attr-defined]
        if "step" in self.fields:
            self.fields["step"].choices = _step_choices(steps)  # type: ignore[attr-defined]
        if verb == BatchVerb.URGE:
            self.fields["text"].label = _("What is asked for")
        if verb == BatchVerb.UNSUPERVISE:
            self.fields["reason"].label = _("Conclusion")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        names = ("severity", "urgency", "category")
        if "severity" in self.fields and not self.errors and not any(cleaned.get(name) for name in names):
            self.add_error(None, _("Say what is to be changed."))
        return cleaned

    def parameters(self) -> dict[str, Any]:
        """What was entered, as JSON."""
        given: dict[str, Any] = {}
        for name, value in self.cleaned_data.items():
            if name == "request_key" or value in (None, "", False):
                continue
            if name == "step":
                given["process"], given["node"], given["outcome"] = value.split("|", 2)
            elif isinstance(value, datetime):
                given[name] = value.isoformat()
            elif isinstance(value, Severity | Category):
                given[name] = value.code
            elif isinstance(value, Ticket | MassIncident):
                given[name] = value.number
            else:
                given[name] = value.pk if isinstance(value, User) else value
        return given


def _step_choices(steps: Sequence[PresentStep]) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (
            f"{step.label} ({step.count})",
            [(f"{step.process_key}|{step.node_id}|{one.id}", f"{step.label}: {one.label}") for one in step.outcomes],
        )
        for step in steps
        if step.outcomes
    ]


class ItemFilterForm(forms.Form):
    """What the report of a batch is narrowed to."""

    q = forms.CharField(label=_("Number"), required=False, widget=SearchInput, max_length=24)
    state = forms.ChoiceField(label=_("Outcome"), required=False, choices=[("", _("any")), *ItemState.choices])

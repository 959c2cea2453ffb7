"""Forms of web chats, the visitor's and the agent's."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from onepoint.accounts.models import User
from onepoint.assignment.models import Queue
from onepoint.channels import category_names
from onepoint.channels.queries.results import contact_results
from onepoint.channels.services.chats import LONGEST_TEXT


class _Keyed(forms.Form):
    """The key makes a form sent twice act once."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        named["initial"] = {"request_key": uuid.uuid4(), **(named.get("initial") or {})}
        super().__init__(*arguments, **named)

    def clean_request_key(self) -> uuid.UUID:
        return self.cleaned_data["request_key"] or uuid.uuid4()


class BeginForm(_Keyed):
    name = forms.CharField(label=_("What may we call you?"), max_length=80)
    phone = forms.CharField(
        label=_("Telephone"), max_length=40, required=False,
        help_text=_("So that we can find your contract, or call you back."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    queue = forms.ModelChoiceField(Queue.objects.none(), label=_("What is it about?"), to_field_name="code")
    question = forms.CharField(
        label=_("Your question"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *arguments: Any, queues: list[Queue], **named: Any) -> None:
        super().__init__(*arguments, **named)
        field: Any = self.fields["queue"]
        field.queryset = Queue.objects.filter(pk__in=[queue.pk for queue in queues]).order_by("code")
        field.label_from_instance = lambda queue: queue.label
        field.empty_label = None
        if len(queues) == 1:
            field.widget = forms.HiddenInput()
            field.initial = queues[0].code


class LetterForm(_Keyed):
    name = forms.CharField(label=_("What may we call you?"), max_length=80)
    phone = forms.CharField(
        label=_("Telephone"), max_length=40, help_text=_("We call you back as soon as somebody is there."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    text = forms.CharField(label=_("Your message"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 5}))


class SayForm(_Keyed):
    text = forms.CharField(
        label=_("Message"), max_length=LONGEST_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class AnswerForm(SayForm):
    is_note = forms.BooleanField(label=_("Only for colleagues"), required=False)


class RatingForm(forms.Form):
    stars = forms.TypedChoiceField(
        label=_("How was it?"), coerce=int, widget=forms.RadioSelect,
        choices=[(5, "★★★★★"), (4, "★★★★"), (3, "★★★"), (2, "★★"), (1, "★")],
    )  # fmt: skip
    words = forms.CharField(label=_("In your words"), max_length=500, required=False)


class TranscriptForm(forms.Form):
    email = forms.EmailField(label=_("Send me what was said by e-mail"), max_length=200)


class PassForm(forms.Form):
    to_person = forms.ModelChoiceField(User.objects.none(), label=_("To a colleague at work"), required=False)
    to_queue = forms.ModelChoiceField(Queue.objects.none(), label=_("Or to a queue"), required=False)
    note = forms.CharField(
        label=_("Note for colleagues"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *arguments: Any, people: list[User], queues: list[Queue], **named: Any) -> None:
        super().__init__(*arguments, **named)
        person: Any = self.fields["to_person"]
        person.queryset = User.objects.filter(pk__in=[one.pk for one in people])
        queue: Any = self.fields["to_queue"]
        queue.queryset = Queue.objects.filter(pk__in=[one.pk for one in queues])


class WrapUpForm(forms.Form):
    category = forms.ChoiceField(label=_("Category"), required=False)
    result = forms.ChoiceField(label=pgettext_lazy("contact", "Result"), required=False)
    outcome = forms.ChoiceField(
        label=_("Outcome"), widget=forms.RadioSelect,
        choices=[("solved", _("Solved in the conversation")), ("open", _("Not settled"))],
    )  # fmt: skip

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        category: Any = self.fields["category"]
        category.choices = [("", ""), *category_names.choices()]
        self.results = {str(result.pk): result for result in contact_results()}
        chosen: Any = self.fields["result"]
        chosen.choices = [("", ""), *((key, result.label) for key, result in self.results.items())]

    def solution(self) -> dict[str, Any]:
        """What solving the contact takes."""
        return {"result": self.results.get(self.cleaned_data["result"])}


class SiteForm(forms.Form):
    origin = forms.CharField(
        label=_("Address of the web site"), max_length=200, help_text=_("For example https://www.example.com.")
    )
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    queue = forms.ModelChoiceField(Queue.objects.none(), label=_("Queue"), required=False)

    def __init__(self, *arguments: Any, queues: list[Queue], **named: Any) -> None:
        super().__init__(*arguments, **named)
        field: Any = self.fields["queue"]
        field.queryset = Queue.objects.filter(pk__in=[one.pk for one in queues])

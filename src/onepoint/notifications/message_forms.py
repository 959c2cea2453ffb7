"""Forms of messages between colleagues."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import queries as accounts_queries
from onepoint.accounts.models import Roster, User
from onepoint.core.pickers import PickedSelectMultiple
from onepoint.notifications.queries import conversations as queries
from onepoint.notifications.services.conversations import LONGEST_TEXT


class MessageForm(forms.Form):
    """What one writes; the key makes a form sent twice write once."""

    text = forms.CharField(label=_("Message to colleagues"), max_length=LONGEST_TEXT, widget=forms.Textarea)
    request_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"request_key": uuid.uuid4(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)


class PeopleForm(forms.Form):
    """Colleagues to write to or to let in."""

    people: Any = forms.ModelMultipleChoiceField(
        label=_("Colleagues"), queryset=User.objects.none(), widget=PickedSelectMultiple
    )

    def __init__(self, *args: Any, reader: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["people"]
        people.queryset = queries.colleagues_of(reader)


class NewConversationForm(PeopleForm, MessageForm):
    """To one colleague or several, with the first message."""

    title = forms.CharField(
        label=_("Name of the group"), max_length=120, required=False, help_text=_("Empty: the names of those in it.")
    )
    field_order = ["people", "title", "text"]


class DutyMessageForm(MessageForm):
    """To everybody on duty now."""

    roster: Any = forms.ModelChoiceField(label=_("Duty roster"), queryset=Roster.objects.none())
    field_order = ["roster", "text"]

    def __init__(self, *args: Any, reader: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rosters = accounts_queries.rosters_visible_to(reader).filter(is_active=True)
        roster: Any = self.fields["roster"]
        roster.queryset = rosters.order_by("code")
        roster.label_from_instance = lambda one: one.label

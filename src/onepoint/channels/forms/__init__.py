"""Forms of channels."""

from onepoint.channels.forms.canned import CannedTextForm
from onepoint.channels.forms.journal import ContactFilter
from onepoint.channels.forms.outbox import CancelForm, GatewayForm, HoldForm, MessageFilter, TryForm

__all__ = [
    "CancelForm",
    "CannedTextForm",
    "ContactFilter",
    "GatewayForm",
    "HoldForm",
    "MessageFilter",
    "TryForm",
]

"""SMS through an operator's short message centre: SMPP 3.4 as a transceiver, long messages in parts, receipts.

The protocol is our own few hundred lines: the one maintained client for Python (smpplib) reads as many bytes as a peer
announces, up to four gigabytes, cuts long texts in the middle of an emoji, and cannot end a conversation in time.
"""

from django.utils.translation import gettext_lazy as _

from onepoint.channels.providers.interface import Provider, Setting
from onepoint.channels.providers.smpp.session import SmppSession, complain

PROVIDER = Provider(
    code="smpp",
    label=_("Short message centre (SMPP 3.4)"),
    medium="sms",
    settings=(
        Setting("host", _("Server"), is_required=True),
        Setting("port", _("Port"), "number", 2775, is_required=True, low=1),
        Setting("tls", _("TLS"), "bool", False),
        Setting("system_id", _("User name (system_id)"), is_required=True),
        Setting("password", _("Password"), "secret", help=_("At most 8 characters.")),
        Setting("system_type", _("System type")),
        Setting("sender", _("Sender's number"), help=_("Such as 10690000; empty: the centre decides.")),
        Setting("sender_ton", _("Kind of the sender's number (TON)"), "number", 0, high=6),
        Setting("national", _("Numbers of mainland China without +86"), "bool", True),
        Setting("receipts", _("Ask for delivery receipts"), "bool", True),
        Setting(
            "alphabet", _("Default alphabet of the centre"), "choice", "gsm",
            choices=(("gsm", _("GSM 03.38, one byte a character")), ("none", _("Unknown: everything as UCS-2"))),
        ),
    ),
    open=lambda settings, secrets, report: SmppSession(settings, secrets, report),
    complain=complain,
    stays_open=True,
)  # fmt: skip

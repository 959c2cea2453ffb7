"""SMS through a provider's web interface: one POST per message, its fields and the meaning of the answer set on the gateway."""

from django.utils.translation import gettext_lazy as _

from onepoint.channels.providers.http_sms import incoming
from onepoint.channels.providers.http_sms.session import HttpSmsSession, complain
from onepoint.channels.providers.interface import Provider, Setting

PROVIDER = Provider(
    code="http_sms",
    label=_("SMS provider (HTTP)"),
    medium="sms",
    settings=(
        Setting("url", _("Address"), is_required=True, help=_("Where messages are posted to, https://…")),
        Setting(
            "format", _("Format"), "choice", "json",
            choices=(("json", _("JSON")), ("form", _("Form (x-www-form-urlencoded)"))),
        ),
        Setting(
            "fields", _("Fields"), "lines", "mobile={address}\ncontent={text}\nid={id}", is_required=True,
            help=_("One a line, name=value. {address} {text} {id} {secret} are filled in; a.b makes an object inside."),
        ),
        Setting(
            "headers", _("Headers"), "lines", "Authorization: Bearer {secret}",
            help=_("One a line. {id} and {secret} are filled in."),
        ),
        Setting("secret", _("Key or password"), "secret"),
        Setting(
            "succeeded", _("It succeeded when"), default="status < 300",
            help=_("FEEL over status (the HTTP status) and body (the answer read as JSON), such as: body.code = 0"),
        ),
        Setting(
            "refused", _("It is refused for good when"), default="status >= 400 and status < 500 and status != 429",
            help=_("FEEL as above. What neither succeeded nor is refused for good is tried again."),
        ),
        Setting("number", _("The provider's number of the message"), default="", help=_("FEEL, such as: body.data.id")),
        Setting("national", _("Numbers of mainland China without +86"), "bool", True),
        Setting(
            "allows_private", _("May call addresses of the own network"), "bool", False,
            help=_("Off: an address inside the own network is refused, whatever name it hides behind."),
        ),
        Setting(
            "incoming_key", _("Key for incoming messages"), "secret",
            help=_("At least 16 characters; with it the gateway's page shows the address to post to. Empty: none are taken in."),
        ),
        Setting(
            "incoming_proof", _("Incoming messages are proved by"), "choice", "address",
            choices=(("address", _("The secret address alone")), ("signed", _("A signature (Standard Webhooks)"))),
        ),
        Setting(
            "incoming_list", _("List of incoming messages"), default="",
            help=_("FEEL over body (JSON or form fields), such as: body.messages. Empty: the body is one message."),
        ),
        Setting("incoming_from", _("Sender of an incoming message"), default="item.mobile", help=_("FEEL over body and item.")),
        Setting("incoming_to", _("Number it was sent to"), default="item.dest"),
        Setting("incoming_text", _("Its text"), default="item.content"),
        Setting("incoming_number", _("The provider's number of it"), default="item.id"),
        Setting("incoming_answer", _("What the provider wants to hear"), default="ok"),
    ),
    open=lambda settings, secrets, report: HttpSmsSession(settings, secrets),
    complain=lambda settings: {**complain(settings), **incoming.complain(settings)},
    receive=incoming.receive,
)  # fmt: skip

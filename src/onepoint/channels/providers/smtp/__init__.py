"""E-mail through a mail server (SMTP, RFC 5321): STARTTLS or TLS, login, one connection for many messages."""

from django.utils.translation import gettext_lazy as _

from onepoint.channels.providers.interface import Provider, Setting
from onepoint.channels.providers.smtp.session import SmtpSession, complain

PROVIDER = Provider(
    code="smtp",
    label=_("Mail server (SMTP)"),
    medium="email",
    settings=(
        Setting("host", _("Server"), is_required=True),
        Setting("port", _("Port"), "number", 587, is_required=True, low=1),
        Setting(
            "encryption", _("Encryption"), "choice", "starttls",
            choices=(("starttls", _("STARTTLS (usually port 587)")), ("tls", _("TLS from the start (usually port 465)")),
                     ("none", _("None (only inside the own network)"))),
        ),
        Setting("verifies", _("Check the server's certificate"), "bool", True),
        Setting("username", _("User name"), help=_("Empty: no login.")),
        Setting("password", _("Password"), "secret"),
        Setting("sender", _("Sender's address"), is_required=True),
        Setting("sender_name", _("Sender's name")),
        Setting("reply_to", _("Replies go to"), help=_("Empty: to the sender.")),
    ),
    open=lambda settings, secrets, report: SmtpSession(settings, secrets),
    complain=complain,
)  # fmt: skip

"""Template tags of mailboxes and incoming e-mails."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onepoint.channels.models import IncomingMail, Mailbox
from onepoint.channels.states import MailState, MailTrust
from onepoint.core.templatetags.ui import badge

register = template.Library()

_TONES = {
    MailState.FILED: "good",
    MailState.TAKEN_APART: "good",
    MailState.QUARANTINED: "warn",
    MailState.IGNORED: "muted",
}


@register.simple_tag
def mail_state(mail: IncomingMail) -> SafeString:
    """How far a mail is."""
    return badge(mail.get_state_display(), _TONES.get(MailState(mail.state), ""))


_TRUST = {MailTrust.PASSED: "good", MailTrust.UNPROVEN: "warn", MailTrust.FAILED: "bad"}


@register.simple_tag
def mail_trust(mail: IncomingMail) -> SafeString:
    """What the house's own mail server found out about the sender."""
    return badge(mail.get_trust_display(), _TRUST[MailTrust(mail.trust)])


#: What a mail's detail says by a code; everything else in it is an address, a number or what a server wrote.
_DETAILS = {
    "auto_submitted": gettext_lazy("it says itself that it was sent automatically"),
    "precedence": gettext_lazy("it says itself that it is bulk mail"),
    "report": gettext_lazy("it is the report of a mail server"),
    "null_sender": gettext_lazy("it names no address for answers"),
    "auto_header": gettext_lazy("it bears the mark of an automatic answer"),
    "subject": gettext_lazy("its subject is that of an automatic answer"),
    "list": gettext_lazy("it came by a mailing list"),
    "too_large": gettext_lazy("it is too large"),
    "too_many_parts": gettext_lazy("it has too many parts"),
    "too_many_lines": gettext_lazy("it has too many lines"),
    "too_deep": gettext_lazy("its parts are nested too deeply"),
    "too_many_headers": gettext_lazy("it has too many header lines"),
}


@register.simple_tag
def mail_detail_words(mail: IncomingMail) -> str:
    """More about why a mail is reviewed or was put aside, as a person says it."""
    return str(_DETAILS.get(mail.detail, mail.detail))


@register.simple_tag
def mailbox_state(mailbox: Mailbox) -> SafeString:
    """Whether mail is fetched from it."""
    if not mailbox.is_active:
        return badge(_("Off"), "muted")
    return badge(_("Does not answer"), "bad") if mailbox.failing_since else badge(_("On"), "good")


@register.simple_tag
def mail_bar() -> SafeString:
    """What can be done with the ticked mails."""
    return mark_safe(render_to_string("channels/mail_bar.html"))


@register.simple_tag
def left_out_reason(code: str) -> str:
    """Why a file stayed in the original."""
    if code.startswith("virus:"):
        return _("The virus scanner found %(found)s; it is only in the original.") % {"found": code[6:]}
    if code == "empty":
        return _("It is empty.")
    if code == "sealed":
        return _(
            "Outlook packed something into it that only Outlook can open; it is only in the original. "
            "Please ask the sender to send it again as plain text or HTML."
        )
    if code == "many":
        return _("There are too many files; it is only in the original.")
    return _("Files of this type are not kept; it is only in the original.")

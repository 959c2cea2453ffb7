"""What incoming mail tells the rest of the house when it starts: permissions, pages, verbs, and the fetcher's tick."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions
from onepoint.channels.fetcher import Fetcher
from onepoint.channels.models import IncomingMail, Mailbox, MutedSender
from onepoint.core import ticks
from onepoint.core.audit import name_verb
from onepoint.core.navigation import NavItem
from onepoint.core.navigation import register as register_page
from onepoint.core.timeline import name_subject, register_sentences

_VERBS = {
    "mailbox.created": (_("Mailbox set up"), _("set up the mailbox %(name)s")),
    "mailbox.changed": (_("Mailbox changed"), _("changed: %(fields)s")),
    "mailbox.switched_on": (_("Mailbox switched on"), _("switched it on")),
    "mailbox.switched_off": (_("Mailbox switched off"), _("switched it off")),
    "mailbox.removed": (_("Mailbox removed"), _("removed the mailbox %(name)s")),
    "mail.retried": (_("E-mail read anew"), _("let the mail be read anew")),
    "mail.ignored": (_("E-mail put aside"), _("put the mail aside")),
    "mail.filed": (_("E-mail filed by hand"), _("filed the mail by hand")),
    "mail.downloaded": (_("Original of an e-mail downloaded"), _("downloaded the mail as it came")),
    "mail.sender_muted": (_("Sender muted"), _("%(address)s sent too much and is not listened to for a while")),
    "mail.mute_lifted": (_("Sender listened to again"), _("listens to %(address)s again")),
}


def register() -> None:
    """Called when the house starts."""
    permissions.name_noun("mailbox", _("Mailboxes"))
    permissions.register("mailbox.view", _("See the mailboxes mail is fetched from"))
    permissions.register("mailbox.change", _("Set up mailboxes"))
    permissions.name_noun("mail", _("Incoming e-mails"))
    permissions.register("mail.view", _("See incoming e-mails, also those nobody could file"))
    permissions.register("mail.file", _("File e-mails by hand, put them aside, lift mutes"))
    permissions.register("mail.original", _("Download e-mails as they came, with everything unmasked"))
    for verb, (label, sentence) in _VERBS.items():
        name_verb(verb, label)
        register_sentences({verb: sentence})
    name_subject("mailbox", Mailbox, "name")
    name_subject("incoming_mail", IncomingMail, "subject", page="mail-detail", key="pk")
    name_subject("muted_sender", MutedSender, "address")
    register_page(NavItem("administration", 64, _("Mailboxes"), "mailbox-list", "mail", "mailbox.view"))
    register_page(NavItem("channels", 20, _("E-mails"), "mail-list", "mail", "mail.view"))
    fetcher = Fetcher()
    ticks.register_tick("channels.mail", fetcher.tick, at_end=fetcher.end)

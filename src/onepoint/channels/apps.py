from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    name = "onepoint.channels"
    label = "channels"
    verbose_name = _("Channels")

    def ready(self) -> None:
        from onepoint.accounts import permissions
        from onepoint.channels import (  # noqa: F401  (each registers its own)
            kept_list,
            navigation,
            own_copy,
            own_erasure,
            own_retention,
            verbs,
            verification,
        )
        from onepoint.channels.chat_registration import register as register_chats
        from onepoint.channels.counter_registration import register as register_counter
        from onepoint.channels.mail_registration import register as register_mail
        from onepoint.channels.scan_registration import register as register_scans
        from onepoint.channels.sender import Sender
        from onepoint.channels.text_registration import register as register_texts
        from onepoint.core import rest, ticks

        permissions.name_noun("contact", self.verbose_name)
        permissions.register("contact.view", _("See the contact journal"))
        permissions.register("contact.create", _("Journal contacts"))
        permissions.register("contact.correct", _("Correct what contacts of others were about, and after the limit"))
        permissions.name_noun("journal", self.verbose_name)
        permissions.register("journal.manage", _("Keep the results of contacts and the rules of the journal"))
        permissions.name_noun("gateway", _("Gateways"))
        permissions.name_noun("outbox", _("Outgoing messages"))
        permissions.register("gateway.view", _("See the gateways messages leave by"))
        permissions.register("gateway.change", _("Set up gateways, stop and release sending"))
        permissions.register("outbox.view", _("See the outbox"))
        permissions.register("outbox.resend", _("Send messages again, or take them back"))
        permissions.name_noun("canned_text", _("Canned texts"))
        permissions.register("canned_text.change", _("Write canned texts"))
        sender = Sender()
        ticks.register_tick("channels.outbox", sender.tick, at_end=sender.end)
        register_chats()
        register_texts()
        register_counter()
        register_scans()
        register_mail()
        rest.register_router("/contacts", "onepoint.channels.api.contacts", "Contacts")
        rest.register_router("/chats", "onepoint.channels.api.web_chats", "Contacts")

"""How the audit verbs of the contact journal read."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onepoint.channels.models import CannedText, Contact, ContactResult, Gateway, OutgoingMessage
from onepoint.core.audit import name_verb
from onepoint.core.timeline import name_subject, register_sentences

for verb, label in {
    "contact.journaled": _("Contact journaled"),
    "contact.became_ticket": _("Contact became a ticket"),
    "contact.solved": _("Contact solved"),
    "contact.origin_kept": _("Origin of a contact noted"),
    "contact.ticket_added": _("Ticket linked to a contact"),
    "contact.ticket_removed": _("Ticket taken off a contact"),
    "contact.corrected": _("Contact corrected"),
    "contact.customer_named": _("Customer of a contact named"),
    "contact_result.created": _("Result of contacts added"),
    "contact_result.changed": _("Result of contacts changed"),
    "journal_rule.changed": _("Rules of the contact journal changed"),
    "canned_text.created": _("Canned text written"),
    "canned_text.changed": _("Canned text changed"),
    "outbox.resent": _("Message sent again"),
    "outbox.cancelled": _("Message cancelled"),
    "gateway.created": _("Gateway set up"),
    "gateway.changed": _("Gateway changed"),
    "gateway.switched_on": _("Gateway switched on"),
    "gateway.switched_off": _("Gateway switched off"),
    "gateway.removed": _("Gateway removed"),
    "gateway.tested": _("Gateway tried"),
    "gateway.tried_again": _("Interrupted gateway tried again"),
    "outbox.held": _("Sending held"),
    "outbox.released": _("Sending released"),
}.items():
    name_verb(verb, label)


def _solved(facts: Mapping[str, Any]) -> str:
    if not facts.get("result"):
        return gettext("solved it without a ticket")
    return gettext("solved it without a ticket: %(result)s") % {"result": facts["result"]}


register_sentences(
    {
        "contact.journaled": _("journaled the contact"),
        "contact.became_ticket": _("registered ticket %(ticket)s"),
        "contact.solved": _solved,
        "contact.origin_kept": _("noted how the customer came"),
        "contact.ticket_added": _("linked ticket %(ticket)s"),
        "contact.ticket_removed": _("took ticket %(ticket)s off it"),
        "contact.corrected": _("filed it under another category"),
        "contact.customer_named": _("said that it was customer %(customer)s"),
        "contact_result.created": _("added the result %(name)s"),
        "contact_result.changed": _("changed the result %(name)s"),
        "journal_rule.changed": _("changed the rules of the contact journal"),
        "canned_text.created": _("wrote the text %(name)s"),
        "canned_text.changed": _("changed: %(fields)s"),
        "outbox.resent": _("had it sent again"),
        "outbox.cancelled": _("cancelled it: %(reason)s"),
        "gateway.created": _("set up the gateway %(name)s"),
        "gateway.changed": _("changed: %(fields)s"),
        "gateway.switched_on": _("switched it on"),
        "gateway.switched_off": _("switched it off"),
        "gateway.removed": _("removed the gateway %(name)s"),
        "gateway.tested": _("tried it with message %(message)s"),
        "gateway.tried_again": _("let it be tried again"),
        "outbox.held": _("held all sending: %(reason)s"),
        "outbox.released": _("released sending"),
    }
)

name_subject("contact", Contact, "number", page="contact-detail")
name_subject("contact_result", ContactResult, "code")
name_subject("outgoing_message", OutgoingMessage, "key", page="message-detail", key="pk")
name_subject("canned_text", CannedText, "name")
name_subject("gateway", Gateway, "name")

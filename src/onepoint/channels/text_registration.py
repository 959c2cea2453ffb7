"""What short messages that come in tell the house when it starts: permissions, pages, words of the audit, the tick."""

import time
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions
from onepoint.accounts.open_addresses import open_to_strangers
from onepoint.channels import services
from onepoint.channels.models import IncomingText, TextRules
from onepoint.core import ticks
from onepoint.core.audit import name_verb
from onepoint.core.navigation import NavItem
from onepoint.core.navigation import register as register_page
from onepoint.core.timeline import name_subject, register_sentences

LOOKED_AFTER_EVERY = 10.0  # seconds
_looked_at = 0.0


def _filed(facts: Mapping[str, Any]) -> str:
    return (
        gettext("filed it to ticket %(ticket)s") % facts
        if facts.get("ticket")
        else gettext("journaled it as a contact")
    )


def register() -> None:
    """Called once by the AppConfig."""
    permissions.name_noun("text", _("Short messages"))
    permissions.register("text.view", _("See short messages that come in"))
    permissions.register("text.file", _("File short messages that could not be matched"))
    open_to_strangers("/sms/in/")  # gateways post there, each to its own unguessable address
    register_page(NavItem("channels", 30, _("Short messages"), "text-list", "device-mobile", "text.view"))
    for verb, label in {
        "text.filed": _("Short message filed"),
        "text.ignored": _("Short message ignored"),
        "text_rules.changed": _("Rules for incoming messages changed"),
    }.items():
        name_verb(verb, label)
    register_sentences(
        {
            "text.filed": _filed,
            "text.ignored": _("ignored it"),
            "text_rules.changed": _("changed the rules"),
        }
    )
    name_subject("incoming_text", IncomingText, "sender_key", page="text-detail", key="pk")
    name_subject("text_rules", TextRules, "pk")
    ticks.register_tick("channels.texts", _look_after_texts)


def _look_after_texts() -> None:
    global _looked_at
    if time.monotonic() - _looked_at >= LOOKED_AFTER_EVERY:
        _looked_at = time.monotonic()
        services.look_after_texts(by=None)

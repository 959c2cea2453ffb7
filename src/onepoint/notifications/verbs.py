"""How the audit verbs of notifications read in the journal."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onepoint.core.audit import name_verb
from onepoint.core.timeline import name_facts, name_subject, show_details
from onepoint.notifications.models import Conversation, NotificationPolicy, NotificationTemplate, WebhookSubscription
from onepoint.notifications.registry import group_label
from onepoint.notifications.states import DigestMode, Way, Weekday

for verb, label in {
    "person.notifications_chosen": _("Own notifications chosen"),
    "person.notifications_reset": _("Own notifications back to the defaults"),
    "role.notifications_changed": _("Notification defaults of a role changed"),
    "notification_policy.changed": _("Notification rules of the house changed"),
    "notification_text.changed": _("Notification text changed"),
    "notification_text.reset": _("Notification text back to the delivered one"),
    "webhook.subscribed": _("Webhook subscribed"),
    "webhook.changed": _("Webhook subscription changed"),
    "webhook.unsubscribed": _("Webhook subscription removed"),
    "webhook.stopped": _("Webhook subscription stopped"),
    "conversation.opened": _("Conversation begun"),
    "conversation.written": _("Message written to colleagues"),
    "conversation.people_added": _("Colleagues let into a conversation"),
    "conversation.left": _("Conversation left"),
    "conversation.old_removed": _("Old messages between colleagues removed"),
}.items():
    name_verb(verb, label)


def _group_or_way(code: Any) -> str | Promise | None:
    return Way(code).label if code in Way.values else group_label(str(code))


def _day_or_mode(code: Any) -> str | Promise | None:
    if code in Weekday.values:
        return Weekday(code).label
    return DigestMode(code).label if code in DigestMode.values else None


name_facts(
    {
        "choices": (_("Told by"), _group_or_way),
        "mandatory": (_("Always told by"), _group_or_way),
        "quiet_from": (_("Quiet from"), None),
        "quiet_to": (_("Quiet until"), None),
        "quiet_days": (_("Quiet hours begin on"), _day_or_mode),
        "digest": (_("E-mails leave"), _day_or_mode),
        "digest_at": (_("Daily e-mail at"), None),
    }
)
show_details("notification_policy", NotificationPolicy)
name_subject("notification_text", NotificationTemplate, "event")
name_subject("webhook", WebhookSubscription, "name")
name_subject("conversation", Conversation, "title")

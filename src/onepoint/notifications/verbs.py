"""How the audit verbs of notifications read in the journal."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.audit import name_verb
from onepoint.core.timeline import name_subject
from onepoint.notifications.models import Conversation, NotificationTemplate, WebhookSubscription

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

name_subject("notification_text", NotificationTemplate, "event")
name_subject("webhook", WebhookSubscription, "name")
name_subject("conversation", Conversation, "title")

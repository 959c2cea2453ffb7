"""Tables of notifications."""

from onepoint.notifications.models.conversations import (
    ChosenAvailability,
    Conversation,
    ConversationQuerySet,
    Message,
    Participant,
)
from onepoint.notifications.models.notices import DigestEntry, Notification, NotificationQuerySet
from onepoint.notifications.models.preferences import NotificationPolicy, Preference, RoleDefault, TellingRules
from onepoint.notifications.models.webhooks import WebhookSubscription
from onepoint.notifications.models.wording import NotificationTemplate

__all__ = [
    "ChosenAvailability",
    "Conversation",
    "ConversationQuerySet",
    "DigestEntry",
    "Message",
    "Notification",
    "NotificationPolicy",
    "NotificationQuerySet",
    "NotificationTemplate",
    "Participant",
    "Preference",
    "RoleDefault",
    "TellingRules",
    "WebhookSubscription",
]

"""Writes of notifications."""

from onepoint.notifications.services.conversations import (
    add_people,
    choose_availability,
    leave_conversation,
    mark_conversation_read,
    open_conversation,
    open_duty_conversation,
    remove_old_messages,
    write_message,
)
from onepoint.notifications.services.digests import send_due_digests
from onepoint.notifications.services.preferences import (
    change_notification_policy,
    change_role_default,
    choose_ways,
    forget_preference,
)
from onepoint.notifications.services.reading import mark_all_read, mark_read, remove_old_notifications
from onepoint.notifications.services.telling import notify
from onepoint.notifications.services.webhooks import change_subscription, subscribe, unsubscribe
from onepoint.notifications.services.wordings import change_wording, reset_wording

__all__ = [
    "add_people",
    "change_notification_policy",
    "change_role_default",
    "change_subscription",
    "change_wording",
    "choose_availability",
    "choose_ways",
    "forget_preference",
    "leave_conversation",
    "mark_all_read",
    "mark_conversation_read",
    "mark_read",
    "notify",
    "open_conversation",
    "open_duty_conversation",
    "remove_old_messages",
    "remove_old_notifications",
    "reset_wording",
    "send_due_digests",
    "subscribe",
    "unsubscribe",
    "write_message",
]

"""Writes of notifications."""

from onepoint.notifications.services.digests import send_due_digests
from onepoint.notifications.services.reading import mark_all_read, mark_read, remove_old_notifications
from onepoint.notifications.services.telling import notify

__all__ = ["mark_all_read", "mark_read", "notify", "remove_old_notifications", "send_due_digests"]

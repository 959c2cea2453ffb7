"""Writes of notifications."""

from onepoint.notifications.services.telling import notify

__all__ = ["notify"]

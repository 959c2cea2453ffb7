"""Notifications and messages in the sidebar; one's own notifications are under the bell."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.navigation import NavItem, register

register(NavItem("administration", 65, _("Notification rules"), "notification-rules", "bell", "notification.manage"))
register(NavItem("work", 60, _("Messages"), "conversation-list", "messages", "message.write", shortcut="g m"))

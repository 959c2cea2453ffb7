"""Notifications in the sidebar; one's own are under the bell."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.navigation import NavItem, register

register(NavItem("administration", 65, _("Notification rules"), "notification-rules", "bell", "notification.manage"))

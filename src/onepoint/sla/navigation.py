"""The entries of time in the sidebar."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.navigation import NavItem, register

register(NavItem("administration", 75, _("Working calendars"), "calendar-list", "calendar", "calendar.view"))
register(NavItem("supervision", 85, _("Failed due moments"), "moment-list", "bell", "moment.manage"))
register(NavItem("administration", 76, _("Rules for limits"), "clock-policy-list", "clock", "clock_policy.view"))

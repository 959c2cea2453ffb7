"""The desk in the sidebar."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.navigation import NavItem, register

register(NavItem("work", 10, _("Desk"), "desk", "inbox", "desk.use"))
register(NavItem("work", 15, _("New request"), "intake", "headset", "ticket.create"))
register(NavItem("supervision", 85, _("Exports to approve"), "export-approvals", "checklist", "export.approve"))
register(NavItem("administration", 62, _("Limits of exports"), "export-policy", "download", "role.manage"))
register(NavItem("work", 90, _("My exports"), "export-list", "download", "list.export"))

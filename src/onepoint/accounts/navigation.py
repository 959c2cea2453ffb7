"""The entries of the organisation in the sidebar."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.navigation import NavItem, register

register(NavItem("administration", 10, _("People"), "person-list", "users", "organisation.view"))
register(NavItem("administration", 20, _("Units"), "unit-list", "sitemap", "organisation.view"))
register(NavItem("administration", 25, _("Business lines"), "matrix", "stack-2", "organisation.view"))
register(NavItem("administration", 30, _("Regions"), "region-list", "map", "organisation.view"))
register(NavItem("administration", 40, _("Roles"), "role-list", "shield-check", "organisation.view"))
register(NavItem("administration", 50, _("Groups"), "group-list", "users-group", "organisation.view"))
register(NavItem("work", 60, _("Duty rosters"), "roster-list", "calendar"))
register(NavItem("administration", 55, _("Who is away"), "delegation-list", "user-share", "organisation.view"))
register(NavItem("administration", 60, _("Login policy"), "login-policy", "lock", "role.manage"))
register(NavItem("administration", 75, _("Access explained"), "access-explain", "shield-lock", "access.explain"))
register(NavItem("administration", 80, _("Personal data"), "unmasking-list", "eye", "personal_data.audit"))
register(NavItem("administration", 90, _("Audit journal"), "audit-list", "history", "audit.view"))

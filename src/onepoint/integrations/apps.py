from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    name = "onepoint.integrations"
    label = "integrations"
    verbose_name = _("Integrations")

    def ready(self) -> None:
        from onepoint.accounts import permissions
        from onepoint.core.navigation import NavItem, register
        from onepoint.core.rest import register_scope
        from onepoint.integrations import verbs  # noqa: F401  (registers its own)

        permissions.name_noun("apikey", self.verbose_name)
        permissions.register("apikey.manage", _("Make and revoke keys of the API"), guarded=True)
        permissions.name_noun("house", _("System"))
        permissions.register("house.watch", _("See how the system is doing, and what is slow"), guarded=True)
        for code, label in (
            ("tickets:read", _("Read tickets, their files and timelines")),
            ("tickets:write", _("Register, correct and move tickets, add files")),
            ("tasks:read", _("Read the to-do")),
            ("tasks:write", _("Act on tasks")),
            ("customers:read", _("Read customers")),
            ("customers:write", _("Register and change customers")),
            ("contacts:read", _("Read the contact journal and web chats")),
            ("contacts:write", _("Journal contacts")),
            ("visits:read", _("Read return visits and their answers")),
            ("visits:write", _("Make return visits")),
            ("incidents:read", _("Read mass incidents")),
            ("incidents:write", _("Declare mass incidents, attach tickets")),
            ("regulator-cases:read", _("Read cases of regulators")),
            ("regulator-cases:write", _("Register and answer cases of regulators")),
            ("grants:read", _("Read grants")),
            ("grants:write", _("Grant, approve and refuse")),
            ("marks:read", _("Read marks of unqualified work")),
            ("marks:write", _("Mark tickets as unqualified, withdraw, appeal")),
            ("inspections:read", _("Read inspections and one's own results")),
            ("inspections:write", _("Acknowledge one's own results, appeal against them")),
            ("hidden-risks:read", _("Read hidden risks and their files")),
            ("hidden-risks:write", _("Raise hidden risks, hand them over, remove and verify them")),
            ("calendars:read", _("Read working calendars, work out due moments")),
            ("organisation:read", _("Read the organisation")),
            ("organisation:write", _("Add people, lock them out, let them in")),
        ):
            register_scope(code, label)
        register(NavItem("administration", 90, _("API keys"), "apikey-list", "key", "apikey.manage"))
        register(NavItem("administration", 95, _("System"), "house-condition", "database", "house.watch"))

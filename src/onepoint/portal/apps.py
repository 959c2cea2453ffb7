from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "onepoint.portal"
    label = "portal"
    verbose_name = _("Customer portal")

    def ready(self) -> None:
        from onepoint.accounts import permissions
        from onepoint.accounts.open_addresses import open_to_strangers
        from onepoint.core.navigation import NavItem, register
        from onepoint.customers import merging
        from onepoint.portal import own_copy, own_erasure, verbs  # noqa: F401  (each registers its own)
        from onepoint.portal.models import PortalSession
        from onepoint.portal.policies import MANAGE

        open_to_strangers("/portal/")
        merging.register_holder(merging.holder_of(PortalSession))
        permissions.name_noun("portal", self.verbose_name)
        permissions.register(
            MANAGE, _("Change rules and words of the customer portal, list web sites that show its form")
        )
        register(NavItem("administration", 70, _("Customer portal"), "portal-settings", "world", MANAGE))

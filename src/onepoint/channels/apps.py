from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    name = "onepoint.channels"
    label = "channels"
    verbose_name = _("Channels")

    def ready(self) -> None:
        from onepoint.accounts import permissions
        from onepoint.channels import navigation, verbs  # noqa: F401  (each registers its own)

        permissions.name_noun("contact", self.verbose_name)
        permissions.register("contact.view", _("See the contact journal"))
        permissions.register("contact.create", _("Journal contacts"))

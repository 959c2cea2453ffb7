from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkspaceConfig(AppConfig):
    name = "onepoint.workspace"
    label = "workspace"
    verbose_name = _("Desk")

    def ready(self) -> None:
        from onepoint.accounts import permissions
        from onepoint.workspace import navigation, receivers  # noqa: F401  (they register themselves)

        permissions.name_noun("desk", self.verbose_name)
        permissions.register("desk.use", _("Use the desk: to-do, search"))

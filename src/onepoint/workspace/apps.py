from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkspaceConfig(AppConfig):
    name = "onepoint.workspace"
    label = "workspace"
    verbose_name = _("Desk")

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        from onepoint.accounts import permissions
        from onepoint.accounts.models import User
        from onepoint.core import export_approval, exporting
        from onepoint.customers import merging
        from onepoint.workspace import (  # noqa: F401  (they register themselves)
            erasure_receivers,
            events,
            export_receivers,
            inspection_risks,
            navigation,
            own_erasure,
            receivers,
        )
        from onepoint.workspace.models import Arrival

        merging.register_holder(merging.holder_of(Arrival))
        inspection_risks.register()
        autodiscover_modules("exports")  # each capability says how its lists are exported
        exporting.know_people(lambda pk: User.objects.filter(pk=pk, is_active=True).select_related("unit").first())
        permissions.name_noun("list", _("Lists"))
        permissions.register(exporting.PERMISSION, _("Export lists to files"))
        permissions.name_noun("export", _("Lists"))
        permissions.register(export_approval.APPROVE, _("Approve large exports of others"))

        permissions.name_noun("desk", self.verbose_name)
        permissions.register("desk.use", _("Use the desk: to-do, search"))

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "onepoint.accounts"
    label = "accounts"
    verbose_name = _("Organisation and permission")

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        from onepoint.accounts import holdings, navigation, permissions, queries, receivers, verbs, verification  # noqa: F401  (each registers its own)

        autodiscover_modules("access")  # each capability says what of it is personal data, and how access is explained
        from onepoint.core.rest import register_router
        from onepoint.core.timeline import name_people

        name_people(queries.names_of_people)

        register_router("/organisation", "onepoint.accounts.api.router", "Organisation")

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegulatorsConfig(AppConfig):
    name = "onepoint.regulators"
    label = "regulators"
    verbose_name = _("Regulators")

    def ready(self) -> None:
        from onepoint.core.rest import register_router
        from onepoint.regulators import (  # noqa: F401  (each registers its own, receivers connect by being imported)
            own_copy,
            own_erasure,
            own_retention,
            receivers,
            registration,
        )

        registration.register()
        register_router("/regulator-cases", "onepoint.regulators.api.router", "Regulators")

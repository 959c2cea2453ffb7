from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QualityConfig(AppConfig):
    name = "onepoint.quality"
    label = "quality"
    verbose_name = _("Inspection")

    def ready(self) -> None:
        from onepoint.quality import (  # noqa: F401  (receivers connect by being imported)
            hidden_risk_registration,
            inspection_registration,
            own_erasure,
            receivers,
            registration,
        )

        registration.register()
        hidden_risk_registration.register()
        inspection_registration.register()

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QualityConfig(AppConfig):
    name = "onepoint.quality"
    label = "quality"
    verbose_name = _("Inspection")

    def ready(self) -> None:
        from onepoint.quality import hidden_risk_registration, receivers, registration  # noqa: F401  (receivers connect by being imported)

        registration.register()
        hidden_risk_registration.register()

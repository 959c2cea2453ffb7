from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QualityConfig(AppConfig):
    name = "onepoint.quality"
    label = "quality"
    verbose_name = _("Inspection")

    def ready(self) -> None:
        from onepoint.quality import hidden_risk_registration, registration

        registration.register()
        hidden_risk_registration.register()

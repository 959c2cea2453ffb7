from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    name = "onepoint.analytics"
    label = "analytics"
    verbose_name = _("Measures")

    def ready(self) -> None:
        from onepoint.analytics import registration, verification  # noqa: F401  (checks register by being imported)

        registration.register()

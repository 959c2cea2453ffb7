from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SlaConfig(AppConfig):
    name = "onepoint.sla"
    label = "sla"
    verbose_name = _("Time limits")

    def ready(self) -> None:
        from onepoint.core import ticks
        from onepoint.sla import moments, permissions, verbs  # noqa: F401  (each registers its own)

        ticks.register_tick("sla.moments", moments.fire_for_a_while)

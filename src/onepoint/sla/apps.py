from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SlaConfig(AppConfig):
    name = "onepoint.sla"
    label = "sla"
    verbose_name = _("Time limits")

    def ready(self) -> None:
        from onepoint.core import ticks
        from onepoint.core.rest import register_router
        from onepoint.sla import calendar_words, clock_words, moments, navigation, permissions, verbs, verification  # noqa: F401  (each registers its own)
        from onepoint.sla.services import clock_firing

        clock_firing.register()
        calendar_words.register()
        clock_words.register()
        register_router("/calendars", "onepoint.sla.api.router", "Working calendars")
        ticks.register_tick("sla.moments", moments.fire_for_a_while)

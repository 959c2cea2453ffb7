from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "onepoint.core"
    label = "core"

    def ready(self) -> None:
        # FEEL knows no Django; this is how its now() and today() follow the house's clock.
        from onepoint.core import clock, feel

        feel.use_clock(clock.now)

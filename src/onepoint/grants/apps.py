from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GrantsConfig(AppConfig):
    name = "onepoint.grants"
    label = "grants"
    verbose_name = _("Delegated authority")

    def ready(self) -> None:
        from onepoint.grants import own_copy, registration  # noqa: F401  (the copy registers itself)

        registration.register()

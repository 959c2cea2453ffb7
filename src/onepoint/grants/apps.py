from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GrantsConfig(AppConfig):
    name = "onepoint.grants"
    label = "grants"
    verbose_name = _("Delegated authority")

    def ready(self) -> None:
        from onepoint.grants import own_copy, own_erasure, registration  # noqa: F401  (each registers its own)

        registration.register()

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DynamicFormsConfig(AppConfig):
    name = "onepoint.dynamic_forms"
    label = "dynamic_forms"
    verbose_name = _("Special items")

    def ready(self) -> None:
        from onepoint.dynamic_forms import navigation, permissions, verbs  # noqa: F401  (each registers its own)

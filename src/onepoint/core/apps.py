from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "onepoint.core"
    label = "core"

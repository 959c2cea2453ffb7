from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "onepoint.notifications"
    label = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        from onepoint.core.ticks import register_tick
        from onepoint.notifications import receivers, services  # noqa: F401  (receivers register themselves)

        register_tick("notifications.digests", partial(services.send_due_digests, by=None))

from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "onepoint.notifications"
    label = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        from onepoint.accounts import permissions
        from onepoint.core.ticks import register_tick
        from onepoint.notifications import navigation, receivers, services, standing_in_events, verbs  # noqa: F401  (each registers its own)

        permissions.name_noun("notification", self.verbose_name)
        permissions.register(
            "notification.manage", _("Change how the house tells people things: texts, rules, webhooks")
        )
        permissions.name_noun("message", _("Messages between colleagues"))
        permissions.register("message.write", _("Write to colleagues"))
        standing_in_events.register()
        register_tick("notifications.digests", partial(services.send_due_digests, by=None))

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FollowUpsConfig(AppConfig):
    name = "onepoint.follow_ups"
    label = "follow_ups"
    verbose_name = _("Return visits")

    def ready(self) -> None:
        from onepoint.accounts.open_addresses import open_to_strangers
        from onepoint.channels import replies
        from onepoint.customers import merging
        from onepoint.follow_ups import (  # noqa: F401  (each registers its own)
            exports,
            navigation,
            own_copy,
            own_erasure,
            receivers,
            registration,
            verification,
        )
        from onepoint.follow_ups.models import FollowUp

        registration.register()
        merging.register_holder(merging.holder_of(FollowUp))
        open_to_strangers("/survey/")
        replies.register_reply_reader(receivers.read_reply)

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    name = "onepoint.tickets"
    label = "tickets"
    verbose_name = _("Tickets")

    def ready(self) -> None:
        from onepoint.tickets import (  # noqa: F401  (receivers connect by being imported)
            batch_words,
            category_tree,
            clock_facts,
            kept_list,
            matters,
            mentioning,
            own_copy,
            own_erasure,
            own_retention,
            receivers,
            registration,
            relation_words,
            verification,
        )
        from onepoint.tickets.services import handing_over  # noqa: F401  (registers what people hold)

        batch_words.register()
        category_tree.register()
        clock_facts.register()
        matters.register()
        mentioning.register()
        registration.register()
        relation_words.register()

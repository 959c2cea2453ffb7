from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    name = "onepoint.tickets"
    label = "tickets"
    verbose_name = _("Tickets")

    def ready(self) -> None:
        from onepoint.tickets import clock_facts, matters, mentioning, receivers, registration, relation_words  # noqa: F401  (receivers connect by being imported)
        from onepoint.tickets.services import handing_over  # noqa: F401  (registers what people hold)

        clock_facts.register()
        mentioning.register()
        matters.register()
        registration.register()
        relation_words.register()

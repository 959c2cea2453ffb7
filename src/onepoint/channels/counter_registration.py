"""What the counter tells the house when it starts: permissions, pages, words of the audit."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions
from onepoint.accounts.open_addresses import open_to_strangers
from onepoint.channels.models import CounterNumber, CounterQueue, CounterWindow
from onepoint.core.audit import name_verb
from onepoint.core.navigation import NavItem
from onepoint.core.navigation import register as register_page
from onepoint.core.page_panels import PagePanel, register_page_panel
from onepoint.core.timeline import name_subject, register_sentences

_WORDS = {
    "counter_number.taken": (_("Number taken at the counter"), _("gave number %(number)s")),
    "counter_number.called": (_("Number called"), _("called it to %(window)s")),
    "counter_number.called_again": (_("Number called again"), _("called it again to %(window)s")),
    "counter_number.started": (_("Serving began"), _("began to serve at %(window)s")),
    "counter_number.finished": (_("Visit ended"), _("ended the visit")),
    "counter_number.missed": (_("Visitor did not come"), _("noted that nobody came")),
    "counter_number.brought_back": (_("Number waits again"), _("let it wait again")),
    "counter_number.transferred": (_("Number passed to another line"), _("passed it to %(line)s")),
    "counter_number.left": (_("Number given back"), _("was given back")),
    "counter_queue.created": (_("Waiting line set up"), _("set up the waiting line %(name)s")),
    "counter_queue.changed": (_("Waiting line changed"), _("changed the waiting line %(name)s")),
    "counter_window.changed": (_("Window opened or closed"), _("changed the window %(name)s")),
}


def register() -> None:
    """Called once by the AppConfig."""
    permissions.name_noun("counter", _("Counter of business halls"))
    permissions.register("counter.greet", _("Give numbers at the counter"))
    permissions.register("counter.serve", _("Call and serve numbers at the counter"))
    permissions.register("counter.manage", _("Arrange waiting lines and windows"))
    open_to_strangers("/hall/")  # screens of halls, and who holds a number: each an unguessable address
    register_page(NavItem("channels", 50, _("Counter"), "counter", "users", "counter.serve"))
    register_page(
        NavItem("administration", 68, _("Waiting lines"), "counter-queue-list", "list-details", "counter.manage")
    )
    register_page_panel(PagePanel("contact", 20, _("At the counter"), "visit-of-contact", is_quiet=True))
    for verb, (label, _sentence) in _WORDS.items():
        name_verb(verb, label)
    register_sentences({verb: sentence for verb, (_label, sentence) in _WORDS.items()})
    name_subject("counter_number", CounterNumber, "label")
    name_subject("counter_queue", CounterQueue, "name")
    name_subject("counter_window", CounterWindow, "name")

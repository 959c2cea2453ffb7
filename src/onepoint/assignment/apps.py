from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssignmentConfig(AppConfig):
    name = "onepoint.assignment"
    label = "assignment"
    verbose_name = _("Queues and agents")

    def ready(self) -> None:
        from onepoint.accounts import permissions
        from onepoint.assignment import navigation, services, verbs  # noqa: F401  (they register themselves)
        from onepoint.core.ticks import register_tick

        permissions.name_noun("queue", self.verbose_name)
        permissions.register("queue.work", _("Take chats and calls out of queues"))
        permissions.register("queue.watch", _("Watch queues and agents, set agents' states, give work to others"))
        permissions.register("queue.change", _("Set up queues, skills and what agents can do"))
        register_tick("assignment.queues", partial(services.look_after_queues, by=None))
        register_tick("assignment.lost", partial(services.look_for_lost_agents, by=None))

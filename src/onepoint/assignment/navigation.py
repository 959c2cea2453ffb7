"""The queues in the sidebar."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.navigation import NavItem, register

register(NavItem("supervision", 35, _("Queues and agents"), "queue-overview", "users-group", "queue.watch"))
register(NavItem("administration", 68, _("Queues and skills"), "queue-list", "adjustments-horizontal", "queue.change"))

"""What measures tell the rest of the house when it starts."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions
from onepoint.core.navigation import NavItem
from onepoint.core.navigation import register as register_entry


def register() -> None:
    """Called once by the AppConfig."""
    permissions.register("measure.view", _("See measures"))
    permissions.name_noun("measure", _("Measures"))
    register_entry(NavItem("supervision", 50, _("Measures"), "measure-overview", "chart-line", "measure.view"))

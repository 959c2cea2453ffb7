"""What measures tell the rest of the house when it starts."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions


def register() -> None:
    """Called once by the AppConfig."""
    permissions.register("measure.view", _("See measures"))
    permissions.name_noun("measure", _("Measures"))

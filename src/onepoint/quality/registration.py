"""What inspection tells the rest of the house when it starts: permissions and the sentences of the timeline."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions


def register() -> None:
    """Called once by the AppConfig."""
    permissions.name_noun("mark", _("Marks of unqualified work"))

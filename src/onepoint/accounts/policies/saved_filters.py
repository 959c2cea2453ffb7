"""Who may keep filters of a list, and change them."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import SavedFilter, User
from onepoint.accounts.policies.reach import why_not_permitted
from onepoint.core.errors import BusinessError


class NotYourFilter(BusinessError):
    """A saved filter is changed by its owner only."""

    code = "not_your_filter"
    message = _("Only its owner may change this filter.")
    status = 403


def why_not_save_filter(permission: str, by: User | None, *, shared: bool = False) -> BusinessError | None:
    """Needs the permission of the list; sharing needs ``filter.share`` too."""
    return why_not_permitted(permission, by) or (why_not_permitted("filter.share", by) if shared else None)


def why_not_change_filter(
    saved: SavedFilter, permission: str, by: User | None, *, shared: bool = False
) -> BusinessError | None:
    """Its owner; sharing needs ``filter.share``."""
    refusal = why_not_save_filter(permission, by, shared=shared)
    return refusal or (None if by is None or saved.owner_id == by.pk else NotYourFilter())

"""Who may do what in the organisation; also the permission check every other capability uses."""

from onepoint.accounts.models import User
from onepoint.core.errors import NotPermitted


def why_not_permitted(permission: str, by: User | None) -> NotPermitted | None:
    """``NotPermitted`` unless one of the person's roles holds ``permission``; None (the system) may do everything."""
    if by is None or by.may(permission):
        return None
    return NotPermitted()

"""Who may change how the house tells people things."""

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core.errors import BusinessError, NotPermitted

MANAGE = "notification.manage"


def why_not_manage_notifications(by: User | None) -> BusinessError | None:
    """Texts, rules of the house, defaults of roles and webhooks: needs ``notification.manage``."""
    return why_not_permitted(MANAGE, by)


def why_not_change_preference(person: User, by: User | None) -> BusinessError | None:
    """How somebody wants to be told is his own affair."""
    return None if by is None or by.pk == person.pk else NotPermitted()

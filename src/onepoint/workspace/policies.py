"""Who may use the desk."""

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core.errors import BusinessError


def why_not_use_desk(by: User | None) -> BusinessError | None:
    """Needs ``desk.use``."""
    return why_not_permitted("desk.use", by)

"""Who may write canned texts."""

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core.errors import BusinessError


def why_not_change_canned_texts(by: User | None) -> BusinessError | None:
    """Needs ``canned_text.change``; the house's texts belong to no scope."""
    return why_not_permitted("canned_text.change", by)

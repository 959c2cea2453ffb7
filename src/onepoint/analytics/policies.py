"""Why somebody may not look at measures: the refusal, or None."""

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.analytics.models import SavedView
from onepoint.core.errors import BusinessError, NotPermitted


def why_not_view(by: User | None) -> BusinessError | None:
    """Measures need ``measure.view``."""
    return why_not_permitted("measure.view", by)


def why_not_remove_view(view: SavedView, by: User | None) -> BusinessError | None:
    """A saved view is its owner's."""
    return None if by is not None and by.pk == view.owner_id else NotPermitted()

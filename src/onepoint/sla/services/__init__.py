"""Every write of time. Due moments: ``services.moments``."""

from onepoint.sla.services.moments import remove_settled_moments, retry_moment, skip_moment

__all__ = ["remove_settled_moments", "retry_moment", "skip_moment"]

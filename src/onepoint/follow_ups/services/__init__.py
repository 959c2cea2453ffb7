"""Every write of return visits; callers say ``services.take_rating(…)``."""

from onepoint.follow_ups.services.answering import take_rating

__all__ = ["take_rating"]

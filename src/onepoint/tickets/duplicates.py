"""Reads of likely duplicates. Stands beside ``queries``."""

from onepoint.accounts.models import User
from onepoint.tickets.likeness_models import LikelyDuplicate, LikelyDuplicateQuerySet


def likely_duplicates(*, visible_to: User) -> LikelyDuplicateQuerySet:
    """Pairs to be decided, with what a row shows; not yet sorted."""
    pairs = LikelyDuplicate.objects.visible_to(visible_to).open()
    return pairs.select_related("first__customer", "first__category", "second__customer", "second__category")


def find_pair(pk: int, *, visible_to: User) -> LikelyDuplicate | None:
    return likely_duplicates(visible_to=visible_to).filter(pk=pk).first()

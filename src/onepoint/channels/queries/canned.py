"""Reads of canned texts."""

from django.db.models import Q, QuerySet

from onepoint.accounts.models import User
from onepoint.channels.models import CannedText


def canned_texts(medium: str, *, visible_to: User) -> list[CannedText]:
    """Texts in use for a medium that the person's unit may use, by code."""
    units = visible_to.unit.ancestor_ids if visible_to.unit else []
    found = CannedText.objects.filter(is_active=True).filter(Q(unit=None) | Q(unit__in=units))
    return list(found.filter(Q(media=[]) | Q(media__contains=[medium])).order_by("code"))


def all_canned_texts() -> QuerySet[CannedText]:
    """Every canned text, also those out of use, for the screen."""
    return CannedText.objects.select_related("unit")


def find_canned_text(code: str) -> CannedText | None:
    return all_canned_texts().filter(code=code).first()
